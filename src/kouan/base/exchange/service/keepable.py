"""What has the right type and still cannot be kept: characters, numbers, times and keys beyond the store's range."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kouan.kernel.errors import Problem
from kouan.kernel.records import Record
from kouan.kernel.store.making import ref_of
from kouan.kernel.text import Text

DEEPEST = 32
WIDEST = 2**63
EARLIEST, LATEST = 1900, 2200
MOST = 100

NUL = Text("含有空字符", "Holds a null character")
SURROGATE = Text("含有无效字符", "Holds a character that is none")
RANGE = Text("数字超出可保存的范围", "A number beyond the range that can be kept")
ZONE = Text("时间应带时区", "A time needs its time zone")
YEAR = Text(f"年份应在 {EARLIEST} 至 {LATEST} 之间", f"The year must lie between {EARLIEST} and {LATEST}")
DEEP = Text(f"嵌套超过 {DEEPEST} 层", f"Nested deeper than {DEEPEST} levels")
KEY = Text("自然键过长或含有空白以外的控制字符", "The natural key is too long or holds control characters")


def unkeepable(record: Record, filer: str) -> tuple[Problem, ...]:
    """Why a well-typed record cannot be stored, at most 100 reasons; empty when it can."""
    found = [
        Problem(f"structure.{rule}", path, rule, reason)
        for (path, rule, reason), _ in zip(_values(record.model_dump(), ""), range(MOST), strict=False)
    ]
    try:
        ref_of(record, record.key(filer))
    except ValueError:
        named = [part for part in record.facts.key if part != "@filer"]
        found.append(Problem("structure.key", named[0] if named else "", "key", KEY))
    return tuple(found)


Wrong = tuple[str, str, Text]


def _values(value: Any, path: str, depth: int = 0) -> Iterator[Wrong]:
    if depth > DEEPEST:
        yield path, "depth", DEEP
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _text(str(name), path)
            yield from _values(part, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list | tuple):
        for at, part in enumerate(value):
            yield from _values(part, f"{path}.{at}", depth + 1)
    else:
        yield from _one(value, path)


def _one(value: Any, path: str) -> Iterator[Wrong]:
    if isinstance(value, str):
        yield from _text(value, path)
    elif isinstance(value, datetime):
        yield from _moment(value, path)
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, "finite_number", RANGE
    elif isinstance(value, int | Decimal) and not _in_range(value):
        yield path, "range", RANGE


def _in_range(value: int | Decimal) -> bool:
    if isinstance(value, int):
        return -WIDEST <= value < WIDEST
    return value.is_finite() and abs(value.adjusted()) <= 30


def _text(value: str, path: str) -> Iterator[Wrong]:
    if "\x00" in value:
        yield path, "null_character", NUL
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        yield path, "surrogate", SURROGATE


def _moment(value: datetime, path: str) -> Iterator[Wrong]:
    if value.tzinfo is None:
        yield path, "timezone_aware", ZONE
    elif not EARLIEST <= value.year <= LATEST:
        yield path, "year", YEAR
