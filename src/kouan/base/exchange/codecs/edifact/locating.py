"""Where a byte of an interchange lies: message, segment, data element; for errors that keep a body from being read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kouan.base.exchange.codecs.edifact.model import Interchange, Segment, Separators
from kouan.base.exchange.codecs.edifact.reader import read
from kouan.base.exchange.codecs.problem import CodecError, Problem

_BYTE = re.compile(r"byte (\d+)")
_LONGEST = 1 << 16
"""A segment longer than this many bytes is not looked into."""
_FINE = bytes(range(32, 127)) + b"\t\r\n\x1c\x1d\x1e\x1f"
_PLAIN = bytes(byte if byte in _FINE else ord("x") for byte in range(256))
"""Every byte as itself, those that may not stand in an interchange as x: lengths and places stay."""


def envelope(body: bytes) -> tuple[Interchange, ...]:
    """The interchanges of a body whose data cannot be read, its data blanked; () where not even its frame is there."""
    try:
        return read(body.translate(_PLAIN)).interchanges
    except CodecError:
        return ()


def placed(problem: Problem, found: Sequence[Interchange], body: bytes) -> Problem:
    """The problem with message, segment and data element beside its byte, where it lies in one."""
    named = _BYTE.search(problem.position)
    if named is None or "message" in problem.position:
        return problem
    byte = int(named.group(1))
    for number, count, segment, separators in _segments(found):
        text = _raw(body, segment, separators)
        if not segment.position <= byte < segment.position + len(text):
            continue
        element, component = _spot(text[: byte - segment.position], separators)
        spot = f", element {element}.{component}" if element > 1 else ""
        return replace(problem, position=f"message {number}, segment {count}{spot}, byte {byte}", field=segment.tag)
    return problem


def _segments(found: Sequence[Interchange]) -> Iterator[tuple[int, int, Segment, Separators]]:
    messages = ((interchange, message) for interchange in found for message in interchange.messages)
    for number, (interchange, message) in enumerate(messages, 1):
        trailer = (message.trailer,) if message.trailer else ()
        for count, segment in enumerate((message.header, *message.segments, *trailer), 1):
            yield number, count, segment, interchange.separators


def _raw(body: bytes, segment: Segment, separators: Separators) -> str:
    """The segment as it stands in the body, up to its terminator."""
    text = body[segment.position : segment.position + _LONGEST].decode("latin-1")
    at = _past(text, separators.terminator, separators.release)
    return text[:at]


def _past(text: str, wanted: str, release: str) -> int:
    at = 0
    while at < len(text) and text[at] != wanted:
        at += 2 if text[at] == release else 1
    return at + 1


def _spot(before: str, separators: Separators) -> tuple[int, int]:
    """(data element, component) that the text before a byte leads to; the tag is element 1, components count from 1."""
    element = component = 1
    at = 0
    while at < len(before):
        if before[at] == separators.element:
            element, component = element + 1, 1
        elif before[at] == separators.component:
            component += 1
        at += 2 if before[at] == separators.release else 1
    return element, component
