"""Queries over several record types: what they need is loaded as the caller may see it, and handed to a process that knows nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from kouan.base.query import errors, running, store
from kouan.base.query.asked import MOST_ROWS, Asked
from kouan.base.query.building import AGGREGATES, ROWS, Part, Plan, build
from kouan.base.query.building import BEHIND as MOST_BEHIND
from kouan.base.query.judging import Read, judge
from kouan.base.query.loading import BEHIND, MOST, Feed, Loaded, Wanted, distinct, load, many
from kouan.base.query.narrowing import narrowed, once
from kouan.base.query.tables import RESTRICTED, Column, columns, joins, reachable, table_name, tables, type_named
from kouan.kernel.audit import Entry
from kouan.kernel.errors import Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.text import Text

ACTION = "query:sql"
TABLES = 8
"""Tables of one statement."""
_TYPES = (("int", "integer"), ("uint", "integer"), ("double", "number"), ("float", "number"), ("decimal", "decimal"), ("timestamp", "time"),
          ("date", "date"), ("bool", "boolean"), ("list", "list"))  # fmt: skip
_FIGURE = re.compile(r'(?P<fn>[a-z]+)\((?P<distinct>distinct )?"?(?P<column>\w+)"?\)', re.IGNORECASE)


def known() -> list[dict[str, Any]]:
    """The tables that can be queried."""
    return [{"name": name, "record": cls.facts.name, "title": cls.facts.title.out()} for name, cls in tables().items()]


def described(who: Principal, record: str) -> dict[str, Any]:
    """A table's columns that the caller's clearance reaches, and how it can be joined."""
    cls = type_named(record, "record")
    return {
        "name": table_name(cls), "record": record, "title": cls.facts.title.out(),
        "columns": [column.out() for column in reachable(cls, who.clearance).values()], "joins": joins(cls, who.clearance),
    }  # fmt: skip


async def ask(port: Port, who: Principal, asked: Asked, *, whole: bool = False) -> dict[str, Any]:
    """The answer to a built query. Refused or Denied. `whole`: it leaves as a file, and is on record before."""
    plan = build(asked, who.clearance, port.vault.token)
    loaded: dict[str, Loaded | Feed] = {}
    for part in plan.parts:
        loaded[part.alias] = await _part(port, who, part, loaded, once=plan.once, whole=whole)
    if large := {alias for alias, one in loaded.items() if isinstance(one, Feed)}:
        plan = build(asked, who.clearance, port.vault.token, large)
    answer = await _run(port, plan, plan.sql, loaded)
    width = len(plan.columns)
    behind = [[ids or [] for ids in row[width + 1 :]] for row in answer.rows]
    for number, part in enumerate(plan.parts):
        if not part.large:
            shown = dict.fromkeys(one for ids in behind for one in ids[number] if one)
            port.uses.note(who, part.cls.facts.name, [UUID(one) for one in shown], whole=whole)
    if whole:
        await port.uses.settle()
    total = answer.rows[0][width] if answer.rows else 0
    if plan.count:
        full = answer.truncated or len(answer.rows) >= asked.limit
        total = (await _run(port, plan, plan.count, loaded)).rows[0][0] if full else len(answer.rows)
    return {
        "columns": [_column(one.name, one.title, one.kind, one.unit, one.record, one.field, one.values) for one in plan.columns],
        "rows": [row[:width] for row in answer.rows], "count": len(answer.rows), "total": total,
        "truncated": answer.truncated or total > len(answer.rows),
        "loaded": _loaded((part.cls, loaded[part.alias]) for part in plan.parts),
        "behind": [_behind(plan, loaded, ids) for ids in behind],
    }  # fmt: skip


async def _run(port: Port, plan: Plan, sql: str, loaded: Mapping[str, Loaded | Feed]) -> running.Answer:
    async with running.started(sql, plan.values, rows=MOST_ROWS, zone=port.site.zone) as child:
        return await child.answer({part.table: loaded[part.alias] for part in plan.parts})


async def _part(
    port: Port, who: Principal, part: Part, loaded: Mapping[str, Loaded | Feed], *, once: bool, whole: bool
) -> Loaded | Feed:
    """What a query needs of a part: few records whole; of many the columns alone, as they come, unless each is to be audited."""
    wanted = _wanted(part, loaded)
    restricted = any(column.level >= RESTRICTED for column in wanted.columns)
    try:
        if restricted or wanted.key or not await many(port, who, wanted):
            return await load(port, who, wanted)
    except Refused as refusal:
        if restricted or refusal.code != errors.MOST_CODE:
            raise
    return Feed(port, who, Wanted(part.cls, [*BEHIND, *part.columns.values()], part.pushed), once=once, whole=whole)


def _wanted(part: Part, loaded: Mapping[str, Loaded | Feed]) -> Wanted:
    """What is loaded of a part: of a joined one, where that is quick, only what the rows before it name."""
    cls, chosen = part.cls, list(part.columns.values())
    if part.key and part.of and part.key.holds == "text" and store.findable(cls, part.key.of, field=part.key.source == "field"):
        before = loaded[part.of[0]]
        keys = distinct(before.table, part.of[1]) if isinstance(before, Loaded) else None
        if keys is not None and len(keys) <= MOST:
            return Wanted(cls, chosen, key="ref" if part.key.source == "row" else f"f_{part.key.of}", keys=keys)
    return Wanted(cls, chosen, part.pushed)


def _behind(plan: Plan, loaded: Mapping[str, Loaded | Feed], ids: list[Any]) -> dict[str, Any]:
    """The records that a row is made of, of each record type: how many, and the first of them."""
    found = {}
    for part, mine in zip(plan.parts, ids, strict=True):
        held = loaded[part.alias]
        if isinstance(held, Loaded):
            real = [(one, held.refs[one]) for one in mine if one]
            count = len(real)
        else:
            real = [(one.partition(" ")[0], one.partition(" ")[2]) for one in mine["first"] or () if one]
            count = mine["n"]
        records = [{"id": one, "ref": ref} for one, ref in real[:MOST_BEHIND]]
        found[part.alias] = {"record": part.cls.facts.name, "count": count, "records": records}
    return found


def _loaded(parts: Iterable[tuple[type[Record], Loaded | Feed]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cls, one in parts:
        found[cls.facts.name] = found.get(cls.facts.name, 0) + (len(one.refs) if isinstance(one, Loaded) else one.count)
    return found


def _column(
    name: str, title: Text, kind: str, unit: str = "", record: str = "", field: str = "", values: Mapping[str, Text] | None = None
) -> dict[str, Any]:
    return {
        "name": name, "title": title.out(), "type": kind, "unit": unit, "record": record, "field": field,
        "values": {code: said.out() for code, said in (values or {}).items()},
    }  # fmt: skip


async def ask_sql(
    port: Port, who: Principal, text: str, *, limit: int = MOST_ROWS, whole: bool = False, request: str = ""
) -> dict[str, Any]:
    """The answer to a statement. What is refused is in the audit, by its rule and the statement's digest, never its text."""
    try:
        return await _answered(port, who, text, limit, whole)
    except Refused as refusal:
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        await port.audit.write(Entry.of(who, ACTION, "denied", reason=f"{refusal.rule} sha256:{digest}", request=request))
        raise


