"""Clocks that are changed or go wrong: nothing pauses (DAKOSY), nothing is lost, nothing is told in the wrong order.

A platform of our own for a port in the zone Europe/Berlin; its clock jumps as the drill tells it, the database's stays right.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kouan.kernel.drill import LOOK
from kouan_sim.identifiers import References
from tests.conftest import Running, end, planted, start
from tests.faults.killing import DOOR, Load, healthy, nothing_is_lost
from tests.shipment import Shipment

pytestmark = pytest.mark.slow
AUTUMN, SPRING = datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)
BEFORE, BEHIND = 3.0, 4.0
PAUSE = 5.0
"""Seconds without an accepted filing that would count as a pause; a busy machine takes breath, too."""
CALL = "/api/records/base/portcall/port_call"


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform of our own at a port whose clock is changed twice a year."""
    home = planted(tmp_path_factory.mktemp("clocks") / "data")
    running = start(home, KOUAN_RANDOM_SHARE="0", KOUAN_ZONE="Europe/Berlin", KOUAN_CLOCK_OFFSET="watch")
    yield running
    end(running)


@pytest.fixture
def drill(berlin: Running) -> Iterator[Path]:
    """The file that says how wrong the clock is; it is right again behind the test."""
    path = berlin.home / "run" / "clock"
    yield path
    set_to(path, timedelta(0))


def set_to(drill: Path, by: timedelta) -> None:
    """Make the platform's clock wrong by so much; from now on each of its processes has read that."""
    new = drill.with_suffix(".new")
    new.write_text(str(by.total_seconds()))
    new.replace(drill)
    time.sleep(2 * LOOK)


class Longest:
    """The longest time without an accepted filing."""

    def __init__(self, load: Load) -> None:
        self._load, self.seconds, self._stop = load, 0.0, False

    async def watch(self) -> None:
        """Look until told to stop."""
        seen, since = 0, time.monotonic()
        while not self._load.stop:
            if len(self._load.acknowledged) != seen or not seen:
                seen, since = len(self._load.acknowledged), time.monotonic()
            self.seconds = max(self.seconds, time.monotonic() - since)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("change", [AUTUMN, SPRING], ids=["autumn", "spring"])
async def test_filing_goes_on_through_a_change_of_the_port_s_clock(berlin: Running, drill: Path, change: datetime) -> None:
    load = Load(berlin, f"change{change.month}")
    longest = Longest(load)
    watching = asyncio.create_task(longest.watch())

    def go_to_the_change() -> None:
        limit = time.monotonic() + 60
        while len(load.acknowledged) < 30:
            assert time.monotonic() < limit, load.trouble
            time.sleep(0.05)
        set_to(drill, change - timedelta(seconds=BEFORE) - datetime.now(UTC))

    await load.run([(0.0, go_to_the_change), (BEFORE + BEHIND, lambda: None)], after=0.5)
    await watching
    assert longest.seconds < PAUSE
    assert load.trouble == 0
    await nothing_is_lost(load)
    filed = [datetime.fromisoformat(item["filed_at"]) for items in (await load.kept()).values() for item in items
             if item["data"]["waybill"].startswith(f"waybill:W{load.name.upper()}")]  # fmt: skip
    spread = {int((at - change).total_seconds() // 1) for at in filed}
    assert {-2, -1, 0, 1, 2} <= spread, "there are filings of each second around the change"
    assert healthy(berlin)["status"] == "ok"


def test_the_hour_that_comes_twice_is_two_hours_at_the_gate(berlin: Running, drill: Path) -> None:
    set_to(drill, AUTUMN - timedelta(hours=2) - datetime.now(UTC))
    shipment = Shipment(berlin)
    first, again = shipment.plate(), shipment.plate()
    shipment.book(first, [], "in", business="coach", opens="2026-10-25T02:00:00+02:00", closes="2026-10-25T02:00:00+01:00")
    shipment.book(again, [], "in", business="coach", opens="2026-10-25T02:00:00+01:00", closes="2026-10-25T03:00:00+01:00")
    told = {(name, at): shipment.present("in-1", plate, [], at=f"2026-10-25T{at}")
            for name, plate in (("first", first), ("again", again)) for at in ("02:15:00+02:00", "02:45:00+01:00")}  # fmt: skip
    assert {key: answer["decision"] for key, answer in told.items()} == {
        ("first", "02:15:00+02:00"): "open", ("first", "02:45:00+01:00"): "divert",
        ("again", "02:15:00+02:00"): "divert", ("again", "02:45:00+01:00"): "open",
    }  # fmt: skip
    late = next(one for one in told["first", "02:45:00+01:00"]["reasons"] if one["rule"] == "GATE-WINDOW")
    assert "10-25 02:00 (UTC+0200)–10-25 02:00 (UTC+0100)" in str(late)


def test_times_of_the_changed_hours_are_taken_and_the_sender_is_warned(berlin: Running, drill: Path) -> None:
    set_to(drill, AUTUMN - timedelta(days=1) - datetime.now(UTC))
    refs = References()
    rows = ["vessel,ship_name,flag,voyage,port,crew_count,eta"]
    rows += [f"9074729,CLOCKS,CN,{refs.next('CL')},CNWHH,1,{eta}" for eta in
             ("2026-10-25 02:30", "2027-03-28 02:30", "2026-10-25 04:30")]  # fmt: skip
    with berlin.client("agent") as agent:
        door = "/api/intake/csv?record=base.portcall.port_call"
        answer = agent.post(door, content="\n".join(rows).encode())
        assert answer.status_code in (200, 201), answer.text
        taken = answer.json()["accepted"]
        assert [[one["code"] for one in part["warnings"] if one["code"].startswith("time.")] for part in taken] == [
            ["time.twice"], ["time.never"], []]  # fmt: skip
        etas = [kept(agent, part["ref"])["data"]["eta"] for part in taken]
    assert [datetime.fromisoformat(eta) for eta in etas] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 3, 30, tzinfo=UTC),
    ]  # fmt: skip


