"""What of a statement the store can be asked at once: simple conditions on declared filters, read from the tree of the engine's own parser.

They narrow what is loaded and are asked again by the engine, so it is enough that no row is left out that the statement might tell of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from kouan.base.query.asked import ConditionIn, Op
from kouan.base.query.conditions import Token, pushed
from kouan.base.query.judging import nodes, path_of
from kouan.base.query.tables import Column
from kouan.kernel.errors import Refused

Tables = Mapping[str, Mapping[str, Column]]
_OPS: Mapping[str, Op] = {
    "COMPARE_EQUAL": "eq", "COMPARE_LESSTHAN": "lt", "COMPARE_GREATERTHAN": "gt", "COMPARE_LESSTHANOREQUALTO": "lte",
    "COMPARE_GREATERTHANOREQUALTO": "gte",
}  # fmt: skip
_TURNED: Mapping[Op, Op] = {"eq": "eq", "lt": "gt", "gt": "lt", "lte": "gte", "gte": "lte"}
_MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "DATE"})
_DAY, _NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII), re.compile(r"-?\d{1,15}\Z", re.ASCII)
SLACK, UNZONED = timedelta(seconds=1), timedelta(hours=3)
"""By how much a span of time is widened: engines round differently, and a time without a zone may stand twice where clocks change."""


def once(tree: Mapping[str, Any]) -> bool:
    """Whether a statement reads a single table in a single place, so that its rows need not be held to be gone through."""
    kinds = Counter(str(node.get("type")) for node in nodes(tree) if node.get("class") is None)
    sub = any(node.get("class") == "SUBQUERY" for node in nodes(tree))
    return not sub and kinds["SELECT_NODE"] == kinds["BASE_TABLE"] == 1 and not kinds.keys() & {
        "JOIN", "SUBQUERY", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "TABLE_FUNCTION", "EXPRESSION_LIST", "CTE",
    }  # fmt: skip


def narrowed(tree: Mapping[str, Any], tables: Tables, zone: str, token: Token) -> dict[str, dict[str, str]]:
    """For each table the conditions, as lists have them, that every row meets of which the statement tells.

    `tables`: columns by name that may be asked for, of each table. Only a table that stands in one place is narrowed.
    """
    places = Counter(_name(node) for node in nodes(tree) if node.get("type") == "BASE_TABLE" and node.get("class") is None)
    found: dict[str, dict[str, str]] = {}
    for node in nodes(tree):
        if node.get("type") != "SELECT_NODE" or not node.get("where_clause") or node.get("sample"):
            continue
        sources = {alias: name for alias, name in _sources(node.get("from_table")) if places[name] == 1 and name in tables}
        alone = (node.get("from_table") or {}).get("type") == "BASE_TABLE"
        made = {str(one.get("alias") or "").lower() for one in node.get("select_list") or ()}
        for part in _conjuncts(node["where_clause"]):
            for name, at, text in _of(part, _resolver(sources, tables, alone, made), zone, token):
                found.setdefault(name, {}).setdefault(at, text)
    return found


def _name(node: Mapping[str, Any]) -> str:
    return ".".join(path_of(node)).lower()


def _sources(node: Any) -> Iterator[tuple[str, str]]:
    """Tables of a `from` whose rows may be left out when a condition of its `where` on them fails: alias and name."""
    if not isinstance(node, Mapping) or node.get("sample"):
        return
    if node.get("type") == "BASE_TABLE" and not node.get("column_name_alias"):
        yield str(node.get("alias") or _name(node)).lower(), _name(node)
    elif node.get("type") == "JOIN" and node.get("ref_type") in ("REGULAR", "CROSS", "NATURAL"):
        if node.get("join_type") in ("INNER", "LEFT"):
            yield from _sources(node.get("left"))
        if node.get("join_type") == "INNER":
            yield from _sources(node.get("right"))


def _conjuncts(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node.get("class") == "CONJUNCTION" and node.get("type") == "CONJUNCTION_AND":
        for part in node.get("children") or ():
            yield from _conjuncts(part)
    else:
        yield node


def _resolver(
    sources: Mapping[str, str], tables: Tables, alone: bool, made: Collection[str]
) -> Callable[[Any], tuple[str, Column] | None]:
    """A function that tells which table's column an expression is, where there is no doubt."""

    def resolved(node: Any) -> tuple[str, Column] | None:
        if not isinstance(node, Mapping) or node.get("class") != "COLUMN_REF":
            return None
        names = [str(name).lower() for name in node.get("column_names") or ()]
        if len(names) == 1 and alone and len(sources) == 1 and names[0] not in made:
            table = next(iter(sources.values()))
        elif len(names) == 2 and names[0] in sources and not any(names[0] in tables[name] for name in sources.values()):
            table = sources[names[0]]
        else:
            return None
        column = tables[table].get(names[-1])
        return (table, column) if column else None

    return resolved


