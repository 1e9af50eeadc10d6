"""XLSX: a sheet or all of them, the first row of each that holds something as header, merged cells filled from their corner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kouan.base.exchange.api import SheetUnreadable, sheet_cells, sheet_names
from kouan.base.ingest.readers.file import File, whole
from kouan.base.ingest.readers.piece import Piece, Unreadable, grouped, unique
from kouan.kernel.text import Text

LARGEST = 64 << 20
LARGE = Text("XLSX 文件超过 64 MiB，请改用 CSV 或 Parquet", "The XLSX is over 64 MiB: use CSV or Parquet")
EMPTY = Text("表格为空", "The sheet is empty")


ALL = "*"


def read(file: File, *, sheet: str = "", start: int = 0) -> Iterator[Piece]:
    """Pieces of an XLSX: the sheet of that name, the first one, or all (`*`), one behind the other.

    Rows are numbered as the sheet numbers them; those of the next sheet go on behind the last row of the one before.
    """
    if file.size() > LARGEST:
        raise Unreadable(LARGE)
    try:
        body = whole(file)
        tables = [sheet_cells(body, one) for one in (sheet_names(body) if sheet == ALL else [sheet])]
    except SheetUnreadable as wrong:
        raise Unreadable(wrong.problems[0].reason) from None
    if not any(_holds(row) for cells in tables for row in cells):
        raise Unreadable(EMPTY)
    yield from grouped((number, row) for number, row in _rows(tables) if number > start)


def _rows(tables: Sequence[Sequence[Sequence[Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
    behind = 0
    for cells in tables:
        header = next((at for at, row in enumerate(cells) if _holds(row)), len(cells))
        if header < len(cells):
            names = unique(_trimmed(cells[header]))
            for at in range(header + 1, len(cells)):
                if _holds(cells[at]):
                    yield behind + at + 1, dict(zip(names, cells[at], strict=False))
        behind += len(cells)


def _holds(row: Sequence[Any]) -> bool:
    return any(cell not in (None, "") for cell in row)


def _trimmed(row: Sequence[Any]) -> Sequence[Any]:
    end = len(row)
    while end and row[end - 1] in (None, ""):
        end -= 1
    return row[:end]
