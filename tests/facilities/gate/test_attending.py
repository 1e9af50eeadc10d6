"""The lane's computer between two brokers: the platform's commands go through, its silence does not stop the lane."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kouan.facilities.gate import attending
from kouan.facilities.gate.agent import Agent
from kouan.facilities.gate.attending import Attendant, Brokers
from kouan.facilities.gate.doors import Doors

COMMAND = "devices/lane/in-1/command"


class Wire:
    """A broker's line that stands, and what was told on it."""

    stands = True

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def tell(self, topic: str, body: bytes) -> bool:
        """Note it."""
        self.told.append((topic, json.loads(body)))
        return True

    def commands(self) -> list[dict[str, Any]]:
        """The commands that went out, each once."""
        return list({body["command"]: body for topic, body in self.told if topic == COMMAND}.values())


@pytest.fixture
def lane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Attendant, Wire, Wire]:
    """A lane's computer with both lines standing, that waits for nothing long."""
    for name, seconds in (("PATIENCE", 0.2), ("SHOWN", 0.3), ("SETTLE", 0.1), ("AGAIN", 0.01)):
        monkeypatch.setattr(attending, name, seconds)
    own, platform = Wire(), Wire()
    made = Attendant(Agent(tmp_path, "in-1", "in"), Doors("http://nowhere", "x"), Brokers("mqtt://own", "mqtt://platform"), 60)
    monkeypatch.setattr(made, "_own", own)
    monkeypatch.setattr(made, "_platform", platform)
    monkeypatch.setattr(made, "_away", None)
    return made, own, platform


async def reads(lane: Attendant, plate: str) -> None:
    body = {"id": plate, "at": datetime.now(UTC).isoformat(), "value": plate, "visit": plate}
    await lane._heard("devices/lane/in-1/plate/cam-1", json.dumps(body).encode())


async def commands(lane: Attendant, number: str, passage: str | None = "passage:P1") -> None:
    await lane._obey(COMMAND, json.dumps({"command": number, "passage": passage, "barrier": "open"}).encode())


async def settled(lane: Attendant) -> None:
    async with asyncio.timeout(30):
        while lane._tasks:
            await asyncio.sleep(0.05)


async def test_the_platform_s_command_passes_and_the_lane_decides_nothing(lane: tuple[Attendant, Wire, Wire]) -> None:
    computer, own, platform = lane
    await reads(computer, "鲁B12345")
    await asyncio.sleep(0)
    await commands(computer, "C1")
    await settled(computer)
    assert [one["command"] for one in own.commands()] == ["C1"]
    assert [topic for topic, _ in platform.told] == ["devices/lane/in-1/plate/cam-1"]
    assert computer._agent.unreported() == []


async def test_a_platform_that_says_nothing_does_not_hold_the_lane_and_is_not_heard_afterwards(lane: tuple[Attendant, Wire, Wire]) -> None:
    computer, own, _ = lane
    await reads(computer, "鲁B12345")
    await settled(computer)
    (alone,) = own.commands()
    assert (alone["passage"], alone["barrier"], alone["display"]["en"]) == (None, "closed", "This lane has no public key yet")
    (entry,) = computer._agent.unreported()
    assert (entry["vehicle"], entry["decision"]) == ("鲁B12345", "refuse")
    await commands(computer, "C2")
    assert own.commands() == [alone], "too late: the driver was told otherwise"


async def test_wait_for_the_operator_is_no_answer_of_a_platform_that_is_away(lane: tuple[Attendant, Wire, Wire]) -> None:
    computer, own, _ = lane
    computer._away = "HTTP 503"
    await reads(computer, "鲁B12345")
    await asyncio.sleep(0)
    await commands(computer, "C3", passage=None)
    await settled(computer)
    assert own.commands()[0]["command"] == "C3"
    assert len(own.commands()) == 2
    assert len(computer._agent.unreported()) == 1
