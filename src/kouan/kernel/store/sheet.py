"""The rows that a batch will write, gathered first and written table by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection
from kouan.kernel.ids import uuid7
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.ops import Row
from kouan.kernel.store.schema import filters, table
from kouan.kernel.topics import codes_on
from kouan.kernel.vault import Vault

WAKE = "kouan_wake"
DEADLINE = "kernel.deadline"


@dataclass(frozen=True, slots=True)
class Fact:
    """One ledger entry to be: who did what to which record version, in which body."""

    id: UUID
    at: datetime
    action: str
    record: str
    ref: str
    version: int
    principal: Principal
    format: str
    body: bytes


@dataclass(slots=True)
class Sheet:
    """Rows by table. `at` is the batch's one moment of acceptance."""

    at: datetime
    vault: Vault
    inserts: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    updates: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    refs: list[tuple[Any, ...]] = field(default_factory=list)
    stale_refs: list[UUID] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    tasks: list[tuple[Any, ...]] = field(default_factory=list)
    submissions: list[tuple[Any, ...]] = field(default_factory=list)
    idempotency: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def insert(self, row: Row, record: Record) -> None:
        """A new record: its row, first version, references."""
        self.inserts[record.facts.name].append(
            (
                row.id,
                row.key,
                row.ref,
                row.version,
                row.state,
                row.tracks,
                row.readers,
                row.parties,
                row.org,
                row.account,
                row.submission,
                row.filed_at,
                row.updated_at,
                row.doc,
                row.sealed,
                row.warnings,
                *_filter_values(record, self.vault),
            )
        )
        self.refs += [(ref, record.facts.name, row.id, row.readers, row.filed_at) for ref in _refs(row, record)]

    def update(self, row: Row, record: Record) -> None:
        """A record's next version takes the place of the former one."""
        self.updates[record.facts.name].append(
            (
                row.id,
                row.version,
                row.state,
                row.tracks,
                row.readers,
                row.parties,
                row.updated_at,
                row.doc,
                row.sealed,
                row.warnings,
                *_filter_values(record, self.vault),
            )
        )
        self.stale_refs.append(row.id)
        self.refs += [(ref, record.facts.name, row.id, row.readers, row.filed_at) for ref in _refs(row, record)]

    def tell(self, row: Row, name: str, what: str, principal: Principal, fact: Fact, data: Mapping[str, Any]) -> None:
        """The version, event, tasks and ledger entry of what happened to a record."""
        self.versions.append(
            (
                row.id,
                row.version,
                name,
                self.at,
                principal.org,
                principal.user,
                what,
                row.state,
                row.doc,
                row.sealed,
                row.readers,
                row.parties,
                fact.id,
            )
        )
        self.facts.append(fact)
        topic, event = f"{name}:{what}", uuid7()
        who = {
            "org": principal.org,
            "slug": principal.slug,
            "kind": principal.kind,
            "user": principal.user,
            "roles": sorted(principal.roles),
            "clearance": principal.clearance,
            "grant": principal.grant,
            "service": principal.service,
        }
        self.events.append(
            (
                event,
                topic,
                name,
                row.id,
                row.ref,
                row.version,
                self.at,
                principal.org,
                who,
                dict(data),
                row.readers,
            )
        )
        payload = {
            "id": str(event),
            "topic": topic,
            "record": name,
            "record_id": str(row.id),
            "ref": row.ref,
            "version": row.version,
            "at": stamp(self.at),
            "principal": who,
            "data": dict(data),
        }
        self.tasks += [(code, row.id, payload, self.at) for code in codes_on(topic)]

    def deadline(self, row: Row, name: str, track: str, state: str, due: datetime) -> None:
        """A task that says, when it is due, that a track is still in a state."""
        self.tasks.append((DEADLINE, row.id, {"record": name, "track": track, "state": state, "ref": row.ref}, due))

    async def write(self, conn: Connection) -> None:
        """Write everything but the ledger entries; the caller holds the transaction."""
        for name, rows in self.inserts.items():
            await conn.executemany(_insert_sql(record_type(name)), rows)
        for name, rows in self.updates.items():
            await conn.executemany(_update_sql(record_type(name)), rows)
        if self.stale_refs:
            await conn.execute("delete from ref where record_id = any($1)", self.stale_refs)
        await _many(
            conn,
            "version",
            "record_id, version, record, at, org, account, action, state, doc, sealed, readers, parties, entry",
            self.versions,
        )
        await _many(conn, "ref", "ref, record, record_id, readers, at", self.refs)
        await _many(
            conn,
            "event",
            "id, topic, record, record_id, ref, version, at, org, principal, data, readers",
            self.events,
        )
        await _many(conn, "task", "handler, record_id, payload, run_at", self.tasks)
        await _many(conn, "submission", "id, org, account, format, at, size, records, readers", self.submissions)
        await _many(conn, "idempotency", "org, key, body, submission, at", self.idempotency)
        if self.events:
            await conn.execute(f"notify {WAKE}")


def _refs(row: Row, record: Record) -> list[str]:
    return list(dict.fromkeys((row.ref, *record.references())))


def _filter_values(record: Record, vault: Vault) -> list[Any]:
    values: list[Any] = []
    for name, sql in filters(type(record)).items():
        value = getattr(record, name)
        if value is not None and sql == "bytea":
            value = vault.blind(f"{record.facts.name}.{name}", str(value))
        elif value is not None and sql == "text[]":
            value = [str(part) for part in value]
        elif value is not None and sql == "text":
            value = str(value)
        values.append(value)
    return values


async def _many(conn: Connection, name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join(f"${i + 1}" for i in range(len(rows[0])))
        await conn.executemany(f"insert into {name} ({columns}) values ({marks})", rows)


_FIXED = (
    "id",
    "key",
    "ref",
    "version",
    "state",
    "tracks",
    "readers",
    "parties",
    "org",
    "account",
    "submission",
    "filed_at",
    "updated_at",
    "doc",
    "sealed",
    "warnings",
)
_MOVING = ("version", "state", "tracks", "readers", "parties", "updated_at", "doc", "sealed", "warnings")


def _insert_sql(cls: type[Record]) -> str:
    columns = [*_FIXED, *(f"f_{name}" for name in filters(cls))]
    marks = ", ".join(f"${i + 1}" for i in range(len(columns)))
    return f"insert into {table(cls)} ({', '.join(columns)}) values ({marks})"


def _update_sql(cls: type[Record]) -> str:
    columns = [*_MOVING, *(f"f_{name}" for name in filters(cls))]
    sets = ", ".join(f"{name} = ${i + 2}" for i, name in enumerate(columns))
    return f"update {table(cls)} set {sets} where id = $1"
