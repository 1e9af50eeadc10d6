"""CONTRL and APERAK: answers that our own reader reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import answers, cuscar
from kouan.base.exchange.codecs.problem import CodecError

AT = datetime(2026, 11, 21, 3, 4, tzinfo=UTC)


def segments(body: bytes) -> dict[str, edifact.Segment]:
    """The first segment of each tag of an answer."""
    (interchange,) = edifact.parse(body)
    assert (interchange.sender, interchange.recipient, interchange.prepared) == ("CNWHH9901", "WHAGENT", "261121:0304")
    (message,) = interchange.messages
    found = {segment.tag: segment for segment in reversed(message.segments)}
    return {"UNH": message.header, **found}


def test_accepted(sample: Callable[[str], bytes]):
    (about,) = edifact.parse(sample("cuscar-wanghai.edi"))
    found = segments(answers.contrl(about, (), "A1", AT))
    assert found["UNH"].element(1) == ("CONTRL", "D", "3", "UN")
    assert found["UCI"].elements == (("WHS2611E1",), ("WHAGENT",), ("CNWHH9901",), ("7",))
    found = segments(answers.aperak(about, "WHS-2611E-MAN", (), "A2", AT))
    assert found["BGM"].elements == (("312",), ("A2",), ("29",))
    assert found["RFF"].elements == (("ACW", "WHS-2611E-MAN"),)
    assert "ERC" not in found


def test_refused_syntax(sample: Callable[[str], bytes]):
    reading = edifact.read(sample("cuscar-wanghai.edi").replace(b"UNT+91", b"UNT+70"))
    found = segments(answers.contrl(reading.interchanges[0], reading.problems, "A1", AT))
    assert found["UCI"].get(3) == "4"
    assert found["UCM"].elements == (("1",), ("CUSCAR", "D", "95B", "UN"), ("4",), ("29",), ("UNT",), ("2",))


def test_refused_interchange(sample: Callable[[str], bytes]):
    reading = edifact.read(sample("cuscar-wanghai.edi").replace(b"UNZ+1+WHS2611E1'", b""))
    found = segments(answers.contrl(reading.interchanges[0], reading.problems, "A1", AT))
    assert found["UCI"].elements[3:] == (("4",), ("13",), ("UNZ",))


def test_refused_content_in_both_languages(sample: Callable[[str], bytes]):
    body = sample("cuscar-wanghai.edi").replace(b"GID+1+520:BG", b"GID+1+MANY:BG")
    (about,) = edifact.parse(body)
    try:
        cuscar.read(body)
    except CodecError as refusal:
        problems = refusal.problems
    found = segments(answers.aperak(about, "WHS-2611E-MAN", problems, "A2", AT))
    assert found["BGM"].get(2) == "27"
    assert found["ERC"].get(0) == "NUMBER"
    assert "MANY" in "".join(found["FTX"].element(3))
    chinese = answers.aperak(about, "WHS-2611E-MAN", problems, "A2", AT, language="zh")
    (interchange,) = edifact.parse(chinese)
    text = next(s for s in interchange.messages[0].segments if s.tag == "FTX")
    assert interchange.syntax == "UNOW:4"
    assert "不是数字" in "".join(text.element(3))
    found = segments(answers.contrl(about, problems, "A1", AT))
    assert (found["UCM"].get(3), found["UCS"].get(1)) == ("18", "18")
