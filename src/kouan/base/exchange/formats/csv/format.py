"""CSV: a batch of records of one type, a row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kouan.base.exchange.codecs.sheet import Columns, Row, read_csv, to_csv
from kouan.base.exchange.sheet_format import SheetFormat
from kouan.base.exchange.sheets import MOST_ROWS
from kouan.kernel.text import Text


class CsvFormat(SheetFormat):
    """Rows of text (RFC 4180; UTF-8 or GB 18030)."""

    code = "csv"
    title = Text("CSV 表格", "CSV sheet")
    standard = "RFC 4180"
    media = "text/csv"

    @staticmethod
    def rows(body: bytes, known: Mapping[str, str]) -> tuple[Columns, Iterator[Row]]:
        """All rows below the header."""
        return read_csv(body, known, most=MOST_ROWS)

    @staticmethod
    def written(titles: Sequence[str], rows: Sequence[Sequence[object]], title: str) -> bytes:
        """UTF-8 with a byte order mark; it holds no title."""
        return to_csv(titles, rows)
