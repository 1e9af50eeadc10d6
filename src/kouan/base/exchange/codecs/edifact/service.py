"""Finding an EDIFACT interchange in a body: what it is not, its service characters, where it ends."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace

from kouan.base.exchange.codecs.edifact import faults
from kouan.base.exchange.codecs.edifact.model import Separators
from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.kernel.text import Text

BLANK = b" \t\r\n"
BOM = b"\xef\xbb\xbf"
INTERACTIVE = (b"UIB", b"UIH", b"UIT", b"UIZ")
LEVEL_B = Separators("\x1f", "\x1d", ".", "", "", "\x1c")
"""Service characters of the syntax identifier UNOB in versions 1 to 3 where they are not those of UNOA."""
_BLANKS = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*")
_NARROWEST, _WIDEST, _CARD = 64, 512, 80
"""Bytes of a fixed record, and of the usual one, which is believed of a single line."""
_MARK = re.compile(rb"UN[ABZ]")
_FOREIGN: tuple[tuple[bytes, Text], ...] = (
    (b"ISA", Text("ANSI X12", "ANSI X12")),
    (b"STX=", Text("TRADACOMS", "TRADACOMS")),
    (b"MHD=", Text("TRADACOMS", "TRADACOMS")),
    (b"<", Text("XML", "XML")),
    (b"{", Text("JSON", "JSON")),
    (b"[", Text("JSON", "JSON")),
    (b"PK\x03\x04", Text("压缩包", "an archive")),
    (b"\x1f\x8b", Text("压缩包", "an archive")),
    (b"%PDF", Text("PDF", "PDF")),
    (b"\xff\xfe", Text("UTF-16文本", "UTF-16 text")),
    (b"\xfe\xff", Text("UTF-16文本", "UTF-16 text")),
)


def unwrapped(body: bytes) -> tuple[bytes, int]:
    """The body without the line ends of fixed records, and how wide these were; (body, 0) for any other.

    Mainframes write records of 80 bytes, say, which end in the midst of segments: neither data nor service characters.
    """
    first = body.find(b"\n")
    end = b"\r\n" if body[:first].endswith(b"\r") else b"\n"
    width = first + 1 - len(end)
    if first < 0 or not _NARROWEST <= width <= _WIDEST or body[:3] not in (b"UNA", b"UNB"):
        return body, 0
    terminator = body[8:9] if body.startswith(b"UNA") else b"'"
    *lines, last = body.rstrip(BLANK).split(end)
    even = all(len(line) == width for line in lines) and len(last) <= width
    if not even or all(line.endswith(terminator) for line in lines) or not (len(lines) > 1 or width == _CARD):
        return body, 0
    return b"".join((*lines, last)) + b"\n", width


def begin(body: bytes) -> int:
    """The byte at which the first segment begins; refuses what is not EDIFACT, naming what it looks like."""
    start = skip(body, 0)
    head = body[start : start + 12]
    if not head:
        raise faults.EMPTY.error("byte 0")
    if is_head(body, start):
        return start
    if head[:3] in INTERACTIVE:
        raise faults.INTERACTIVE.error(f"byte {start}", head[:3].decode(), tag=head[:3].decode())
    for magic, kind in _FOREIGN:
        if head.startswith(magic) or body.startswith(magic):
            raise CodecError((_other(kind, start),))
    if any(byte < 9 or 13 < byte < 32 or byte == 127 for byte in body[:512]):
        raise CodecError((_other(Text("二进制数据", "binary data"), start),))
    found = head.decode("ascii", "replace")
    raise faults.UNKNOWN.error(f"byte {start}", "UNB", found=found)


def _other(kind: Text, start: int) -> Problem:
    problem = faults.OTHER.at(f"byte {start}", "UNB", kind="{kind}")
    reason = Text(problem.reason.zh.format(kind=kind.zh), problem.reason.en.format(kind=kind.en))
    return replace(problem, reason=reason)


def is_head(body: bytes, at: int) -> bool:
    """Whether an interchange, or at least a group or message, begins at this byte."""
    return body[at : at + 3] in (b"UNA", b"UNB", b"UNG", b"UNH")


def skip(body: bytes, start: int) -> int:
    """The first byte from `start` that is neither space nor a byte order mark."""
    found = _BLANKS.match(body, start)
    return found.end() if found else start


def default(body: bytes) -> Separators:
    """What holds where no UNA stands: the standard's own characters, or line ends in a body without any ' sign."""
    if b"'" in body or LEVEL_B.terminator.encode() in body:
        return Separators()
    lines = [line for line in body.splitlines() if line.strip()]
    spaced = len(lines) > 1 and all(_segment_like(line) for line in lines)
    return Separators(terminator="\n") if spaced else Separators()


def _segment_like(line: bytes) -> bool:
    tag = line.lstrip(BLANK)[:4]
    return tag[:3].isalnum() and tag[:3].isupper() and tag[3:] in (b"", b"+")


def separators_at(body: bytes, start: int, unstated: Separators, place: str) -> tuple[Separators, int]:
    """(service characters, byte after the UNA if any). Refuses a UNA that cannot be used."""
    if body[start : start + 3] != b"UNA":
        return _unstated(body, start, unstated, place), start
    raw = body[start + 3 : start + 9]
    text = raw.decode("ascii", "replace")
    component, element, decimal, release, repetition, terminator = tuple((text + "\0" * 6)[:6])
    used = [c for c in (component, element, release, repetition, terminator) if c != " "]
    usable = len(raw) == 6 and raw.isascii() and len(set(used)) == len(used) and " " not in component + element
    if not usable or terminator == " " or "\0" in text or any(c.isalnum() for c in used):
        raise faults.UNA.error(f"{place}byte {start}", "UNA", found=text)
    if terminator == "\r" and body[start + 9 : start + 10] == b"\n":
        terminator, start = "\n", start + 1  # the terminator is the line end, and lines end with CR LF here
    found = Separators(
        component, element, decimal, release.strip(" "), repetition.strip(" "), terminator, given=True
    )
    return found, skip(body, start + 9)


def _unstated(body: bytes, start: int, unstated: Separators, place: str) -> Separators:
    mark = body[start + 3 : start + 4]
    if mark == b"\x1d":
        return LEVEL_B
    if mark != b"+":
        tag = body[start : start + 3].decode("ascii", "replace")
        found = mark.decode("ascii", "replace") or "?"
        raise faults.SEPARATOR.error(f"{place}byte {start}", tag, tag=tag, found=found)
    return unstated


def marks(body: bytes) -> list[int]:
    """Every byte at which UNA, UNB or UNZ is written, in order, whether or not a segment begins there."""
    return [found.start() for found in _MARK.finditer(body)]


def end(body: bytes, start: int, separators: Separators, places: list[int]) -> int:
    """The byte after the interchange that begins at `start`: past its UNZ, or before the next UNB or UNA.

    Searched in bytes, before decoding: each interchange states its own character set. `places` is `marks(body)`.
    """
    for index in range(bisect_right(places, start), len(places)):
        at = places[index]
        if not begins_segment(body, at, start, separators):
            continue
        return past_segment(body, at, separators) if body[at : at + 3] == b"UNZ" else at
    return len(body)


def past_segment(body: bytes, at: int, separators: Separators) -> int:
    """The byte after the segment that begins at `at`, past its terminator; the end of the body where there is none."""
    terminator = separators.terminator.encode()
    stop = body.find(terminator, at)
    while stop >= 0 and _released(body, stop, separators):
        stop = body.find(terminator, stop + 1)
    return stop + 1 if stop >= 0 else len(body)


def begins_segment(body: bytes, at: int, start: int, separators: Separators) -> bool:
    """Whether a terminator that is none of data stands before this byte, with nothing but space between, from `start` on."""
    before = at - 1
    terminator = ord(separators.terminator)
    while before >= start and body[before] in BLANK and body[before] != terminator:
        before -= 1
    return before >= start and body[before] == terminator and not _released(body, before, separators)


def _released(body: bytes, at: int, separators: Separators) -> bool:
    if not separators.release:
        return False
    release = ord(separators.release)
    count = 0
    while at > count and body[at - 1 - count] == release:
        count += 1
    return count % 2 == 1
