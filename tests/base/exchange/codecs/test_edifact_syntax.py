"""EDIFACT syntax: separators, release, repetition, groups, counts, character sets, refusals with positions."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import Group, Segment, Separators
from kouan.base.exchange.codecs.problem import CodecError

PLAIN = b"UNB+UNOA:3+ME+YOU+260101:0800+R1'UNH+1+CUSCAR:D:95B:UN'BGM+785+X+9'UNT+3+1'UNZ+1+R1'"


def codes(body: bytes) -> list[str]:
    """The codes by which a body is refused."""
    with pytest.raises(CodecError) as refusal:
        edifact.parse(body)
    return [problem.code for problem in refusal.value.problems]


def only(body: bytes) -> tuple[Segment, ...]:
    """The segments of a body's one message."""
    (interchange,) = edifact.parse(body)
    (message,) = interchange.messages
    return message.segments


def test_headers_are_read():
    (interchange,) = edifact.parse(PLAIN)
    assert (interchange.sender, interchange.recipient, interchange.reference) == ("ME", "YOU", "R1")
    assert (interchange.syntax, interchange.prepared, interchange.charset) == ("UNOA:3", "260101:0800", "UNOA")
    (message,) = interchange.messages
    assert (message.type, message.version, message.release, message.agency) == ("CUSCAR", "D", "95B", "UN")
    assert message.segments == (Segment("BGM", (("785",), ("X",), ("9",))),)
    assert message.segments[0].position == PLAIN.index(b"BGM")


def test_space_and_line_ends_between_segments_do_not_count():
    spaced = b"\xef\xbb\xbf \r\n" + PLAIN.replace(b"'", b"' \r\n\t") + b"\x1a"
    assert edifact.parse(spaced) == edifact.parse(PLAIN)


def test_custom_service_characters():
    body = PLAIN.translate(bytes.maketrans(b"+:'", b"|^~"))
    assert only(b"UNA^|,!*~" + body) == only(PLAIN)
    (interchange,) = edifact.parse(b"UNA^|,!*~" + body)
    assert interchange.separators == Separators("^", "|", ",", "!", "", "~")
    assert codes(body) == ["edifact.separator"]


def test_level_b_control_characters_separate():
    body = PLAIN.replace(b"UNOA", b"UNOB").translate(bytes.maketrans(b"+:'", b"\x1d\x1f\x1c"))
    assert only(body) == only(PLAIN)


def test_line_ends_terminate_where_nothing_else_does():
    body = PLAIN.replace(b"'", b"\r\n")
    reading = edifact.read(body)
    assert [note.code for note in reading.notices] == ["edifact.note.line-ends"]
    assert only(body) == only(PLAIN)
    assert only(edifact.write(reading.interchanges[0])) == only(PLAIN)


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        (b"A?'B", "A'B"), (b"A?+B?:C", "A+B:C"), (b"??", "?"), (b"???'", "?'"), (b"????", "??"), (b"A?B", "AB"),
        (b"??+X", "?"), (b"5?*3", "5*3"),
    ],
)
def test_release_character(escaped: bytes, plain: str):
    (segment,) = only(PLAIN.replace(b"+X+", b"+" + escaped + b"+"))
    assert segment.get(1) == plain


def test_repetition_is_syntax_four():
    version4 = PLAIN.replace(b"UNOA:3", b"UNOA:4").replace(b"260101", b"20260101").replace(b"+X+", b"+A:B*C*D?*E+")
    (segment,) = only(version4)
    assert segment.elements == (("785",), ("A", "B"), ("9",))
    assert segment.all(1) == (("A", "B"), ("C",), ("D*E",))
    assert only(PLAIN.replace(b"+X+", b"+A*C+"))[0].get(1) == "A*C"


def test_a_space_in_una_switches_repetition_off():
    body = b"UNA:+.? '" + PLAIN.replace(b"UNOA:3", b"UNOA:4").replace(b"+X+", b"+A*C+")
    assert only(body)[0].get(1) == "A*C"


def test_groups():
    grouped = PLAIN.replace(b"UNH", b"UNG+CUSCAR+A+B+260101:0800+G1+UN+D:95B'UNH").replace(b"UNZ", b"UNE+1+G1'UNZ")
    (interchange,) = edifact.parse(grouped)
    (group,) = interchange.groups
    assert isinstance(group, Group)
    assert group.reference == "G1"
    assert interchange.messages == group.messages
    assert codes(grouped.replace(b"UNE+1", b"UNE+2")) == ["edifact.une.count"]
    assert codes(grouped.replace(b"UNE+1+G1", b"UNE+1+G2")) == ["edifact.une.reference"]
    assert "edifact.une.missing" in codes(grouped.replace(b"UNE+1+G1'", b""))
    assert "edifact.ung.missing" in codes(PLAIN.replace(b"UNZ", b"UNE+1+G1'UNZ"))


