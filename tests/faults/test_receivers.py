"""Receivers that are away, hang or are slow, and a worker killed between sending and noting it (Orion #3539 and kin).

KOUAN_OUTAGE_SECONDS: how long a receiver stays away, 15 unless said otherwise (`make faults`: 600).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from kouan_sim.identifiers import References
from tests.base.exchange.receivers import Receiver
from tests.conftest import Running, end, planted, start
from tests.faults.killing import OUTAGE, kill
from tests.journeys.papers import until

pytestmark = pytest.mark.slow
PACE = max(0.3, OUTAGE / 400)
"""Seconds between two facts for the receiver that is away: some hundreds, however long it stays away."""
DOOR = "/api/records/base/exchange/instruction"
ON_TIME = 5.0


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform of our own, to be hurt."""
    running = start(planted(tmp_path_factory.mktemp("receivers") / "data"), KOUAN_RANDOM_SHARE="0")
    yield running
    end(running)


def systems(victim: Running, **pauses: float) -> dict[str, Receiver]:
    """Systems of some organisations, each with its pause before an answer, known to the platform and not up yet."""
    found = {org: Receiver(pause=pause) for org, pause in pauses.items()}
    for org, receiver in found.items():
        receiver.join(victim, org)
    return found


def leave(victim: Running, found: dict[str, Receiver]) -> None:
    for org, receiver in found.items():
        receiver.leave(victim, org)


def order(issuer: httpx.Client, refs: References, to: str) -> dict[str, Any]:
    """Give an instruction."""
    answer = issuer.post(DOOR, json={"number": refs.next("XC"), "to": f"org:{to}", "measure": "inform", "subject": "drill"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["item"]
    return found


def got(receiver: Receiver, refs: list[str]) -> bool:
    told = {one.ref for one in list(receiver.told.values())}
    return all(ref in told for ref in refs)


def test_a_receiver_that_was_away_gets_everything_once_and_in_order(victim: Running) -> None:
    found, refs = systems(victim, border=0, terminal=0), References()
    found["terminal"].up()
    away, near = [], []
    begun = time.monotonic()
    with victim.client("portoffice") as office:
        while time.monotonic() - begun < OUTAGE:
            item = order(office, refs, "border")
            away.append(item["ref"])
            assert office.post(f"{DOOR}/{item['id']}/actions/withdraw", json={}).status_code == 200
            near.append(order(office, refs, "terminal")["ref"])
            filed = time.monotonic()
            until(lambda: got(found["terminal"], near), "the other gets it on time", ON_TIME)
            assert time.monotonic() - filed < ON_TIME
            time.sleep(PACE)
        assert not found["border"].seen
        found["border"].up()
        until(lambda: got(found["border"], away) and len(found["border"].told) >= 2 * len(away), "all of it arrives", 30 + OUTAGE / 5)
        time.sleep(1)
        for ref in away:
            assert [one.what for one in found["border"].about(ref)] == ["filed", "withdraw"], "in order, each once"
        assert len(found["border"].seen) == len(set(found["border"].seen)) == 2 * len(away)
        with victim.client("border") as border:
            until(lambda: border.get("/api/deliveries", params={"box": "in"}).json() == [], "nothing hangs any more")
            assert next(c for c in border.get("/api/connectors").json() if c["name"] == "border")["dead"] == 0
    leave(victim, found)


def test_one_hangs_one_is_slow_and_the_others_get_theirs_on_time(victim: Running) -> None:
    found, refs = systems(victim, customs=60, maritime=10, terminal=0), References()
    for receiver in found.values():
        receiver.up()
    with victim.client("portoffice") as office:
        slow = [order(office, refs, to)["ref"] for to in ("customs", "maritime", "customs", "maritime")][1::2]
        late = []
        for _ in range(10):
            ref, filed = order(office, refs, "terminal")["ref"], time.monotonic()
            until(partial(got, found["terminal"], [ref]), "on time", ON_TIME)
            late.append(time.monotonic() - filed)
        assert max(late) < ON_TIME, late
        until(lambda: got(found["maritime"], slow), "the slow one gets its own in its own time", 30)
        assert len(found["maritime"].seen) == len(set(found["maritime"].seen)), "slow is not away: nothing is sent twice"
    leave(victim, found)


def test_a_worker_killed_between_sending_and_noting_it_is_sent_again_under_the_same_event(victim: Running) -> None:
    found, refs = systems(victim, transport=3), References()
    receiver = found["transport"]
    receiver.up()
    with victim.client("portoffice") as office:
        ref = order(office, refs, "transport")["ref"]
        until(lambda: bool(receiver.seen), "it is on its way", 20)
        kill(victim, "cli work")
        receiver.pause = 0
        until(lambda: len(receiver.seen) >= 2, "it is sent again once the lease is over", 60)
        until(lambda: any(d["ref"] == ref for d in office.get("/api/deliveries", params={"state": "delivered"}).json()), "settled")
        assert len(set(receiver.seen)) == 1, "the event is the same: the receiver knows it again"
        assert [one.what for one in receiver.about(ref)] == ["filed"]
    leave(victim, found)
