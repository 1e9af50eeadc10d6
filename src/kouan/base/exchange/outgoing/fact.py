"""What is written: the part of a version that its reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """A record's part. `below`: by record type, parts of the records that belong to it (a manifest's consignments, the lists
    of a call); `at`: when it is written.

    `sender` and `receiver` stand in envelopes; `event` numbers the message, the same on every try. `what`: the moment told of
    (`filed`, `amend`, an action), empty where a record is written out as it stands; `reason`: what was noted with it.
    """

    record: str
    ref: str
    version: int
    data: Mapping[str, Any]
    sender: str
    receiver: str
    event: str
    at: datetime
    below: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    what: str = ""
    reason: str = ""

    def text(self, name: str) -> str:
        """A field as text; "" when it is not stated."""
        return str(self.data.get(name) or "")

    def under(self, record: str) -> Sequence[Mapping[str, Any]]:
        """What its reader sees of the records of a type that belong to it."""
        return self.below.get(record, ())


def bare(ref: object) -> str:
    """A typed reference without its kind (`bill:B1` → `B1`); "" for none."""
    return str(ref or "").partition(":")[2]
