"""Which records carry which tags: one row a tag and record, replaced when the tag is computed; and what each computing came to.

A row is seen by who may read the tag's definition and every field that it goes by. It holds no content of its record, only who
the record's parties were: when they have changed since, the row counts for nobody until the tag is computed again.

A definition becomes one statement that finds its records: names out of the registry, values bound. Nothing that a person typed stands
in the statement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.schema import filters, secure, table
from kouan.operations.tags.fields import LISTED, PARTS, STATE, parsed, usable
from kouan.operations.tags.records import Instant, Tag, Term

LOCK = 0x74616773
KEPT = timedelta(days=400)
"""How long it is remembered what a computing came to."""
DDL: tuple[str, ...] = (
    """create table if not exists tags_tagged (
        tag text not null, record text not null, record_id uuid not null, hours double precision, simulated boolean not null,
        level smallint not null, parties_as text not null, since timestamptz not null, run timestamptz not null, readers int[] not null,
        primary key (tag, record_id))""",
    "create index if not exists tags_tagged_record on tags_tagged (record_id)",
    """create table if not exists tags_run (
        tag text not null, at timestamptz not null, version int not null, records bigint not null, simulated bigint not null,
        came bigint not null, went bigint not null, sharers text[] not null, level smallint not null, told timestamptz,
        readers int[] not null, primary key (tag, at))""",
    "create index if not exists tags_run_untold on tags_run (at) where told is null",
    *secure("tags_tagged", "select, insert, update, delete"),
    *secure("tags_run", "select, insert, update, delete"),
    "drop policy if exists level on tags_tagged",
    """create policy level on tags_tagged as restrictive
        using (level <= coalesce(nullif(current_setting('app.clearance', true), ''), '0')::int)""",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who may see what a tag finds. `orgs`: at most these; `seeing`: parties that see all the fields; `level`: of the fields."""

    orgs: Sequence[int]
    seeing: Sequence[str]
    level: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a computing came to: records that carry the tag, how many of them are simulated, how many came and went."""

    at: datetime
    records: int
    simulated: int
    came: int
    went: int


@dataclass(slots=True)
class Statement:
    """Values bound so far."""

    zone: str
    now: datetime
    values: list[Any] = field(default_factory=list)

    def bind(self, value: Any, sql: str) -> str:
        """The mark of a value of a type."""
        self.values.append(value)
        return f"${len(self.values)}::{sql}"


def tagged(_cls: type[Record], text: str, bind: Callable[[Any], str]) -> str:
    """The condition of a list under which a record carries a tag, as far as the caller may know."""
    wanted = bind(text)
    return f"""exists (select 1 from tags_tagged g
        where g.tag = {wanted}::text and g.record_id = id and g.parties_as = md5(parties::text))"""  # noqa: S608 - the text is bound


async def hold(conn: Connection, tag: str) -> None:
    """One computing of a tag at a time."""
    await conn.execute("select pg_advisory_xact_lock($1, hashtext($2))", LOCK, tag)


async def compute(conn: Connection, tag: Tag, reach: Reach, zone: str, now: datetime) -> Run:
    """Find the records of a tag anew; those that do not fulfil it any more lose it."""
    made = Statement(zone, now)
    tail, hours = found_by(tag, made)
    code, at = made.bind(tag.code, "text"), made.bind(now, "timestamptz")
    before = await conn.fetchval("select count(*) from tags_tagged where tag = $1", tag.code)
    mine = f"""array(select (m.value)::int from jsonb_each(t.parties) p, jsonb_array_elements_text(p.value) m(value)
        where p.key = any({made.bind(list(reach.seeing), "text[]")})) || t.org"""  # noqa: S608 - names are ours
    came = await conn.fetchval(
        f"""with put as (
            insert into tags_tagged (tag, record, record_id, hours, simulated, level, parties_as, since, run, readers)
            select {code}, {made.bind(tag.record, "text")}, f.id, f.hours, f.simulated, {made.bind(reach.level, "smallint")}, f.parties_as,
                {at}, {at}, array(select o from unnest({made.bind(list(reach.orgs), "int[]")}) o
                    where o = any(f.mine) or 0 = any(f.mine)) || {PLATFORM.org}
            from (select t.id, {hours} as hours, coalesce(t.doc->>'simulated', '') = 'true' as simulated,
                    md5(t.parties::text) as parties_as, {mine} as mine from {tail}) f
            on conflict (tag, record_id) do update set hours = excluded.hours, simulated = excluded.simulated, level = excluded.level,
                parties_as = excluded.parties_as, run = excluded.run, readers = excluded.readers
            returning since = run as fresh)
        select count(*) filter (where fresh) from put""",  # noqa: S608 - names are ours
        *made.values,
    )
    went = await conn.execute("delete from tags_tagged where tag = $1 and run <> $2", tag.code, now)
    row = await conn.fetchrow("select count(*) n, count(*) filter (where simulated) s from tags_tagged where tag = $1", tag.code)
    assert row is not None
    assert row["n"] == before + came - int(went.split()[-1])
    return Run(now, row["n"], row["s"], came, int(went.split()[-1]))


async def note(conn: Connection, tag: Tag, version: int, run: Run, sharers: Sequence[str], level: int) -> None:
    """Remember what a computing came to; `sharers`: short names of the organisations that may read its count."""
    await conn.execute(
        """insert into tags_run (tag, at, version, records, simulated, came, went, sharers, level, readers)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        tag.code, run.at, version, run.records, run.simulated, run.came, run.went, list(sharers), level, [PLATFORM.org],
    )  # fmt: skip
    await conn.execute("delete from tags_run where tag = $1 and at < $2", tag.code, run.at - KEPT)


