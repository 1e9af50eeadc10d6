"""On the running platform: a box is subscribed by webhook, its release is pushed; by events, by number; to nobody else."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import orjson
import pytest

from kouan_sim.identifiers import container
from tests.base.push.sinks import Sink
from tests.conftest import Running
from tests.shipment import Shipment

T = TypeVar("T")
SUBSCRIPTIONS = "/api/records/base/push/subscription"
DECLARATION = "base.declaration.declaration"
PATIENCE = 40.0


def until(look: Callable[[], T], why: str) -> T:
    """The first answer that is something."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(why)


def subscribe(client: httpx.Client, **stated: Any) -> dict[str, Any]:
    """A new subscription of the client's organisation."""
    answer = client.post(SUBSCRIPTIONS, json={"name": f"test-{secrets.token_hex(6)}", "channel": "sse", **stated})
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()["item"]
    return item


def door(item: dict[str, Any], what: str = "") -> str:
    return f"/api/push/subscriptions/{item['id']}{what}"


def act(client: httpx.Client, item: dict[str, Any], action: str) -> dict[str, Any]:
    answer = client.post(f"{SUBSCRIPTIONS}/{item['id']}/actions/{action}", json={})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def key(client: httpx.Client, item: dict[str, Any]) -> str:
    answer = client.post(door(item, "/secret"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


@contextmanager
def hearing(client: httpx.Client, item: dict[str, Any], **headers: str) -> Iterator[list[dict[str, Any]]]:
    """What comes as events while the block runs."""
    got: list[dict[str, Any]] = []
    begun, done = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with client.stream("GET", f"/api/live/push/{item['id']}", headers=headers, timeout=httpx.Timeout(60, read=60)) as answer:
                for line in answer.iter_lines():
                    begun.set()
                    if line.startswith("data: "):
                        got.append(orjson.loads(line[6:]))
                    if done.is_set():
                        return
        except httpx.HTTPError:
            begun.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert begun.wait(20)
    yield got
    done.set()


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = Sink()
    yield found
    found.down()


@pytest.mark.clause("H7.2.5b3")
def test_a_subscribed_boxs_release_is_pushed_retried_and_never_doubled(platform: Running, sink: Sink) -> None:
    shipment = Shipment(platform)
    with platform.client("trader") as trader:
        item = subscribe(trader, channel="webhook", address=sink.url, about=[f"container:{shipment.box}"], moments=["release"])
        sink.learn(key(trader, item))
        sink.answers = [500, 503]
        shipment.file()
        shipment.becomes("released")
        # Its system is down when the release happens.
        until(lambda: trader.get(door(item)).json()["failures"], "the first try failed")
        began = time.time()
        sink.up()
        told = until(lambda: sink.got, "the release is pushed when the system is back")[0]
        assert (told["record"], told["what"], told["seq"]) == (DECLARATION, "release", 1)
        assert told["data"]["functional_reference"] == shipment.reference
        assert told["_arrived"] - began < PATIENCE
        assert len(set(sink.seen)) == 1, "each try went out under the same id"
        assert len(sink.seen) == 3, "refused twice, then taken"
        assert sink.forged == 0
        # Reachable now: the next shipment's facts come at once, each once.
        standing = until(lambda: (s := trader.get(door(item)).json())["waiting"] == 0 and s, "it is noted as told")
        assert [one["fate"] for one in standing["latest"]] == ["told"]
        assert trader.post(door(item, "/test")).json() == {"seq": 2}
        until(lambda: sink.about("test"), "the test message came")
        assert sink.ids == list(dict.fromkeys(sink.ids)), "nothing was doubled"
        # Told again on demand, under the ids that a receiver knows already.
        assert trader.post(door(item, "/replay"), json={"after": 0}).json() == {"last": 2, "again": 2}
        until(lambda: len(sink.ids) == 4, "both came again")
        assert sink.ids[2:] == sink.ids[:2]
        act(trader, item, "end")


def test_who_is_connected_hears_it_at_once_and_misses_nothing_while_away(platform: Running) -> None:
    shipment = Shipment(platform)
    with platform.client("trader") as trader, platform.client("carrier") as carrier, platform.client("trucker") as trucker:
        where = [{"name": "functional_reference", "values": [shipment.reference]}]
        whole = subscribe(trader, records=[DECLARATION], where=where)
        changes = subscribe(trader, records=[DECLARATION], where=where, content="difference")
        others = subscribe(trucker, about=[f"container:{shipment.box}"])
        ships = subscribe(carrier, about=[f"container:{shipment.box}"], records=[DECLARATION])
        with hearing(trader, whole) as got:
            shipment.file()
            shipment.becomes("released")
            released = until(lambda: [one for one in got if one["state"] == "released"], "the release is heard")[0]
        assert [one["seq"] for one in got] == list(range(1, len(got) + 1))
        assert got[0]["what"] == "filed"
        assert released["data"]["functional_reference"] == shipment.reference
        with hearing(trader, whole, **{"Last-Event-ID": "1"}) as again:
            until(lambda: len(again) >= len(got) - 1, "what was missed comes first")
        assert [one["id"] for one in again][: len(got) - 1] == [one["id"] for one in got[1:]]
        page = trader.get(door(changes, "/events"), params={"limit": 500}).json()
        assert page["last"] == len(page["items"])
        last = next(one for one in page["items"] if one["state"] == "released")
        assert "data" not in last
        assert last["moved"]["to"] == "released"
        assert set(last["changed"]) < set(released["data"])
        # Entitlement: the haulier is no party of the declaration; the carrier's part of it says no value.
        assert trucker.get(door(others, "/events")).json()["items"] == []
        part = carrier.get(door(ships, "/events")).json()["items"]
        seen = carrier.get(f"/api/records/base/declaration/declaration/{released['record_id']}")
        assert {name for one in part for name in one["data"]} <= set(seen.json()["data"] if seen.status_code == 200 else ())
        assert trucker.get(door(whole)).status_code == 404
        assert trucker.get(door(whole, "/events")).status_code == 404
        for client, item in ((trader, whole), (trader, changes), (trucker, others), (carrier, ships)):
            act(client, item, "end")


def test_two_who_lag_behind_on_one_subscription_both_hear_all_of_it(platform: Running) -> None:
    """Each goes on behind its own number, while more comes: more than is read at once for either, in order, nothing twice."""
    box, count = container("LAG", secrets.randbelow(10**6)), 260
    at = datetime.now(UTC) - timedelta(hours=2)

    def report(carrier: httpx.Client, first: int, last: int) -> None:
        moments = [(n, (at + timedelta(seconds=n)).isoformat()) for n in range(first, last)]
        rows = [{"equipment": f"container:{box}", "code": f"L{n}", "at": moment} for n, moment in moments]
        answer = carrier.post("/api/intake/json", params={"record": "base.movement.status"}, json=rows, timeout=120)
        assert answer.status_code == 200, answer.text[:300]

    with platform.client("carrier") as carrier, platform.client("terminal") as terminal:
        item = subscribe(terminal, about=[f"container:{box}"])
        report(carrier, 0, count)
        until(lambda: len(terminal.get(door(item, "/events"), params={"limit": 500}).json()["items"]) == count, "all are numbered")
        with hearing(terminal, item, **{"Last-Event-ID": "0"}) as far, hearing(terminal, item, **{"Last-Event-ID": "120"}) as near:
            report(carrier, count, count + 140)
            until(lambda: len(far) >= count + 140 and len(near) >= count + 20, "both hear all")
            for got, behind in ((far, 0), (near, 120)):
                assert [one["seq"] for one in got] == list(range(behind + 1, count + 141))
                assert len({one["id"] for one in got}) == len(got)
        assert [one["id"] for one in far[120:]] == [one["id"] for one in near]
        act(terminal, item, "end")


def test_what_cannot_be_subscribed_is_refused_with_field_and_reason(platform: Running) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "about"),
        ({"records": ["base.nothing.such"]}, "records"),
        ({"records": ["base.push.subscription"]}, "records"),
        ({"about": ["person:E00000001"]}, "about"),
        ({"records": [DECLARATION], "moments": ["explode"]}, "moments"),
        ({"records": [DECLARATION], "states": ["gone"]}, "states"),
        ({"records": [DECLARATION], "where": [{"name": "no_such", "values": ["x"]}]}, "where.0.name"),
        ({"about": ["container:MSKU9070323"], "where": [{"name": "office", "values": ["x"]}]}, "records"),
        ({"records": [DECLARATION], "channel": "webhook"}, "address"),
        ({"records": [DECLARATION], "address": "https://a.example/x"}, "address"),
        ({"records": [DECLARATION], "channel": "webhook", "address": "http://a.example/x"}, "address"),
        ({"records": [DECLARATION], "channel": "webhook", "address": "file:///etc/passwd"}, "address"),
        ({"records": [DECLARATION], "since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "until"),
    ]
    with platform.client("trader") as trader:
        for stated, field in wrong:
            answer = trader.post(SUBSCRIPTIONS, json={"name": "wrong", "channel": "sse", **stated})
            assert answer.status_code == 422, stated
            problem = answer.json()["problems"][0]
            assert problem["field"] == field, stated
            assert problem["reason"]["zh"]
            assert problem["reason"]["en"]


def test_a_webhook_into_the_platform_itself_is_stopped(platform: Running) -> None:
    with platform.client("trader") as trader:
        item = subscribe(trader, channel="webhook", address=f"{platform.url}/api/health", records=[DECLARATION])
        assert trader.post(door(item, "/test")).status_code == 200
        stopped = until(
            lambda: (one := trader.get(f"{SUBSCRIPTIONS}/{item['id']}").json())["state"] == "stopped" and one, "it is stopped"
        )
        assert stopped["data"]["stopped"] == "address"
        act(trader, item, "end")
