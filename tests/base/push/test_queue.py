"""On the running platform: a queue is taken from by an MQTT client, killed in the middle on each side; nobody else enters it."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from kouan_sim.identifiers import container
from tests.base.push.test_push_acceptance import SUBSCRIPTIONS, act, door, key, subscribe, until
from tests.conftest import ROOT, Running
from tests.faults.killing import healthy, kill, ports

STATUS = "base.movement.status"
REFUSED = "Not authorized"


class Taker:
    """A process that takes from a queue: what it said."""

    def __init__(self, platform: Running, item: dict[str, Any], password: str, most: int, *topic: str) -> None:
        words = [sys.executable, "-m", "tests.base.push.taker", platform.url, item["id"], str(most), *topic]
        self.said: list[dict[str, Any]] = []
        self.process = subprocess.Popen(words, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin is not None
        self.process.stdin.write(password + "\n")
        self.process.stdin.close()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def kill(self) -> None:
        """kill -9."""
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait(10)
        self._reading.join(10)
        self.process.stdout.close()

    @property
    def got(self) -> list[dict[str, Any]]:
        return [one for one in list(self.said) if "seq" in one]

    def told(self, name: str) -> Any:
        return next((one[name] for one in list(self.said) if name in one), None)


@contextmanager
def taking(platform: Running, item: dict[str, Any], password: str, most: int = 1000, *topic: str) -> Iterator[Taker]:
    """A taker, killed (kill -9) at the end."""
    taker = Taker(platform, item, password, most, *topic)
    try:
        yield taker
    finally:
        taker.kill()


def report(carrier: httpx.Client, box: str, code: str) -> None:
    """A status of a box; tried again while the door is being opened anew."""
    stated = {"equipment": f"container:{box}", "code": code, "at": datetime.now(UTC).isoformat()}
    name = {"Idempotency-Key": secrets.token_hex(8)}

    def filed() -> bool:
        try:
            answer = carrier.post("/api/records/base/movement/status", json=stated, headers=name)
        except httpx.TransportError:
            return False
        assert answer.status_code in (200, 201, 503), answer.text
        return answer.status_code != 503

    until(filed, "it is filed")


def aged(platform: Running, item: dict[str, Any]) -> None:
    """What is numbered for a subscription happened two hours ago, as far as the platform knows."""

    async def back() -> None:
        conn = await asyncpg.connect(host=ports(platform.home)["database_socket"], user="kouan_app", database="kouan")
        try:
            await conn.execute("select set_config('app.orgs', '0,1', false)")
            sql = """update push_message set at = at - interval '2 hours'
                where line = (select number from push_line where subscription = $1::text::uuid)"""
            assert await conn.execute(sql, item["id"]) == "UPDATE 1"
        finally:
            await conn.close()

    asyncio.run(back())


def numbers(taker: Taker) -> list[int]:
    return [one["seq"] for one in taker.got]


@pytest.mark.clause("H7.2.5b3")
def test_a_queue_is_taken_from_and_nothing_is_lost_when_either_side_is_killed(platform: Running) -> None:
    box = container("KQT", secrets.randbelow(900_000))
    with platform.client("terminal") as terminal, platform.client("carrier") as carrier:
        item = subscribe(terminal, channel="queue", records=[STATUS], where=[{"name": "equipment", "values": [f"container:{box}"]}])
        password = key(terminal, item)
        for n in range(5):  # Nobody is connected: the queue keeps them.
            report(carrier, box, f"A{n}")
        with taking(platform, item, password, 2) as first:
            until(lambda: len(first.got) == 5, "what waited is given")
            standing = until(lambda: (s := terminal.get(door(item)).json())["told"] == 2 and s, "two are noted as taken")
        assert (standing["waiting"], [one["data"]["code"] for one in first.got]) == (3, [f"A{n}" for n in range(5)])
        assert [one["fate"] for one in reversed(standing["latest"])] == ["told"] * 2 + ["waiting"] * 3
        with taking(platform, item, password) as second:
            until(lambda: numbers(second) == [3, 4, 5], "what was not acknowledged is given again")
            assert [one["id"] for one in second.got] == [one["id"] for one in first.got[2:]], "under the same ids"
            until(lambda: terminal.get(door(item)).json()["waiting"] == 0, "all is taken")
            kill(platform, "cli push")
            report(carrier, box, "B0")
            kill(platform, "cli serve")
            report(carrier, box, "B1")
            until(lambda: {6, 7} <= set(numbers(second)), "it comes back by itself and is given what came meanwhile")
        codes = {one["seq"]: one["data"]["code"] for one in second.got}
        assert [codes[6], codes[7]] == ["B0", "B1"]
        assert len({(one["seq"], one["id"]) for one in second.got}) == 5, "what came again came under its id"
        healthy(platform)
        until(lambda: terminal.get(door(item)).json()["waiting"] == 0, "all is taken")
        assert terminal.post(door(item, "/replay"), json={"after": 5}).json() == {"last": 7, "again": 2}
        with taking(platform, item, password) as third:
            until(lambda: numbers(third) == [6, 7], "told again on demand")
            act(terminal, item, "pause")
            until(lambda: len([one for one in third.said if "connected" in one]) > 1, "who is connected is let go")
        act(terminal, item, "end")


def sharing(item: dict[str, Any], group: str = "workers") -> str:
    """The topic under which several share a queue."""
    return f"$share/{group}/push/{item['id']}"


@pytest.mark.clause("H7.2.5b3")
def test_several_takers_share_a_queue_each_record_in_order_and_one_that_is_killed_loses_nothing(platform: Running) -> None:
    """At least once, by three processes; what one left on the way the others are given. Another group's name takes from no copy."""
    box = container("KQS", secrets.randbelow(900_000))
    with platform.client("terminal") as terminal, platform.client("carrier") as carrier:
        where = [{"name": "equipment", "values": [f"container:{box}"]}]
        item = subscribe(terminal, channel="queue", records=[STATUS], where=where)
        password = key(terminal, item)
        with taking(platform, item, password, 0, sharing(item)) as slow, taking(platform, item, password, 1000, sharing(item)) as one:
            until(lambda: slow.told("granted") and one.told("granted"), "both share it")
            for n in range(12):
                report(carrier, box, f"S{n}")
            until(lambda: len({*numbers(slow), *numbers(one)}) == 12, "the work is shared out")
            assert not {*numbers(slow)} & {*numbers(one)}, "none is given twice while its taker is there"
            assert numbers(slow), "each has some of it"
            with taking(platform, item, password, 1000, sharing(item, "others")) as stranger:
                until(lambda: stranger.told("granted"), "it is answered")
                assert stranger.told("granted") == [128]
            slow.kill()
            until(lambda: {*numbers(one)} == set(range(1, 13)), "what it left is given to the other")
            until(lambda: terminal.get(door(item)).json()["waiting"] == 0, "all is taken")
            with taking(platform, item, password) as alone:
                until(lambda: len([said for said in one.said if "connected" in said]) > 1, "who takes alone takes over")
                report(carrier, box, "S12")
                until(lambda: numbers(alone) == [13] or {13} <= {*numbers(one)}, "and is given what comes")
        act(terminal, item, "end")


