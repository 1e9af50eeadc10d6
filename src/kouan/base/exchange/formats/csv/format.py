"""CSV: a batch of records of one type, a row each."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.sheet import read_csv, to_csv
from kouan.base.exchange.sheets import MOST_ROWS, headers, parts, tables
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Format, Reading, Sample
from kouan.kernel.text import Text


class CsvFormat(Format):
    """Any record type; columns by field name or by title in either language (RFC 4180; UTF-8 or GB 18030)."""

    code = "csv"
    title = Text("CSV 表格", "CSV sheet")
    standard = "RFC 4180"
    records: ClassVar[tuple[str, ...]] = ("*",)
    media = "text/csv"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Every row is answered by itself. Refused when the text or its header cannot be read."""
        try:
            columns, rows = read_csv(body, headers(record), most=MOST_ROWS)
            found = list(parts(record, rows))
        except CodecError as error:
            raise Refused.of(error.problems) from None
        return Reading(found, batch=True, notes={"ignored": [notice.out() for notice in columns.notices]})

    def samples(self) -> tuple[Sample, ...]:
        """One row for every record type."""
        return _samples()


@cache
def _samples() -> tuple[Sample, ...]:
    return tuple(
        Sample(f"{cls.facts.name}.csv", cls.facts.title, to_csv(titles, [row]), cls.facts.name)
        for cls, titles, row in tables()
    )