async def clear(conn: Connection, tag: str) -> None:
    """A tag that is not in force is on no record."""
    await conn.execute("delete from tags_tagged where tag = $1", tag)


async def counted(conn: Connection) -> dict[str, int]:
    """How many records carry each tag, as far as the connection's scope sees."""
    return {row["tag"]: row["n"] for row in await conn.fetch("select tag, count(*) n from tags_tagged group by 1")}


async def last_runs(conn: Connection) -> dict[str, datetime]:
    """When each tag was computed last."""
    return {row["tag"]: row["at"] for row in await conn.fetch("select tag, max(at) at from tags_run group by 1")}


async def untold(conn: Connection, limit: int) -> list[asyncpg.Record]:
    """What computings came to that the stream was not told yet, the oldest first."""
    sql = "select tag, at, records, simulated, sharers, level from tags_run where told is null order by at limit $1"
    return list(await conn.fetch(sql, limit))


async def tell(conn: Connection, told: Sequence[tuple[str, datetime]], at: datetime) -> None:
    """These were told to the stream."""
    await conn.executemany("update tags_run set told = $3 where tag = $1 and at = $2", [(tag, run, at) for tag, run in told])


def found_by(tag: Tag, made: Statement) -> tuple[str, str]:
    """What follows `from` in a statement that finds a tag's records as `t`, and the expression of the hours (null without)."""
    cls = record_type(tag.record)
    where = [condition(cls, term, "t", made) for term in tag.terms]
    if not (tag.since and tag.until and tag.hours is not None):
        return f"{table(cls)} t where {' and '.join(where)}", "null::float8"
    present = made.bind(made.now, "timestamptz") if tag.running else ""
    spans = "".join(_spans(cls, tag.since, tag.until, present, made))
    hours = "extract(epoch from l.lapse)::float8 / 3600"
    where.append(f"{hours} > {made.bind(tag.hours, 'float8')}")
    return f"{table(cls)} t {spans} where {' and '.join(where)}", hours


