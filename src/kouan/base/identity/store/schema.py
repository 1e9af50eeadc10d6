"""Tables of identity, as idempotent DDL for kouan_owner.

`identity_epoch` has one row. Its `value` rises with each change that could end or narrow what a caller may, in the
transaction of that change and by trigger, so that no way of changing goes past it; its `orgs` rises when organisations
or their service accounts change. Every call reads that row, so a revocation holds at the next call, in any process.
A row and not a sequence: a sequence would be seen to rise before the change itself can be seen.
"""

from __future__ import annotations

from kouan.kernel.store.sheet import WAKE

_ROLES = "array['officer','clerk','operator','viewer','system-admin','security-admin','audit-admin']"
_ADMINS = "array['system-admin','security-admin','audit-admin']"

_TABLES: tuple[str, ...] = (
    """create table if not exists organisation (
        id int generated always as identity (start with 10) primary key,
        slug text not null unique,
        kind text not null check (kind ~ '^[a-z]{3,20}$'),
        title jsonb not null,
        code text unique check (code ~ '^[0-9A-Z]{4,18}$'),
        active boolean not null default true,
        created timestamptz not null default now(),
        changed timestamptz not null default now())""",
    f"""create table if not exists account (
        id uuid primary key default gen_random_uuid(),
        org int not null references organisation,
        name text not null,
        title jsonb not null,
        kind text not null check (kind in ('person', 'service')),
        password_hash text,
        must_change boolean not null default false,
        roles text[] not null default '{{}}' check (roles <@ {_ROLES}),
        clearance smallint not null default 2 check (clearance between 1 and 4),
        issuer text,
        subject text,
        active boolean not null default true,
        failed int not null default 0,
        locked_until timestamptz,
        created timestamptz not null default now(),
        changed timestamptz not null default now(),
        unique (org, name),
        unique (issuer, subject),
        check ((issuer is null) = (subject is null)),
        check (kind = 'person' or (password_hash is null and issuer is null)),
        constraint administrators_are_separate check (not roles && {_ADMINS} or cardinality(roles) = 1),
        constraint administrators_read_little check (not roles && {_ADMINS} or clearance <= 2))""",
    """create table if not exists token (
        id uuid primary key default gen_random_uuid(),
        account uuid not null references account,
        hash bytea not null unique check (length(hash) = 32),
        name text not null,
        roles text[],
        scopes text[] not null default '{}',
        created timestamptz not null default now(),
        expires timestamptz not null,
        last_used timestamptz,
        revoked timestamptz)""",
    "create index if not exists token_account on token (account)",
    """create table if not exists session (
        hash bytea primary key check (length(hash) = 32),
        id uuid not null unique default gen_random_uuid(),
        account uuid not null references account,
        roles text[],
        via text not null,
        created timestamptz not null,
        seen timestamptz not null,
        expires timestamptz not null)""",
    "create index if not exists session_account on session (account)",
    "create index if not exists session_expires on session (expires)",
    """create table if not exists signin_flow (
        hash bytea primary key check (length(hash) = 32),
        state text not null,
        nonce text not null,
        verifier text not null,
        next text not null,
        expires timestamptz not null)""",
    "create index if not exists signin_flow_expires on signin_flow (expires)",
)

_EPOCH: tuple[str, ...] = (
    """create table if not exists identity_epoch (
        only_row boolean primary key default true check (only_row),
        value bigint not null,
        orgs bigint not null)""",
    "insert into identity_epoch (value, orgs) values (1, 1) on conflict do nothing",
    f"""create or replace function identity_changed() returns trigger language plpgsql security definer
        set search_path = pg_catalog, public as $$
        begin
            if tg_argv[0] = 'orgs' then
                update public.identity_epoch set value = value + 1, orgs = orgs + 1;
                perform pg_notify('{WAKE}', '');
            else
                update public.identity_epoch set value = value + 1;
            end if;
            return null;
        end $$""",  # noqa: S608 - our own channel
    """create or replace trigger organisation_changed
        after insert or delete or update on organisation
        for each statement execute function identity_changed('orgs')""",
    """create or replace trigger account_changed
        after update of org, name, title, kind, roles, clearance, active, must_change or delete on account
        for each statement execute function identity_changed('calls')""",
    """create or replace trigger service_made after insert on account
        for each row when (new.kind = 'service') execute function identity_changed('orgs')""",
    """create or replace trigger service_changed after update of org, kind, roles, clearance, active on account
        for each row when (old.kind = 'service' or new.kind = 'service') execute function identity_changed('orgs')""",
    """create or replace trigger token_changed
        after update of account, hash, roles, scopes, expires, revoked or delete on token
        for each statement execute function identity_changed('calls')""",
    """create or replace trigger session_changed after update of hash, account, roles, expires on session
        for each statement execute function identity_changed('calls')""",
    """create or replace trigger session_ended after delete on session
        for each row when (old.expires > now()) execute function identity_changed('calls')""",
)

_PLATFORM = """insert into organisation (id, slug, kind, title, active) overriding system value
    values (1, 'kouan', 'platform', '{"zh": "口岸平台", "en": "Kouan platform"}', true) on conflict do nothing"""

_GRANTS: tuple[str, ...] = (
    "revoke all on organisation, account, token, session, signin_flow, identity_epoch from kouan_app",
    "grant select, insert, update on organisation, account, token to kouan_app",
    "grant select, insert, update, delete on session, signin_flow to kouan_app",
    "grant select on identity_epoch to kouan_app",
    "revoke all on function identity_changed() from public",
)

DDL: tuple[str, ...] = (*_TABLES, *_EPOCH, _PLATFORM, *_GRANTS)
