"""Packages of syntax version 4 (UNO, UNP; ISO 9735-8): objects of any bytes between segments.

They are found by the lengths that their headers state, cut out, and blanked, so that what remains can be read as text; every
byte stays at its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kouan.base.exchange.codecs.edifact import service
from kouan.base.exchange.codecs.edifact.model import Segment, Separators
from kouan.base.exchange.codecs.edifact.tokens import tokenize
from kouan.base.exchange.codecs.problem import CodecError

HEAD = 4096
"""A UNO longer than this many bytes is not looked into."""
_HINT = re.compile(rb"UNO[^A-Z0-9]")
_LENGTH, _BEFORE = 9, 3
"""Digits of lengths (DE 0810, of which no body is longer) and of the count of segments before the object (DE 0814)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An object: the byte at which it begins, and what it is. `whole` is False where no UNP stands at its end."""

    position: int
    content: bytes
    whole: bool = True


def cut(body: bytes, at: int, unstated: Separators) -> tuple[bytes, Mapping[int, Cut]]:
    """The body with its objects blanked, and these by the byte of their UNO. `at`: where the first interchange begins."""
    if not _HINT.search(body):
        return body, {}
    found: dict[int, Cut] = {}
    places = service.marks(body)
    try:
        while at < len(body) and service.is_head(body, at):
            separators, start = service.separators_at(body, at, unstated, "")
            at = service.skip(body, _through(body, start, separators, places, found))
    except CodecError:
        pass  # service characters that cannot be used: whoever reads the interchange says so
    return _blanked(body, found), found


def _through(body: bytes, start: int, separators: Separators, places: list[int], found: dict[int, Cut]) -> int:
    """The byte after the interchange whose first segment begins at `start`; its objects go to `found`."""
    after, stop = start, service.end(body, start, separators, places)
    for hit in re.compile(b"UNO" + re.escape(separators.element.encode())).finditer(body, start):
        at = hit.start()
        if at < after:
            continue
        if at >= stop:
            break
        if not service.begins_segment(body, at, max(start, after - 1), separators):
            continue
        one = found[at] = _object(body, at, separators)
        after = one.position + len(one.content)
        if after >= stop:
            # What looked like the interchange's end was a part of the object.
            stop = service.end(body, after, separators, places)
    return stop


def _object(body: bytes, at: int, separators: Separators) -> Cut:
    begin = service.past_segment(body, at, separators)
    length, before = _stated(body[at : min(begin, at + HEAD)], separators)
    for _ in range(before):
        begin = service.past_segment(body, begin, separators)
    for start in (begin, service.skip(body, begin)):
        # Some senders put a line end behind every segment, which is not counted.
        if length is not None and _ends(body, start + length, separators):
            return Cut(start, body[start : start + length])
    # Whatever it is, it is not read as text: up to the last UNP that there is.
    end = body.rfind(b"UNP" + separators.element.encode(), begin)
    return Cut(begin, body[begin : end if end >= 0 else len(body)], whole=False)


def _stated(text: bytes, separators: Separators) -> tuple[int | None, int]:
    """(length of the object, segments before it) by S022; None where no length is stated."""
    segments = tokenize(text.decode("latin-1"), separators, 0, "iso8859-1").segments
    header = segments[0] if segments else Segment("UNO")
    length, before = header.get(3), header.get(3, 1) or "0"
    if not (_counts(length, _LENGTH) and _counts(before, _BEFORE)):
        return None, 0
    return int(length), int(before)


def _counts(text: str, digits: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits


def _ends(body: bytes, at: int, separators: Separators) -> bool:
    at = service.skip(body, at)
    return body[at : at + 4] == b"UNP" + separators.element.encode()


def _blanked(body: bytes, found: Mapping[int, Cut]) -> bytes:
    parts, last = [], 0
    for one in found.values():
        parts += [body[last : one.position], b" " * len(one.content)]
        last = one.position + len(one.content)
    return b"".join([*parts, body[last:]]) if parts else body
