"""Tables of pushing, as idempotent DDL for kouan_owner.

A message holds no content: what is told is read from the record's version when it is told, so that nothing restricted lies
here, who lost the right to read gets nothing, and an erased person is erased here too.
"""

from __future__ import annotations

from kouan.kernel.store.schema import secure

DDL: tuple[str, ...] = (
    "create table if not exists push_tail (one boolean primary key default true check (one), seq bigint not null, holes jsonb not null)",
    "grant select, insert, update on push_tail to kouan_app",
    """create table if not exists push_line (
        number bigint generated always as identity primary key, subscription uuid not null unique, org int not null,
        last bigint not null default 0, told bigint not null default 0, epoch int not null default 0,
        failures int not null default 0, refused int not null default 0, away_since timestamptz, next_try timestamptz,
        last_ok timestamptz, last_error text, wrapped bytea, former bytea, keyed_at timestamptz,
        touched timestamptz, readers int[] not null)""",
    "alter table push_line set (fillfactor = 60)",
    "create index if not exists push_line_touched on push_line (touched) where touched is not null",
    """create table if not exists push_message (
        position bigint generated always as identity, line bigint not null, seq bigint not null, event uuid not null,
        record text not null, record_id uuid not null, ref text not null, version int not null, what text not null,
        at timestamptz not null, written timestamptz not null default now(), fate text not null default '',
        why text, readers int[] not null, primary key (line, seq))""",
    "alter table push_message add column if not exists tries int not null default 0",
    "create index if not exists push_message_dead on push_message (line, seq) where fate = 'dead'",
    "create unique index if not exists push_message_position on push_message (position)",
    "create index if not exists push_message_written on push_message using brin (written)",
    *secure("push_line", "select, insert, update, delete"),
    *secure("push_message", "select, insert, update, delete"),
)
