"""The FAL forms as one workbook, and each list as a CSV of its own: the same notice, typed into cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import cache
from typing import ClassVar

import orjson

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.fal.forms import EFFECTS, LISTS
from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.base.exchange.codecs.sheet import faults
from kouan.base.exchange.codecs.sheet.book import read_book
from kouan.base.exchange.codecs.sheet.csv_reader import decoded, delimiter_of
from kouan.base.exchange.formats.imo_fal.mapping import CALL, RECORDS, submission_of
from kouan.base.exchange.formats.imo_fal_sheet import template
from kouan.base.exchange.formats.imo_fal_sheet.reading import Filled, of_book, of_list
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Format, Reading, Sample
from kouan.kernel.text import Text

MOST_ROWS = 25_000


class ImoFalXlsx(Format):
    """One workbook is one notice, and one submission; errors name sheet, row and column."""

    code = "imo-fal-xlsx"
    title = Text("IMO FAL 船舶申报（XLSX 工作簿）", "IMO FAL declaration (XLSX workbook)")
    standard = "IMO FAL Convention; IMO Compendium; ISO/IEC 29500"
    records: ClassVar[tuple[str, ...]] = RECORDS
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when it is no workbook of FAL forms, or contradicts itself."""
        try:
            return _reading(of_book(read_book(body, most=MOST_ROWS)))
        except CodecError as error:
            raise Refused.of(error.problems) from None

    def samples(self) -> tuple[Sample, ...]:
        """The workbook with an example in every form, and the empty one."""
        return _workbooks()


class ImoFalCsv(Format):
    """One list (crew, passengers, stores …) of a call as CSV; its first columns name the call."""

    code = "imo-fal-csv"
    title = Text("IMO FAL 清单（CSV）", "IMO FAL list (CSV)")
    standard = "IMO FAL Convention; RFC 4180"
    records: ClassVar[tuple[str, ...]] = RECORDS
    media = "text/csv"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when its header is that of no FAL list, or an entry is wrong."""
        try:
            return _reading(of_list(_numbered(decoded(body))))
        except CodecError as error:
            raise Refused.of(error.problems) from None

    def samples(self) -> tuple[Sample, ...]:
        """Every list with an example."""
        return _lists()


def _numbered(text: str) -> list[tuple[int, Sequence[object]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    found: list[tuple[int, Sequence[object]]] = []
    try:
        for number, cells in enumerate(reader, 1):
            if number > MOST_ROWS:
                raise faults.ROWS.error(f"row {number}", most=MOST_ROWS)
            found.append((number, cells))
    except csv.Error as wrong:
        raise faults.QUOTES.error(f"row {len(found) + 1}, line {reader.line_num}", found=str(wrong)) from None
    return found


def _reading(filled: Filled) -> Reading:
    problems = list(filled.problems)
    try:
        notice = fal.read(orjson.dumps(filled.notice))
    except CodecError as error:
        problems += [_placed(problem, filled) for problem in error.problems]
    if problems:
        raise CodecError(problems)
    return Reading([submission_of(notice)], notes={"ignored": [problem.out() for problem in filled.ignored]})


def _placed(problem: Problem, filled: Filled) -> Problem:
    return Problem(problem.code, problem.field, problem.rule, problem.reason, filled.place(problem.position))


@cache
def _workbooks() -> tuple[Sample, ...]:
    title = Text("FAL 工作簿：每表一例", "FAL workbook with an example in every form")
    return (Sample("fal-workbook.xlsx", title, template.workbook(), CALL),)


@cache
def _lists() -> tuple[Sample, ...]:
    # Whose an article is stands on the crew list: that form is filed with it, in the workbook.
    forms = [form for form in LISTS if form is not EFFECTS and "/" not in form.path]
    return tuple(
        Sample(f"fal-{form.title.en.lower().replace(' ', '-').replace(chr(39), '')}.csv",
               Text(f"{form.title.zh}（{form.code}）", f"{form.title.en} ({form.code})"), template.listing(form), CALL)
        for form in forms
    )  # fmt: skip
