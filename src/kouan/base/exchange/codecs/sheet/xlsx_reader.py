"""XLSX to rows: the first sheet, values only; formulas give what they last came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from kouan.base.exchange.codecs.sheet import faults, xlsx_guard
from kouan.base.exchange.codecs.sheet.csv_reader import MOST_ROWS
from kouan.base.exchange.codecs.sheet.header import Columns, Row, match, rows


def read_xlsx(body: bytes, headers: Mapping[str, str], *, most: int = MOST_ROWS) -> tuple[Columns, Iterator[Row]]:
    """(columns, rows) of an XLSX. `headers` maps header texts and field names to fields.

    Dates are dates, numbers numbers; times carry no zone, as the file has none. Raises CodecError for a file that
    is damaged, unpacks to too much or stretches too far, for unknown headers, and for more than `most` rows.
    """
    xlsx_guard.check(body)
    cells = _cells(body)
    if len(cells) > most:
        raise faults.ROWS.error(f"row {most + 1}", most=most)
    numbered = iter(enumerate(cells, 1))
    for number, row in numbered:
        if any(cell not in (None, "") for cell in row):
            columns = match(_trimmed(row), headers, number)
            width = len(columns.fields)
            # Every row of a sheet is as wide as its widest: what lies beyond the header and is empty is no cell.
            padded = ((n, _padded(r, width)) for n, r in numbered)
            return columns, rows(columns, padded, guards=False)
    raise faults.EMPTY.error("row 1")


def merged_cells(body: bytes, sheet: str = "") -> list[list[object]]:
    """All cells of the sheet of that name, or of the first; merged ones hold what their corner holds. Raises CodecError as `read_xlsx`."""
    xlsx_guard.check(body)
    cells = [list(row) for row in _cells(body, sheet)]
    for (top, left), (bottom, right) in _sheet(body, sheet).merged_cell_ranges or ():
        for row in cells[top : bottom + 1]:
            row[left : right + 1] = [cells[top][left]] * len(row[left : right + 1])
    return cells


def sheets(body: bytes) -> list[str]:
    """The names of all sheets, in their order. Raises CodecError as `read_xlsx` does."""
    xlsx_guard.check(body)
    _cells(body)
    return list(CalamineWorkbook.from_filelike(BytesIO(body)).sheet_names)


def _sheet(body: bytes, name: str) -> CalamineSheet:
    workbook = CalamineWorkbook.from_filelike(BytesIO(body))
    return workbook.get_sheet_by_name(name) if name else workbook.get_sheet_by_index(0)


def _cells(body: bytes, sheet: str = "") -> Sequence[Sequence[object]]:
    try:
        return _sheet(body, sheet).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError, KeyError, IndexError) as wrong:
        raise faults.XLSX.error("", found=str(wrong)) from None
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # what the library raises where it did not expect a file's damage
            raise
        raise faults.XLSX.error("", found="damaged") from None


def _trimmed(cells: Sequence[object]) -> Sequence[object]:
    end = len(cells)
    while end and cells[end - 1] in (None, ""):
        end -= 1
    return cells[:end]


def _padded(cells: Sequence[object], width: int) -> Sequence[object]:
    trimmed = _trimmed(cells)
    return trimmed if len(trimmed) >= width else [*trimmed, *([None] * (width - len(trimmed)))]
