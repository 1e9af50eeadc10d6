"""Packages of syntax version 4: objects of any bytes are counted, set aside and kept apart from what is read as text."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact.as_json import InterchangeDoc, from_json, to_json
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.edifact.format import Edifact
from kouan.kernel.errors import Refused
from kouan_sim import edi
from tests.base.conftest import load
from tests.base.exchange.test_telling import NOW

load()
HEAD = b"UNB+UNOB:4+ME+YOU+20260101:0800+R1'"
MESSAGE = b"UNH+1+CUSCAR:D:95B:UN'BGM+785+X+9'UNT+3+1'"
NASTY = b"'UNZ+1+R1'UNB+UNOA:3+\x00\x1c\xff?'UNP+1+9'UNA:+.? '\x1a"


def package(content: bytes, reference: str = "P1", *, length: object = None, trailer: str = "", gap: bytes = b"") -> bytes:
    size = len(content) if length is None else length
    head = f"UNO+{reference}+ACW:DOC1+1:PDF*2:x+{size}'".encode()
    return head + gap + content + gap + (trailer or f"UNP+{size}+{reference}'").encode()


def whole(*parts: bytes, count: int | None = None) -> bytes:
    return HEAD + b"".join(parts) + f"UNZ+{len(parts) if count is None else count}+R1'".encode()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=60) | st.just(NASTY), min_size=1, max_size=4), st.booleans(), st.sampled_from([b"", b"\r\n"]))
def test_objects_of_any_bytes_come_out_whole_and_are_written_back(contents: list[bytes], grouped: bool, gap: bytes) -> None:
    packages = [package(content, f"P{at}", gap=gap) for at, content in enumerate(contents)]
    body = whole(packages[0], MESSAGE, *packages[1:])
    if grouped:
        inner = packages[0] + MESSAGE + b"".join(packages[1:])
        body = whole(b"UNG+CUSCAR+ME+YOU+20260101:0800+7+UN+D:95B'" + inner + f"UNE+{len(packages) + 1}+7'".encode(), count=1)
    reading = edifact.read(body)
    assert not reading.problems
    (interchange,) = reading.interchanges
    found = interchange.packages
    # A line end that follows each segment cannot be told from the object's own first bytes; the length decides.
    assert [len(one.content) for one in found] == list(map(len, contents))
    assert [body[one.position : one.position + len(one.content)] for one in found] == [one.content for one in found]
    if not gap:
        assert [one.content for one in found] == contents
        assert edifact.write(interchange) == body
    assert edifact.parse(edifact.write(interchange)) == (interchange,)
    assert from_json(InterchangeDoc.model_validate(to_json(interchange))) == interchange
    (message,) = interchange.messages
    assert [segment.tag for segment in message.segments] == ["BGM"]
    assert message.header.position == body.index(MESSAGE)
    notices = [note for note in reading.notices if note.code == "edifact.note.package"]
    assert [note.position for note in notices] == [f"byte {one.position}" for one in found]
    assert all(f"{len(one.content)} bytes" in note.reason.en for one, note in zip(found, notices, strict=True))
    assert all(hashlib.sha256(one.content).hexdigest() in note.reason.zh for one, note in zip(found, notices, strict=True))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (whole(MESSAGE, package(b"abc"), count=1), "edifact.unz.count"),
        (whole(MESSAGE, package(b"abc", length=2)), "edifact.package"),
        (whole(MESSAGE, package(NASTY, length="")), "edifact.package"),
        (whole(MESSAGE, package(b"abc", length=10**9)), "edifact.package"),
        (whole(MESSAGE, package(b"abc", trailer="UNP+4+P1'")), "edifact.unp.length"),
        (whole(MESSAGE, package(b"abc", trailer="UNP+3+P2'")), "edifact.unp.reference"),
        (whole(MESSAGE, b"UNO+P1+ACW:D+1+3'abc"), "edifact.unp.missing"),
        (whole(MESSAGE, b"UNP+3+P1'"), "edifact.uno.missing"),
        (whole(MESSAGE[:-9], package(b"abc")), "edifact.unt.missing"),
        (b"UNA:+.? '" + b"UIB+UNOA:4'", "edifact.interactive"), (b"UIH+1'", "edifact.interactive"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_package_is_named_with_its_place(body: bytes, code: str) -> None:
    with pytest.raises(CodecError) as refusal:
        edifact.parse(body)
    found = {problem.code: problem for problem in refusal.value.problems}
    assert code in found
    assert "byte " in found[code].position
    assert found[code].reason.zh != found[code].reason.en


def test_a_message_beside_a_package_is_filed_and_says_what_was_set_aside() -> None:
    sent = edi.cusrep(edi.Ship(), NOW, NOW, "R1", NOW)
    body = sent[: sent.rindex(b"UNZ")].replace(b":3+", b":4+", 1) + package(NASTY) + b"UNZ+2" + sent[sent.rindex(b"UNZ") + 5 :]
    (part,) = Edifact().read(body, record="", office="").parts
    (note,) = [one for one in part.drafts[0].warnings if one["code"] == "edifact.note.package"]
    assert note["position"] == f"byte {body.index(NASTY)}"
    assert str(len(NASTY)) in note["reason"]["zh"]
    with pytest.raises(Refused, match="no filing"):
        Edifact().read(whole(package(NASTY)), record="", office="")
