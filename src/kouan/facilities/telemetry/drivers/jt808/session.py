"""One terminal's connection: frames out of the stream, registration and authentication, answers to what it asks."""

from __future__ import annotations

import hmac
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from kouan.facilities.telemetry.drivers.jt808 import messages as m

SPLIT_KEPT = 16
SPLIT_MOST = 64  # packets of one message
REGISTERED, NO_VEHICLE = 0, 2


class Gate(Protocol):
    """Who may register and come in; what a port keeps of its terminals stands behind it."""

    def register(self, phone: str, identity: m.Identity) -> str | None:
        """The authentication code for a terminal, None when it is not admitted."""

    def admits(self, phone: str, code: str) -> bool:
        """Whether that is the terminal's code."""


class KeyedGate:
    """A gate without a register of its own: codes are a keyed hash of the terminal's number, `known` says which terminals are admitted."""

    def __init__(self, keyed: Callable[[bytes], bytes], known: Callable[[str], bool]) -> None:
        self._keyed, self._known = keyed, known

    def register(self, phone: str, identity: m.Identity) -> str | None:
        """A code that only this port's key gives for this terminal."""
        return self._code(phone) if self._known(phone) else None

    def admits(self, phone: str, code: str) -> bool:
        """Compare in constant time."""
        return self._known(phone) and hmac.compare_digest(self._code(phone).encode(), code.encode())

    def _code(self, phone: str) -> str:
        return self._keyed(phone.encode()).hex()[:16]


@dataclass(slots=True)
class Heard:
    """What a chunk held: locations with the terminal's number, other facts, refusals by cause, and the bytes to answer."""

    locations: list[tuple[str, m.Location]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    replies: bytes = b""


class Session:
    """The state of one connection; `feed` what was received, send what it answers. Nothing is sent unasked."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._rest = b""
        self._begun = False
        self._serial = 0
        self._split: OrderedDict[tuple[str, int, int, int], dict[int, m.Message]] = OrderedDict()
        self.phone = ""
        """The terminal that authenticated; empty before."""

    def feed(self, chunk: bytes) -> Heard:
        """Take bytes as they came, cut anywhere. Never raises for what they are."""
        heard = Heard()
        *whole, rest = (self._rest + chunk).split(b"\x7e")
        if whole and not self._begun:
            if whole[0]:
                heard.refused["noise"] += 1
            whole, self._begun = whole[1:], True
        if len(rest) > m.FRAME_MOST:
            heard.refused["too_long"] += 1
            rest, self._begun = b"", False
        self._rest = rest
        for frame in whole:
            if frame:
                self._frame(frame, heard)
        return heard

    def _frame(self, frame: bytes, heard: Heard) -> None:
        try:
            asked = m.message(frame)
        except m.Unread as cause:
            heard.refused[str(cause)] += 1
            return
        whole = self._whole(asked, heard)
        if whole is None:
            return
        try:
            result = self._take(whole, heard)
        except m.Unread as cause:
            heard.refused[str(cause)] += 1
            result = m.FAILED if str(cause) == "unauthenticated" else m.WRONG
        if result is not None:
            self._answer(asked, heard, m.GENERAL_ANSWER, _acknowledged(asked, result))

    def _whole(self, asked: m.Message, heard: Heard) -> m.Message | None:
        """A message of several packets when all are there; each packet is acknowledged."""
        if asked.total == 1:
            return asked
        if asked.total > SPLIT_MOST:
            heard.refused["too_long"] += 1
            return None
        key = (asked.phone, asked.kind, asked.total, asked.serial - asked.index & 0xFFFF)
        packets = self._split.setdefault(key, {})
        packets[asked.index] = asked
        if len(packets) == asked.total:
            del self._split[key]
            body = b"".join(packets[index].body for index in range(1, asked.total + 1))
            return m.Message(asked.kind, asked.phone, asked.serial, body, asked.versioned)
        while len(self._split) > SPLIT_KEPT:
            heard.refused["short"] += len(self._split.popitem(last=False)[1])
        self._answer(asked, heard, m.GENERAL_ANSWER, _acknowledged(asked, m.DONE))
        return None

    def _take(self, asked: m.Message, heard: Heard) -> int | None:
        """Do what a message asks: its result, or None where the answer is another one or none."""
        if asked.kind == m.REPLY:
            return None
        if asked.kind == m.REGISTER:
            self._register(asked, heard)
            return None
        if asked.kind == m.AUTHENTICATE:
            return self._authenticate(asked, heard)
        if asked.phone != self.phone:
            raise m.Unread("unauthenticated")
        if asked.kind == m.LOCATION:
            heard.locations.append((asked.phone, m.location(asked.body)))
        elif asked.kind == m.BATCH:
            heard.locations += [(asked.phone, location) for location in _batch(asked.body, heard)]
        elif asked.kind == m.LEAVE:
            self.phone = ""
        elif asked.kind != m.HEARTBEAT:
            heard.refused["unsupported"] += 1
            return m.UNSUPPORTED
        return m.DONE

    def _register(self, asked: m.Message, heard: Heard) -> None:
        identity = m.identity(asked)
        code = self._gate.register(asked.phone, identity)
        result = NO_VEHICLE if code is None else REGISTERED
        body = asked.serial.to_bytes(2) + bytes([result]) + (code or "").encode("gb18030")
        self._answer(asked, heard, m.REGISTER_ANSWER, body)
        heard.facts.append({
            "kind": "terminal", "phone": asked.phone, "admitted": code is not None, "plate": identity.plate,
            "plate_colour": identity.plate_colour, "maker": identity.maker, "model": identity.model,
            "terminal": identity.terminal,
        })  # fmt: skip

    def _authenticate(self, asked: m.Message, heard: Heard) -> int:
        admitted = self._gate.admits(asked.phone, m.code(asked))
        if not admitted:
            heard.refused["unauthenticated"] += 1
        self.phone = asked.phone if admitted else ""
        return m.DONE if admitted else m.FAILED

    def _answer(self, asked: m.Message, heard: Heard, kind: int, body: bytes) -> None:
        heard.replies += m.answer(asked, kind, body, self._serial)
        self._serial += 1


def _acknowledged(asked: m.Message, result: int) -> bytes:
    return asked.serial.to_bytes(2) + asked.kind.to_bytes(2) + bytes([result])


def _batch(body: bytes, heard: Heard) -> list[m.Location]:
    """The locations of a batch; those that cannot be are counted, the others taken."""
    found: list[m.Location] = []
    for item in m.batch(body):
        try:
            found.append(m.location(item))
        except m.Unread as cause:
            heard.refused[str(cause)] += 1
    return found
