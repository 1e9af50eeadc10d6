"""A connection to one OPC UA server as a device: its metrics are nodes of the server."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from kouan.facilities.devices.addresses import NodeId, endpoint, node
from kouan.facilities.devices.drivers.opcua import status
from kouan.facilities.devices.drivers.opcua.client import Client, Wishes
from kouan.facilities.devices.drivers.opcua.wire import DataValue
from kouan.facilities.devices.lining import Target
from kouan.facilities.devices.telling import Told, Value

PORT = 4840
PATIENCE = 5.0
FASTEST, USUAL = 0.05, 1.0
"""Seconds between two notifications: at least, and unless the device's entry says otherwise."""


class OpcuaLine:
    """One server. What its nodes say is told with its quality, and its time where it states one."""

    def __init__(self, device: Target) -> None:
        data = device.data
        self._url = data.address if "://" in data.address else f"opc.tcp://{data.address}"
        self._host, self._port = endpoint(data.address, PORT)
        pairs = [(one.name, found) for one in data.metrics if (found := node(one.source)) is not None]
        self._names = [name for name, _ in pairs]
        nodes: list[NodeId] = [place for _, place in pairs]
        every = max(FASTEST, data.poll_s or min(USUAL, data.keep_alive_s / 2))
        self._wishes = Wishes(nodes, every, float(data.keep_alive_s), device.login)
        self._patience = min(PATIENCE, float(data.keep_alive_s))

    async def run(self, said: Callable[[Told], None]) -> None:
        """Tell the values of its nodes until the connection breaks: Lost with the cause."""
        counts: Counter[str] = Counter()

        def values(some: Sequence[tuple[int, DataValue]]) -> None:
            told = Told(refused=counts.copy())
            counts.clear()
            for place, one in some:
                self._take(told, place, one)
            said(told)

        await Client(self._url, self._wishes, self._patience, values, counts).run(self._host, self._port)

    def _take(self, told: Told, place: int, one: DataValue) -> None:
        quality = status.quality(one.status)
        if place >= len(self._names):
            told.refuse("opcua.unknown_item")
        elif isinstance(one.value, bool | int | float) and math.isfinite(one.value):
            told.values.append(Value(self._names[place], float(one.value), one.at, quality))
        else:
            told.refuse(f"opcua.{status.name(one.status)}" if quality == 2 else "not_a_number")


