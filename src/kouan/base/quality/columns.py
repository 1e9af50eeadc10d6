"""Checks as expressions over columns, in DuckDB's SQL: true where a row is at fault. Columns are text, or typed as they lie.

Every name is quoted and every value a literal of its own, so that nothing a steward or a file states can act.
"""

from __future__ import annotations

from kouan.base.quality.checks import Check
from kouan.base.quality.digits import SHAPES

_BASE = {
    "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "moment": "TIMESTAMPTZ", "day": "DATE",
}  # fmt: skip
TYPES = frozenset(_BASE)

def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal; control characters, which no name or value of ours has, are dropped."""
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def sql(template: str, **parts: object) -> str:
    """A statement with its parts put in: names that are quoted, literals, and expressions made of these."""
    return template.format(**parts)


def of_number(check: Check, column: str, *, whole: bool) -> str | None:
    """`fault` for a column that is of numbers already; None where it must be looked at as text."""
    match check.kind:
        case "required":
            return f"({column} is null)"
        case "range":
            return f"({column} is not null and not coalesce({_between(column, check)}, false))"
        case "type" if check.about == "number" or (check.about == "integer" and whole):
            return "false"
        case _:
            return None


def fault(check: Check, column: str, other: str = "") -> str:
    """The expression that is true where a row does not hold a check. `column` and `other` are expressions of text.

    Tables named `bad_…`, `twice_…` and `known_…` after the check's code are filled by the engine beforehand.
    """
    stands = f"({column} is not null and {column} <> '')"
    if check.kind == "required":
        # To trim costs ten times as much as to see that there is nothing to be trimmed: a blank comes before "!".
        return f"(case when {column} < '!' or {column} like '[]%' then trim({column}) in ('', '[]') else {column} is null end)"
    return f"({stands} and {_wrong(check, column, other)})"


def _wrong(check: Check, column: str, other: str) -> str:
    number, moment = f"try_cast({column} as DOUBLE)", f"try_cast({column} as TIMESTAMPTZ)"
    match check.kind:
        case "pattern":
            return f"not regexp_full_match({column}, {literal(check.pattern)})"
        case "codes":
            return f"{column} not in ({', '.join(literal(value) for value in check.values) or 'null'})"
        case "code_list" | "exists":
            return sql("{column} not in (select v from {known})", column=column, known=table("known", check))
        case "range":
            return f"not coalesce({_between(number, check)}, false)"
        case "length":
            return f"length({column}) > {int(check.high or 0)}"
        case "type":
            return f"try_cast({column} as {_BASE[check.about]}) is null"
        case "not_future":
            return f"coalesce({moment} > now_at() + to_seconds({(check.high or 0) * 60!r}), false)"
        case "not_older":
            return f"coalesce({moment} < now_at() - to_seconds({(check.low or 0) * 86400!r}), false)"
        case "equal":
            return f"{column} is distinct from {other}"
        case "unique":
            return sql('"_row" in (select r from {twice})', twice=table("twice", check))
        case _:
            return _digit(check, column)


def _between(number: str, check: Check) -> str:
    parts = [f"{number} >= {check.low!r}"] if check.low is not None else []
    parts += [f"{number} <= {check.high!r}"] if check.high is not None else []
    return " and ".join(parts) or f"{number} is not null"


def bare(column: str) -> str:
    """A column of identifiers in capitals, without blanks and hyphens."""
    return f"upper(replace(replace({column}, ' ', ''), '-', ''))"


def _digit(check: Check, column: str) -> str:
    if check.about not in SHAPES:
        return sql("{column} in (select v from {bad})", column=column, bad=table("bad", check))
    return sql('"_row" in (select v from {bad})', bad=table("bad", check))


def numbered(check: Check, column: str) -> str:
    """Where a row states a number that has a check digit: what names a ship by MMSI or call sign has none."""
    stands = f"{column} <> ''"
    return stands if check.about != "imo" else f"{stands} and regexp_matches({bare(column)}, '^(VESSEL:)?(IMO:?)?[0-9]+$')"


def table(what: str, check: Check) -> str:
    """The name of a table that stands beside a check; checks that ask the same of the same share one."""
    name = {"known": f"list {check.about}" if check.kind == "code_list" else check.code, "bad": f"{check.about} {check.field}"}
    return quoted(f"{what}_{name.get(what, check.code)}")
