"""The living demo's gate (模拟卡口): lanes with devices that speak MQTT, and the trucks that drive over them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from kouan_sim.doors import Unreachable
from kouan_sim.lanes import Rig, broker
from kouan_sim.mqtt import NotConnected
from kouan_sim.scene import Scene
from kouan_sim.terminal import Yardmaster
from kouan_sim.trucks import Fleet, Truck, visit

log = logging.getLogger(__name__)
LANES = ("in-1", "out-1")
READERS = ("plate", "container", "scale", "radiation", "seal")
EMPTIES = ("C01", "C02", "C03")
"""Blocks for what comes by road."""
BEAT = 10.0
TARE = 15_200
"""Tractor and semi-trailer, kilograms."""


@asynccontextmanager
async def rigs(scene: Scene) -> AsyncIterator[Mapping[str, Rig]]:
    """The devices of the gate's lanes; none where the platform names no broker. Raises Unreachable when it does not answer."""
    try:
        where = broker(scene.home)
    except (OSError, KeyError, ValueError):
        yield {}
        return
    async with AsyncExitStack() as stack:
        try:
            made = {lane: await stack.enter_async_context(Rig(where, lane, READERS)) for lane in LANES}
        except NotConnected as away:
            raise Unreachable(str(away)) from away
        yield made


async def trucks(scene: Scene) -> None:
    """A truck at the gate, again and again; devices tell between trucks that they live. Raises Unreachable."""
    fleet = Fleet(random.Random(f"{scene.refs.run}/trucks"))
    async with scene.door("terminal") as terminal, scene.door("trucker") as trucker, rigs(scene) as lanes:
        master = Yardmaster(terminal, blocks=EMPTIES)
        beating = asyncio.create_task(_beat(lanes))
        try:
            while True:
                await asyncio.sleep(scene.pace.truck)
                if beating.done():
                    raise Unreachable("the lanes' broker is away")
                wish, truck = fleet.next(scene.yard)
                truck = _loaded(scene, truck)
                told = await visit(trucker, terminal, wish, truck, scene.refs, lanes.get(truck.lane))
                if truck.direction == "in" and "open" in (told.body or {}).values():
                    for box in truck.containers:
                        await master.put(box)
        except NotConnected as away:
            raise Unreachable(str(away)) from away
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError, NotConnected, OSError):
                await beating


async def _beat(lanes: Mapping[str, Rig]) -> None:
    while lanes:
        await asyncio.sleep(BEAT)
        for rig in lanes.values():
            await rig.beat()
    await asyncio.Event().wait()


def _loaded(scene: Scene, truck: Truck) -> Truck:
    """The truck with the seals and the mass of the boxes that it carries, where they are known."""
    boxes = [scene.boxes[number] for number in truck.containers if number in scene.boxes]
    if not boxes or len(boxes) != len(truck.containers):
        return truck
    numbers = tuple(dict.fromkeys(un for number in truck.containers for un in scene.dangerous.get(number, ())))
    gross, seals = TARE + sum(box.gross for box in boxes), tuple(box.seal for box in boxes)
    loaded = replace(truck, gross=gross, seals=seals)
    return replace(loaded, business="hazardous", dangerous=numbers) if numbers else loaded
