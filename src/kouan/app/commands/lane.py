"""`kouan lane`: a lane's own judge. It learns key and list while the platform answers, and decides without it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kouan.app.commands.process import until_told
from kouan.facilities.gate.api import Agent, Attendant, Away, Brokers, Doors, Shown

DOOR = ("KOUAN_URL", "KOUAN_TOKEN")
OWN, PLATFORM = "KOUAN_LANE_BROKER", "KOUAN_PLATFORM_BROKER"
EVERY = 20.0


def main(argv: Sequence[str]) -> int:
    """`run`, `sync`, `check` or `report`. Exit 0 when done (for `check`: open), 1 when refused, 2 when the platform is away."""
    given = _words(argv)
    agent = Agent(given.folder, given.lane, given.direction)
    if given.step == "check":
        return _say(said := agent.decide(Shown(given.token, given.vehicle, tuple(given.container)), datetime.now(UTC))) or (
            0 if said["decision"] == "open" else 1
        )
    if unset := [name for name in (*DOOR, *([OWN] if given.step == "run" else ())) if not os.environ.get(name)]:
        print(f"未设置 {unset[0]} / {unset[0]} is not set", file=sys.stderr)
        return 1
    if given.step == "run":
        return _run(agent, given.every)
    try:
        return asyncio.run(_once(agent, _sync if given.step == "sync" else _report))
    except Away as away:
        print(f"平台未应答 / the platform does not answer: {away}", file=sys.stderr)
        return 2


def _words(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kouan lane", description="车道离线判定 / a lane's offline judge")
    parser.add_argument("--folder", type=Path, required=True, help="状态目录 / folder for key, list and log")
    parser.add_argument("--lane", required=True)
    parser.add_argument("--direction", choices=("in", "out"), required=True)
    steps = parser.add_subparsers(dest="step", required=True)
    run = steps.add_parser(
        "run", help="值守车道，直到收到 SIGTERM / attend the lane until SIGTERM",
        epilog=f"{OWN}, {PLATFORM}: mqtt(s)://user:password@host:port; {', '.join(DOOR)}",
    )  # fmt: skip
    run.add_argument("--every", type=float, default=EVERY, help="与平台核对的间隔（秒） / seconds between looks at the platform")
    steps.add_parser("sync", help="获取公钥和撤销清单 / learn key and list")
    steps.add_parser("report", help="补报离线放行 / report what was decided alone")
    check = steps.add_parser("check", help="凭通行证判定 / decide by a permit")
    check.add_argument("token")
    check.add_argument("--vehicle", required=True)
    check.add_argument("--container", action="append", default=[])
    return parser.parse_args(argv)


def _doors() -> Doors:
    return Doors(os.environ["KOUAN_URL"], os.environ["KOUAN_TOKEN"])


def _run(agent: Agent, every: float) -> int:
    # Addresses carry passwords: they come by the environment, which other users of the machine cannot list.
    brokers = Brokers(os.environ[OWN], os.environ.get(PLATFORM, ""))

    async def work(stop: asyncio.Event) -> None:
        await Attendant(agent, _doors(), brokers, every).run(stop)

    return until_told(work)


async def _once(agent: Agent, step: Callable[[Doors, Agent], Awaitable[int]]) -> int:
    doors = _doors()
    try:
        return await step(doors, agent)
    finally:
        await doors.close()


async def _sync(doors: Doors, agent: Agent) -> int:
    found = await doors.sync(agent)
    return _say({"keys": sorted(found["keys"]), "at": found["at"]})


async def _report(doors: Doors, agent: Agent) -> int:
    outcomes = await doors.report(agent)
    _say({"entries": outcomes})
    return 1 if any(one["outcome"] == "refused" for one in outcomes) else 0


def _say(document: dict[str, Any]) -> int:
    print(json.dumps(document, ensure_ascii=False))
    return 0
