"""The Modbus TCP driver: answers of a device as its bytes come; which register means what stands with the device's metrics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from kouan.facilities.devices import addresses
from kouan.facilities.devices.drivers.modbus import frames
from kouan.facilities.devices.drivers.modbus.line import ModbusLine
from kouan.facilities.devices.lining import HOST, DeviceDriver, Line, Target
from kouan.facilities.telemetry.api import check_samples
from kouan.kernel.drivers import Decoded
from kouan.kernel.text import Text


class ModbusDriver(DeviceDriver):
    """Decodes the answers on one connection: function, place in the answer, and what stands there."""

    code = "modbus"
    title = Text("Modbus TCP 设备", "Modbus TCP device")
    protocol = "MODBUS Application Protocol 1.1b3 over TCP, functions 1 to 4"
    signal = "reading"
    label = Text("Modbus TCP", "Modbus TCP")
    address = re.compile(HOST + r"(:[0-9]{1,5})?(/(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2}))?\Z")
    address_words = Text("主机:端口[/单元号]", "host:port[/unit]")
    source = addresses.register
    source_words = Text("寄存器，如 holding:100:float32、input:3:int16、coil:7", "holding:100:float32, input:3:int16 or coil:7")
    connects = True

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, chunk: bytes) -> Decoded:
        """The answers that are whole with this chunk. Behind a head that is none nothing can be found any more: all that waits goes."""
        self._rest += chunk
        found: list[Mapping[str, Any]] = []
        refused: Counter[str] = Counter()
        while len(self._rest) >= frames.HEAD:
            head = self._rest[: frames.HEAD]
            try:
                size = frames.length(head)
            except frames.Malformed:
                refused["head"] += 1
                self._rest = b""
                break
            if len(self._rest) < frames.HEAD + size:
                break
            body, self._rest = self._rest[frames.HEAD : frames.HEAD + size], self._rest[frames.HEAD + size :]
            try:
                answer = frames.answer(head, body)
            except frames.Malformed:
                refused["body"] += 1
                continue
            refused.update([answer.trouble] if answer.trouble else [])
            found += [{"metric": f"{answer.function}/{place}", "value": value} for place, value in enumerate(answer.values)]
        return Decoded(found, refused)

    @classmethod
    def line(cls, device: Target) -> Line:
        """A connection to the device, or to its unit behind a gateway."""
        return ModbusLine(device)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(ModbusDriver, __file__)
