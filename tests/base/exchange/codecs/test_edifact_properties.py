"""EDIFACT: whatever is written is read back equal; whatever is read, nothing but CodecError comes out."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import Interchange, Segment, Separators, interchange, message
from kouan.base.exchange.codecs.edifact.tokens import tokenize
from kouan.base.exchange.codecs.problem import CodecError

CONTROLS = [chr(c) for c in (*range(32), 127)]
TEXT = {
    "UNOA": st.text(st.characters(max_codepoint=126, exclude_characters=CONTROLS), max_size=12),
    "UNOC": st.text(
        st.characters(max_codepoint=255, exclude_characters=[*CONTROLS, *map(chr, range(128, 160))]), max_size=12
    ),
    "UNOW": st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROLS), max_size=12),
}
TAGS = st.from_regex(r"[A-T][A-Z0-9]{2}", fullmatch=True)


def separators(version: str) -> st.SearchStrategy[Separators]:
    """Service characters: the standard's, and any six signs."""
    signs = st.permutations(list("+:'?*^|~,;!")).map(
        lambda s: Separators(s[0], s[1], ".", s[2], s[3] if version == "4" else "", s[4], given=True)
    )
    return st.one_of(st.just(Separators(repetition="*" if version == "4" else "")), signs)


@st.composite
def interchanges(draw: st.DrawFn) -> Interchange:
    """Any interchange that the standard can carry."""
    charset = draw(st.sampled_from(sorted(TEXT)))
    version = "4" if charset == "UNOW" else draw(st.sampled_from("1234"))
    words = TEXT[charset]
    element = st.lists(words, min_size=1, max_size=4).map(tuple)
    repeats = st.lists(st.tuples(st.integers(0, 1), element), max_size=2) if version == "4" else st.just([])

    def segment(tag: str, elements: list[tuple[str, ...]], more: list[tuple[int, tuple[str, ...]]]) -> Segment:
        usable = sorted((pair for pair in more if pair[0] < len(elements)), key=lambda pair: pair[0])
        return Segment(tag, tuple(elements), repeats=tuple(usable))

    segments = st.lists(st.builds(segment, TAGS, st.lists(element, max_size=5), repeats), max_size=6)
    messages = tuple(
        message(str(n), ("CUSCAR", "D", "95B", "UN"), tuple(draw(segments))) for n in range(draw(st.integers(0, 3)))
    )
    plain = interchange((charset, version), ("ME",), ("YOU",), ("260101", "0800"), "R1", messages)
    return Interchange(draw(separators(version)), charset, plain.header, plain.body, plain.trailer)


@settings(max_examples=300, deadline=None)
@given(interchanges(), st.booleans())
def test_written_is_read_back_equal(whole: Interchange, lines: bool):
    body = edifact.write(whole, lines=lines)
    assert edifact.parse(body) == (whole,)
    assert edifact.write(edifact.parse(body)[0], lines=lines) == body


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(body: bytes):
    for start in (b"", b"UNB+UNOA:3+", b"UNA:+.? '", b"UNA:+.?*'UNB+UNOW:4+A+B+1:2+3'"):
        try:
            reading = edifact.read(start + body)
        except CodecError:
            continue
        assert reading.problems or reading.interchanges


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="UNBHTZAGE+:'?*1 \n", max_size=120))
def test_any_text_of_service_characters(text: str):
    for start in ("UNB+UNOA:4+A+B+1:2+3'", "UNH+1+X'", ""):
        try:
            edifact.read((start + text).encode())
        except CodecError:
            continue


def test_damaged_samples_finish_and_refuse_politely(sample: Callable[[str], bytes], refused: Callable[..., Any]):
    body = sample("cuscar-wanghai.edi")
    chance = random.Random(20261121)
    for _ in range(800):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        start, end = sorted(chance.sample(range(len(body)), 2))
        for changed in (bytes(damaged), body[:end], body[start:], body[:start] + body[end:], body[:end] + body[start:]):
            refused(partial(edifact.read, changed))


def slow_tokens(text: str) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Segments letter by letter, as the standard words it: the reference for the fast tokenizer."""
    found, elements, components, current, released, begun = [], [], [], "", False, False
    for letter in text:
        if released:
            current, released = current + letter, False
        elif letter == "?":
            released = begun = True
        elif letter == ":":
            components, current, begun = [*components, current], "", True
        elif letter == "+":
            elements, components, current, begun = [*elements, (*components, current)], [], "", True
        elif letter == "'":
            tag, *rest = [*elements, (*components, current)]
            if begun:
                found.append((":".join(tag), tuple(rest)))
            elements, components, current, begun = [], [], "", False
        elif begun or letter != " ":
            current, begun = current + letter, True
    return found


@pytest.mark.parametrize("gap", ["", "\n", "\r\n", " ", "\n\n"])
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="AB12+:?' ", max_size=60), repeated=st.integers(1, 3))
@example(text="? ' ", repeated=1)  # a released blank as a tag, and blanks between segments
def test_the_fast_tokenizer_agrees_with_the_slow_one(gap: str, text: str, repeated: int):
    """Whatever stands between segments, in content and in the place where each begins."""
    once = slow_tokens(text + "'") if not released_at_end(text) else slow_tokens(text + "''")
    body = text + ("''" if released_at_end(text) else "'") + gap
    found = tokenize(body * repeated, Separators(), 7, "ascii")
    kept = [(tag, elements) for tag, elements in once if tag or elements]
    assert [(segment.tag, segment.elements) for segment in found.segments] == kept * repeated
    places = [segment.position - 7 for segment in found.segments]
    cut = [(body * repeated)[at:end] for at, end in pairwise([*places, None])]
    assert [slow_tokens(piece)[0] for piece in cut] == kept * repeated


def released_at_end(text: str) -> bool:
    """Whether the last character is a release character that waits for the next."""
    return (len(text) - len(text.rstrip("?"))) % 2 == 1