def _of(
    node: Mapping[str, Any], resolved: Callable[[Any], tuple[str, Column] | None], zone: str, token: Token
) -> Iterator[tuple[str, str, str]]:
    """Of one condition: the table, and the condition as lists have it."""
    kind = node.get("type")
    asked: list[tuple[Any, Op, Any]] = []
    if node.get("class") == "COMPARISON" and kind in _OPS:
        op = _OPS[str(kind)]
        asked = [(node.get("left"), op, node.get("right")), (node.get("right"), _TURNED[op], node.get("left"))]
    elif node.get("class") == "BETWEEN" and kind == "COMPARE_BETWEEN":
        asked = [(node.get("input"), "gte", node.get("lower")), (node.get("input"), "lte", node.get("upper"))]
    for at, op, constant in asked:
        if (found := resolved(at)) and (value := _constant(constant)) is not None:
            for name, text in _said(found[1], op, value, zone, token):
                yield found[0], name, text


def _constant(node: Any) -> tuple[str, str] | None:
    """Kind and text of a constant, also of one that is said to be a moment."""
    if not isinstance(node, Mapping):
        return None
    if node.get("class") == "CAST" and str((node.get("type_expr") or {}).get("type_name")).upper() in _MOMENTS:
        inner = _constant(node.get("child"))
        return inner if inner and inner[0] == "STRING" else None
    literal = node.get("literal")
    if node.get("class") != "CONSTANT" or not isinstance(literal, Mapping) or not isinstance(literal.get("text"), str):
        return None
    return str(literal.get("kind")), str(literal["text"])


def _said(column: Column, op: Op, constant: tuple[str, str], zone: str, token: Token) -> Iterator[tuple[str, str]]:
    of, text = constant
    if column.kind == "time":
        yield from _span(column, op, text, zone, token) if of == "STRING" else ()
        return
    whole = of == "INTEGER" and bool(_NUMBER.match(text))
    fits = {
        "text": of == "STRING" and op == "eq", "boolean": of == "BOOLEAN" and op == "eq",
        "integer": whole, "number": whole, "date": of == "STRING" and bool(_DAY.match(text)),
    }  # fmt: skip
    if fits.get(column.kind) and len(text) <= 400 and (said := _pushed(column, op, text, token)):
        yield said


def _pushed(column: Column, op: Op, value: str, token: Token) -> tuple[str, str] | None:
    try:
        return pushed(column, ConditionIn(column=column.name, op=op, value=value), token)
    except (Refused, ValueError):
        return None  # what no record can hold, the engine does not find either


def _span(column: Column, op: Op, text: str, zone: str, token: Token) -> Iterator[tuple[str, str]]:
    """A moment as bounds that are a little wider; one without a zone is the port's."""
    try:
        moment = datetime.fromisoformat(text.strip())
        slack = SLACK if moment.tzinfo else UNZONED
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
        bounds = {"gte": moment - slack, "lte": moment + slack}
    except (ValueError, OverflowError):
        return
    for way in {"eq": ("gte", "lte"), "gt": ("gte",), "gte": ("gte",), "lt": ("lte",), "lte": ("lte",)}[op]:
        if said := _pushed(column, cast("Op", way), bounds[way].isoformat(), token):
            yield said