async def _answered(port: Port, who: Principal, text: str, limit: int, whole: bool) -> dict[str, Any]:
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise errors.refused(errors.UNREADABLE, "sql", "syntax", said="NUL or half a character")
    async with running.started(text, (), rows=limit, zone=port.site.zone, tree=True) as child:
        tree = await child.tree()
        read = judge(tree)
        chosen = _chosen(read, who.clearance)
        reach = {name: reachable(tables()[name], who.clearance) for name in chosen}
        asked = narrowed(tree, reach, port.site.zone, port.vault.token)
        single = once(tree)
        loaded: dict[str, Loaded | Feed] = {}
        for name, mine in chosen.items():
            wanted = Wanted(tables()[name], mine, asked.get(name, {}))
            if any(column.level >= RESTRICTED for column in mine):
                loaded[name] = await _held(port, who, wanted, whole)
            else:
                loaded[name] = Feed(port, who, wanted, once=single, whole=whole)
        answer = await child.answer(loaded)
        if whole:
            await port.uses.settle()
    titles = {column.name: (tables()[name].facts.name, column) for name, mine in chosen.items() for column in mine}
    return {
        "columns": [_like(one["name"], _kind(one["type"]), titles) for one in answer.columns],
        "rows": answer.rows, "count": len(answer.rows), "total": None if answer.truncated else len(answer.rows),
        "truncated": answer.truncated, "loaded": _loaded((tables()[name], one) for name, one in loaded.items()), "behind": [],
    }  # fmt: skip


async def _held(port: Port, who: Principal, wanted: Wanted, whole: bool) -> Loaded:
    """Rows with restricted columns: read record by record, each on the audit trail."""
    found = await load(port, who, wanted)
    port.uses.note(who, wanted.cls.facts.name, [UUID(one) for one in found.refs], whole=whole)
    return replace(found, table=found.table.drop_columns(["_id"]))


def _chosen(read: Read, clearance: int) -> dict[str, list[Column]]:
    """For each table that a statement names the columns that it may need. Restricted ones are loaded when they are named, not for `*`."""
    for name in sorted(read.tables - tables().keys()):
        raise errors.no_table(name, "sql")
    if len(read.tables) > TABLES:
        raise errors.refused(errors.MANY_TABLES, "sql", "tables", most=TABLES)
    reach = {name: reachable(tables()[name], clearance) for name in sorted(read.tables)}
    within = {column for mine in reach.values() for column in mine}
    beyond = {column for name in reach for column in columns(tables()[name])} - within
    for column in sorted(beyond & read.names):
        raise errors.too_high(column)
    return {
        name: [one for one in mine.values() if one.name in read.names_of(name) or (read.everything_of(name) and one.level < RESTRICTED)]
        for name, mine in reach.items()
    }  # fmt: skip


def _like(name: str, kind: str, within: Mapping[str, tuple[str, Column]]) -> dict[str, Any]:
    """A column of a statement's answer; one that is named like a column of its tables, or a figure of one, reads in its words."""
    if name not in within:
        said = name if name.strip() else "?"
        return _column(name, _figure(name, within) or Text(said, said), kind)
    record, column = within[name]
    field = column.of if column.source == "field" else ""
    return _column(name, column.title, kind, "", record if field else "", field, column.values if kind == "text" else None)


def _figure(name: str, within: Mapping[str, tuple[str, Column]]) -> Text | None:
    """The words of a figure that the statement gives no name of its own: `count_star()`, `sum(gross_kg)`."""
    if name.lower() in ("count_star()", "count(*)"):
        return ROWS
    found = _FIGURE.fullmatch(name)
    fn = "" if found is None else "distinct" if found["distinct"] else found["fn"].lower()
    if found is None or found["column"] not in within or fn not in AGGREGATES:
        return None
    title, (_, zh, en) = within[found["column"]][1].title, AGGREGATES[fn]
    return Text(f"{title.zh}{zh}", f"{en} {title.en}")


def _kind(engine: str) -> str:
    return next((kind for begins, kind in _TYPES if engine.startswith(begins)), "text")
