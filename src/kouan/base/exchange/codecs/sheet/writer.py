"""Rows to CSV and XLSX, so that nothing in a cell can act in a spreadsheet program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # the package carries no types

from kouan.base.exchange.codecs.sheet import faults
from kouan.base.exchange.codecs.sheet.header import FORMULA

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LAST_ROW = 1_048_576
_LONGEST = 32_767
_WIDEST, _MEASURED = 40, 200
"""The widest column, in digits; how many rows are looked at for it."""


def guarded(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet program might take it for a formula."""
    if not text.lstrip("'").startswith(tuple(FORMULA)) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def to_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV after RFC 4180, UTF-8 with byte order mark. Times in ISO 8601; None is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([guarded(header) for header in headers])
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else _plain(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig", "replace")


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float | Decimal):
        return str(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return guarded(str(cell))


def to_xlsx(headers: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "Sheet1") -> bytes:
    """XLSX with one sheet, header frozen, written row by row. Text is text, never a formula or a link.

    Times with a zone are written in ISO 8601, as the format has no zones; texts over 32,767 characters, the
    format's limit, are cut. Raises CodecError for more rows than a sheet holds.
    """
    out = io.BytesIO()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with Workbook(out, options) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Sheet1")
        bold = book.add_format({"bold": True})
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        coming = iter(rows)
        first = list(islice(coming, _MEASURED))
        for column, header in enumerate(headers):
            widest = max((_width(_shown(row[column])) for row in first if column < len(row)), default=0)
            sheet.set_column(column, column, min(_WIDEST, max(10, _width(header) + 2, widest + 2)))
            sheet.write_string(0, column, header, bold)
        for number, row in enumerate(chain(first, coming), 1):
            if number >= _LAST_ROW:
                raise faults.ROWS.error(f"row {number + 1}", most=_LAST_ROW)
            for column, cell in enumerate(row):
                _put(sheet, number, column, cell, day, moment)
    return out.getvalue()


def _shown(cell: object) -> str:
    """What a cell takes up, about."""
    return "" if cell is None else cell.isoformat(" ")[:16] if isinstance(cell, datetime) else str(cell)[:_WIDEST]


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _put(sheet: Any, row: int, column: int, cell: object, day: Any, moment: Any) -> None:
    match cell:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case int() if abs(cell) >= 2**53:  # a spreadsheet would round it
            sheet.write_string(row, column, str(cell))
        case int() | float() | Decimal():
            sheet.write_number(row, column, cell)
        case datetime() if cell.tzinfo is None and cell.year >= 1900:
            sheet.write_datetime(row, column, cell, moment)
        case date() if not isinstance(cell, datetime) and cell.year >= 1900:
            sheet.write_datetime(row, column, cell, day)
        case datetime() | date() | time():
            sheet.write_string(row, column, cell.isoformat())
        case _:
            sheet.write_string(row, column, str(cell)[:_LONGEST])
