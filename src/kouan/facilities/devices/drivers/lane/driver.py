"""The driver of gate lanes' devices: what is published under `devices/lane/`. What it means for a passage is the gate's business."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from kouan.facilities.devices.lining import DeviceDriver
from kouan.facilities.telemetry.api import check_samples
from kouan.kernel.drivers import Decoded, Lines
from kouan.kernel.text import Text

LONGEST = 8192 + 128
_TOPIC = re.compile(r"([A-Za-z0-9_-]{1,40})/([a-z]{1,20})/([A-Za-z0-9_-]{1,40})\Z")


class LaneDriver(DeviceDriver):
    """Decodes messages. As a stream of bytes each line is `<lane>/<kind>/<device>`, a blank, the JSON object."""

    code = "lane"
    title = Text("卡口通道设备", "Gate-lane device")
    protocol = "MQTT 3.1.1, devices/lane/<lane>/<kind>/<device>, JSON"
    signal = "reading"
    label = Text("卡口通道报文", "Gate-lane messages")
    address = re.compile(r"lane/[A-Za-z0-9_-]{1,40}/[a-z]{1,20}/[A-Za-z0-9_-]{1,40}\Z")
    address_words = Text("lane/通道/种类/设备", "lane/<lane>/<kind>/<device>")

    def __init__(self) -> None:
        self._lines = Lines(LONGEST)

    def decode(self, chunk: bytes) -> Decoded:
        """Messages line by line: lane, kind, device and what it said."""
        found: list[Mapping[str, Any]] = []
        refused: Counter[str] = Counter()
        for line in filter(None, map(bytes.strip, self._lines.cut(chunk, refused))):
            one = _message(line)
            if isinstance(one, str):
                refused[one] += 1
            else:
                found.append(one)
        return Decoded(found, refused)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(LaneDriver, __file__)


def _message(line: bytes) -> Mapping[str, Any] | str:
    topic, _, content = line.partition(b" ")
    match = _TOPIC.match(topic.decode("ascii", "replace"))
    if match is None:
        return "topic"
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return "not_json"
    if not isinstance(told, dict) or not ("value" in told or isinstance(told.get("away"), bool)):
        return "shape"
    said = {name: told[name] for name in ("value", "at", "id", "away") if name in told}
    return {"lane": match[1], "kind": match[2], "device": match[3], **said}
