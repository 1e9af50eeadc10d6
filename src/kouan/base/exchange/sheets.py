"""Rows of a sheet as drafts of a record type: cells by title or name, made what the fields are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin

import orjson
from pydantic import BaseModel

from kouan.base.exchange.codecs.sheet import Row
from kouan.base.exchange.examples import bare, exampled, listed, part_of
from kouan.kernel.errors import Problem
from kouan.kernel.formats import Draft, Submission, Unread
from kouan.kernel.records import Record, record_type
from kouan.kernel.text import Text

MOST_ROWS = 20_000
_LIST = re.compile(r"[;;,、,\n]+")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2})?)?")
_ZONED = re.compile(
    r"([0-9]{4}-?[0-9]{2}-?[0-9]{2})[T ]+([0-9]{2}:?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]{1,6})?)?) *(Z|[+-][0-9]{2}:?[0-9]{2})"
)
_TRUTH = {"true": True, "yes": True, "是": True, "1": True, "false": False, "no": False, "否": False, "0": False}
_COMMA = re.compile(r"[+-]?[0-9.]*,[0-9.,]*")
COMMA = Text(
    "以分号分隔的文件中，数字里的逗号可能是小数点，也可能是千位分隔符；请用“.”作小数点，不用千位分隔符",
    "In a file parted by semicolons a comma in a number may be the decimal sign or part thousands: write a point, and no thousands",
)
CELL = Text("单元格应为 JSON 列表或对象", "This cell must hold a JSON list or object")


@cache
def headers(record: str) -> Mapping[str, str]:
    """Header texts of a record type and the fields that they name: field names, both titles, and the two together."""
    cls = record_type(record)
    found: dict[str, str] = {}
    for name, facts in cls.fields.items():
        for text in (f"{facts.title.zh} / {facts.title.en}", facts.title.zh, facts.title.en):
            found.setdefault(text, name)
    return {**found, **{name: name for name in cls.fields}}


def parts(record: str, rows: Iterable[Row]) -> Iterator[Submission | Unread]:
    """Each row as one submission, or as unread with what is wrong where."""
    cls = record_type(record)
    for row in rows:
        position = f"row {row.number}"
        data, problems = _data(cls, row, position)
        if problems:
            yield Unread(tuple(problems), position)
        else:
            yield Submission((Draft(record, data, position),), position)


def _data(cls: type[Record], row: Row, position: str) -> tuple[dict[str, Any], list[Problem]]:
    data: dict[str, Any] = {}
    problems = list(row.problems)
    for name, value in row.values.items():
        if row.commas and _number_with_comma(cls.model_fields[name].annotation, value):
            problems.append(Problem("sheet.comma", name, "number", COMMA, placed(cls, name, position)))
            continue
        try:
            data[name] = cell(cls.model_fields[name].annotation, value)
        except ValueError:
            problems.append(Problem("sheet.cell", name, "json", CELL, placed(cls, name, position)))
    return data, problems


def _number_with_comma(annotation: Any, value: Any) -> bool:
    return bare(annotation) in (int, float, Decimal) and isinstance(value, str) and _COMMA.fullmatch(value) is not None


def placed(cls: type[Record], field: str, position: str) -> str:
    """The place of a field's cell: row and column by its Chinese title."""
    facts = cls.fields.get(field.partition(".")[0])
    return f"{position}, column {facts.title.zh}" if facts else position


def cell(annotation: Any, value: Any) -> Any:
    """A cell's value as a field takes it. Raises ValueError for a nested value that is no JSON."""
    kind = bare(annotation)
    if listed(annotation) or kind is dict or get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return _nested(annotation, value)
    if get_origin(kind) is Literal:
        return next((choice for choice in get_args(kind) if str(choice) == str(value)), value)
    if kind is bool:
        return _TRUTH.get(str(value).strip().lower(), value)
    if kind is datetime:
        return moment(value)
    if kind is date:
        found = moment(value)
        return found.date() if isinstance(found, datetime) else found
    if kind in (int, float, Decimal) and isinstance(value, str):
        plain = unicodedata.normalize("NFKC", value)
        return plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain
    if kind is str and not isinstance(value, str):
        return value.isoformat() if isinstance(value, date | time) else str(value)
    return value


def _nested(annotation: Any, value: Any) -> Any:
    text = str(value).strip()
    if text.startswith(("[", "{")):
        found = orjson.loads(text)
        return [found] if listed(annotation) and isinstance(found, dict) else found
    if not listed(annotation) or part_of(annotation) is not None:
        raise ValueError("a nested value is written as JSON")
    return [part.strip() for part in _LIST.split(text) if part.strip()]


def moment(value: Any) -> Any:
    """A date or time as people and systems write it (2026年11月23日, 2026-11-23 9:30, 202611230930, 20261123T0930+0800).

    Without zone it is the port's own, which the intake adds.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if zoned := _ZONED.fullmatch(text):
        day, hour, zone = zoned.groups()
        return _or_as_it_is(value, f"{day}T{hour}{zone}" if ("-" in day) == (":" in hour) else "")
    found = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return value
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return _or_as_it_is(value, f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")


def _or_as_it_is(value: Any, text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return value


@cache
def tables() -> tuple[tuple[type[Record], tuple[str, ...], tuple[Any, ...]], ...]:
    """For every record type with an example: the header and one row of a sheet."""
    found = []
    for cls, example in exampled():
        names = [name for name in cls.fields if name in example]
        titles = tuple(f"{cls.fields[name].title.zh} / {cls.fields[name].title.en}" for name in names)
        found.append((cls, titles, tuple(_written(example[name]) for name in names)))
    return tuple(found)


def _written(value: Any) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return ";".join(value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list | tuple) else value
