"""A report as a PDF: what it is, of which days, for whom, its figures, and what of them is simulated."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from kouan.kernel.text import Text
from kouan.operations.reports.printing.pdf import Pdf, wrapped
from kouan.operations.reports.printing.words import (
    CASES,
    CAUSE,
    CLOSED,
    COLUMNS,
    FOOT,
    HOLDS,
    MADE,
    NONE,
    SIMULATED,
    SPAN,
    TO,
    said,
    shown,
)
from kouan.operations.reports.records import Report, Row

LEFT, RIGHT, TOP, BOTTOM = 48.0, 547.0, 790.0, 60.0
AT = (LEFT, 210.0, 372.0, 418.0, 430.0)
"""Where columns begin: figure, part; where value and cases end; where the source begins."""
SIZE, STEP = 9.0, 13.0


def printed(report: Report, port: Text, recipient: Text, zone: str, language: str) -> bytes:
    """The PDF of a report in one language; `port` and `recipient` as a person reads them."""
    made = report.made_at.astimezone(ZoneInfo(zone))
    title = said(Text(report.title_zh, report.title_en), language)
    pdf = Pdf(title, report.made_at.astimezone(UTC))
    writer = _Writer(pdf, language)
    writer.page()
    for line in wrapped(title, RIGHT - LEFT, 16):
        writer.line(line, 16, 24)
    facts = (
        said(port, language),
        said(SPAN.fill(since=report.since, until=report.until), language),
        said(Text(TO.zh.format(to=recipient.zh), TO.en.format(to=recipient.en)), language),
        said(MADE.fill(at=made.strftime("%Y-%m-%d %H:%M"), zone=zone), language) + said(CAUSE[report.cause], language),
    )
    for line in facts:
        writer.line(line, 10, 15)
    if report.simulated:
        writer.line(said(HOLDS, language), 10, 18)
    writer.heads()
    for number, head in enumerate(report.heads):
        rows = [row for row in report.rows if row.line == number]
        name = said(Text(head.title_zh, head.title_en), language)
        unit = said(Text(head.unit_zh, head.unit_en), language) if head.unit_zh and head.unit_en else ""
        label = f"{name} ({unit})" if unit else name
        if not rows:
            writer.row(label, said(NONE if head.open else CLOSED, language), "", "", "")
        for row in rows:
            writer.row(label, _part(row, language), shown(row.value, head.digits), str(row.cases), _whose(row, language))
            label = ""
    writer.end()
    return pdf.made()


def _part(row: Row, language: str) -> str:
    return (row.part_zh if language == "zh" else row.part_en) or row.part


def _whose(row: Row, language: str) -> str:
    whose = row.whose_zh if language == "zh" else row.whose_en
    return f"{whose} {said(SIMULATED, language)}" if row.simulated else whose


class _Writer:
    """Sets lines from the top of a page to its bottom, and goes on on the next one."""

    def __init__(self, pdf: Pdf, language: str) -> None:
        self._pdf, self._language = pdf, language
        self._y = 0.0

    def page(self) -> None:
        number = self._pdf.page()
        self._y = TOP
        self._pdf.text(RIGHT, BOTTOM - 24, said(FOOT.fill(n=number), self._language), 8, right=True, grey=0.35)

    def line(self, text: str, size: float, step: float) -> None:
        self._pdf.text(LEFT, self._y, text, size)
        self._y -= step

    def heads(self) -> None:
        """The names of the columns, on every page."""
        self._y -= 4
        names = [said(one, self._language) for one in COLUMNS]
        for at, (name, x) in enumerate(zip(names, AT, strict=True)):
            self._pdf.text(x, self._y, name, SIZE, right=at in (2, 3), grey=0.25)
        self._y -= 5
        self._pdf.rule(LEFT, self._y, RIGHT, wide=0.9, grey=0.2)
        self._y -= STEP

    def row(self, name: str, part: str, value: str, cases: str, whose: str) -> None:
        """A figure; long texts take several lines."""
        names, parts = wrapped(name, AT[1] - AT[0] - 8, SIZE), wrapped(part, 96, SIZE)
        sources = wrapped(whose, RIGHT - AT[4], SIZE)
        high = max(len(names), len(parts), len(sources))
        if self._y - STEP * high < BOTTOM:
            self.page()
            self.heads()
        for x, lines in ((AT[0], names), (AT[1], parts), (AT[4], sources)):
            for at, line in enumerate(lines):
                self._pdf.text(x, self._y - STEP * at, line, SIZE)
        self._pdf.text(AT[2], self._y, value, SIZE, right=True)
        self._pdf.text(AT[3], self._y, cases, SIZE, right=True)
        self._y -= STEP * high - 8
        self._pdf.rule(LEFT, self._y, RIGHT)
        self._y -= STEP

    def end(self) -> None:
        """What the numbers of cases mean."""
        if self._y - STEP < BOTTOM:
            self.page()
        for line in wrapped(said(CASES, self._language), RIGHT - LEFT, 8):
            self._pdf.text(LEFT, self._y, line, 8, grey=0.35)
            self._y -= 12
