"""A simulated Sparkplug B edge node (模拟边缘节点) with one device behind it; it writes its payloads by itself (Eclipse Sparkplug 3.0)."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from kouan_sim.mqtt import Mqtt

_DOUBLE = 10


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _metric(name: str, alias: int | None, value: float) -> bytes:
    made = (_bytes(1, name.encode()) if name else b"") + (_varint(2 << 3) + _varint(alias) if alias is not None else b"")
    return made + _varint(4 << 3) + _varint(_DOUBLE) + _varint(13 << 3 | 1) + struct.pack("<d", value)


def payload(metrics: list[bytes], seq: int | None) -> bytes:
    """A payload of metrics that are written already."""
    made = _varint(1 << 3) + _varint(int(time.time() * 1000)) + b"".join(_bytes(2, metric) for metric in metrics)
    return made + (_varint(3 << 3) + _varint(seq) if seq is not None else b"")


@dataclass
class EdgeNode:
    """An edge node and its one device; metrics of the device by name, their aliases in order. `rebirths`: how often it was asked."""

    host: str
    port: int
    group: str
    node: str
    device: str
    metrics: Mapping[str, float]
    rebirths: int = 0
    _seq: int = field(default=-1)

    async def __aenter__(self) -> Self:
        will = (self._topic("NDEATH"), payload([_metric("bdSeq", None, 0)], None))
        self._line = await Mqtt(self.host, self.port, "", "", f"{self.group}-{self.node}", will).__aenter__()
        await self._line.subscribe(f"spBv1.0/{self.group}/NCMD/{self.node}", self._asked)
        self.born()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._line.close(politely=False)

    def _topic(self, what: str, device: str = "") -> str:
        return "/".join(["spBv1.0", self.group, what, self.node, *([device] if device else [])])

    def _next(self) -> int:
        self._seq = (self._seq + 1) % 256
        return self._seq

    def born(self) -> None:
        """Births of the node and of its device."""
        self._seq = -1
        born = [_metric("bdSeq", None, 0), _metric("Node Control/Rebirth", None, 0)]
        self._line.say(self._topic("NBIRTH"), payload(born, self._next()))
        told = [_metric(name, alias, value) for alias, (name, value) in enumerate(self.metrics.items(), 1)]
        self._line.say(self._topic("DBIRTH", self.device), payload(told, self._next()))

    def tell(self, name: str, value: float, *, lost: int = 0) -> None:
        """Data of the device by alias; `lost`: so many messages before it never arrived."""
        for _ in range(lost):
            self._next()
        alias = 1 + list(self.metrics).index(name)
        self._line.say(self._topic("DDATA", self.device), payload([_metric("", alias, value)], self._next()))

    async def _asked(self, _topic: str, _body: bytes) -> None:
        self.rebirths += 1
        await asyncio.sleep(0)
        self.born()
