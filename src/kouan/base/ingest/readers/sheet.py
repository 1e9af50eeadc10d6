"""XLSX: the first sheet, its first row that holds something as header, merged cells filled from their corner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kouan.base.exchange.api import SheetUnreadable, sheet_cells
from kouan.base.ingest.readers.piece import Piece, Unreadable, grouped, unique
from kouan.kernel.text import Text

LARGEST = 64 << 20
LARGE = Text("XLSX 文件超过 64 MiB，请改用 CSV 或 Parquet", "The XLSX is over 64 MiB: use CSV or Parquet")
EMPTY = Text("表格为空", "The sheet is empty")


def read(path: Path, *, start: int = 0) -> Iterator[Piece]:
    """Pieces of an XLSX; rows are numbered as the sheet numbers them."""
    if path.stat().st_size > LARGEST:
        raise Unreadable(LARGE)
    try:
        cells = sheet_cells(path.read_bytes())
    except SheetUnreadable as wrong:
        raise Unreadable(wrong.problems[0].reason) from None
    header = next((at for at, row in enumerate(cells) if any(cell not in (None, "") for cell in row)), None)
    if header is None:
        raise Unreadable(EMPTY)
    names = unique(_trimmed(cells[header]))
    rows = ((at + 1, dict(zip(names, cells[at], strict=False))) for at in range(header + 1, len(cells)) if _holds(cells[at]))
    yield from grouped((number, row) for number, row in rows if number > start)


def _holds(row: Sequence[Any]) -> bool:
    return any(cell not in (None, "") for cell in row)


def _trimmed(row: Sequence[Any]) -> Sequence[Any]:
    end = len(row)
    while end and row[end - 1] in (None, ""):
        end -= 1
    return row[:end]
