"""The live feed tells each account of what it may read, and of nothing else, as it happens."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import httpx

from kouan.kernel.records import record_type
from tests.conformance.crossing.expected import Account, Instance, World
from tests.conformance.crossing.filling import Canaries
from tests.conformance.crossing.seeding import imo, moment
from tests.conftest import PLAIN, Running

WAIT = 20.0


class Listener:
    """What the feed says to one account, from when its door has answered."""

    def __init__(self, platform: Running, account: Account) -> None:
        self.platform, self.account = platform, account
        self.status, self.lines = 0, []
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled, or refused."""
        headers = {"Authorization": f"Bearer {self.account.token}"}
        async with (
            httpx.AsyncClient(base_url=self.platform.url, headers=headers, timeout=60, trust_env=False, verify=PLAIN) as client,
            client.stream("GET", "/api/live") as answer,
        ):
            self.status = answer.status_code
            self.ready.set()
            async for line in answer.aiter_lines():
                self.lines.append(line)


def facts(lines: list[str]) -> list[dict[str, Any]]:
    """The `fact` events among the lines."""
    found = []
    for name, data in itertools.pairwise(lines):
        if name == "event: fact" and data.startswith("data:"):
            found.append(json.loads(data.removeprefix("data:")))
    return found


async def test_each_account_hears_of_its_own_facts_alone(platform: Running, world: World) -> None:
    listeners = [Listener(platform, account) for account in world.accounts]
    tasks = [asyncio.create_task(listener.run()) for listener in listeners]
    try:
        await asyncio.wait_for(asyncio.gather(*(listener.ready.wait() for listener in listeners)), WAIT)
        await asyncio.sleep(1)
        filed = await asyncio.to_thread(new_facts, platform)
        limit = asyncio.get_running_loop().time() + WAIT
        while asyncio.get_running_loop().time() < limit and not complete(world, filed, listeners):
            await asyncio.sleep(0.2)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for one in listeners:
        heard(world, filed, one)


def heard(world: World, filed: list[Instance], listener: Listener) -> None:
    """An account heard of each fact that it may read, of no other, and of no content."""
    account = listener.account
    assert listener.status == (200 if account.business else 403), account
    told = {fact["ref"] for fact in facts(listener.lines)}
    assert told & {one.ref for one in filed} == {one.ref for one in filed if world.fields(one, account)}, account
    text = "\n".join(listener.lines)
    assert not [canary for one in filed for canary in content(one) if canary in text], account


def complete(world: World, filed: list[Instance], listeners: list[Listener]) -> bool:
    """Whether everyone has heard of all that it may read."""
    return all(
        {one.ref for one in filed if world.fields(one, listener.account)} <= {f["ref"] for f in facts(listener.lines)}
        for listener in listeners
    )


def content(one: Instance) -> set[str]:
    """The canaries of a record that are not part of its reference or of the title that all its readers share."""
    shared = {str(one.data.get(name)) for name in (*one.cls.facts.key, one.cls.facts.label)}
    values = {str(v) for v in one.data.values() if isinstance(v, str) and v.startswith("ZQ")}
    return {value for value in values - shared if value not in one.ref}


def new_facts(platform: Running) -> list[Instance]:
    """A call, a declaration and a booking, filed now."""
    canaries = Canaries(777)
    run = canaries.whole()
    base = {
        "base.portcall.port_call": ("agent", {
            "flag": "CN", "port": "CNWHH", "crew_count": 3, "eta": moment(hours=8), "mmsi": "414999001", "call_sign": "BWHS",
            "vessel": f"vessel:imo:{imo(run)}", "carrier": "org:carrier"}),
        "base.manifest.rail_manifest": ("carrier", {"entered_at": moment(hours=-1)}),
        "base.declaration.declaration": ("trader", {"function_code": "9", "office": None, "vessel": None, "items": []}),
        "services.booking.booking": ("trucker", {
            "vehicle": "鲁B54321", "containers": [], "dangerous": [], "opens": moment(hours=1), "closes": moment(hours=2)}),
    }  # fmt: skip
    found = []
    for record, (org, given) in base.items():
        data = canaries.fill(record_type(record), given)
        with platform.client(org) as client:
            answer = client.post("/api/records/" + record.replace(".", "/"), json=data)
        assert answer.status_code == 201, answer.text
        item = answer.json()["item"]
        found.append(Instance(record, item["id"], item["ref"], org, data, item["receipt"]))
    return found
