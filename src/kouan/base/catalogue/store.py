"""The index of the catalogue: one row an entry, found by lexemes (words of any script; Chinese by single signs and pairs).

What is registered as a record (data sets, published elements) gets there by triggers, in the transaction that keeps it; what
the platform's own words say is put there when they have changed. All of it is open to every organisation, so that no
row-level security stands before the index: what is not open (how to reach a data set) is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from kouan.kernel.database import Connection

PLACES = ("record", "dataset", "element", "indicator", "signal", "codes")
"""Kinds of entries in the order in which they are listed."""
FOUND = 2000
"""So many entries that fit are put in order; what a search for nearly everything finds beyond is not shown."""
SYNC = 0x6B63617461
DDL: tuple[str, ...] = (
    """create table if not exists catalogue_entry (
        id text primary key, kind text not null, name text not null, title_zh text not null, title_en text not null,
        summary_zh text not null, summary_en text not null, owner text not null, level smallint not null, theme text not null,
        clause text not null, changed timestamptz not null, said text not null, titled tsvector not null, worded tsvector not null,
        place smallint generated always as (coalesce(array_position(array['record', 'dataset', 'element', 'indicator', 'signal', 'codes'],
            kind), 9)) stored)""",
    "create table if not exists catalogue_source (only_one boolean primary key check (only_one), digest text not null)",
    "grant select, insert, update, delete on catalogue_entry, catalogue_source to kouan_app",
    "create index if not exists catalogue_titled on catalogue_entry using gin (titled) with (fastupdate = off)",
    "create index if not exists catalogue_worded on catalogue_entry using gin (worded) with (fastupdate = off)",
    "create index if not exists catalogue_place on catalogue_entry (place, id)",
    r"""create or replace function catalogue_lexemes(said text) returns tsvector language sql immutable parallel safe as $f$
        select array_to_tsvector(coalesce(array_agg(distinct found), '{}')) from (
            select left(w[1], 60) found from regexp_matches(lower(said), '[^\s[:punct:]\u2000-\u9fff\uff00-\uffef]+', 'g') w
            union all
            select substr(run[1], at, long) from regexp_matches(said, '[\u3400-\u9fff]+', 'g') run,
                generate_series(1, length(run[1])) at, (values (1), (2)) sizes(long) where at + long - 1 <= length(run[1])
        ) lexemes where found <> '' $f$""",
    """create or replace function catalogue_put(
        new_id text, new_kind text, new_name text, zh text, en text, said_zh text, said_en text, new_owner text, new_level int,
        new_theme text, new_clause text, words text, at timestamptz) returns void language sql as $f$
        insert into catalogue_entry values (new_id, new_kind, new_name, zh, en, said_zh, said_en, new_owner, new_level, new_theme,
            new_clause, at, concat_ws(' ', new_name, zh, en, said_zh, said_en, words, new_theme),
            catalogue_lexemes(concat_ws(' ', new_name, zh, en)),
            catalogue_lexemes(concat_ws(' ', new_name, zh, en, said_zh, said_en, words, new_theme)))
        on conflict (id) do update set kind = excluded.kind, name = excluded.name, title_zh = excluded.title_zh,
            title_en = excluded.title_en, summary_zh = excluded.summary_zh, summary_en = excluded.summary_en,
            owner = excluded.owner, level = excluded.level, theme = excluded.theme, clause = excluded.clause,
            changed = excluded.changed, said = excluded.said, titled = excluded.titled, worded = excluded.worded $f$""",
    """create or replace function catalogue_dataset() returns trigger language plpgsql as $f$
    begin
        if new.state <> 'listed' then
            delete from catalogue_entry where id = new.ref;
        else
            perform catalogue_put(new.ref, 'dataset', new.doc->>'code', new.doc->>'title_zh', new.doc->>'title_en',
                coalesce(new.doc->>'summary_zh', ''), coalesce(new.doc->>'summary_en', ''),
                (select slug from organisation where id = new.org), coalesce((new.doc->>'level')::int, 1),
                coalesce(new.doc->>'theme', ''), '7.2.3 c) 2)',
                (select string_agg(word, ' ') from (
                    select jsonb_array_elements_text(coalesce(new.doc->'keywords', '[]')) word union all
                    select concat_ws(' ', c->>'name', c->>'title_zh', c->>'title_en')
                    from jsonb_array_elements(coalesce(new.doc->'columns', '[]')) c) said), new.updated_at);
        end if;
        return null;
    end $f$""",
    """create or replace trigger catalogue_dataset after insert or update on r_base_catalogue_dataset for each row
        execute function catalogue_dataset()""",
    """create or replace function catalogue_element() returns trigger language plpgsql as $f$
    begin
        if new.state = 'retired' then
            delete from catalogue_entry where id = new.ref;
        elsif new.state = 'published' then
            perform catalogue_put(new.ref, 'element', new.doc->>'code', new.doc->>'name_zh', new.doc->>'name_en',
                new.doc->>'definition_zh', new.doc->>'definition_en', (select slug from organisation where id = new.org), 1, '',
                '7.2.3 c) 1)', concat_ws(' ', new.doc->>'unit', new.doc->>'source'), new.updated_at);
        end if;
        return null;
    end $f$""",
    """create or replace trigger catalogue_element after insert or update on r_base_catalogue_element for each row
        execute function catalogue_element()""",
)


class Line(NamedTuple):
    """An entry as it is put into the index. `owner`: kinds or an organisation; `words`: what else it is found by."""

    id: str
    kind: str
    name: str
    title_zh: str
    title_en: str
    summary_zh: str
    summary_en: str
    owner: str
    level: int
    theme: str
    clause: str
    words: str


class Wanted(NamedTuple):
    """A search: lexemes as a tsquery ("" for all), runs of Chinese that must stand as they are, the text itself, a kind."""

    query: str
    runs: Sequence[str]
    text: str
    kind: str = ""


# Entries whose titles fit stand before others, of these the whole title first, then what begins so, then the shorter.
_SEARCH = """with titled as materialized (
        select e.* from catalogue_entry e where titled @@ $1::tsquery and ($7 = '' or kind = $7) and not exists (
            select 1 from unnest($2::text[]) run where position(run in concat_ws(' ', name, title_zh, title_en)) = 0) limit $4::int),
    worded as materialized (
        select e.* from catalogue_entry e where (select count(*) from titled) < $5::int + $6::int and worded @@ $1::tsquery
            and ($7 = '' or kind = $7) and not exists (
                select 1 from unnest($2::text[]) run where position(run in said) = 0) limit $4::int),
    every as (select 0 part, * from titled union all select 1, * from worded where id not in (select id from titled))
    select id, kind, name, title_zh, title_en, summary_zh, summary_en, owner, level, theme, clause, changed,
        count(*) over () as about
    from every order by part,
        case when $3 in (lower(title_zh), lower(title_en), lower(name)) then 0
            when starts_with(lower(title_zh), $3) or starts_with(lower(title_en), $3) then 1 else 2 end,
        length(title_zh) + length(title_en), id offset $5::int limit $6::int"""
_BROWSE = """select id, kind, name, title_zh, title_en, summary_zh, summary_en, owner, level, theme, clause, changed
    from catalogue_entry where place between $1 and $2 order by place, id offset $3 limit $4"""
_COUNT = "select count(*) from (select 1 from catalogue_entry where place between $1 and $2 limit $3) counted"


async def search(conn: Connection, wanted: Wanted, skip: int, limit: int) -> Sequence[asyncpg.Record]:
    """Entries that fit, best first; `about`: how many do, where they are no more than FOUND."""
    values = (wanted.query, list(wanted.runs), wanted.text, FOUND, skip, limit, wanted.kind)
    return await conn.fetch(_SEARCH, *values)


async def browse(conn: Connection, kind: str, skip: int, limit: int) -> Sequence[asyncpg.Record]:
    """Entries of a kind, or all, in order."""
    return await conn.fetch(_BROWSE, *_between(kind), skip, limit)


async def count(conn: Connection, kind: str) -> int:
    """How many entries there are of a kind, or in all; FOUND where there are more."""
    return int(await conn.fetchval(_COUNT, *_between(kind), FOUND))


def _between(kind: str) -> tuple[int, int]:
    """The places of a kind, from one."""
    return (PLACES.index(kind) + 1,) * 2 if kind else (1, len(PLACES))


async def entry(conn: Connection, number: str) -> asyncpg.Record | None:
    """One entry, or None."""
    rows = await conn.fetch("select * from catalogue_entry where id = $1", number)
    return rows[0] if rows else None


async def after(conn: Connection, number: str, limit: int) -> Sequence[asyncpg.Record]:
    """Entries behind one, in order of their numbers."""
    return await conn.fetch("select * from catalogue_entry where id > $1 order by id limit $2", number, limit)


async def put(conn: Connection, lines: Sequence[Line], digest: str, kinds: Sequence[str], at: datetime) -> None:
    """Bring the entries of the platform's words to these, unless that was done already."""
    await conn.execute("select pg_advisory_xact_lock($1)", SYNC)
    if await conn.fetchval("select digest from catalogue_source") == digest:
        return
    sql = "select catalogue_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    await conn.executemany(sql, [(*line, at) for line in lines])
    await conn.execute("delete from catalogue_entry where kind = any($1) and id <> all($2)", list(kinds), [line.id for line in lines])
    await conn.execute(
        "insert into catalogue_source values (true, $1) on conflict (only_one) do update set digest = excluded.digest", digest
    )


async def rows_about(conn: Connection, table: str) -> int | None:
    """About how many rows a table has, to two digits, as the planner last counted; None when it has not yet."""
    found: Any = await conn.fetchval("select reltuples::bigint from pg_class where relname = $1", table)
    if found is None or found < 0:
        return None
    digits = max(len(str(found)) - 2, 0)
    return int(round(found, -digits))
