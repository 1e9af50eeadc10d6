"""From a tag's definition to one statement that finds its records: names out of the registry, values bound.

Nothing that a person typed stands in the statement itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kouan.kernel.records import Record, record_type
from kouan.kernel.store.schema import filters, table
from kouan.operations.tags.fields import LISTED, PARTS, STATE, parsed, usable
from kouan.operations.tags.records import Instant, Tag, Term


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


def uses(tag: Tag) -> dict[str, set[str]]:
    """The fields that a tag reads, by record type; a record's state and its acts are open to all its readers."""
    found: dict[str, set[str]] = {tag.record: {term.name for term in tag.terms}}
    for instant in (tag.since, tag.until):
        if instant is None:
            continue
        if instant.kind == "field" and instant.name:
            found[tag.record].add(instant.name)
        elif instant.kind == "event" and instant.record and instant.name and instant.by:
            found[tag.record].add(instant.by)
            found.setdefault(instant.record, set()).update({instant.name, *(term.name for term in instant.where)})
    return {record: names - {STATE} for record, names in found.items()}


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
