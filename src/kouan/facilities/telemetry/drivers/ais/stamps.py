"""What stands around a sentence: NMEA 4 tag blocks (time, source, group) and the stamps of loggers. Times: microseconds UTC.

A tag block whose own checksum is wrong or missing says nothing, and is counted; its sentence has a checksum of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import xor

import numpy as np

from kouan.facilities.telemetry.drivers.ais.sentences import LINE_MOST, Sentences, exclusive_or
from kouan.facilities.telemetry.drivers.ais.sixbit import Array, rows_at

SECOND = 1_000_000
LATEST = 4_102_444_800 * SECOND  # 2100: what lies beyond is no time but a wrong clock
_SLASH, _COMMA, _STAR, _COLON = b"\\,*:"
_HEX = np.full(256, 255, np.uint8)
_HEX[np.frombuffer(b"0123456789ABCDEF", np.uint8)] = range(16)
_HEX[np.frombuffer(b"abcdef", np.uint8)] = range(10, 16)
_TENS = 10 ** np.arange(12, -1, -1, dtype=np.int64)
_NAME = 16
_EXPECTED = 8  # sources in one chunk that are told apart without sorting
_GROUP = re.compile(rb"\d+-\d+-(\d+)")
BLOCK_MOST = LINE_MOST // 2
_ISO = re.compile(rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(Z|[+-]\d\d:?\d\d|UTC)")
_EPOCH = re.compile(rb"(?<![\w.:-])(\d{10}|\d{13})(?:\.(\d{1,9}))?(?![\w.:-])")
_SUM = re.compile(rb"\*[0-9A-Fa-f]{2}")
_STATION = re.compile(rb",(r[\w-]{3,14})(?=,|$)")


@dataclass(slots=True)
class Sources:
    """The stations that sentences named, numbered from 1 in the order of their first word; 0: none named."""

    numbers: dict[bytes, int] = field(default_factory=dict)
    most: int = 65_535

    def number(self, name: bytes) -> int:
        """The number of a source; 0 when there are more than a column can tell apart."""
        name = name[:_NAME].partition(b"*")[0].rstrip(b"\0")
        if not name:
            return 0
        if name not in self.numbers and len(self.numbers) < self.most:
            self.numbers[name] = len(self.numbers) + 1
        return self.numbers.get(name, 0)

    def names(self) -> list[str]:
        """Their names by number; the first, empty one stands for none."""
        return ["", *(name.decode("latin-1") for name in self.numbers)]


@dataclass(slots=True)
class Stamps:
    """For each line: event time (0: unknown), source (0: none), whether it comes from a simulator, and bad tag blocks."""

    at: Array
    source: Array
    simulated: Array
    wrong: int


def read(buffer: Array, found: Sentences, sources: Sources) -> Stamps:
    """The stamps of all lines whose sentence is in order."""
    count = len(found.start)
    stamps = Stamps(np.zeros(count, np.int64), np.zeros(count, np.uint16), np.zeros(count, np.bool_), 0)
    fair = found.cause == 0
    before, after = fair & (found.head > found.start), fair & (found.star + 3 < found.end)
    if before.any():
        tagged = before & (buffer[found.start] == _SLASH) & (buffer[found.head - 1] == _SLASH)
        size = found.head - found.start
        tagged &= (size >= 5) & (size <= BLOCK_MOST)
        _tags(buffer, found, np.flatnonzero(tagged), stamps, sources)
        for row in np.flatnonzero(before & ~tagged).tolist():
            stamps.at[row] = leading(buffer[found.start[row] : found.head[row]].tobytes())
    for row in np.flatnonzero(after).tolist():
        station, time = trailing(buffer[found.star[row] + 3 : found.end[row]].tobytes())
        if station:
            _set_source(station, np.array([row]), stamps, sources)
        stamps.at[row] = time or stamps.at[row]
    return stamps


def _tags(buffer: Array, found: Sentences, rows: Array, stamps: Stamps, sources: Sources) -> None:
    starts, stars = found.start[rows] + 1, found.head[rows] - 4
    digits = _HEX[buffer[stars + 1]], _HEX[buffer[stars + 2]]
    total = exclusive_or(buffer, starts, np.maximum(stars - starts, 0))
    fair = (buffer[stars] == _STAR) & (stars >= starts) & (digits[0] < 16) & (digits[1] < 16)
    fair &= total == digits[0] * 16 + digits[1]
    stamps.wrong = int(len(rows) - fair.sum())
    rows, starts, stars = rows[fair], starts[fair], stars[fair]
    if not len(rows):
        return
    width = int((stars - starts).max()) + 3
    block = rows_at(buffer, starts - 1, width)
    pairs = (block[:, 2:] == _COLON) & ((block[:, :-2] == _COMMA) | (np.arange(width - 2) == 0))
    pairs &= np.arange(width - 2) < (stars - starts)[:, None]
    at, column = np.divmod(np.flatnonzero(pairs), width - 2)
    letters = block[at, column + 1]
    texts = starts[at] + column + 2
    timed, named = letters == ord("c"), letters == ord("s")
    stamps.at[rows[at[timed]]] = _times(buffer, texts[timed])
    _name(buffer, rows[at[named]], texts[named], stamps, sources)


def _times(buffer: Array, starts: Array) -> Array:
    """Seconds (10 digits) or milliseconds (13 digits) since 1970; other lengths are no time of our age."""
    digits = rows_at(buffer, starts, 14) - np.uint8(48)
    counts = (digits > 9).argmax(axis=1)
    seconds = digits[:, :10] @ _TENS[3:] * SECOND
    millis = digits[:, :13] @ _TENS * 1000
    times = np.where(counts == 10, seconds, np.where(counts == 13, millis, 0))
    return np.where(times < LATEST, times, 0)


def _name(buffer: Array, rows: Array, starts: Array, stamps: Stamps, sources: Sources) -> None:
    names = rows_at(buffer, starts, _NAME)
    ended = (names == _COMMA) | (names == _STAR)
    ends = np.where(ended.any(axis=1), ended.argmax(axis=1), _NAME)
    names[np.arange(_NAME) >= ends[:, None]] = 0
    halves = names.view(np.uint64)
    left = np.arange(len(rows))
    for _ in range(_EXPECTED):
        if not len(left):
            return
        same = (halves[left, 0] == halves[left[0], 0]) & (halves[left, 1] == halves[left[0], 1])
        _set_source(names[left[0]].tobytes(), rows[left[same]], stamps, sources)
        left = left[~same]
    for row in left.tolist():
        _set_source(names[row].tobytes(), rows[row : row + 1], stamps, sources)


def _set_source(name: bytes, rows: Array, stamps: Stamps, sources: Sources) -> None:
    stamps.source[rows] = sources.number(name)
    if simulated(name):
        stamps.simulated[rows] = True


def simulated(source: bytes) -> bool:
    """Whether a source says of itself that it is a simulator."""
    return source[:3].upper() == b"SIM"


def leading(before: bytes) -> int:
    """A logger's stamp in front: ISO 8601 with its zone, or seconds or milliseconds since 1970. Others are not guessed at."""
    match = _ISO.search(before)
    return _iso(match) if match else _epoch(_EPOCH.findall(before))


