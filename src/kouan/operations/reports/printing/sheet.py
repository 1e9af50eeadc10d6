"""A report as an XLSX sheet: one row for each figure, numbers as numbers."""

from __future__ import annotations

from kouan.base.exchange.api import to_xlsx
from kouan.kernel.text import Text
from kouan.operations.reports.printing.words import (
    CLOSED,
    COUNT,
    DATA,
    INDICATOR,
    NONE,
    PART,
    REAL,
    SIMULATED,
    SINCE,
    SOURCE,
    UNIT,
    UNTIL,
    VALUE,
    said,
)
from kouan.operations.reports.records import Report

HEADS = (INDICATOR, PART, VALUE, UNIT, COUNT, SOURCE, DATA, SINCE, UNTIL)


def tabled(report: Report, language: str) -> bytes:
    """The sheet of a report in one language; a line without a figure has a row that says why."""
    rows: list[list[object]] = []
    for number, head in enumerate(report.heads):
        name = said(Text(head.title_zh, head.title_en), language)
        unit = head.unit_zh if language == "zh" else head.unit_en
        mine = [row for row in report.rows if row.line == number]
        if not mine:
            rows.append([name, said(NONE if head.open else CLOSED, language), None, unit, 0, "", "", report.since, report.until])
        for row in mine:
            part = (row.part_zh if language == "zh" else row.part_en) or row.part
            whose = row.whose_zh if language == "zh" else row.whose_en
            data = said(SIMULATED if row.simulated else REAL, language)
            rows.append([name, part, row.value, unit, row.cases, whose, data, report.since, report.until])
    return to_xlsx([said(one, language) for one in HEADS], rows, title=said(Text(report.title_zh, report.title_en), language))
