"""The database's shape, out of the registry: one table a record type, and the tables that all share.

Only additive changes are made by themselves (tables, columns, indexes); each statement is idempotent, and runs as
`kouan_owner` under an advisory lock (ADR 0002).
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from kouan.kernel.records import Record

_READERS = "readers && string_to_array(current_setting('app.orgs', true), ',')::int[]"
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "bigint"),
    (float, "double precision"),
    (Decimal, "numeric"),
    (datetime, "timestamptz"),
    (date, "date"),
)

SHARED: tuple[str, ...] = (
    """create table if not exists version (
        record_id uuid not null, version int not null, record text not null, at timestamptz not null,
        org int not null, account text not null, action text not null, state text not null,
        doc jsonb not null, sealed jsonb not null, readers int[] not null, parties jsonb not null,
        entry uuid not null, primary key (record_id, version))""",
    # What an act leaves as it was is not kept again: it stands with the last version before that states it (ADR 0011).
    "alter table version alter column doc drop not null",
    """create table if not exists ref (
        ref text not null, record text not null, record_id uuid not null, readers int[] not null,
        at timestamptz not null, primary key (ref, record, record_id))""",
    "create index if not exists ref_record on ref (record_id)",
    """create table if not exists event (
        seq bigint generated always as identity primary key, id uuid not null,
        topic text not null, record text not null,
        record_id uuid not null, ref text not null, version int not null, at timestamptz not null, org int not null,
        principal jsonb not null, data jsonb not null, readers int[] not null)""",
    "create index if not exists event_record on event (record_id, seq)",
    # Followers read in the order of commitment: what a transaction that is not over yet has numbered lies behind none of them.
    "alter table event add column if not exists tx xid8 not null default pg_current_xact_id()",
    "create index if not exists event_tx on event (tx, seq)",
    # The call that an event comes from, as `traceparent` says it, where its caller stated a trace or somebody collects them.
    "alter table event add column if not exists trace text",
    """create table if not exists follower (
        code text primary key, tx xid8 not null, seq bigint not null, holder uuid, lease_until timestamptz)""",
    """create table if not exists task (
        id bigint generated always as identity primary key, handler text not null, record_id uuid not null,
        event_seq bigint, payload jsonb not null, run_at timestamptz not null, lease_until timestamptz,
        attempts int not null default 0, dead boolean not null default false, error text,
        created timestamptz not null default now())""",
    # Which process holds it (`kouan.kernel.owners`).
    "alter table task add column if not exists owner text",
    # A task is written twice more before it goes: with room in its page its three indexes stay as they are.
    "alter table task set (fillfactor = 40)",
    "create index if not exists task_due on task (run_at, id) where not dead",
    "create index if not exists task_order on task (handler, record_id, id) where not dead",
    "create index if not exists task_dead on task (id) where dead",
    """create table if not exists job_run (
        code text primary key, next_at timestamptz not null, lease_until timestamptz, last_at timestamptz,
        last_error text, runs bigint not null default 0)""",
    "alter table job_run add column if not exists owner text",
    """create table if not exists submission (
        id uuid primary key, org int not null, account text not null, format text not null, at timestamptz not null,
        size int not null, records jsonb not null, readers int[] not null)""",
    """create table if not exists idempotency (
        org int not null, key text not null, body bytea not null, submission uuid not null, at timestamptz not null,
        primary key (org, key))""",
    "create index if not exists idempotency_at on idempotency (at)",
    """create table if not exists quarantine (
        id uuid primary key, org int not null, at timestamptz not null, format text not null, size int not null,
        sealed bytea not null, problem jsonb not null, expires timestamptz not null, readers int[] not null)""",
    "create index if not exists quarantine_org on quarantine (org, at desc)",
    "create index if not exists quarantine_expires on quarantine (expires)",
)
ROW_SECURED = ("version", "ref", "event", "submission", "quarantine")
PLAIN = ("task", "job_run", "follower", "idempotency")


def table(record: str | type[Record]) -> str:
    """The table of a record type."""
    name = record if isinstance(record, str) else record.facts.name
    return "r_" + name.replace(".", "_")


def column_type(annotation: Any) -> str:
    """The PostgreSQL type of a filterable field."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return column_type(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return column_type(next(a for a in get_args(annotation) if a is not type(None)))
    if origin in (list, tuple):
        return "text[]"
    return next((sql for kind, sql in _TYPES if isinstance(annotation, type) and issubclass(annotation, kind)), "text")


@cache
def filters(cls: type[Record]) -> dict[str, str]:
    """Filterable fields of a record type and their column types; sealed ones become blind indexes (bytea)."""
    return {
        name: "bytea" if facts.level >= 3 else column_type(cls.model_fields[name].annotation)
        for name, facts in cls.fields.items()
        if facts.filter
    }


def secure(name: str, grants: str) -> Iterable[str]:
    """Row-level security on a table: nobody but its readers sees or writes a row, its owner included."""
    yield f"alter table {name} enable row level security"
    yield f"alter table {name} force row level security"
    yield f"drop policy if exists readers on {name}"
    yield f"create policy readers on {name} using ({_READERS}) with check ({_READERS})"
    yield f"grant {grants} on {name} to kouan_app"


def record_ddl(cls: type[Record]) -> Iterable[str]:
    """Statements that make the table of a record type what the registry says."""
    name = table(cls)
    yield f"""create table if not exists {name} (
        id uuid primary key, seq bigint generated always as identity, key text not null, ref text not null,
        version int not null, state text not null, tracks jsonb not null, readers int[] not null,
        parties jsonb not null, org int not null, account text not null, submission uuid not null,
        filed_at timestamptz not null, updated_at timestamptz not null, doc jsonb not null,
        sealed jsonb not null, warnings jsonb not null)"""
    yield f"create unique index if not exists {name}_key on {name} (key)"
    yield f"create unique index if not exists {name}_seq on {name} (seq)"
    yield f"create index if not exists {name}_ref on {name} (ref)"
    yield f"create index if not exists {name}_readers on {name} using gin (readers)"
    yield f"create index if not exists {name}_state on {name} (state, seq)"
    for field, sql in filters(cls).items():
        yield f"alter table {name} add column if not exists f_{field} {sql}"
        if sql == "text[]":
            # Row-level security lets no index answer "holds this element": references go by the table `ref` instead.
            yield f"drop index if exists {name}_f_{field}"
        else:
            yield f"create index if not exists {name}_f_{field} on {name} (f_{field}, seq)"
    yield from secure(name, "select, insert, update")


def statements(types_: Iterable[type[Record]]) -> list[str]:
    """Everything, in order; what is about one record type, or secures one table, is one piece, so that it is done whole or not at all."""
    more = {"ref": ", delete", "quarantine": ", update, delete"}
    secured = ((name, f"select, insert{more.get(name, '')}") for name in ROW_SECURED)
    return [
        *SHARED, *(";\n".join(secure(name, grants)) for name, grants in secured),
        *(f"grant select, insert, update, delete on {name} to kouan_app" for name in PLAIN),
        *(";\n".join(record_ddl(cls)) for cls in types_),
    ]  # fmt: skip
