"""Bytes of a device as lines, however they are cut on their way and however its lines end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.drivers import Lines

ENDS = [b"\n", b"\r\n", b"\r\r\n", b"\r"]
TEXT = st.binary(max_size=12).map(lambda found: found.translate(None, b"\r\n"))


def cut(lines: Lines, content: bytes, sizes: list[int]) -> tuple[list[bytes], Counter[str]]:
    """All lines of a content that comes in pieces of these sizes, and then whole."""
    found, refused, at = list[bytes](), Counter[str](), 0
    for size in sizes:
        found += lines.cut(content[at : at + size], refused)
        at += size
    return found + lines.cut(content[at:], refused), refused


@given(st.lists(TEXT, max_size=8), st.sampled_from(ENDS), st.lists(st.integers(0, 9), max_size=20), TEXT)
def test_lines_are_the_same_wherever_they_are_cut(texts: list[bytes], end: bytes, sizes: list[int], rest: bytes) -> None:
    whole = [text for text in texts if text or b"\r" not in end or end == b"\r\n"]
    content = b"".join(text + end for text in whole) + b"." + rest
    found, refused = cut(Lines(64), content, sizes)
    assert [line for line in found if line] == [text for text in whole if text]
    assert not refused
    if end in (b"\n", b"\r\n"):
        assert found == whole, "an empty line is a line"


@pytest.mark.parametrize("end", ENDS)
def test_no_line_end_makes_an_empty_line_of_its_own(end: bytes) -> None:
    found, _ = cut(Lines(64), end.join([b"a", b"b", b"c"]) + b"\n", [1] * 8)
    assert found == [b"a", b"b", b"c"]


@given(st.lists(st.integers(0, 40), max_size=12))
def test_what_is_too_long_is_dropped_to_its_end_and_counted_once(sizes: list[int]) -> None:
    lines = Lines(16)
    found, refused = cut(lines, b"first\n" + b"x" * 17, [*sizes, 1])
    assert (found, refused) == ([b"first"], {"too_long": 1})
    found, refused = cut(lines, b"x" * 99 + b"MSG,3,this is its tail\nnext\n", sizes)
    assert (found, refused) == ([b"next"], {}), "the tail of a line that was too long is no line"
