"""What a party is told of a record: the fields of its part, at its clearance, read from the version when it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.store import versions
from kouan.kernel.connectors import Connector
from kouan.kernel.database import Connection
from kouan.kernel.principal import Principal
from kouan.kernel.records import ALL, Record, record_type
from kouan.kernel.store.entitle import clearance_for, shown, visible
from kouan.kernel.suites.suite import Key
from kouan.kernel.vault import Vault, open_all

ROLE = frozenset({"operator"})
REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Content:
    """A version of a record with everything opened; `filer` is who filed its first version."""

    record: str
    record_id: UUID
    values: Mapping[str, Any]
    parties: Mapping[str, Sequence[int]]
    readers: Sequence[int]
    filer: int
    state: str = ""

    @property
    def cls(self) -> type[Record]:
        """Its type."""
        return record_type(self.record)


@dataclass(frozen=True, slots=True)
class Subset:
    """A party's part. `restricted`: it holds data of level 3-4, so its reading is audited."""

    data: Mapping[str, Any]
    masked: Sequence[str]
    restricted: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A version of a record, and who filed the record."""

    record: str
    record_id: UUID
    version: int
    filer: int

    @property
    def mark(self) -> tuple[UUID, int]:
        """What names it."""
        return self.record_id, self.version


async def contents(conn: Connection, vault: Vault, wanted: Iterable[Wanted]) -> dict[tuple[UUID, int], Content]:
    """Versions in the connection's scope, opened where their subject's key still exists."""
    known = {one.mark: one for one in wanted}
    rows = await versions.several(conn, [id_ for id_, _ in known], [version for _, version in known])
    subjects = {_mark(row): _subject(known[_mark(row)].record, row) for row in rows if row["sealed"]}
    keys = await vault.subject_keys(conn, subjects.values(), create=False)
    return {_mark(row): _content(known[_mark(row)], row, keys, subjects.get(_mark(row), "")) for row in rows}


def _mark(row: asyncpg.Record) -> tuple[UUID, int]:
    return row["record_id"], row["version"]


def _content(wanted: Wanted, row: asyncpg.Record, keys: Mapping[str, Key], subject: str) -> Content:
    opened = open_all(keys, subject, str(wanted.record_id), row["sealed"]) if subject else {}
    values = {**row["doc"], **opened}
    return Content(wanted.record, wanted.record_id, values, row["parties"], row["readers"], wanted.filer, row["state"])


def _subject(record: str, row: asyncpg.Record) -> str:
    named = record_type(record).facts.subject
    return str(row["doc"].get(named or "") or f"record:{row['record_id']}")


def of(content: Content, who: Principal, connector: type[Connector] | None = None) -> Subset:
    """What a principal may see of a version, narrowed to what a connector tells."""
    data, masked, restricted = shown(content.cls, content.values, content.parties, content.filer, who)
    wanted = told(connector, content.record) if connector else frozenset(data)
    part = {name: value for name, value in data.items() if name in wanted and value is not None}
    return Subset(part, [name for name in masked if name in wanted], restricted)


@lru_cache(maxsize=REMEMBERED)
def told(connector: type[Connector], record: str) -> frozenset[str]:
    """The fields of a record that a connector tells."""
    names = connector.tells.get(record, ())
    return frozenset(record_type(record).fields) if ALL in names else frozenset(names)


@lru_cache(maxsize=REMEMBERED)
def party(connector: type[Connector], org: int, slug: str) -> Principal:
    """The party's system as a reader: its organisation, at the clearance that its connector states."""
    clearance = getattr(connector, "clearance", 2)
    return Principal(org, slug, connector.org, f"connector:{connector.code}", ROLE, clearance, "connector", True)


def delivered(content: Content, who: Principal, connector: type[Connector]) -> Mapping[str, Any]:
    """Exactly what a party's system gets: its part, without what is above its clearance."""
    subset = of(content, who, connector)
    return {name: value for name, value in subset.data.items() if name not in subset.masked}


def names(content: Content, who: Principal, connector: type[Connector]) -> frozenset[str]:
    """The fields of `delivered`, those without a value included."""
    level, facts = clearance_for(who, content.filer), content.cls.fields
    wanted = visible(content.cls, content.parties, content.filer, who) & told(connector, content.record)
    return frozenset(name for name in wanted if facts[name].level <= level)


def concerns(content: Content, who: Principal, connector: type[Connector]) -> bool:
    """Whether a party sees anything of what its connector tells."""
    seen = visible(content.cls, content.parties, content.filer, who)
    return bool(seen & told(connector, content.record))


def leaves(value: Any) -> int:
    """How many fields a JSON value holds that somebody had to fill in: leaves that are not empty."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(leaves, value))
    return int(value is not None and value != "")
