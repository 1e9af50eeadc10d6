"""What is drawn from permits, kept by the database itself in the transaction that keeps, changes or closes a declaration.

A rule refuses what is too much and says why; what is kept here holds even for a writer that asks no rule: each permit's
row counts what was drawn from it, and a constraint bounds that by its quota. Each movement is noted, to be told as a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.declaration.api import Declaration
from kouan.base.permit.records import Certificate, Permit
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import by_ids, equal
from kouan.kernel.store.ops import Row
from kouan.kernel.store.schema import secure

CLOSED = ("cancelled", "rejected")
"""States of a declaration in which it draws nothing."""

DDL: tuple[str, ...] = (
    """create table if not exists permit_draw (
        permit text not null, declaration uuid not null, line int not null, quantity numeric not null,
        readers int[] not null, primary key (permit, declaration, line))""",
    "create index if not exists permit_draw_of on permit_draw (declaration)",
    """create table if not exists permit_movement (
        id bigint generated always as identity primary key, permit text not null, declaration uuid not null,
        line int not null, delta numeric not null, drawn numeric not null, at timestamptz not null default now(),
        told boolean not null default false, readers int[] not null)""",
    "create index if not exists permit_movement_untold on permit_movement (id) where not told",
    """create table if not exists permit_work (
        id bigint generated always as identity primary key, declaration uuid not null)""",
    "grant select, insert, delete on permit_work to kouan_app",
    *secure("permit_draw", "select, insert, update, delete"),
    *secure("permit_movement", "select, insert, update"),
    """create or replace function permit_cited(doc jsonb) returns table (permit text, line int, quantity numeric)
    language sql immutable as $f$
        select c->>'permit', coalesce((i->>'sequence')::int, 0), sum(coalesce((c->>'quantity')::numeric, 0))
        from jsonb_array_elements(coalesce(doc->'items', '[]')) i, jsonb_array_elements(coalesce(i->'permits', '[]')) c
        group by 1, 2 $f$""",
    """create or replace function permit_settle(of uuid, doc jsonb, state text) returns int language plpgsql as $f$
    declare one record; kept record; before int; moved int := 0;
    begin
        perform set_config('permit.settling', '1', true);
        for one in
            select permit, line, w.quantity as wanted, d.quantity as held
            from (select * from permit_cited(doc) where state not in ('cancelled', 'rejected')) w
            full join (select p.permit, p.line, p.quantity from permit_draw p where p.declaration = of) d using (permit, line)
            where w.quantity is distinct from d.quantity order by permit, line
        loop
            select count(*) into before from permit_draw p where p.permit = one.permit and p.declaration = of;
            update r_base_permit_permit p set doc = p.doc || jsonb_build_object(
                'drawn', trim_scale(coalesce((p.doc->>'drawn')::numeric, 0) + coalesce(one.wanted, 0) - coalesce(one.held, 0))::text,
                'used', coalesce((p.doc->>'used')::int, 0)
                    + case when one.held is null and before = 0 then 1 when one.wanted is null and before = 1 then -1 else 0 end)
            where p.ref = one.permit returning (p.doc->>'drawn')::numeric as drawn, p.readers into kept;
            continue when not found;
            if one.wanted is null then
                delete from permit_draw p where p.permit = one.permit and p.declaration = of and p.line = one.line;
            else
                insert into permit_draw values (one.permit, of, one.line, one.wanted, kept.readers)
                on conflict (permit, declaration, line) do update set quantity = excluded.quantity;
            end if;
            insert into permit_movement (permit, declaration, line, delta, drawn, readers)
            values (one.permit, of, one.line, coalesce(one.wanted, 0) - coalesce(one.held, 0), kept.drawn, kept.readers);
            moved := moved + 1;
        end loop;
        perform set_config('permit.settling', '', true);
        return moved;
    end $f$""",
    """create or replace function permit_declared() returns trigger language plpgsql as $f$
    begin
        perform permit_settle(new.id, new.doc, new.state);
        insert into permit_work (declaration) values (new.id);
        return null;
    end $f$""",
    """create or replace trigger permit_declared after insert on r_base_declaration_declaration for each row
        when (jsonb_path_exists(new.doc, '$.items[*].permits[*]')) execute function permit_declared()""",
    """create or replace trigger permit_redeclared after update on r_base_declaration_declaration for each row
        when ((jsonb_path_exists(new.doc, '$.items[*].permits[*]') or jsonb_path_exists(old.doc, '$.items[*].permits[*]'))
              and (old.state is distinct from new.state or old.doc is distinct from new.doc))
        execute function permit_declared()""",
    """create or replace function permit_counted() returns trigger language plpgsql as $f$
    begin
        new.doc := new.doc - 'drawn' - 'used';
        if tg_op = 'UPDATE' then
            new.doc := new.doc || jsonb_strip_nulls(jsonb_build_object('drawn', old.doc->'drawn', 'used', old.doc->'used'));
        end if;
        return new;
    end $f$""",
    """create or replace trigger permit_counted before insert or update on r_base_permit_permit for each row
        when (coalesce(current_setting('permit.settling', true), '') <> '1') execute function permit_counted()""",
    """do $f$ begin
        if not exists (select 1 from pg_constraint where conname = 'permit_balance') then
            alter table r_base_permit_permit add constraint permit_balance check (
                coalesce((doc->>'drawn')::numeric, 0) >= 0 and coalesce((doc->>'used')::int, 0) >= 0
                and coalesce((doc->>'drawn')::numeric <=
                    (doc->>'quota')::numeric * (1 + coalesce((doc->>'tolerance')::numeric, 0) / 100), true)
                and coalesce((doc->>'used')::int <= (doc->>'uses')::int, true));
        end if;
    end $f$""",
)


async def work(conn: Connection, most: int) -> list[tuple[int, UUID]]:
    """Declarations whose certificates are to be looked at, the oldest first, each with its place in the queue."""
    return [(r["id"], r["declaration"]) for r in await conn.fetch("select * from permit_work order by id limit $1", most)]


async def done(conn: Connection, places: Sequence[int]) -> None:
    """Take what was looked at from the queue."""
    await conn.execute("delete from permit_work where id = any($1)", list(places))


async def untold(conn: Connection, most: int) -> Sequence[asyncpg.Record]:
    """Movements that are no records yet, the oldest first."""
    return await conn.fetch("select * from permit_movement where not told order by id limit $1", most)


async def told(conn: Connection, ids: Sequence[int]) -> None:
    """Movements that are records now."""
    await conn.execute("update permit_movement set told = true where id = any($1)", list(ids))


async def held(conn: Connection, declaration: UUID) -> set[tuple[str, int]]:
    """Permits and lines for which a declaration has drawn from permits that are kept here."""
    rows = await conn.fetch("select permit, line from permit_draw where declaration = $1", declaration)
    return {(row["permit"], row["line"]) for row in rows}


async def settle(conn: Connection, declaration: Row) -> bool:
    """Draw for a declaration what it cites of permits that came after it; False when too little is left for all of it."""
    try:
        async with conn.transaction():
            await conn.fetchval("select permit_settle($1, $2, $3)", declaration.id, declaration.doc, declaration.state)
    except asyncpg.CheckViolationError:
        return False
    return True


async def declarations(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Declarations by identifier."""
    return {row.id: row for row in await by_ids(conn, Declaration, ids)}


async def permits(conn: Connection, refs: Sequence[str]) -> dict[str, Row]:
    """The permits of some references that are kept here."""
    sql = "select id, ref from r_base_permit_permit where ref = any($1)"
    found: dict[Any, str] = {row["id"]: row["ref"] for row in await conn.fetch(sql, list(refs))}
    return {row.ref: row for row in await by_ids(conn, Permit, list(found))} if found else {}


async def waiting(conn: Connection, most: int) -> list[Row]:
    """Verifications that are not settled, or not given back yet, the oldest first."""
    return await equal(conn, Certificate, {}, states=("pending", "returning"), limit=most)