def _spans(cls: type[Record], since: Instant, until: Instant, present: str, made: Statement) -> Iterator[str]:
    """Lateral joins that give `l.lapse`; over several things that are named together, the longest span."""
    begin = "null::timestamptz" if since.kind == "event" else _moment(cls, since, made)
    end = "null::timestamptz" if until.kind == "event" else _moment(cls, until, made)
    if present and until.kind != "event":
        end = f"coalesce({end}, {present})"
    yield f"cross join lateral (select {begin} as since, {end} as until) s "
    if since.kind == "event":
        yield _over(cls, since, "max", "<= s.until", "s.until - u.at", made)
    elif until.kind == "event":
        lapse = f"coalesce(u.at, {present}) - s.since" if present else "u.at - s.since"
        yield _over(cls, until, "min", ">= s.since", lapse, made)
    else:
        yield "cross join lateral (select s.until - s.since as lapse) l"


def _over(cls: type[Record], instant: Instant, which: str, bound: str, lapse: str, made: Statement) -> str:
    """The longest span over what the linking field names: to the first event after, or from the last one before."""
    other = record_type(instant.record or "")
    at = _field(other, instant.name or "", "m", made)
    where = [condition(other, term, "m", made) for term in instant.where]
    tests = " and ".join((f"r.record = {made.bind(other.facts.name, 'text')}", f"{at} {bound}", *where))
    named = f"""select jsonb_path_query(t.doc, '$."{instant.by}"[*]') #>> '{{}}' as ref"""
    events = f"""(select {which}({at}) as at from ref r join {table(other)} m on m.id = r.record_id
        where r.ref = a.ref and {tests}) u"""  # noqa: S608 - names are ours
    return f"""cross join lateral (select max({lapse}) as lapse
        from ({named}) a cross join lateral {events}) l"""  # noqa: S608 - names are ours


def _moment(cls: type[Record], instant: Instant, made: Statement) -> str:
    if instant.kind == "filed":
        return "t.filed_at"
    if instant.kind == "act":
        acts = made.bind(list(instant.acts), "text[]")
        return f"(select max(v.at) from version v where v.record_id = t.id and v.action = any({acts}))"  # noqa: S608 - names are ours
    return _field(cls, instant.name or "", "t", made)


def _field(cls: type[Record], name: str, of: str, made: Statement) -> str:
    """A field's time; a day begins in the port's own zone."""
    text = _value(cls, name, of)
    one = usable(cls, name)
    assert one is not None
    return f"({text}::timestamp at time zone {made.bind(made.zone, 'text')})" if one.sql == "date" else text


def _value(cls: type[Record], name: str, of: str) -> str:
    if name == STATE:
        return f"{of}.state"
    one = usable(cls, name)
    assert one is not None
    if name in filters(cls) and one.sql != LISTED:
        return f"{of}.f_{name}"
    text = f"{of}.doc->>'{name}'"
    return f"({text})" if one.sql == "text" else f"({text})::{one.sql}"


def condition(cls: type[Record], term: Term, of: str, made: Statement) -> str:
    """One condition; what is not stated fulfils `not` and `unknown` alone."""
    one = usable(cls, term.name)
    assert one is not None
    if term.op in ("known", "unknown"):
        stated = f"coalesce({of}.doc->'{term.name}' not in ('null'::jsonb, '[]', '\"\"', '{{}}'), false)"
        known = "true" if term.name == STATE else stated
        return known if term.op == "known" else f"not {known}"
    values = [parsed(one, value) for value in term.values]
    if one.sql in (LISTED, PARTS):
        return f"coalesce({of}.doc->'{term.name}' ?| {made.bind(values, 'text[]')}, false)"
    value = _value(cls, term.name, of)
    if term.op == "has":
        words = made.bind(values, "text[]")
        return f"exists (select 1 from unnest({words}) w where position(lower(w) in lower({value})) > 0)"  # noqa: S608 - names are ours
    if term.op in ("above", "below"):
        return f"{value} {'>' if term.op == 'above' else '<'} {made.bind(values[0], one.sql)}"
    same = f"coalesce({value} = any({made.bind(values, f'{one.sql}[]')}), false)"
    return same if term.op == "is" else f"not {same}"
