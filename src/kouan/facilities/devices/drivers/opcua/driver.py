"""The OPC UA driver: what a server sends, as its bytes come; which node stands behind a number is known to who subscribed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from kouan.facilities.devices import addresses
from kouan.facilities.devices.addresses import NodeId
from kouan.facilities.devices.drivers.opcua import answers, chunks, requests, status
from kouan.facilities.devices.drivers.opcua.chunks import Message, Receiver
from kouan.facilities.devices.drivers.opcua.line import OpcuaLine
from kouan.facilities.devices.drivers.opcua.wire import Malformed, Reader
from kouan.facilities.devices.lining import HOST, DeviceDriver, Line, Target
from kouan.facilities.telemetry.api import check_samples
from kouan.kernel.drivers import Decoded
from kouan.kernel.text import Text

_TELL = (NodeId(0, requests.ANSWERS[requests.PUBLISH]), NodeId(0, requests.FAULT))


class OpcuaDriver(DeviceDriver):
    """Decodes one connection's notifications: the client's number of the node, value, time, quality."""

    code = "opcua"
    title = Text("OPC UA 服务器", "OPC UA server")
    protocol = "OPC UA binary over TCP (OPC 10000-4, -6), SecurityPolicy None"
    signal = "reading"
    label = Text("OPC UA", "OPC UA")
    address = re.compile(r"opc\.tcp://" + HOST + r"(:[0-9]{1,5})?(/[^\s#?]{0,120})?\Z")
    address_words = Text("opc.tcp://主机:端口[/路径]", "opc.tcp://host:port[/path]")
    source = addresses.node
    source_words = Text("节点，如 ns=2;s=Pump.Pressure", "a node, as ns=2;s=Pump.Pressure")
    connects = entered = True

    def __init__(self) -> None:
        self._receiver = Receiver()
        self._over = False

    def decode(self, chunk: bytes) -> Decoded:
        """The notifications that are whole with this chunk. Nothing can be found behind a chunk that is none."""
        found: list[Mapping[str, Any]] = []
        refused: Counter[str] = Counter()
        if self._over:
            return Decoded((), {"behind_damage": 1})
        try:
            for message in self._receiver.feed(chunk):
                _notified(message, found, refused)
        except Malformed:
            self._over = True
            refused["chunk"] += 1
        return Decoded(found, refused)

    @classmethod
    def line(cls, device: Target) -> Line:
        """A session with the server, and a subscription to the device's nodes."""
        return OpcuaLine(device)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(OpcuaDriver, __file__)


def _notified(message: Message, found: list[Mapping[str, Any]], refused: Counter[str]) -> None:
    try:
        if message.kind != chunks.MSG or Reader(message.body).node() not in _TELL:
            return
        told = answers.notification(answers.answer(message.body, requests.PUBLISH))
    except answers.Refusal as refusal:
        refused[status.name(refusal.code)] += 1
        return
    except Malformed:
        refused["answer"] += 1
        return
    for number, one in told.values:
        found.append({"metric": str(number), "value": one.value, "at": one.at, "quality": status.quality(one.status)})
