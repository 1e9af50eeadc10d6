"""PDFs of our own writer: their cross-references are true, nothing leaves its column, what was put in can be read out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.operations.reports.printing.pdf import Pdf, width, wrapped
from kouan.operations.reports.records import Definition
from kouan.operations.reports.service import due, span_of

TEXTS = st.text(st.sampled_from("口岸报表 AWi1,.()\\“”（）、𠮷·—é"), max_size=60)
AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


def read(body: bytes) -> str:
    """All text of a document, in order."""
    found = []
    for latin, other in re.findall(rb"Tf (?:\(((?:[^()\\]|\\.)*)\)|<([0-9A-F]*)>) Tj", body):
        found.append(re.sub(rb"\\(.)", rb"\1", latin).decode() if not other else bytes.fromhex(other.decode()).decode("utf-16-be"))
    return "".join(found)


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_what_is_set_can_be_read_out_and_every_object_is_where_the_table_says(texts: list[str]) -> None:
    pdf = Pdf("报表 (1)", AT)
    for text in texts:
        pdf.page()
        pdf.text(50, 700, text)
        pdf.rule(50, 690, 500)
    body = pdf.made()
    assert read(body) == "".join(texts)
    start = int(body.rsplit(b"startxref\n", 1)[1].split()[0])
    places = [int(line.split()[0]) for line in body[start:].split(b"\n")[3:] if line.endswith(b" n ")]
    assert len(places) == 7 + 2 * len(texts)
    for number, place in enumerate(places, 1):
        assert body[place:].startswith(f"{number} 0 obj".encode())
    for stream in re.finditer(rb"/Length (\d+) >>\nstream\n", body):
        assert body[stream.end() + int(stream[1]) :].startswith(b"endstream")


@settings(max_examples=80)
@given(TEXTS, st.floats(20, 300))
def test_lines_fit_and_lose_nothing(text: str, room: float) -> None:
    lines = wrapped(text, room, 9)
    assert all(width(line, 9) <= room or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@settings(max_examples=80)
@given(st.sampled_from(["day", "week", "month"]), st.integers(0, 23), st.integers(0, 6 * 365 * 24))
def test_a_schedule_comes_to_each_period_once_and_only_when_it_is_over(period: str, hour: int, hours: int) -> None:
    at = AT - timedelta(days=700) + timedelta(hours=hours)
    told = {"code": "xx", "title_zh": "报", "title_en": "r", "lines": [{"indicator": "gate.wait"}], "period": period, "hour": hour}
    definition = Definition.model_validate(told)
    last = due(definition, at)
    first, end = span_of(period, last)
    assert end == last < at.date()
    length = {"day": 1, "week": 7}.get(period) or (last.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal() - first.toordinal()
    assert (end - first).days + 1 == length
    following = due(definition, at + timedelta(days=length))
    assert span_of(period, following)[0] > first or following == last
