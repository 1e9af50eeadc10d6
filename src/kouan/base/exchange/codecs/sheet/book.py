"""Workbooks of several sheets: values by sheet, and back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # the package carries no types

from kouan.base.exchange.codecs.sheet import faults, xlsx_guard

MOST_SHEETS = 40


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and its cells by row; `bold`: how many rows at its top are headers."""

    name: str
    rows: Sequence[Sequence[object]]
    bold: int = 1


def read_book(body: bytes, *, most: int) -> list[Sheet]:
    """All sheets of an XLSX. Raises CodecError for a damaged file, one that unpacks to too much, and too many rows."""
    xlsx_guard.check(body)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(body))
        names = book.sheet_names[:MOST_SHEETS]
        found = [Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (CalamineError, ValueError, OSError, KeyError, IndexError) as wrong:
        raise faults.XLSX.error("", found=str(wrong)) from None
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # what the library raises where it did not expect a file's damage
            raise
        raise faults.XLSX.error("", found="damaged") from None
    if long := next((sheet for sheet in found if len(sheet.rows) > most), None):
        raise faults.ROWS.error(f"sheet {long.name[:31]}, row {most + 1}", most=most)
    return found


def to_book(sheets: Sequence[Sheet]) -> bytes:
    """XLSX of several sheets. Text is text, never a formula or a link."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, {"in_memory": True, **options}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(sheet.bold, 0)
            for number, row in enumerate(sheet.rows):
                for column, cell in enumerate(row):
                    page.write_string(number, column, str(cell), bold if number < sheet.bold else None)
            for column in range(max((len(row) for row in sheet.rows), default=0)):
                page.set_column(column, column, _width([row[column] for row in sheet.rows if column < len(row)]))
    return out.getvalue()


def _width(cells: Sequence[object]) -> int:
    return min(48, max(10, *(sum(2 if ord(c) > 0x2E7F else 1 for c in str(cell)) + 2 for cell in cells)))
