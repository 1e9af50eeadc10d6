"""The benchmarks that need a platform, each with tiny parameters on one that they share. No times are asserted.

Order matters: intake counts all declarations there are, lists and traces read the copies that are made once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench import (
    _million,
    catalogue,
    gate,
    grants,
    idle,
    ingest,
    intake,
    lists,
    push,
    stream,
    surge,
    tiles,
    trace,
    viewers,
)
from bench._platform import Platform, started
from tests.bench.stands import stands

ROWS = 6000
ALL = (_million, catalogue, gate, grants, ingest, intake, stream, surge, tiles, viewers)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared() -> Iterator[Platform]:
    """The one platform, as benchmarks start theirs."""
    with started() as running:
        yield running


@pytest.fixture(autouse=True)
def _at_hand(shared: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def here(**_: str) -> Iterator[Platform]:
        yield shared

    for module in ALL:
        monkeypatch.setattr(module, "started", here)
    for module in (lists, trace):
        monkeypatch.setattr(module, "seed", seeded)
    for name in ("KOUAN_HOME", "KOUAN_DATABASE_SOCKET"):  # some set these for themselves
        monkeypatch.setenv(name, "")


@cache
def _kept() -> dict[str, Any]:
    return {}


async def seeded(platform: Platform, rows: int) -> dict[str, Any]:
    """The declarations' copies, made once."""
    return _kept().get("rows") or _kept().setdefault("rows", await _million.seed(platform, rows))


def test_intake_files_scores_and_proves() -> None:
    found = intake.run(rate=10, seconds=2, warm=0.5)
    stands(found, "intake")
    assert found["accepted"] == found["sent"] == 20
    assert found["p50_ms"] <= found["p99_ms"] <= found["p999_ms"]
    assert {"serve", "work", "postgres", "signer"} <= set(found["platform_cpu_s"])
    assert found["client_cpu_s"] > 0
    assert found["per_cpu_s"] > 0
    assert found["handlers"]["caught_up_after_s"] is not None
    assert sum(found["handlers"]["states"].values()) == 25
    assert found["handlers"]["states"].get("lodged", 0) == 0
    assert found["proof_after_last_s"] is not None
    assert found["peers"]["lxml parse"]["per_s"] > 0


def test_the_gate_lets_in_each_vehicle_with_an_appointment() -> None:
    found = gate.run(rate=10, seconds=2, warm=0.5, booked=True)
    stands(found, "gate")
    assert found["accepted"] == 20
    assert found["decisions"] == {"open": 25}
    assert found["per_s"] > 0
    assert found["p99_ms"] > 0


def test_a_surge_is_told_beside_what_was_filed_meanwhile() -> None:
    found = surge.run(rate=10, seconds=1, warm=0.5)
    stands(found, "surge")
    assert found["alone"]["accepted"] == found["beside_the_surge"]["accepted"] == 10
    flood = found["surge"]
    assert flood["served"] + flood["shed"] == sum(flood["answers"].values()) > 0
    assert set(flood["answers"]) <= {"200", "503"}


def test_lists_find_what_was_copied_by_every_declared_filter() -> None:
    found = lists.run(rows=ROWS, times=2)
    stands(found, "lists")
    assert found["rows"] >= ROWS + 50
    customs, trader = found["pages"]["customs"], found["pages"]["trader"]
    assert all(customs[name]["rows"] >= 1 for name in lists.values(ROWS))
    assert trader["(none)"]["rows"] == 50
    assert trader["containers"]["rows"] == 0
    assert found["p99_ms"] > 0


def test_traces_show_each_caller_what_it_may_know() -> None:
    found = trace.run(rows=ROWS, times=2, seconds=1)
    stands(found, "trace")
    assert found["sustained"]["answered"] == found["sustained"]["sent"] == 20
    by = found["traces"]
    assert by["customs"]["container"]["documents"] >= 1
    assert by["customs"]["declaration"]["documents"] >= 1
    assert by["trader"]["container"]["documents"] == 0
    assert by["trader"]["own declaration"]["documents"] >= 1
    assert by["customs"]["none"]["documents"] == 0


