"""Simulated trucks: the mix of cases, what each presents, and bookings made before the visit."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from typing import Any

from kouan_sim.doors import Door
from kouan_sim.identifiers import References, container, container_check
from kouan_sim.trucks import MIX, Fleet, Truck, Yard, visit


def test_all_cases_come_in_their_share() -> None:
    fleet, yard = Fleet(random.Random(3)), Yard()
    yard.held.append(container("SIM", 1))
    seen: Counter[str] = Counter()
    for _ in range(2000):
        yard.learn(container("SIM", 2), released=True)
        wish, truck = fleet.next(yard)
        seen[wish] += 1
        assert (truck.direction, truck.lane) in {("in", "in-1"), ("out", "out-1")}
        assert truck.vehicle in fleet.plates
        assert all(container_check(box[:10]) == int(box[10]) for box in truck.containers)
    assert set(seen) == set(MIX)
    assert all(abs(seen[wish] / 20 - share) < 4 for wish, share in MIX.items())


def test_without_boxes_trucks_bring_empty_ones() -> None:
    fleet = Fleet(random.Random(3))
    seen = [fleet.next(Yard())[1].vehicle for _ in range(200)]
    assert all(len(set(seen[n : n + 10])) == 10 for n in range(190)), "a truck needs time to come again"
    wishes = {fleet.next(Yard())[0] for _ in range(300)}
    assert wishes == {"delivering", "unknown", "bonded", "coach"}


def test_a_box_leaves_the_held_ones_when_it_is_released() -> None:
    yard = Yard()
    yard.learn("B", released=False)
    yard.learn("B", released=False)
    assert (list(yard.held), list(yard.ready)) == (["B"], [])
    yard.learn("B", released=True)
    assert (list(yard.held), list(yard.ready)) == ([], ["B"])


async def test_a_truck_is_booked_before_it_comes_but_a_stranger_is_not(platform: Any) -> None:
    truck = Truck("out-1", "鲁B12345", ("SIMU0000011",), "out", 30_000)
    async with Door(platform.url, "token-trucker") as trucker, Door(platform.url, "token-terminal") as terminal:
        for wish in ("good", "early", "unknown"):
            assert (await visit(trucker, terminal, wish, truck, References())).body["decision"] == "open"
    filed = [(org, request.path.rpartition("/")[2]) for org, request in platform.filed]
    one = [("trucker", "booking"), ("terminal", "passages")]
    assert filed == [*one, *one, ("terminal", "passages")]
    good, early = platform.bodies("/booking")
    assert datetime.fromisoformat(good["opens"]) < datetime.fromisoformat(early["opens"])
    assert platform.bodies("/passages")[0]["vehicle"] == "鲁B12345"


async def test_with_devices_the_readers_tell_and_the_barrier_is_heard(platform: Any) -> None:
    rig = _Rig([{"barrier": "open", "lamp": "green"}])
    truck = Truck("out-1", "鲁BA1234", ("SIMU0000011",), "out", 30_000, ("S1",))
    async with Door(platform.url, "token-terminal") as terminal:
        answer = await visit(None, terminal, "good", truck, References(), rig)  # type: ignore[arg-type]  # devices without a broker
    assert (answer.status, answer.body["barrier"]) == (200, "open")
    assert rig.read == [("鲁BA1234", ("SIMU0000011",), {"gross": 30_000, "seals": ("S1",)})]
    assert platform.filed == []


class _Rig:
    """Stands for a lane's devices: remembers vehicles, answers with commands."""

    def __init__(self, answers: list[dict[str, str]]) -> None:
        self.commands: list[dict[str, str]] = []
        self.read: list[Any] = []
        self._answers = answers

    async def vehicle(self, plate: str, boxes: tuple[str, ...], **more: Any) -> None:
        self.read.append((plate, boxes, more))

    async def commanded(self, _seconds: float) -> dict[str, str]:
        return self._answers.pop(0)
