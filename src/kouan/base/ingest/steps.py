"""Conversions of a column: a small closed set, as expressions of DuckDB or by each different value once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.ingest.lookups import resolved
from kouan.base.ingest.records import Step
from kouan.base.quality.api import literal

SPACES = " \t\r\n\u3000\u00a0\ufeff"
NOTHING = ("", "-", "--", "n/a", "na", "null", "none", "nil", "无", "空", "/", "不详", "未知")
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y")
MOMENTS = tuple(f"{day}{sep}{time}" for day in DAYS for sep in (" ", "T") for time in ("%H:%M:%S", "%H:%M"))
MOMENTS += ("%Y年%m月%d日%H时%M分", "%Y%m%d%H%M%S", "%Y%m%d%H%M")  # fmt: skip
"""Dates that can be read in one way only. One whose day and month could change places needs its format stated."""
UNITS: dict[str, tuple[str, float]] = {
    "kg": ("mass", 1.0), "千克": ("mass", 1.0), "公斤": ("mass", 1.0), "t": ("mass", 1000.0), "吨": ("mass", 1000.0), "g": ("mass", 0.001),
    "lb": ("mass", 0.45359237), "m": ("length", 1.0), "米": ("length", 1.0), "cm": ("length", 0.01), "mm": ("length", 0.001),
    "km": ("length", 1000.0), "nm": ("length", 1852.0), "海里": ("length", 1852.0), "ft": ("length", 0.3048), "m3": ("volume", 1.0),
    "立方米": ("volume", 1.0), "l": ("volume", 0.001), "升": ("volume", 0.001), "kn": ("speed", 1852 / 3600), "节": ("speed", 1852 / 3600),
    "m/s": ("speed", 1.0), "km/h": ("speed", 1 / 3.6),
}  # fmt: skip
"""Units by their kind and how many of its base unit they are (SI Brochure 9, tables 2 and 8; pound and foot by their definition)."""
_ISO = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?"
_NUMBER = r"^\s*([-+]?[0-9][0-9,]*\.?[0-9]*)\s*(.*?)\s*$"


def expression(step: Step, column: str) -> str | None:
    """The step as an expression over a column of text; None of dates, trimming, and steps that go by values."""
    match step.do:
        case "upper" | "lower":
            return f"{step.do}({column})"
        case "blank":
            return f"case when lower(trim({column})) in ({', '.join(literal(mark) for mark in NOTHING)}) then null else {column} end"
        case "unit":
            return _unit(step, column)
        case "split":
            part = int(step.b or 1) if (step.b or "1").isdigit() else 1
            return f"nullif(trim(split_part({column}, {literal(step.a or ';')}, {part})), '')"
        case _:
            return None


def stated(step: Step) -> tuple[str, ...]:
    """The formats that a date may have."""
    return tuple(part for part in (step.a or "").split("|") if part) or (*DAYS, *MOMENTS)


def shape(column: str) -> str:
    """What a date looks like without its digits: a piece has few shapes, and only their formats are tried on all of it."""
    return f"regexp_replace(trim({column}, {literal(SPACES)}), '[0-9]', '9', 'g')"


def trimmed(column: Any) -> Any:
    """A column of text without blanks around; DuckDB's trim of more than a blank costs fifty times as much."""
    return pc.utf8_trim(column, characters=SPACES)


def bare(column: Any) -> Any:
    """The step `trim`: what is only blanks becomes nothing."""
    found = trimmed(column)
    blank = pc.equal(found, "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), found) if pc.any(blank).as_py() else found


def moments(column: str, formats: Sequence[str]) -> str:
    """The moments of a column of trimmed text that have one of some formats, without zone; null of all others."""
    return _parsed(column, [one for one in formats if "%H" in one])


def dated(column: str, bare: str, moment: str, formats: Sequence[str]) -> str:
    """A column of dates after ISO 8601, where `bare` is the same one trimmed, and `moment` one of their moments in UTC; what is no
    date stays as it is."""
    day = _parsed(bare, [one for one in formats if "%H" not in one])
    return (
        f"case when {moment} is not null then strftime({moment}, '%Y-%m-%dT%H:%M:%SZ') "
        f"when {bare} similar to {literal(_ISO)} then {bare} "
        f"when {day} is not null then strftime({day}, '%Y-%m-%d') else {column} end"
    )


def _parsed(column: str, formats: Sequence[str]) -> str:
    return f"try_strptime({column}, [{', '.join(literal(one) for one in formats)}])" if formats else "null::timestamp"


def _unit(step: Step, column: str) -> str:
    kind, out = UNITS[step.b or "kg"]
    factors = " ".join(f"when {literal(name)} then {value / out!r}" for name, (own, value) in UNITS.items() if own == kind)
    given = f"lower(regexp_extract({column}, {literal(_NUMBER)}, 2))"
    number = f"try_cast(replace(regexp_extract({column}, {literal(_NUMBER)}, 1), ',', '') as DOUBLE)"
    factor = f"(case coalesce(nullif({given}, ''), {literal((step.a or step.b or 'kg').lower())}) {factors} end)"
    written = f"rtrim(rtrim(printf('%.6f', {number} * {factor}), '0'), '.')"
    return f"coalesce(case when {number} is not null and {factor} is not null then {written} end, {column})"


def lookup(step: Step) -> Callable[[str], str]:
    """The step as a function of one value, for those that go by values; what is not known stays as it is."""
    if step.do == "code":
        name = step.a or "locode"
        return lambda value: resolved(name, value) or value
    table = step.table
    return lambda value: table.get(value, table.get(value.strip(), value))


def by_value(step: Step, column: Any) -> Any:
    """A column with each different value looked up once."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    look = lookup(step)
    values = pa.array([look(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return values.take(encoded.indices)
