"""Which SQL may run: one SELECT, out of parts and functions that are listed here; what is not listed is refused, whatever it is.

It judges the tree that the engine's own parser made of the statement, so that no other reading of it exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kouan.base.query import errors
from kouan.base.query.functions import FUNCTIONS, TABLE_FUNCTIONS

CLASSES = frozenset({
    "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR",
    "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW", "COLLATE",
})  # fmt: skip
NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
SOURCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EMPTY_FROM", "EXPRESSION_LIST", "CTE"})
OTHER = frozenset({
    "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
    "ORDER_INVALID", "INVALID",
})  # fmt: skip
DEEPEST = 600


@dataclass(slots=True)
class Read:
    """What a statement names, in lower case: sources that may be tables, all names that may be columns, whether it takes all columns."""

    tables: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    everything: bool = False


def judge(tree: Mapping[str, Any]) -> Read:
    """What a statement reads; Refused when it is no single SELECT, or uses what is not allowed."""
    if tree.get("error"):
        said = str(tree.get("error_message") or "").partition("\n")[0][:300] or "?"
        if "select statements can be serialized" in said.lower():
            raise errors.refused(errors.NOT_SELECT, "sql", "statement")
        raise errors.refused(errors.UNREADABLE, "sql", "syntax", said=said)
    statements = tree.get("statements") or []
    if len(statements) != 1:
        raise errors.refused(errors.NOT_ONE, "sql", "statement")
    read = Read()
    own: set[str] = set()
    for node in _nodes(statements[0]):
        _judged(node, read, own)
    read.tables -= own
    return read


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [(tree, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise errors.refused(errors.UNREADABLE, "sql", "depth", said="nested too deeply")
        if isinstance(value, dict):
            yield value
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(part, depth + 1) for part in parts if isinstance(part, dict | list)]


def _judged(node: Mapping[str, Any], read: Read, own: set[str]) -> None:
    kind, of = node.get("type"), node.get("class")
    if of is not None:
        _expression(str(of), node, read)
    elif isinstance(kind, str):
        _source(kind, node, read)
    if isinstance(made := node.get("cte_map"), dict):
        own |= {str(one.get("key", "")).lower() for one in made.get("map") or ()}


def _expression(of: str, node: Mapping[str, Any], read: Read) -> None:
    if of not in CLASSES:
        raise _not_allowed(of)
    path = _path(node)
    if "function_name" in node and str(node["function_name"]).lower() not in FUNCTIONS:
        raise _not_allowed(str(node["function_name"]))
    if len(path) > 1 or node.get("schema") or node.get("catalog"):
        raise _not_allowed(".".join(path))
    if of == "COLUMN_REF":
        read.names |= {str(name).lower() for name in node.get("column_names") or ()}
    elif of == "STAR":
        read.everything = True


def _source(kind: str, node: Mapping[str, Any], read: Read) -> None:
    if kind not in NODES | SOURCES | OTHER and not kind.endswith("_TYPE_INFO"):
        raise _not_allowed(kind)
    if kind == "BASE_TABLE":
        read.tables.add(".".join(_path(node)).lower())
    elif kind == "JOIN":
        read.names |= {str(name).lower() for name in node.get("using_columns") or ()}
        read.everything = read.everything or node.get("ref_type") == "NATURAL"
    elif kind == "TABLE_FUNCTION":
        name = str((node.get("function") or {}).get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise _not_allowed(name)


def _path(node: Mapping[str, Any]) -> list[str]:
    """The name of a table or function with what it stands in, outermost first."""
    return [str(part) for part in (node.get("qualified_name") or {}).get("path") or ()]


def _not_allowed(name: str) -> Exception:
    return errors.refused(errors.NOT_ALLOWED, "sql", "allowed", name=name[:60])
