"""The Sparkplug B driver: payloads of edge nodes and devices; who was born and in which order is the host's business (`node`)."""

from __future__ import annotations

import re
from collections import Counter

from kouan.facilities.devices.drivers.sparkplug import payload
from kouan.facilities.devices.drivers.sparkplug.wire import Malformed
from kouan.facilities.devices.lining import DeviceDriver
from kouan.facilities.telemetry.api import check_samples
from kouan.kernel.drivers import Decoded, Lines
from kouan.kernel.text import Text

LONGEST = 1 << 20


class SparkplugDriver(DeviceDriver):
    """Decodes payloads. As a stream of bytes each line is one payload in hexadecimal."""

    code = "sparkplug"
    title = Text("Sparkplug B 边缘节点", "Sparkplug B edge node")
    protocol = "Eclipse Sparkplug 3.0, spBv1.0"
    signal = "reading"
    label = Text("Sparkplug B", "Sparkplug B")
    address = re.compile(r"[^/+#\s]{1,60}/[^/+#\s]{1,60}(/[^/+#\s]{1,60})?\Z")
    address_words = Text("组/边缘节点[/设备]", "group/edge node[/device]")
    commanded = values_only = True
    enters = False

    def __init__(self) -> None:
        self._lines = Lines(LONGEST)

    def decode(self, chunk: bytes) -> Decoded:
        """Payloads line by line, as the samples hold them."""
        refused: Counter[str] = Counter()
        found = []
        for line in filter(None, map(bytes.strip, self._lines.cut(chunk, refused))):
            try:
                read = payload.read(bytes.fromhex(line.decode("ascii")))
            except (Malformed, ValueError):
                refused["payload"] += 1
                continue
            found += [
                {"metric": m.name or m.alias, "value": m.value, "at": (m.at or read.at) * 1000} for m in read.metrics if m.value is not None
            ]
        return Decoded(found, refused)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(SparkplugDriver, __file__)