def test_a_message_that_takers_leave_is_set_aside_and_told_again_on_demand(platform: Running) -> None:
    """Too old for its subscription: it is set aside unseen, stays to be read, and goes out again behind the others under its id."""
    box = f"container:{container('KQD', secrets.randbelow(900_000))}"
    with platform.client("terminal") as terminal, platform.client("carrier") as carrier:
        item = subscribe(terminal, channel="queue", records=["base.movement.status"], where=[{"name": "equipment", "values": [box]}],
                         stale_s=3600)  # fmt: skip
        password = key(terminal, item)
        late = {"equipment": box, "code": "OLD", "at": datetime.now(UTC).isoformat()}
        assert carrier.post("/api/records/base/movement/status", json=late).status_code == 201
        until(lambda: terminal.get(door(item)).json()["last"] == 1, "it is numbered")
        aged(platform, item)
        with taking(platform, item, password) as taker:
            report(carrier, box.removeprefix("container:"), "NEW")
            until(lambda: numbers(taker) == [2], "what is too old is not given")
            dead = until(lambda: (d := terminal.get(door(item, "/dead")).json())["count"] == 1 and d, "it is set aside")
            (one,) = dead["items"]
            assert (one["seq"], one["why"], one["message"]["data"]["code"]) == (1, "too old", "OLD")
            standing = terminal.get(door(item)).json()
            assert ([m["fate"] for m in standing["latest"]], standing["dead"], standing["waiting"]) == (["told", "dead"], 1, 0)
            with platform.client("trader") as trader:
                assert trader.get(door(item, "/dead")).status_code == 404
                assert trader.post(door(item, "/dead/again"), json={}).status_code == 404
            way = f"{SUBSCRIPTIONS}/{item['id']}"
            body = {**terminal.get(way).json()["data"], "stale_s": None}
            del body["stopped"]
            assert terminal.put(way, json=body, headers={"If-Match": "1"}).status_code == 200
        with taking(platform, item, password) as taker:
            assert terminal.post(door(item, "/dead/again"), json={"seqs": [1]}).json() == {"again": 1, "seqs": [3]}
            again = until(lambda: [m for m in taker.got if m["seq"] == 3], "it is told again behind the others")[0]
            assert again["id"] == one["message"]["id"], "under its own id"
        assert terminal.get(door(item, "/dead")).json()["count"] == 0
        act(terminal, item, "end")


def test_one_enters_ones_own_queue_and_nothing_else(platform: Running) -> None:
    box = f"container:{container('KQU', secrets.randbelow(900_000))}"
    with platform.client("terminal") as terminal, platform.client("trader") as trader:
        item, other = (subscribe(one, channel="queue", about=[box]) for one in (terminal, trader))
        live = subscribe(terminal, about=[box])
        passwords = {name: key(client, one) for name, client, one in (("own", terminal, item), ("other", trader, other))}
        assert trader.post(door(item, "/secret")).status_code == 404
        assert terminal.post(door(live, "/secret")).status_code == 409
        assert terminal.post(door(item, "/test")).json() == {"seq": 1}
        with taking(platform, item, passwords["other"]) as stranger, taking(platform, live, passwords["own"]) as beside:
            until(lambda: stranger.told("connected") and beside.told("connected"), "both are answered")
            assert (stranger.told("connected"), beside.told("connected")) == (REFUSED, REFUSED)
        for topic in ("#", f"push/{other['id']}", "push/+"):
            with taking(platform, item, passwords["own"], 0, topic) as curious:
                until(lambda: curious.told("granted"), "it is answered")
                assert curious.told("granted") == [128]
                assert curious.got == []
        with taking(platform, item, passwords["own"], 0) as owner:
            until(lambda: owner.got, "its own it is given")
            assert [(one["what"], one["subscription"].startswith("subscription:TERMINAL/")) for one in owner.got] == [("test", True)]
            with taking(platform, item, passwords["own"]) as newer:
                until(lambda: newer.got, "a newer connection takes over, and is given what was not acknowledged")
        for client, one in ((terminal, item), (trader, other), (terminal, live)):
            act(client, one, "end")
