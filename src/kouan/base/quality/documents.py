"""Documents as columns of text: what a check sees of a record's fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.quality.engine import ROW


def columns_of(fields: Iterable[str], documents: Sequence[Mapping[str, Any]]) -> pa.Table:
    """A table with a column of text for each field and the row's number from 1. Nested values are JSON."""
    held = {name: pa.array([_text(one.get(name)) for one in documents], pa.string()) for name in fields}
    return pa.table({ROW: pa.array(range(1, len(documents) + 1), pa.int64()), **held})


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        # What cannot be written as UTF-8 is no text; the record's own structure refuses it.
        return value.encode("utf-8", "replace").decode().replace("\0", "") if value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return orjson.dumps(value, default=str).decode() if value else "[]"
    return str(value)
