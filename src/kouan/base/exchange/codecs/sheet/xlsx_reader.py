"""XLSX to rows: the first sheet that has a header, values only; formulas give what they last came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.sheet import faults, xlsx_guard
from kouan.base.exchange.codecs.sheet.csv_reader import MOST_ROWS
from kouan.base.exchange.codecs.sheet.header import Columns, Row, rows, sought, trimmed


def read_xlsx(body: bytes, headers: Mapping[str, str], *, most: int = MOST_ROWS) -> tuple[Columns, Iterator[Row]]:
    """(columns, rows) of an XLSX. `headers` maps header texts and field names to fields.

    Dates are dates, numbers numbers; times carry no zone, as the file has none. Raises CodecError for a file that
    is damaged, unpacks to too much or stretches too far, for unknown headers, and for more than `most` rows.
    """
    xlsx_guard.check(body)
    first: CodecError | None = None
    names = _names(body)
    for name in names:
        cells = _cells(body, name)
        if len(cells) > most:
            raise faults.ROWS.error(f"row {most + 1}", most=most)
        numbered: Iterator[tuple[int, Sequence[object]]] = iter(enumerate(cells, 1))
        try:
            columns, header = sought(numbered, headers)
        except CodecError as wrong:
            first = wrong if first is None or first.problems[0].code == faults.EMPTY.code else first
            continue
        return _also(columns, name, names), _rows(columns, numbered, header)
    raise first or faults.EMPTY.error("row 1")


def _rows(columns: Columns, numbered: Iterator[tuple[int, Sequence[object]]], header: Sequence[object]) -> Iterator[Row]:
    width = len(columns.fields)
    # Every row of a sheet is as wide as its widest: what lies beyond the header and is empty is no cell.
    return rows(columns, ((number, _padded(row, width)) for number, row in numbered if row != header), guards=False)


def _also(columns: Columns, taken: str, names: Sequence[str]) -> Columns:
    """The columns, and a word on the sheets that are left."""
    left = ", ".join(name for name in names if name != taken)[:200]
    return replace(columns, notices=(*columns.notices, faults.SHEETS.at("", "", taken=taken, left=left))) if left else columns


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
    return _names(body)


def _names(body: bytes) -> list[str]:
    with _readable():
        return list(CalamineWorkbook.from_filelike(BytesIO(body)).sheet_names)


def _sheet(body: bytes, name: str) -> CalamineSheet:
    workbook = CalamineWorkbook.from_filelike(BytesIO(body))
    return workbook.get_sheet_by_name(name) if name else workbook.get_sheet_by_index(0)


def _cells(body: bytes, sheet: str = "") -> Sequence[Sequence[object]]:
    with _readable():
        return _sheet(body, sheet).to_python(skip_empty_area=False)


@contextmanager
def _readable() -> Iterator[None]:
    """CodecError for what the library says of a file, or fails with."""
    try:
        yield
    except (CalamineError, ValueError, OSError, KeyError, IndexError) as wrong:
        raise faults.XLSX.error("", found=str(wrong)) from None
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # what the library raises where it did not expect a file's damage
            raise
        raise faults.XLSX.error("", found="damaged") from None


def _padded(cells: Sequence[object], width: int) -> Sequence[object]:
    kept = trimmed(cells)
    return kept if len(kept) >= width else [*kept, *([None] * (width - len(kept)))]
