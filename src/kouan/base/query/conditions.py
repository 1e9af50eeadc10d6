"""Conditions of a built query: values checked against their column and bound, and those that can be asked of the store at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kouan.base.query import errors
from kouan.base.query.asked import ConditionIn
from kouan.base.query.tables import Column, Kind
from kouan.kernel.errors import Refused
from kouan.kernel.references import ANY, full, make
from kouan.kernel.store.reading import typed

Token = Callable[[str], str]
_SIGNS = {"eq": "=", "ne": "is distinct from", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_PUSHED = {"eq": "", "lt": ".lt", "lte": ".lte", "gt": ".gt", "gte": ".gte"}
_STORED: Mapping[Kind, str] = {
    "integer": "bigint", "number": "double precision", "decimal": "numeric", "boolean": "boolean", "date": "date", "time": "timestamptz",
}  # fmt: skip
_CAST: Mapping[Kind, str] = {
    "integer": "bigint", "number": "double", "decimal": "decimal(38, 9)", "boolean": "boolean", "date": "date", "time": "timestamptz",
}  # fmt: skip
_ALWAYS = frozenset({"empty", "filled"})
_OPS: Mapping[Kind, frozenset[str]] = {
    "text": frozenset({"eq", "ne", "in", "begins", "contains", "lt", "lte", "gt", "gte"}),
    "boolean": frozenset({"eq", "ne", "in"}),
    "list": frozenset({"has", "in"}),
    "json": frozenset({"contains"}),
}
_ORDERED = frozenset({"eq", "ne", "in", "lt", "lte", "gt", "gte"})


@dataclass(slots=True)
class Values:
    """The values of a statement, as texts, in the order of their places."""

    texts: list[str] = field(default_factory=list)

    def bind(self, text: str, kind: Kind) -> str:
        """The place of a value, as its type."""
        self.texts.append(text)
        cast = _CAST.get(kind)
        return f"cast(? as {cast})" if cast else "?"


def condition(column: Column, at: str, asked: ConditionIn, place: str, values: Values, token: Token) -> str:
    """The SQL of a condition on a column (its expression `at`); Refused when operator or value do not fit."""
    if asked.op not in _ALWAYS | _OPS.get(column.kind, _ORDERED):
        raise errors.refused(errors.NO_OP, f"{place}.op", "op", name=column.name, op=asked.op)
    if asked.op == "empty":
        return f"({at} is null or len({at}) = 0)" if column.kind == "list" else f"{at} is null"
    if asked.op == "filled":
        return f"({at} is not null and len({at}) > 0)" if column.kind == "list" else f"{at} is not null"
    texts = _texts(column, asked, place, token)
    if asked.op in ("in", "has") and column.kind == "list":
        return f"list_has_any({at}, [{', '.join(values.bind(text, 'text') for text in texts)}])"
    if asked.op == "in":
        return f"{at} in ({', '.join(values.bind(text, column.kind) for text in texts)})"
    if asked.op == "begins":
        return f"starts_with({at}, {values.bind(texts[0], 'text')})"
    if asked.op == "contains":
        return f"contains(lower(cast({at} as varchar)), lower({values.bind(texts[0], 'text')}))"
    return f"{at} {_SIGNS[asked.op]} {values.bind(texts[0], column.kind)}"


def _texts(column: Column, asked: ConditionIn, place: str, token: Token) -> list[str]:
    given = asked.value if isinstance(asked.value, list) else [asked.value]
    if not given or any(one is None for one in given) or (asked.op not in ("in", "has") and isinstance(asked.value, list)):
        raise errors.refused(errors.NO_VALUE, f"{place}.value", "value", name=column.name)
    try:
        texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in given]
        for text in texts:
            typed(text, _STORED.get("text" if column.kind == "list" else column.kind, "text"), column.name)
        return [_spelled(column, text, asked.op, token) for text in texts]
    except (Refused, ValueError, OverflowError):
        raise errors.refused(errors.NO_VALUE, f"{place}.value", "value", name=column.name) from None


def _spelled(column: Column, text: str, op: str, token: Token) -> str:
    """A value as it is kept: a time with its zone, a reference in its one spelling, a person's as its token."""
    if column.kind == "time":
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC).isoformat()
    if column.personal:
        if op not in ("eq", "ne", "in", "has"):
            raise ValueError
        return token(make(column.reference, text))
    if column.reference == ANY:
        return full(text) if op in ("eq", "ne", "in", "has") else text
    if not column.reference or op == "contains":
        return text
    if op == "begins":
        return text if text.startswith(f"{column.reference}:") else f"{column.reference}:{text.strip().upper()}"
    return make(column.reference, text)


def pushed(column: Column, asked: ConditionIn, token: Token) -> tuple[str, str] | None:
    """A condition as the store's lists ask it (name, text), where they can; it narrows what is loaded, and is asked again afterwards."""
    meta = column.source == "row" and column.name in ("state", "ref", "filed_at", "updated_at")
    if asked.op not in _PUSHED or column.level > 2 or column.personal or isinstance(asked.value, list) or column.kind in ("list", "json"):
        return None
    if not meta and not (column.source == "field" and column.filter and column.of == column.name):
        return None
    if column.name == "state" and asked.op != "eq":
        return None
    return f"{column.of}{_PUSHED[asked.op]}", _texts(column, asked, "where", token)[0]
