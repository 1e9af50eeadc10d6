"""`kouan lane`: a lane's own judge. It learns key and list while the platform answers, and decides without it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from kouan.facilities.gate.api import Agent, Shown

AT_ONCE = 200


def main(argv: Sequence[str]) -> int:
    """`sync`, `check` or `report`. Exit 0 when done (for `check`: open), 1 when refused, 2 when the platform is away."""
    parser = argparse.ArgumentParser(prog="kouan lane", description="车道离线判定 / a lane's offline judge")
    parser.add_argument("--folder", type=Path, required=True, help="状态目录 / folder for key, list and log")
    parser.add_argument("--lane", required=True)
    parser.add_argument("--direction", choices=("in", "out"), required=True)
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("sync", help="获取公钥和撤销清单 / learn key and list")
    steps.add_parser("report", help="补报离线放行 / report what was decided alone")
    check = steps.add_parser("check", help="凭通行证判定 / decide by a permit")
    check.add_argument("token")
    check.add_argument("--vehicle", required=True)
    check.add_argument("--container", action="append", default=[])
    given = parser.parse_args(argv)
    agent = Agent(given.folder, given.lane, given.direction)
    if given.step == "check":
        return _say(said := agent.decide(Shown(given.token, given.vehicle, tuple(given.container)), datetime.now(UTC))) or (
            0 if said["decision"] == "open" else 1
        )
    try:
        return _sync(agent) if given.step == "sync" else _report(agent)
    except (httpx.HTTPError, KeyError) as away:
        print(f"平台未应答 / the platform does not answer: {type(away).__name__}", file=sys.stderr)
        return 2


def _client() -> httpx.Client:
    headers = {"Authorization": f"Bearer {os.environ['KOUAN_TOKEN']}"}
    return httpx.Client(base_url=os.environ["KOUAN_URL"], headers=headers, timeout=30, trust_env=False)


def _sync(agent: Agent) -> int:
    with _client() as client:
        found = client.get("/api/gates/permits/keys").raise_for_status().json()
    agent.learn(found["keys"], found["revoked"])
    return _say({"keys": sorted(found["keys"]), "at": found["at"]})


def _report(agent: Agent) -> int:
    outcomes: list[dict[str, Any]] = []
    with _client() as client:
        while entries := agent.unreported()[:AT_ONCE]:
            body = {"entries": [{name: value for name, value in entry.items() if name != "why"} for entry in entries]}
            answer = client.post(f"/api/gates/{agent.lane}/offline", json=body).raise_for_status().json()
            outcomes += answer["entries"]
            # A refused entry is reported as such once; it stays in the log for people to look at.
            agent.reported([one["id"] for one in answer["entries"]])
    _say({"entries": outcomes})
    return 1 if any(one["outcome"] == "refused" for one in outcomes) else 0


def _say(document: dict[str, Any]) -> int:
    print(json.dumps(document, ensure_ascii=False))
    return 0
