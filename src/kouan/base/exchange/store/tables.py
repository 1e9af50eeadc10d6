"""Tables of deliveries and addresses, as idempotent DDL for kouan_owner.

A delivery holds no content: what a party is told is read from the record's version when it is told, so that nothing
restricted lies here and an erased person is erased here too. Outages and signs of life are public facts: they name no
message.
"""

from __future__ import annotations

from kouan.kernel.store.schema import secure

DDL: tuple[str, ...] = (
    """create table if not exists delivery (
        id uuid primary key, event uuid not null, connector text not null, org int not null, record text not null,
        record_id uuid not null, ref text not null, version int not null, filer int not null,
        fields int not null, typed int not null,
        state text not null default 'waiting' check (state in ('waiting', 'delivered', 'answered', 'dead')),
        attempts int not null default 0, refused int not null default 0, next_try timestamptz not null,
        lease_until timestamptz, last_error text, reference text, answer text, created timestamptz not null,
        delivered_at timestamptz, answered_at timestamptz, readers int[] not null, unique (event, connector, org))""",
    "create index if not exists delivery_due on delivery (connector, org, next_try) where state = 'waiting'",
    "create index if not exists delivery_order on delivery (record_id, connector, org, version)",
    "create index if not exists delivery_inbox on delivery (org, id desc)",
    "create index if not exists delivery_ref on delivery (ref, org)",
    "create index if not exists delivery_of on delivery (record, id desc)",
    """create table if not exists connector_address (
        connector text not null, org int not null, address text not null, set_by text not null,
        set_at timestamptz not null, failures int not null default 0, outage_since timestamptz, next_probe timestamptz,
        last_ok timestamptz, last_error text, checked_at timestamptz, check_failed jsonb, readers int[] not null,
        primary key (connector, org))""",
    "alter table delivery add column if not exists what text not null default 'filed'",
    # A delivery is claimed soon after it is written: with room in its page its indexes stay as they are.
    "alter table delivery set (fillfactor = 60)",
    """do $$ begin
        if not exists (select 1 from pg_constraint where conname = 'delivery_states') then
            alter table delivery drop constraint if exists delivery_state_check;
            alter table delivery add constraint delivery_states
                check (state in ('waiting', 'delivered', 'answered', 'dead', 'skipped'));
        end if; end $$""",
    "create index if not exists delivery_filer on delivery (filer, id desc) where state in ('waiting', 'dead')",
    """create table if not exists delivery_hop (
        id bigint generated always as identity primary key, delivery uuid not null, what text not null, why text not null,
        by text not null, first timestamptz not null, last timestamptz not null, times int not null default 1,
        readers int[] not null)""",
    "create index if not exists delivery_hop_of on delivery_hop (delivery, id)",
    """create table if not exists connector_secret (
        connector text not null, org int not null, wrapped bytea not null, former bytea, set_by text not null,
        set_at timestamptz not null, readers int[] not null, primary key (connector, org))""",
    """create table if not exists exchange_route (
        connector text not null, org int not null, record text not null, form text not null, field text not null,
        value text not null, set_by text not null, set_at timestamptz not null, readers int[] not null,
        primary key (connector, org, record))""",
    """create table if not exists outage (
        id uuid primary key, connector text not null, org int not null, began timestamptz not null, ended timestamptz)""",
    "create unique index if not exists outage_open on outage (connector, org) where ended is null",
    "create index if not exists outage_ended on outage (ended)",
    """create table if not exists message_answer (
        receipt uuid primary key, org int not null, at timestamptz not null, media text not null, body bytea not null,
        readers int[] not null)""",
    "create table if not exists exchange_beat (part text primary key, at timestamptz not null)",
    "alter table exchange_beat add column if not exists since timestamptz not null default now()",
    "grant select, insert, update on outage, exchange_beat to kouan_app",
    *secure("delivery", "select, insert, update"),
    *secure("message_answer", "select, insert, delete"),
    *secure("delivery_hop", "select, insert, update"),
    *secure("connector_secret", "select, insert, update, delete"),
    *secure("exchange_route", "select, insert, update, delete"),
    *secure("connector_address", "select, insert, update, delete"),
)
