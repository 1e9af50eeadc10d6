"""What `bench.stream` needs on its platform: devices in use, and rules that two persons brought live. Filed through the platform's
own port and group commit, in this process: the doors over HTTP are not what is measured."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bench._platform import Platform
from bench._sending import ALARMING, BANDS, WILD
from kouan.app.compose import platform as composed
from kouan.base.identity.api import token_credential
from kouan.kernel.formats import Draft
from kouan.kernel.principal import PLATFORM
from kouan.kernel.settings import Settings

DEVICE, RULE = "facilities.devices.device", "operations.alerts.rule"
SPEED = "bench-speed"


def device(code: str, metrics: Sequence[str]) -> dict[str, Any]:
    """A synthetic device."""
    return {
        "code": code, "name_zh": "基准设备", "name_en": "Benchmark device", "kind": "power_meter", "driver": "mqtt", "simulated": True,
        "metrics": [{"name": metric, "unit": "Cel"} for metric in metrics],
    }  # fmt: skip


def rule(code: str, number: int, **more: Any) -> dict[str, Any]:
    """A rule in one of the shapes that staff write."""
    limit = {"field": "value", "op": ">", "value": ALARMING - 10 - number % 5, "clear": ALARMING - 20}
    high, low = ({"field": "value", "op": "<", "value": value} for value in (900, -90))
    shapes = (limit, {"all": [limit, high]}, {"any": [limit, low]})
    return {
        "code": code, "name_zh": "基准规则", "name_en": "Benchmark rule", "signal": "reading", "message_zh": "{device} {value}",
        "message_en": "{device} {value}", "owner": "org:portoffice", "condition": shapes[number % 3], **more,
    }  # fmt: skip


async def settle(platform: Platform, devices: Sequence[str], metrics: Sequence[str]) -> None:
    """Register devices, and bring a rule live for each metric of each, and some over the speed of ships."""
    at = json.loads((platform.home / "run" / "ports.json").read_text())
    os.environ.update(KOUAN_HOME=str(platform.home), KOUAN_DATABASE_SOCKET=at["database_socket"])
    pairs = [(one, metric) for one in devices for metric in metrics]
    rules = [rule(f"bench-{n}", n, metric=metric, devices=[one]) for n, (one, metric) in enumerate(pairs)]
    for band in range(BANDS):
        fast = {"field": "speed", "op": "between", "low": WILD + 2 * band - 0.9, "high": WILD + 2 * band + 0.9}
        rules.append(rule(f"{SPEED}-{band}", 0) | {"signal": "position", "kinds": ["ship"], "condition": fast})
    async with composed(Settings.read(), connections=4) as opened:
        port = opened.port

        async def person(org: str, user: str = "") -> Any:
            shown = token_credential(platform.token(org, user), opened.directory.suite)
            return (await opened.directory.resolve(shown)).principal

        author, terminal = await person("customs"), await person("terminal")
        second = await person("maritime")
        kept = (await port.file(terminal, [Draft(DEVICE, device(one, metrics)) for one in devices])).kept
        await asyncio.gather(*(port.act(terminal, DEVICE, one.id, "commission") for one in kept))
        until = datetime.now(UTC)
        trial = {"since": (until - timedelta(hours=1)).isoformat(), "until": until.isoformat(), "rows": 0, "alarms": 0,
                 "by": f"{author.slug}/{author.user}", "at": until.isoformat()}  # fmt: skip
        for start in range(0, len(rules), 200):
            drafted = (await port.file(author, [Draft(RULE, one) for one in rules[start : start + 200]])).kept
            for who, action, changes in (
                (PLATFORM, "try", {"trial": trial, "author": trial["by"]}), (second, "approve", {}), (author, "start", {}),
            ):
                await asyncio.gather(*(port.act(who, RULE, one.id, action, changes=changes) for one in drafted))
