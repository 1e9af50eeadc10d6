"""What matching and telling know of an event: the version of the record that it is about, and who may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.entitle import EVERYONE, visible

CLEARANCE = 2
ROLE = frozenset({"operator"})


def reader(org: int, slug: str = "", kind: str = "") -> Principal:
    """A subscriber's system as a reader. It gets no field above level 2: those are read at their door, on the audit trail."""
    return Principal(org, slug, kind, "push", ROLE, CLEARANCE, "push", True)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. `org`: who caused it; `readers`: who could read the record then; `trace`: the call that it comes from, or ""."""

    seq: int
    event: UUID
    record: str
    record_id: UUID
    ref: str
    version: int
    what: str
    at: datetime
    org: int
    readers: Sequence[int]
    trace: str = ""

    @property
    def mark(self) -> tuple[UUID, int]:
        """The version that it is about."""
        return self.record_id, self.version


@dataclass(slots=True)
class Stated:
    """A version of a record: its open content, its parties, who filed the record. Sealed fields are never opened here."""

    record: str
    doc: Mapping[str, Any]
    parties: Mapping[str, Sequence[int]]
    readers: Sequence[int]
    filer: int
    state: str
    sealed: Sequence[str] = ()
    _seen: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def cls(self) -> type[Record]:
        """Its type."""
        return record_type(self.record)

    def read_by(self, org: int) -> bool:
        """Whether an organisation may read it at all."""
        return org in self.readers or EVERYONE in self.readers

    def seen(self, org: int) -> frozenset[str]:
        """The fields that an organisation's parties may see."""
        found = self._seen.get(org)
        if found is None:
            found = self._seen[org] = visible(self.cls, self.parties, self.filer, reader(org))
        return found
