"""JT/T 808 frames and messages as values: framing, header, registration, authentication, locations. No state, no clock.

Both editions: in 808-2019 a bit of the properties says that a version byte and a terminal number of ten bytes follow.
Times on the wire are UTC+8; here they are microseconds UTC. Degrees WGS 84 as the terminal states them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from operator import xor

from kouan.kernel.text import Text

FLAG, ESCAPE = 0x7E, 0x7D
FRAME_MOST = 2400  # a body has at most 1023 bytes, and escaping may double it
REPLY, HEARTBEAT, LEAVE, REGISTER, AUTHENTICATE, LOCATION, BATCH = (
    0x0001,
    0x0002,
    0x0003,
    0x0100,
    0x0102,
    0x0200,
    0x0704,
)
GENERAL_ANSWER, REGISTER_ANSWER = 0x8001, 0x8100
DONE, FAILED, WRONG, UNSUPPORTED = range(4)
CHINA = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSIONED, _SPLIT, _CIPHER, _LENGTH = 1 << 14, 1 << 13, 0x1C00, 0x03FF
_FIXED, _SOUTH, _WEST, _SHIFTED = 1 << 1, 1 << 2, 1 << 3, 1 << 5
_SYSTEMS = {18: "GPS", 19: "BDS", 20: "GLONASS", 21: "Galileo"}
_PLACE_BYTES = 28

ALARMS: dict[int, Text] = {
    0: Text("紧急报警", "Emergency"), 1: Text("超速", "Overspeed"), 2: Text("疲劳驾驶", "Driver fatigue"),
    3: Text("危险预警", "Danger ahead"), 4: Text("定位模块故障", "Positioning module fault"),
    5: Text("天线未接", "Antenna disconnected"), 6: Text("天线短路", "Antenna short-circuited"),
    7: Text("主电源欠压", "Main power low"), 8: Text("主电源掉电", "Main power lost"), 9: Text("显示屏故障", "Display fault"),
    10: Text("语音模块故障", "Speech module fault"), 11: Text("摄像头故障", "Camera fault"),
    18: Text("当天累计驾驶超时", "Too many hours of driving today"), 19: Text("超时停车", "Parked too long"),
    20: Text("进出区域", "Area entered or left"), 21: Text("进出路线", "Route entered or left"),
    22: Text("路段行驶时间不符", "Time on the road section wrong"), 23: Text("偏离路线", "Off the route"),
    24: Text("车速传感器故障", "Speed sensor fault"), 25: Text("油量异常", "Fuel level abnormal"),
    26: Text("车辆被盗", "Vehicle stolen"), 27: Text("非法点火", "Illegal ignition"), 28: Text("非法移动", "Illegal movement"),
    29: Text("碰撞", "Collision"), 30: Text("侧翻", "Rollover"), 31: Text("非法开门", "Door opened illegally"),
}  # fmt: skip


class Unread(ValueError):
    """A frame or message that cannot be read; its text is the cause's code."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its header. `total` and `index` are 1 unless it is sent in several packets."""

    kind: int
    phone: str
    serial: int
    body: bytes
    versioned: bool
    total: int = 1
    index: int = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What a terminal says of itself and its vehicle when it registers."""

    province: int
    city: int
    maker: str
    model: str
    terminal: str
    plate_colour: int
    plate: str


@dataclass(frozen=True, slots=True)
class Location:
    """A report of place: degrees, metres, km/h, degrees true; `at` microseconds UTC. None where nothing is known."""

    at: int
    fixed: bool
    lon: float
    lat: float
    altitude: int
    speed: float
    course: int
    ignition: bool
    alarms: tuple[int, ...]
    systems: tuple[str, ...]
    mileage: float | None = None
    fuel: float | None = None
    satellites: int | None = None


def unescaped(frame: bytes) -> bytes:
    """The bytes between two flags without escapes; Unread("escape") for a sequence that is none."""
    pieces = frame.split(bytes([ESCAPE]))
    if any(piece[:1] not in {b"\x01", b"\x02"} for piece in pieces[1:]):
        raise Unread("escape")
    signs = {1: bytes([ESCAPE]), 2: bytes([FLAG])}
    return pieces[0] + b"".join(signs[piece[0]] + piece[1:] for piece in pieces[1:])


def framed(content: bytes) -> bytes:
    """A frame: check byte added, flags escaped."""
    whole = content + bytes([reduce(xor, content, 0)])
    return b"\x7e" + whole.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def message(frame: bytes) -> Message:
    """The message of the bytes between two flags; raises Unread."""
    content = unescaped(frame)
    if len(content) < 13:
        raise Unread("short")
    if reduce(xor, content, 0):
        raise Unread("check")
    kind, properties = int.from_bytes(content[:2]), int.from_bytes(content[2:4])
    versioned = bool(properties & _VERSIONED)
    start, digits = (5, 10) if versioned else (4, 6)
    after = start + digits + 2
    end = after + (4 if properties & _SPLIT else 0)
    body = content[end:-1]
    if len(content) < end + 1 or len(body) != properties & _LENGTH:
        raise Unread("length")
    if properties & _CIPHER:
        raise Unread("encrypted")
    total, index = (int.from_bytes(content[at : at + 2]) if end > after else 1 for at in (after, after + 2))
    if not 1 <= index <= total:
        raise Unread("value")
    serial = int.from_bytes(content[after - 2 : after])
    return Message(kind, bcd(content[start : start + digits], "phone"), serial, body, versioned, total, index)


def answer(asked: Message, kind: int, body: bytes, serial: int) -> bytes:
    """The frame of a message to the terminal that asked, in the edition that it speaks."""
    digits = bytes.fromhex(asked.phone)
    properties = len(body) | (_VERSIONED if asked.versioned else 0)
    head = kind.to_bytes(2) + properties.to_bytes(2) + (b"\x01" if asked.versioned else b"")
    return framed(head + digits + (serial & 0xFFFF).to_bytes(2) + body)


def bcd(octets: bytes, cause: str = "value") -> str:
    """Binary coded decimal as digits; Unread when a nibble is no digit."""
    text = octets.hex()
    if not text.isdecimal():
        raise Unread(cause)
    return text


def identity(asked: Message) -> Identity:
    """The body of a registration, in the sizes of its edition (the model had 8 bytes in 2011, 20 in 2013)."""
    body = asked.body
    sizes = (11, 30, 30) if asked.versioned else (5, 20, 7)
    if len(body) < 5 + sum(sizes):
        sizes = (5, 8, 7)
        if asked.versioned or len(body) < 5 + sum(sizes):
            raise Unread("short")
    first, second, third = sizes
    ends = 4 + first, 4 + first + second, 4 + first + second + third
    maker, model, terminal = (_text(body[at:end]) for at, end in zip((4, *ends), ends, strict=False))
    numbers = int.from_bytes(body[:2]), int.from_bytes(body[2:4])
    return Identity(*numbers, maker, model, terminal, body[ends[2]], _text(body[ends[2] + 1 :]))


def code(asked: Message) -> str:
    """The authentication code that a terminal shows."""
    if not asked.versioned:
        return _text(asked.body)
    if not asked.body or len(asked.body) < 1 + asked.body[0]:
        raise Unread("short")
    return _text(asked.body[1 : 1 + asked.body[0]])


def _text(octets: bytes) -> str:
    return octets.decode("gb18030", "replace").strip("\0 ")


def location(body: bytes) -> Location:
    """A report of place; Unread when it is short, shifted by a map plug-in, or its values cannot be."""
    if len(body) < _PLACE_BYTES:
        raise Unread("short")
    alarm, status, lat, lon = (int.from_bytes(body[at : at + 4]) for at in (0, 4, 8, 12))
    altitude, speed, course = (int.from_bytes(body[at : at + 2]) for at in (16, 18, 20))
    if status & _SHIFTED:
        raise Unread("encrypted")
    if lat > 90_000_000 or lon > 180_000_000 or course > 360:
        raise Unread("value")
    extras = dict(_extras(body[_PLACE_BYTES:]))
    return Location(
        _time(bcd(body[22:28])), bool(status & _FIXED), lon / 1e6 * (-1 if status & _WEST else 1),
        lat / 1e6 * (-1 if status & _SOUTH else 1), altitude - (1 << 16) * (altitude >> 15), speed / 10, course % 360,
        bool(status & 1), tuple(bit for bit in ALARMS if alarm >> bit & 1),
        tuple(name for bit, name in _SYSTEMS.items() if status >> bit & 1), _number(extras, 0x01, 4, 10),
        _number(extras, 0x02, 2, 10), extras[0x31][0] if extras.get(0x31) else None,
    )  # fmt: skip


def _number(extras: dict[int, bytes], item: int, size: int, scale: int) -> float | None:
    return int.from_bytes(extras[item]) / scale if len(extras.get(item, b"")) == size else None


def _extras(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Items of one byte of name, one of length; a last one that is cut off is left out."""
    at = 0
    while at + 2 <= len(body):
        size = body[at + 1]
        if at + 2 + size <= len(body):
            yield body[at], body[at + 2 : at + 2 + size]
        at += 2 + size


def _time(digits: str) -> int:
    try:
        moment = datetime.strptime(digits, "%y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        raise Unread("value") from None
    return (moment - _EPOCH) // timedelta(microseconds=1)


def batch(body: bytes) -> list[bytes]:
    """The location bodies of a batch (locations that were kept while there was no network); Unread when it is cut off."""
    if len(body) < 3:
        raise Unread("short")
    found, at = [], 3
    for _ in range(int.from_bytes(body[:2])):
        size = int.from_bytes(body[at : at + 2])
        if at + 2 + size > len(body):
            raise Unread("length")
        found.append(body[at + 2 : at + 2 + size])
        at += 2 + size
    return found