def test_several_interchanges_each_with_its_own_characters():
    other = PLAIN.replace(b"R1", b"R2").translate(bytes.maketrans(b"+:'", b"|^~"))
    found = edifact.parse(PLAIN + b"\r\nUNA^|.?*~" + other + PLAIN.replace(b"UNOA", b"UNOC"))
    assert [i.reference for i in found] == ["R1", "R2", "R1"]
    with pytest.raises(CodecError) as refusal:
        edifact.parse(PLAIN + PLAIN.replace(b"UNT+3", b"UNT+9"))
    assert refusal.value.problems[0].position.startswith("interchange 2, message 1, segment 3, byte ")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"UNT+3+1'", b"UNT+2+1'", "edifact.unt.count"),
        (b"UNT+3+1'", b"UNT+9+1'", "edifact.unt.count"),
        (b"UNT+3+1'", b"UNT+X+1'", "edifact.unt.count"),
        (b"UNT+3+1'", b"UNT+3+2'", "edifact.unt.reference"),
        (b"UNT+3+1'", b"", "edifact.unt.missing"),
        (b"UNZ+1+R1'", b"", "edifact.unz.missing"),
        (b"UNZ+1+R1'", b"UNZ+2+R1'", "edifact.unz.count"),
        (b"UNZ+1+R1'", b"UNZ+1+R2'", "edifact.unz.reference"),
        (b"UNH+1+CUSCAR:D:95B:UN'", b"", "edifact.outside"),
        (b"BGM", b"B?", "edifact.tag"),
        (b"BGM+785+X+9'", b"UNO+1+2+3'", "edifact.package"),
    ],
)
def test_what_proves_loss_or_damage_is_refused(old: bytes, new: bytes, code: str):
    assert code in codes(PLAIN.replace(old, new))


def test_a_slip_that_loses_nothing_is_a_notice():
    reading = edifact.read(PLAIN.replace(b"UNT+3", b"UNT+4"))
    assert [p.code for p in reading.problems] == []
    assert [p.code for p in reading.notices] == ["edifact.note.unt-count"]
    reading = edifact.read(PLAIN.replace(b"UNT+3+1'UNZ+1+R1'", b"UNT+3'UNZ+1+R1"))
    assert [p.code for p in reading.notices] == ["edifact.note.unterminated", "edifact.note.reference"]
    assert not reading.problems


def test_tolerated_problems_do_not_refuse():
    assert edifact.parse(PLAIN.replace(b"UNZ+1+R1'", b""), tolerate={"edifact.unz.missing"})


def test_every_true_prefix_is_refused():
    for end in range(len(PLAIN) - 1):
        assert codes(PLAIN[:end])


def test_positions_name_message_segment_and_byte():
    with pytest.raises(CodecError) as refusal:
        edifact.parse(PLAIN.replace(b"UNT+3", b"UNT+7"))
    (problem,) = refusal.value.problems
    assert problem.position == f"message 1, segment 3, byte {PLAIN.index(b'UNT')}"
    assert problem.field == "UNT/0074"


@pytest.mark.parametrize(
    ("identifier", "encoding"),
    [
        (b"UNOC", "latin-1"), (b"UNOC", "cp1252"), (b"UNOD", "iso8859-2"), (b"UNOE", "iso8859-5"), (b"UNOF", "iso8859-7"),
        (b"UNOK", "iso8859-9"), (b"UNOL", "iso8859-15"), (b"UNOW", "utf-8"), (b"UNOY", "utf-8"), (b"KECA", "euc_kr"),
    ],
)
def test_character_sets(identifier: bytes, encoding: str):
    texts = {"iso8859-5": "Москва", "iso8859-7": "Αθήνα", "utf-8": "望海港", "euc_kr": "부산", "cp1252": "ÄÖÜß ÅÄÖ ÉÈÀÇ äöüß"}
    text = texts.get(encoding, "Zürich")
    body = PLAIN.replace(b"UNOA", identifier).replace(b"+X+", b"+" + text.encode(encoding) + b"+")
    (interchange,) = edifact.parse(body)
    assert interchange.messages[0].segments[0].get(1) == text
    assert edifact.parse(edifact.write(interchange)) == (interchange,)
    assert interchange.messages[0].trailer is not None
    assert interchange.messages[0].trailer.position == body.index(b"UNT")


