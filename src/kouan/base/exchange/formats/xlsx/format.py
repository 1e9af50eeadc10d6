"""XLSX: a batch of records of one type, a row of the first sheet each."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.sheet import read_xlsx, to_xlsx
from kouan.base.exchange.sheets import MOST_ROWS, headers, parts, tables
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Format, Reading, Sample
from kouan.kernel.text import Text


class XlsxFormat(Format):
    """Any record type; columns by field name or by title in either language (ISO/IEC 29500)."""

    code = "xlsx"
    title = Text("XLSX 表格", "XLSX sheet")
    standard = "ISO/IEC 29500"
    records: ClassVar[tuple[str, ...]] = ("*",)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Every row is answered by itself. Refused when the file or its header cannot be read."""
        try:
            columns, rows = read_xlsx(body, headers(record), most=MOST_ROWS)
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
        Sample(f"{cls.facts.name}.xlsx", cls.facts.title, to_xlsx(titles, [row], title=cls.facts.title.zh), cls.facts.name)
        for cls, titles, row in tables()
    )
