"""The AIS driver: NMEA 0183 sentences with tag blocks in, observations out; what cannot be read is counted by cause."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from typing import Any

from kouan.facilities.telemetry.drivers.ais.bits import Unarmoured
from kouan.facilities.telemetry.drivers.ais.messages import read
from kouan.kernel.drivers import Decoded, Driver
from kouan.kernel.text import Text

LINE_MOST = 1024
PARTS_KEPT = 512
_SENTENCE = re.compile(
    r"[!$](?P<talker>..)VD[MO],(?P<count>[1-9]),(?P<part>[1-9]),(?P<id>\d?),(?P<channel>[AB12]?),"
    r"(?P<payload>[^,*]*),(?P<fill>[0-5])\*(?P<sum>[0-9A-Fa-f]{2})"
)


class AisDriver(Driver):
    """Decodes a byte stream of AIS sentences; keeps an unfinished line and the parts of unfinished messages."""

    code = "ais"
    title = Text("船舶自动识别系统", "Automatic identification system")
    protocol = "NMEA 0183 / ITU-R M.1371"
    signal = "vessel.position"

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self._parts: OrderedDict[tuple[str, str, str, str], dict[int, str]] = OrderedDict()
        self._fill: dict[tuple[str, str, str, str], int] = {}
        self._tags: dict[tuple[str, str, str, str], dict[str, str]] = {}

    def decode(self, chunk: bytes) -> Decoded:
        """Decode the whole lines of a chunk; the unfinished rest waits for the next (at most 1 KiB of it)."""
        found: list[dict[str, Any]] = []
        refused: Counter[str] = Counter()
        for line in self._lines(chunk, refused):
            outcome = self.line(line)
            if isinstance(outcome, str):
                refused[outcome] += 1
            elif outcome:
                found.append(outcome)
        return Decoded(found, refused)

    def _lines(self, chunk: bytes, refused: Counter[str]) -> Iterator[bytes]:
        *whole, rest = (self._rest + chunk).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if self._skipping:
                self._skipping = False
            elif len(line) > LINE_MOST:
                refused["too_long"] += 1
            elif line.strip():
                yield line.strip()
        if len(rest) > LINE_MOST:
            refused["too_long"] += not self._skipping
            self._skipping, rest = True, b""
        self._rest = rest

    def line(self, line: bytes) -> dict[str, Any] | str | None:
        """One line: its observation, the cause for which it was refused, or None while parts are missing."""
        text = line.decode("latin-1")
        tags, text = _tags(text)
        match = _SENTENCE.search(text)
        if match is None:
            return "not_ais"
        start = match.start() + 1
        body = text[start : text.index("*", start)]
        if reduce(xor, body.encode("latin-1"), 0) != int(match["sum"], 16):
            return "checksum"
        whole = self._whole(match, tags)
        if whole is None or isinstance(whole, str):
            return whole
        return _observed(*whole, tags)

    def _whole(self, match: re.Match[str], tags: dict[str, str]) -> tuple[str, int] | str | None:
        count, part = int(match["count"]), int(match["part"])
        if count == 1:
            return match["payload"], int(match["fill"])
        if part > count:
            return "parts"
        # Lines of one tag-block group belong together, and only the first of them need name source and time.
        group = tags.get("g", "").rpartition("-")[2]
        key = ("g", group, "", "") if group else (tags.get("s", ""), match["id"], match["channel"], match["count"])
        parts = self._parts.setdefault(key, {})
        shared = self._tags.setdefault(key, {})
        shared.update(tags)
        tags.update(shared)
        if part in parts:
            # The sequence number came round again before the first message was whole.
            parts.clear()
        parts[part] = match["payload"]
        if part == count:
            self._fill[key] = int(match["fill"])
        if len(parts) == count:
            del self._parts[key]
            self._tags.pop(key, None)
            return "".join(parts[n] for n in range(1, count + 1)), self._fill.pop(key, 0)
        while len(self._parts) > PARTS_KEPT:
            stale, _ = self._parts.popitem(last=False)
            self._fill.pop(stale, None)
            self._tags.pop(stale, None)
        return None


def _tags(text: str) -> tuple[dict[str, str], str]:
    """The tag block before a sentence (NMEA 0183 4.x): source `s`, time `c`, group `g`; bad ones are ignored."""
    if not text.startswith("\\"):
        return {}, text
    block, _, rest = text[1:].partition("\\")
    fields, _, _ = block.partition("*")
    return dict(part.split(":", 1) for part in fields.split(",") if ":" in part), rest


def _observed(payload: str, fill: int, tags: dict[str, str]) -> dict[str, Any] | str:
    try:
        found = read(payload, fill)
    except Unarmoured as cause:
        return str(cause) if payload else "empty"
    if isinstance(found, int):
        return f"type_{found}"
    stamp = tags.get("c", "")
    if stamp.isdigit():
        seconds = int(stamp) / (1000 if len(stamp) > 11 else 1)
        if seconds < 4_102_444_800:
            found["at"] = datetime.fromtimestamp(seconds, UTC)
    if tags.get("s", "").upper().startswith("SIM") or str(found.get("name", "")).startswith("SIM "):
        found["simulated"] = True
    return found