def test_a_platform_at_rest_is_told_by_part(shared: Platform) -> None:
    begun, rest = idle.begun(shared), idle.rest(shared, seconds=1.5, settles=0.0)
    assert begun["cpu_s"] == pytest.approx(sum(begun["by_part"].values()), abs=0.1)
    assert {"nursery", "postgres", "serve"} <= set(begun["by_part"])
    assert {"nats", "postgres", "serve", "watch"} <= set(rest["cpu_s_per_minute"])
    assert rest["wakes_per_s"]["watch"] > 0
    assert rest["transactions_per_s"] > 0


def test_grants_are_found_where_they_are_held() -> None:
    found = grants.run(rows=2000, times=20)
    stands(found, "grants")
    assert found["grants"] >= 2000
    assert (found["check"]["held"]["grants"] > 0, found["check"]["not held"]["grants"]) == (True, 0)
    assert set(found["doors"]) == {"refused read", "granted read"}


def test_the_catalogue_finds_by_every_kind_of_search() -> None:
    found = catalogue.run(rows=400, times=2)
    stands(found, "catalogue")
    assert found["entries"] >= 400
    by = found["searches"]
    assert by["exact code"]["found"] >= 1
    assert by["word of none"]["found"] == 0
    assert all(by[name]["found"] > 0 for name in ("Chinese word", "English words", "both languages", "begun English word"))


def test_each_tile_is_the_sum_of_its_events(monkeypatch: pytest.MonkeyPatch) -> None:
    async def warm(_: Platform) -> bool:
        return False  # nothing is killed that others need

    monkeypatch.setattr(tiles, "chill", warm)
    found = tiles.run(rows=20_000, times=1)
    stands(found, "tiles")
    assert found["equal"] == found["tiles"] > 25
    assert found["cold_ms"] > 0


def test_extraction_takes_each_row_and_checks_it() -> None:
    found = ingest.run(rows=1000, records=50)
    stands(found, "ingest")
    assert found["parquet"]["rows"] == found["csv"]["rows"] == 1000
    assert (found["records"]["rows"], found["records"]["kept"]) == (50, 50)


def test_viewers_hold_what_ships_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "SETTLE", 1.0)
    found = viewers.run(objects=60, viewers=2, seconds=7.0)
    stands(found, "viewers")
    assert (found["clients"]["viewers"], found["clients"]["lost"]) == (2, [])
    assert found["clients"]["rows"] > 0
    assert found["ships"]["messages"] > 0


def test_the_stream_accounts_for_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    devices, metrics = stream.DEVICES[:2], stream.METRICS[:3]
    small = {"DEVICES": devices, "METRICS": metrics, "RULES": 6 + stream.BANDS, "WARM": 1.0, "TRIES": -1, "SHIPS": 300}
    for name, value in small.items():
        monkeypatch.setattr(stream, name, value)
    found = stream.run(["both"], 1.0, 0, 0.01)
    stands(found, "stream")
    both = found["both"]
    assert both["sent"] == both["kept"] + both["refused"] + both["duplicates"] + both["thinned"] + both["counted_lost"] + both[
        "not_accounted_for"
    ]  # fmt: skip
    assert both["kept"] > 0
    assert both["alarms_due"] > 0


def test_what_is_pushed_comes_to_each_subscriber_in_spite_of_kills(
    shared: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "STEADY", 1.0)
    monkeypatch.setattr(push, "FAULTS", 2.0)
    found = asyncio.run(push.measure(shared, tmp_path, 50, 30, 6))
    assert (found["subscriptions"], found["steady"]["rate_asked"]) == (30, 50)
    whole = found["everything"]  # of so few boxes and codes a pair may come again at once: that filing is refused, and none of it due
    assert whole["messages"] == whole["expected"] > 0
    assert (whole["lost"], whole["numbers_whole"]) == (0, True)
