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
    """What a statement names, in lower case: sources that may be tables, with the aliases by which they go; columns, each as the path that
    names it; of which sources it takes all columns (`""`: of all)."""

    tables: set[str] = field(default_factory=set)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        """All names that may be columns."""
        return {name for path in self.paths for name in path}

    def names_of(self, table: str) -> set[str]:
        """The names that may be columns of a table: what is said of another by its alias is not."""
        return {name for path in self.paths for name in (path if self._may_be(path[0], table) or len(path) == 1 else path[:1])}

    def everything_of(self, table: str) -> bool:
        """Whether all columns of a table may be taken."""
        return any(self._may_be(one, table) for one in self.whole)

    def _may_be(self, alias: str, table: str) -> bool:
        return table in self.aliases.get(alias, {table})


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
    for node in nodes(statements[0]):
        _judged(node, read)
    read.tables = set(_outside(statements[0]))
    return read


def _outside(tree: Any) -> Iterator[str]:
    """The sources of a statement that are no part of itself (`with`): a part's name counts where the part is known, and there alone."""
    waiting: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        value, known = waiting.pop()
        if isinstance(value, dict):
            if value.get("type") == "BASE_TABLE" and value.get("class") is None and _name(value) not in known:
                yield _name(value)
            if value.get("type") in ("CTE_NODE", "RECURSIVE_CTE_NODE"):
                known |= {str(value.get("cte_name", "")).lower()}
            for one in (value.get("cte_map") or {}).get("map") or ():
                waiting.append((one.get("value"), known))
                known |= {str(one.get("key", "")).lower()}
            waiting += [(part, known) for key, part in value.items() if key != "cte_map"]
        elif isinstance(value, list):
            waiting += [(part, known) for part in value]


def _name(node: Mapping[str, Any]) -> str:
    return ".".join(path_of(node)).lower()


def nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """All nodes of a tree. Refused when it is too deep."""
    waiting = [(tree, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise errors.refused(errors.UNREADABLE, "sql", "depth", said="nested too deeply")
        if isinstance(value, dict):
            yield value
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(part, depth + 1) for part in parts if isinstance(part, dict | list)]


def _judged(node: Mapping[str, Any], read: Read) -> None:
    kind, of = node.get("type"), node.get("class")
    if of is not None:
        _expression(str(of), node, read)
    elif isinstance(kind, str):
        _source(kind, node, read)


def _expression(of: str, node: Mapping[str, Any], read: Read) -> None:
    if of not in CLASSES:
        raise _not_allowed(of)
    path = path_of(node)
    if "function_name" in node and str(node["function_name"]).lower() not in FUNCTIONS:
        raise _not_allowed(str(node["function_name"]))
    if len(path) > 1 or node.get("schema") or node.get("catalog"):
        raise _not_allowed(".".join(path))
    if of == "COLUMN_REF":
        read.paths |= {tuple(str(name).lower() for name in node.get("column_names") or ())} - {()}
    elif of == "STAR":
        read.whole.add(str(node.get("relation_name") or "").lower())


def _source(kind: str, node: Mapping[str, Any], read: Read) -> None:
    if kind not in NODES | SOURCES | OTHER and not kind.endswith("_TYPE_INFO"):
        raise _not_allowed(kind)
    if kind == "BASE_TABLE":
        if len(path_of(node)) > 1:  # No table has a schema; a part of the statement may have a name with points.
            raise errors.no_table(_name(node), "sql")
        name = _name(node)
        read.aliases.setdefault(str(node.get("alias") or name).lower(), set()).add(name)
        read.aliases.setdefault(name, set()).add(name)
    elif kind == "JOIN":
        read.paths |= {(str(name).lower(),) for name in node.get("using_columns") or ()}
        read.whole |= {""} if node.get("ref_type") == "NATURAL" else set()
    elif kind == "TABLE_FUNCTION":
        name = str((node.get("function") or {}).get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise _not_allowed(name)


def path_of(node: Mapping[str, Any]) -> list[str]:
    """The name of a table or function with what it stands in, outermost first."""
    return [str(part) for part in (node.get("qualified_name") or {}).get("path") or ()]


def _not_allowed(name: str) -> Exception:
    return errors.refused(errors.NOT_ALLOWED, "sql", "allowed", name=name[:60])
