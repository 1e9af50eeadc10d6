"""Tables of runs, rows set aside, places allowed and credentials, as idempotent DDL for kouan_owner."""

from __future__ import annotations

from kouan.kernel.store.schema import secure

DDL: tuple[str, ...] = (
    """create table if not exists ingest_run (
        id uuid primary key, source uuid not null, code text not null, org int not null, sender int, principal jsonb not null,
        state text not null check (state in ('waiting', 'running', 'stopping', 'stopped', 'done', 'failed')),
        created timestamptz not null, ended timestamptz, lease text, lease_until timestamptz, position jsonb not null default '{}',
        pieces int not null default 0, counts jsonb not null default '{}', causes jsonb not null default '{}', error jsonb,
        name text not null default '', told boolean not null default false, readers int[] not null)""",
    "create index if not exists ingest_run_source on ingest_run (source, created desc)",
    "create index if not exists ingest_run_open on ingest_run (created) where state in ('waiting', 'running', 'stopping')",
    "create unique index if not exists ingest_run_one on ingest_run (source) where state in ('waiting', 'running', 'stopping')",
    """create table if not exists ingest_row (
        run uuid not null, piece int not null, row bigint not null, item text not null, sealed text not null, problems jsonb not null,
        state text not null default 'held' check (state in ('held', 'released', 'repaired', 'returned', 'dropped')),
        note text not null default '', at timestamptz not null, readers int[] not null, primary key (run, piece, row))""",
    """create table if not exists ingest_allowed (
        place text primary key, reason text not null, by text not null, at timestamptz not null default now())""",
    """create table if not exists ingest_secret (
        source uuid primary key, org int not null, wrapped bytea not null, by text not null, at timestamptz not null,
        readers int[] not null)""",
    "grant select, insert, update, delete on ingest_allowed to kouan_app",
    "alter table ingest_row add column if not exists mended text",
    "alter table ingest_row add column if not exists by text not null default ''",
    *secure("ingest_run", "select, insert, update, delete"),
    *secure("ingest_row", "select, insert, update, delete"),
    *secure("ingest_secret", "select, insert, update, delete"),
)
