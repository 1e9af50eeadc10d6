"""One line at a time, for doors that answer each line: the same rules as the columns', without arrays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Any

from kouan.facilities.telemetry.drivers.ais import stamps
from kouan.facilities.telemetry.drivers.ais.parts import Assembly, Part
from kouan.facilities.telemetry.drivers.ais.sentences import LINE_MOST, no_ais
from kouan.facilities.telemetry.drivers.ais.values import Unread, fields

_HEAD = re.compile(rb"[!$]..VD[MO],", re.DOTALL)
_BODY = re.compile(rb"(.),(.),([^,]?),(?:([^,]),|,)(.*),(.)", re.DOTALL)
_SUM = re.compile(rb"\*([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole message: its fields, when (microseconds UTC, 0: unknown) and through which source it was heard."""

    fields: dict[str, Any]
    at: int
    source: int
    simulated: bool
    own: bool


def heard(line: bytes, number: int, assembly: Assembly, sources: stamps.Sources) -> Heard | None:
    """The message that a line makes whole, None while parts are missing; raises Unread with the cause's code."""
    if len(line) > LINE_MOST:
        raise Unread("too_long")
    head, star = _span(line)
    body = line[head + 1 : star]
    match = _BODY.fullmatch(body[6:]) if star > head + 6 else None
    if match is None:
        raise Unread("malformed")
    count, part, fill = (_digit(match[group]) for group in (1, 2, 6))
    if max(count, part) > 9:
        raise Unread("malformed")
    digits = _SUM.match(line, star)
    if digits is None or reduce(xor, body, 0) != int(digits[1], 16):
        raise Unread("checksum")
    if not 1 <= part <= count:
        raise Unread("parts")
    if fill > 5:
        raise Unread("fill")
    if not match[5]:
        raise Unread("empty")
    at, source, simulated, group = _around(line[:head], line[star + 3 :], sources)
    sequence, channel = (ord(match[n] or b"\0") for n in (3, 4))
    key = (group, 0, 0, 0, count) if group else (b"", source, sequence, channel, count)
    one = Part(key, part, count, match[5], fill, number, at, source, simulated)
    whole = [one] if count == 1 else assembly.take(one)
    if whole is None:
        return None
    found = fields(b"".join(part.payload for part in whole), whole[-1].fill)
    time, place = (next((getattr(part, name) for part in whole if getattr(part, name)), 0) for name in ("at", "source"))
    return Heard(found, time, place, any(part.simulated for part in whole), body[4:5] == b"O")


def _digit(sign: bytes) -> int:
    return (sign[0] - 48) & 255


def _span(line: bytes) -> tuple[int, int]:
    """Where the sentence begins and where its checksum does."""
    head = line.rfind(b"!")
    if head < 0 or line[head + 3 : head + 7] not in {b"VDM,", b"VDO,"}:
        match = _HEAD.search(line)
        if match is None:
            raise Unread(no_ais(line))
        head = match.start()
    star = len(line) - 3 if line[-3:-2] == b"*" and len(line) - 3 > head else line.find(b"*", head)
    if star < 0 or star + 2 >= len(line):
        raise Unread("malformed")
    return head, star


def _around(before: bytes, after: bytes, sources: stamps.Sources) -> tuple[int, int, bool, bytes]:
    """Event time, source, whether simulated, and the group of a tag block."""
    tags = stamps.tag_block(before) or {}
    at = stamps.tag_time(tags.get(b"c", b"")) if stamps.tagged(before) else stamps.leading(before)
    name = tags.get(b"s", b"")
    station, time = stamps.trailing(after) if after else (b"", 0)
    return time or at, sources.number(station or name), stamps.simulated(name), stamps.group_of(before)
