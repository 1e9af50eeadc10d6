"""The rows that a batch will write, gathered first and written table by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection
from kouan.kernel.ids import uuid7
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Need
from kouan.kernel.store.entitle import readers_of_fields
from kouan.kernel.store.ops import Row
from kouan.kernel.store.schema import filters, table
from kouan.kernel.store.writing import Column, Writing
from kouan.kernel.topics import codes_on
from kouan.kernel.vault import Vault

WAKE = "kouan_wake"
DEADLINE = "kernel.deadline"


class Fact(NamedTuple):
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
    """Rows by table. `at` is the batch's one moment of acceptance; `locks` what its operations hold, each for one alone.

    `trace`: the call of the operation that is gathered now, as it is kept with events and tasks (`kernel/calls.py`).
    """

    at: datetime
    vault: Vault
    inserts: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    updates: dict[str, dict[UUID, tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(dict))
    moves: dict[str, dict[UUID, tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(dict))
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    refs: list[tuple[Any, ...]] = field(default_factory=list)
    stale_refs: list[UUID] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    tasks: list[tuple[Any, ...]] = field(default_factory=list)
    submissions: list[tuple[Any, ...]] = field(default_factory=list)
    idempotency: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    locks: set[Need | str] = field(default_factory=set)
    trace: str = ""

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
        self.refs += _refs(row, record)

    def update(self, row: Row, record: Record) -> None:
        """A record's next version takes the place of the former one."""
        updates = self.updates[record.facts.name]
        self.moves[record.facts.name].pop(row.id, None)
        if row.id in updates:
            self.refs = [ref for ref in self.refs if ref[2] != row.id]
        updates[row.id] = (
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
        self.stale_refs.append(row.id)
        self.refs += _refs(row, record)

    def move(self, row: Row, name: str) -> None:
        """A record's next version, in which neither its content nor its readers are others than in the database."""
        self.moves[name][row.id] = (row.id, row.version, row.state, row.tracks, row.parties, row.updated_at)

    def tell(
        self, row: Row, name: str, what: str, principal: Principal, fact: Fact, data: Mapping[str, Any], *, moved: bool = False
    ) -> None:
        """The version, event, tasks and ledger entry of what happened to a record.

        `moved`: content and readers are those of the version before, which states them for this one too.
        """
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
                None if moved else row.doc,
                {} if moved else row.sealed,
                row.readers,
                row.parties,
                fact.id,
            )
        )
        self.facts.append(fact)
        self.announce(row, name, what, principal, data)

    def announce(self, row: Row, name: str, what: str, principal: Principal, data: Mapping[str, Any]) -> None:
        """The event about a record, and the tasks of those who listen to it."""
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
                self.trace or None,
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
            **({"trace": self.trace} if self.trace else {}),
        }
        self.tasks += [(code, row.id, payload, timedelta(0)) for code in codes_on(topic)]

    def deadline(self, row: Row, name: str, track: str, state: str, due: datetime) -> None:
        """A task that says, when it is due, that a track is still in a state."""
        payload = {"record": name, "track": track, "state": state, "ref": row.ref, "due": stamp(due)}
        self.tasks.append((DEADLINE, row.id, payload, due - self.at))

    async def write(self, conn: Connection) -> None:
        """Write everything but the ledger entries; the caller holds the transaction."""
        if self.stale_refs:
            await conn.execute("delete from ref where record_id = any($1)", self.stale_refs)
        all_ = Writing()
        for name, rows in self.inserts.items():
            cls = record_type(name)
            all_.insert(table(cls), (*_FIXED, *_filter_columns(cls)), rows)
        for name, changed in self.updates.items():
            cls = record_type(name)
            all_.update(table(cls), (*_AMENDED, *_filter_columns(cls)), list(changed.values()))
        for name, changed in self.moves.items():
            all_.update(table(name), _MOVED, list(changed.values()))
        for name, columns, rows in (
            ("version", _VERSION, self.versions), ("ref", _REF, self.refs), ("event", _EVENT, self.events),
            ("task", _TASK, self.tasks), ("submission", _SUBMISSION, self.submissions),
            ("idempotency", _IDEMPOTENCY, self.idempotency),
        ):  # fmt: skip
            all_.insert(name, columns, rows)
        await all_.run(conn, f"select pg_notify('{WAKE}', '')" if self.tasks or self.events else "select 1")


def _refs(row: Row, record: Record) -> list[tuple[Any, ...]]:
    found = {
        ref: readers_of_fields(record, names, row.parties, row.org) for ref, names in record.references_by_field().items()
    }
    found[row.ref] = row.readers
    return [(ref, record.facts.name, row.id, readers, row.filed_at) for ref, readers in found.items()]


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


@cache
def _filter_columns(cls: type[Record]) -> tuple[Column, ...]:
    return tuple((f"f_{name}", sql) for name, sql in filters(cls).items())


_ID: Column = ("id", "uuid")
_STANDING: tuple[Column, ...] = (("version", "int"), ("state", "text"), ("tracks", "jsonb"))
_CONTENT: tuple[Column, ...] = (("doc", "jsonb"), ("sealed", "jsonb"), ("warnings", "jsonb"))
_FIXED: tuple[Column, ...] = (
    _ID, ("key", "text"), ("ref", "text"), *_STANDING, ("readers", "int[]"), ("parties", "jsonb"), ("org", "int"),
    ("account", "text"), ("submission", "uuid"), ("filed_at", "timestamptz"), ("updated_at", "timestamptz"), *_CONTENT,
)  # fmt: skip
_AMENDED: tuple[Column, ...] = (
    _ID, *_STANDING, ("readers", "int[]"), ("parties", "jsonb"), ("updated_at", "timestamptz"), *_CONTENT,
)  # fmt: skip
_MOVED: tuple[Column, ...] = (_ID, *_STANDING, ("parties", "jsonb"), ("updated_at", "timestamptz"))
_VERSION: tuple[Column, ...] = (
    ("record_id", "uuid"), ("version", "int"), ("record", "text"), ("at", "timestamptz"), ("org", "int"),
    ("account", "text"), ("action", "text"), ("state", "text"), ("doc", "jsonb"), ("sealed", "jsonb"),
    ("readers", "int[]"), ("parties", "jsonb"), ("entry", "uuid"),
)  # fmt: skip
_REF: tuple[Column, ...] = (
    ("ref", "text"), ("record", "text"), ("record_id", "uuid"), ("readers", "int[]"), ("at", "timestamptz"),
)  # fmt: skip
_EVENT: tuple[Column, ...] = (
    _ID, ("topic", "text"), ("record", "text"), ("record_id", "uuid"), ("ref", "text"), ("version", "int"),
    ("at", "timestamptz"), ("org", "int"), ("principal", "jsonb"), ("data", "jsonb"), ("readers", "int[]"),
    ("trace", "text"),
)  # fmt: skip
_TASK: tuple[Column, ...] = (
    ("handler", "text"), ("record_id", "uuid"), ("payload", "jsonb"), ("run_at", "interval"),
)  # fmt: skip
_SUBMISSION: tuple[Column, ...] = (
    _ID, ("org", "int"), ("account", "text"), ("format", "text"), ("at", "timestamptz"), ("size", "int"),
    ("records", "jsonb"), ("readers", "int[]"),
)  # fmt: skip
_IDEMPOTENCY: tuple[Column, ...] = (
    ("org", "int"), ("key", "text"), ("body", "bytea"), ("submission", "uuid"), ("at", "timestamptz"),
)  # fmt: skip
