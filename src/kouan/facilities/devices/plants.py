"""Edge nodes of Sparkplug B and the devices behind them, as the register knows them by `group/edge node[/device]`."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

from kouan.facilities.devices.drivers.sparkplug import payload as wire
from kouan.facilities.devices.drivers.sparkplug.node import KINDS, REBIRTH, Node, Outcome
from kouan.facilities.devices.drivers.sparkplug.payload import Metric
from kouan.facilities.devices.drivers.sparkplug.wire import Malformed
from kouan.facilities.devices.records import Command
from kouan.facilities.devices.register import EMPTY, Entry, Register
from kouan.facilities.devices.telling import Answer, Told, Value

AGAIN = 10.0
"""Seconds after which a node is asked for its birth again."""
MOST_NODES = 2000
Publish = Callable[[str, bytes], Awaitable[bool]]


class Plants:
    """The edge nodes. A message answers what each registered device said."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._nodes: dict[str, Node] = {}
        self._asked: dict[str, float] = {}
        self._refused: Counter[str] = Counter()
        self._register = EMPTY
        self._tasks: set[asyncio.Task[bool]] = set()

    def keep(self, register: Register) -> None:
        """The register changed."""
        self._register = register

    def hear(self, topic: str, content: bytes) -> list[tuple[Entry, Told]]:
        """A message of the broker under `spBv1.0/`."""
        parts = topic.split("/")
        if len(parts) not in (4, 5) or parts[2] not in KINDS or (parts[2][0] == "D") != (len(parts) == 5):
            self._refused["sparkplug.topic"] += parts[1:2] != ["STATE"] and parts[2:3] not in (["NCMD"], ["DCMD"])
            return []
        name, device = f"{parts[1]}/{parts[3]}", parts[4] if len(parts) == 5 else ""
        if not self._of(name) or (name not in self._nodes and len(self._nodes) >= MOST_NODES):
            self._refused["unknown_device"] += 1
            return []
        try:
            payload = wire.read(content)
        except Malformed:
            self._refused["sparkplug.payload"] += 1
            return []
        outcome = self._nodes.setdefault(name, Node()).hear(parts[2], device, payload)
        if outcome.rebirth:
            self._refused[f"sparkplug.{outcome.rebirth}"] += 1
            self._ask(name)
        return list(self._told(name, outcome))

    def refused(self) -> list[tuple[str, int]]:
        """What was refused since this was asked last, by cause."""
        found = [(cause, rows) for cause, rows in self._refused.items() if rows]
        self._refused.clear()
        return found

    async def write(self, entry: Entry, command: Command) -> Answer:
        """Tell a node or device a new value (NCMD, DCMD); the broker's word that it has it is all that Sparkplug answers."""
        group, edge, *device = entry.data.address.split("/")
        topic = "/".join(["spBv1.0", group, "DCMD" if device else "NCMD", edge, *device])
        metric = entry.metrics.get(command.metric)
        name = metric.source or metric.name if metric else command.metric
        now = int(time.time() * 1000)
        sent = await self._publish(topic, wire.write(now, [Metric(name, None, now, wire.DOUBLE, command.value)]))
        if not sent:
            raise TimeoutError
        return Answer(command.number, True, "DCMD" if device else "NCMD")

    def _of(self, name: str) -> bool:
        return any(address == name or address.startswith(f"{name}/") for address in self._register.plants)

    def _ask(self, name: str) -> None:
        if time.monotonic() - self._asked.get(name, -AGAIN) < AGAIN:
            return
        self._asked[name] = time.monotonic()
        group, edge = name.split("/")
        now = int(time.time() * 1000)
        content = wire.write(now, [Metric(REBIRTH, None, now, wire.BOOLEAN, 1.0)])
        task = asyncio.ensure_future(self._publish(f"spBv1.0/{group}/NCMD/{edge}", content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _told(self, name: str, outcome: Outcome) -> Iterator[tuple[Entry, Told]]:
        for device in outcome.gone:
            if entry := self._register.plants.get(f"{name}/{device}"):
                yield entry, Told(life="death")
        entry = self._register.plants.get(f"{name}/{outcome.device}" if outcome.device else name)
        if entry is None or outcome.rebirth == "not_born":
            return
        told = Told(life=outcome.life)
        for metric in outcome.metrics:
            if metric.value is not None and entry.metric(metric.name) is not None:
                told.values.append(Value(metric.name, metric.value, metric.at * 1000))
        if outcome.unnamed:
            told.refuse("alias", outcome.unnamed)
        yield entry, told
