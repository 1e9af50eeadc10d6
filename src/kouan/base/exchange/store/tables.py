"""Tables of deliveries and addresses, as idempotent DDL for kouan_owner.

A delivery holds no content: what a party is told is read from the record's version when it is told, so that nothing
restricted lies here and an erased person is erased here too.
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
    *secure("delivery", "select, insert, update"),
    *secure("connector_address", "select, insert, update, delete"),
)