@pytest.mark.parametrize(
    ("identifier", "raw", "code"),
    [
        (b"UNOA", "ü".encode("latin-1"), "edifact.bytes"),
        (b"UNOW", "ü".encode("latin-1"), "edifact.bytes"),
        (b"UNOA", "ü".encode(), "edifact.bytes"),
        (b"UNOC", "望海集装箱码头".encode("gb18030"), "edifact.chinese"),
        (b"UNOL", "五金工具 机械".encode("gb18030"), "edifact.chinese"),
        (b"UNOC", "望海".encode("gb18030") + b"\x81", "edifact.control"),
        (b"UNOA", b"\x00", "edifact.control"),
        (b"UNOA", b"\x1b", "edifact.control"),
    ],
)
def test_wrong_bytes_are_refused_with_their_place(identifier: bytes, raw: bytes, code: str):
    body = PLAIN.replace(b"UNOA", identifier).replace(b"+X+", b"+" + raw + b"+")
    with pytest.raises(CodecError) as refusal:
        edifact.parse(body)
    (problem,) = refusal.value.problems
    assert problem.code == code
    assert int(problem.position.removeprefix("byte ")) in range(body.index(raw), body.index(raw) + len(raw))


@pytest.mark.parametrize(
    ("identifier", "text"),
    [(b"UNOC", "Zürich"), (b"UNOC", "望海"), (b"UNOL", "Köln"), (b"UNOE", "Москва"), (b"UNOF", "Αθήνα"), (b"KECA", "부산")],
)
def test_utf8_under_another_name_is_read_as_what_it_is(identifier: bytes, text: str):
    body = PLAIN.replace(b"UNOA", identifier).replace(b"+X+", f"+{text}+".encode())
    reading = edifact.read(body)
    assert reading.interchanges[0].messages[0].segments[0].get(1) == text
    assert [notice.code for notice in reading.notices] == ["edifact.note.utf8"]
    assert edifact.parse(edifact.write(reading.interchanges[0])) == reading.interchanges


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"ISA*00*          *00*", "X12"), (b"STX=ANA:1+5000'", "TRADACOMS"), (b"<?xml version='1.0'?><a/>", "XML"),
        (b'{"a": 1}', "JSON"), (b"PK\x03\x04aaaa", "archive"), (b"\x7fELF\x00\x00", "binary"),
        ("﻿<a/>".encode("utf-16"), "UTF-16"),
    ],
)
def test_other_formats_are_named(body: bytes, said: str):
    with pytest.raises(CodecError) as refusal:
        edifact.parse(body)
    (problem,) = refusal.value.problems
    assert problem.code == "edifact.other"
    assert said in problem.reason.en


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"\x00", b"hello", b"UNA", b"UNA:+.? ", b"UNA::::::UNB+", b"UNB"])
def test_fragments_are_refused(body: bytes):
    assert codes(body)


def test_text_after_the_interchange_is_a_problem_not_lost():
    reading = edifact.read(PLAIN + b"\r\n-- \r\nsent from a mailbox")
    assert [p.code for p in reading.problems] == ["edifact.unknown"]
    assert reading.interchanges == edifact.parse(PLAIN)


def test_what_cannot_be_written_is_refused():
    (interchange,) = edifact.parse(PLAIN)
    for text in ("望海", "a\x00b"):
        header = Segment("UNH", (("1",), ("CUSCAR", text)))
        message = edifact.Message(header, (), interchange.messages[0].trailer)
        changed = edifact.Interchange(
            interchange.separators, "UNOA", interchange.header, (message,), interchange.trailer
        )
        with pytest.raises(CodecError):
            edifact.write(changed)


def test_hostile_bodies_end_soon(refused: Callable[..., Any]):
    """Sizes at which anything quadratic would run for minutes."""
    begun = time.process_time()
    for body in (
        b"UNB+'" * 100_000, b"UNB+UNOA:1+A+B'\n" * 60_000, PLAIN.replace(b"+X+", b"+" + b"?" * 500_000 + b"+"),
        PLAIN.replace(b"+X+", b"+" + b"UNZ" * 200_000 + b"+"), b"UNA:+.? '" * 60_000, b"UNB+\n" * 100_000,
        PLAIN.replace(b"+X+", b"+" + b" \n" * 300_000 + b"UNZ+"), PLAIN * 3_000 + b"UNH", b" " * 1_000_000,
    ):
        refused(partial(edifact.read, body))
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_records_of_a_fixed_width_are_put_together_again(end: bytes):
    long = PLAIN.replace(b"+X+9'", b"+X+9'FTX+AAI+++" + b"TEXT " * 40 + b"END'").replace(b"UNT+3", b"UNT+4")
    lines = [long[at : at + 80] for at in range(0, len(long), 80)]
    reading = edifact.read(end.join(lines))
    assert not reading.problems
    assert [note.code for note in reading.notices] == ["edifact.note.wrapped"]
    assert reading.interchanges == edifact.parse(long)


def test_lines_of_other_lengths_are_no_records():
    text = b"A" * 70 + b"\n" + b"B" * 70
    (segment,) = only(PLAIN.replace(b"+X+", b"+" + text + b"+"))
    assert segment.get(1) == text.decode()
    lined = PLAIN.replace(b"'", b"'\n")
    assert not edifact.read(lined).notices