def trailing(after: bytes) -> tuple[bytes, int]:
    """What receivers add behind: `,1609459200`, or station and time (`,rNAME,1609459200`); empty and 0 where nothing is said."""
    station = _STATION.search(after)
    return station[1] if station else b"", leading(after)


def tag_block(before: bytes) -> dict[bytes, bytes] | None:
    """The fields of the tag block before a sentence; empty without one, None when its checksum is wrong or missing."""
    if not tagged(before):
        return {}
    content, total = before[1:-4], before[-4:-1]
    if _SUM.fullmatch(total) is None or reduce(xor, content, 0) != int(total[1:], 16):
        return None
    return dict(part.split(b":", 1) for part in content.split(b",") if b":" in part)


def tagged(before: bytes) -> bool:
    """Whether what stands before a sentence is a tag block."""
    return before[:1] == before[-1:] == b"\\" and 5 <= len(before) <= BLOCK_MOST


def tag_time(stamp: bytes) -> int:
    """The time of a tag block's `c`: seconds (10 digits) or milliseconds (13 digits); 0 for what is no time of our age."""
    digits = stamp[: len(stamp) - len(stamp.lstrip(b"0123456789"))]
    unit = {10: SECOND, 13: 1000}.get(len(digits), 0)
    time = int(digits) * unit if unit else 0
    return time if time < LATEST else 0


def _iso(match: re.Match[bytes]) -> int:
    zone = match[2].decode().replace("UTC", "Z")
    try:
        moment = datetime.fromisoformat(match[1].decode().replace(" ", "T") + zone)
    except ValueError:
        return 0
    return max(round(moment.timestamp() * SECOND), 0)


def _epoch(numbers: list[tuple[bytes, bytes]]) -> int:
    """The last number that is a time of our age, in microseconds; 0 without one."""
    for whole, fraction in reversed(numbers):
        unit = SECOND if len(whole) == 10 else 1000
        time = int(whole) * unit + int((fraction[:6] or b"0").ljust(6, b"0")) * unit // SECOND
        if time < LATEST:
            return time
    return 0


def group_of(before: bytes) -> bytes:
    """The number of the tag-block group of a sentence; empty without one."""
    match = _GROUP.match((tag_block(before) or {}).get(b"g", b""))
    return match[1] if match else b""
