"""The weighbridge driver: Toledo continuous output and the common `ST,GS,+  12340kg`; weights in kilograms.

Toledo continuous output: STX, three status characters, six digits of weight, six of tare, CR, and a checksum character if the
indicator adds one (it is passed over). A weight in motion is of uncertain quality, one out of range is bad.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from kouan.facilities.devices.drivers.weighbridge.line import WeighbridgeLine
from kouan.facilities.devices.lining import HOST, DeviceDriver, Line, Target
from kouan.facilities.telemetry.api import BAD, GOOD, UNCERTAIN, check_samples
from kouan.kernel.drivers import Decoded
from kouan.kernel.text import Text

LONGEST = 64
_TOLEDO = re.compile(rb"\x02([\x20-\x7f])([\x20-\x7f])[\x20-\x7f]([ 0-9]{6})([ 0-9]{6})\r")
_PLAIN = re.compile(rb"(ST|US|OL),(GS|NT|TR),([+-])? *([0-9]{1,7}(?:\.[0-9]{1,3})?) *(kg|t|g|lb)\Z", re.IGNORECASE)
_ENDS = re.compile(rb"\r\n?|\n")
_UNITS = {b"kg": 1.0, b"t": 1000.0, b"g": 0.001, b"lb": 0.45359237}
_STATES = {b"ST": GOOD, b"US": UNCERTAIN, b"OL": BAD}
_WHAT = {b"GS": "gross", b"NT": "net", b"TR": "tare"}
_NET, _NEGATIVE, _RANGE, _MOTION, _KILOGRAMS = 1, 2, 4, 8, 16


class WeighbridgeDriver(DeviceDriver):
    """Decodes one indicator's bytes; which of the two forms it speaks is seen from them."""

    code = "weighbridge"
    title = Text("地磅连续输出", "Continuous output of a weighbridge")
    protocol = "Mettler-Toledo continuous output; ST,GS,+ 12340kg"
    signal = "reading"
    label = Text("地磅连续输出（TCP）", "Weighbridge output over TCP")
    address = re.compile(HOST + r":[0-9]{1,5}\Z")
    address_words = Text("主机:端口", "host:port")
    connects = True

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, chunk: bytes) -> Decoded:
        """The weights that are whole with this chunk: metric (gross, net, tare), kilograms, quality."""
        content, refused = self._rest + chunk, Counter[str]()
        found: list[Mapping[str, Any]] = []
        place = 0
        while end := _ENDS.search(content, place):
            if end.group() == b"\r" and end.end() == len(content):
                break  # a line feed may follow
            line = content[place : end.start()]
            place = end.end()
            start = line.rfind(b"\x02")
            one = _toledo(line[start:] + b"\r") if start >= 0 else _plain(line.strip())
            if one is not None:
                found.append(one)
            elif len(line.strip()) > 1:  # one character is a checksum
                refused["weight"] += 1
        self._rest = content[place:]
        if len(self._rest) > LONGEST:
            self._rest = b""
            refused["too_long"] += 1
        return Decoded(found, refused)

    @classmethod
    def line(cls, device: Target) -> Line:
        """A connection to the indicator."""
        return WeighbridgeLine(device, cls)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(WeighbridgeDriver, __file__)


def _toledo(frame: bytes) -> Mapping[str, Any] | None:
    match = _TOLEDO.fullmatch(frame)
    if match is None:
        return None
    first, second = match[1][0], match[2][0]
    digits = match[3].strip() or b"0"
    if not digits.isdigit():
        return None
    factor = 10.0 ** (2 - (first & 7)) * (1.0 if second & _KILOGRAMS else _UNITS[b"lb"])
    value = int(digits) * factor * (-1 if second & _NEGATIVE else 1)
    quality = BAD if second & _RANGE else UNCERTAIN if second & _MOTION else GOOD
    return {"metric": "net" if second & _NET else "gross", "value": round(value, 6), "quality": quality}


def _plain(line: bytes) -> Mapping[str, Any] | None:
    match = _PLAIN.match(line)
    if match is None:
        return None
    value = float(match[4]) * _UNITS[match[5].lower()] * (-1 if match[3] == b"-" else 1)
    return {"metric": _WHAT[match[2].upper()], "value": round(value, 6), "quality": _STATES[match[1].upper()]}