def kept(client: Any, ref: str) -> dict[str, Any]:
    items = client.get(CALL, params={"limit": 500}).json()["items"]
    return next(item for item in items if item["ref"] == ref)


def test_clocks_an_hour_wrong_stop_nothing_and_order_stays(berlin: Running, drill: Path) -> None:
    """Forward, back behind the start, and right again, while the database's clock stays right."""
    refs, readings = References(), []
    with berlin.client("carrier") as carrier, berlin.client("trader") as trader:
        body = {"waybill": refs.next("WJ"), "wagon": "52839471", "entered_at": "2026-11-01T00:00:00Z"}
        item = carrier.post(DOOR, json=body).json()["item"]
        path, version = f"{DOOR}/{item['id']}", 1
        for hours in (1, -1, 0):
            set_to(drill, timedelta(hours=hours))
            time.sleep(0.3)
            answer = carrier.put(path, json={**body, "train": f"T{hours}"}, headers={"If-Match": str(version)})
            assert answer.status_code == 200, answer.text
            version += 1
            proved(carrier, answer.json()["receipt"])
            assessed(trader, refs)
            checkpoint = carrier.get("/api/ledger/checkpoint").json()
            readings.append((checkpoint["size"], checkpoint["at"]))
            assert healthy(berlin)["status"] == "ok"
            assert carrier.get("/api/status").json()["platform"]["status"] == "up"
        assert readings == sorted(readings), "the log's own time never goes back"
        said = carrier.get(f"{path}/history").json()["versions"]
        assert [one["version"] for one in said] == [1, 2, 3, 4], "in the order of acceptance, not of the clock's readings"
        assert [one["at"] for one in said] != sorted(one["at"] for one in said), "the clock did go back"
        assert carrier.get(path).json()["data"]["train"] == "T0"


def proved(client: Any, receipt: str) -> None:
    limit = time.monotonic() + 30
    while client.get(f"/api/receipts/{receipt}/proof").status_code != 200:
        assert time.monotonic() < limit, "the signer has stopped"
        time.sleep(0.1)


def assessed(trader: Any, refs: References) -> None:
    """A declaration goes its way: the worker does at once what is filed now."""
    items = [{"sequence": 1, "hs": "851679", "origin": "KR", "description": "KETTLES", "value": "900", "currency": "USD",
              "net_kg": 90, "gross_kg": 100}]  # fmt: skip
    body = {"functional_reference": refs.next("CLK"), "function_code": "9", "office": "9901", "items": items, "hs": "851679"}
    answer = trader.post("/api/records/base/declaration/declaration", json=body)
    assert answer.status_code == 201, answer.text
    path, limit = f"/api/records/base/declaration/declaration/{answer.json()['item']['id']}", time.monotonic() + 30
    while trader.get(path).json()["state"] == "lodged":
        assert time.monotonic() < limit, "the worker waits for another time"
        time.sleep(0.2)
