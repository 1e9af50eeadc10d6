"""A sheet as a format of intake: a batch of records of one type, a row each."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import ClassVar

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.sheet import Columns, Row
from kouan.base.exchange.sheets import headers, parts, tables
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Format, Reading, Sample


class SheetFormat(Format):
    """Any record type; columns by field name or by title in either language. How rows lie in a file, each of them says."""

    records: ClassVar[tuple[str, ...]] = ("*",)

    @staticmethod
    @abstractmethod
    def rows(body: bytes, known: Mapping[str, str]) -> tuple[Columns, Iterator[Row]]:
        """The columns and rows of a file; `known`: fields by header. Raises CodecError, also while rows are taken."""

    @staticmethod
    @abstractmethod
    def written(titles: Sequence[str], rows: Sequence[Sequence[object]], title: str) -> bytes:
        """A file with these headers and rows."""

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Every row is answered by itself. Refused when the file or its header cannot be read."""
        try:
            columns, rows = self.rows(body, headers(record))
            found = list(parts(record, rows))
        except CodecError as error:
            raise Refused.of(error.problems) from None
        return Reading(found, batch=True, notes={"ignored": [notice.out() for notice in columns.notices]})

    def samples(self) -> tuple[Sample, ...]:
        """One row for every record type."""
        return _samples(type(self))


@cache
def _samples(of: type[SheetFormat]) -> tuple[Sample, ...]:
    return tuple(
        Sample(f"{cls.facts.name}.{of.code}", cls.facts.title, of.written(titles, [row], cls.facts.title.zh), cls.facts.name)
        for cls, titles, row in tables()
    )
