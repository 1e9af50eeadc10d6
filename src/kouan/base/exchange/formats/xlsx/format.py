"""XLSX: a batch of records of one type, a row of the first sheet each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kouan.base.exchange.codecs.sheet import Columns, Row, read_xlsx, to_xlsx
from kouan.base.exchange.sheet_format import SheetFormat
from kouan.base.exchange.sheets import MOST_ROWS
from kouan.kernel.text import Text


class XlsxFormat(SheetFormat):
    """Rows of the first sheet (ISO/IEC 29500)."""

    code = "xlsx"
    title = Text("XLSX 表格", "XLSX sheet")
    standard = "ISO/IEC 29500"
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @staticmethod
    def rows(body: bytes, known: Mapping[str, str]) -> tuple[Columns, Iterator[Row]]:
        """All rows below the header."""
        return read_xlsx(body, known, most=MOST_ROWS)

    @staticmethod
    def written(titles: Sequence[str], rows: Sequence[Sequence[object]], title: str) -> bytes:
        """One sheet of that title."""
        return to_xlsx(titles, rows, title=title)
