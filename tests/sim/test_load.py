"""The load generator against a tiny server: counts, honest latencies, acknowledged filings, loopback only."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kouan_sim.cli import main
from kouan_sim.filings import KINDS
from kouan_sim.identifiers import References
from kouan_sim.load import Keeper, NotLoopback, Plan, Run, quantile, target


def run(plan: Plan, platform: Any) -> Run:
    return Run(plan, platform.url, "token-trader", KINDS["wco-dec"](References(), plan.count, "0000").filings)


async def test_everything_is_sent_at_the_planned_rate_and_counted(platform: Any, tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "kept")
    report = await run(Plan(100, 1.0, 4), platform).run(keeper)
    keeper.close()
    assert (report["sent"], report["accepted"], report["errors"]) == (100, 100, 0)
    assert report["per_s"] == pytest.approx(100, rel=0.1)
    assert 0 < report["p50_ms"] <= report["p99_ms"] <= report["p999_ms"] <= report["max_ms"]
    lines = [line.split() for line in (tmp_path / "kept").read_text().splitlines()]
    assert len({reference for reference, _ in lines}) == 100
    filed = {request.headers["idempotency-key"] for _, request in platform.filed}
    assert filed == {reference for reference, _ in lines}


async def test_latency_counts_from_the_intended_moment(platform: Any) -> None:
    platform.delay = 0.1
    report = await run(Plan(40, 1.0, 1), platform).run()
    # One connection serves ten a second: the last of forty waits for three seconds, and that must show.
    assert report["accepted"] == 40
    assert report["max_ms"] > 2500
    assert report["p50_ms"] > 1000


async def test_a_platform_that_breaks_off_costs_what_was_under_way(platform: Any, tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "kept")
    task = asyncio.create_task(run(Plan(100, 2.0, 4), platform).run(keeper))
    await asyncio.sleep(0.6)
    platform.delay = 5.0
    await asyncio.sleep(0.2)
    await platform.server.close()
    await asyncio.sleep(0.3)
    platform.delay = 0.0
    await platform.server.open()
    report = await task
    keeper.close()
    assert report["errors"] == 4
    assert report["accepted"] == 196
    assert len((tmp_path / "kept").read_text().splitlines()) == report["accepted"]


async def test_busy_and_refused_are_told_apart(platform: Any) -> None:
    platform.away = True
    report = await run(Plan(20, 0.5, 2), platform).run()
    assert (report["busy"], report["accepted"]) == (10, 0)
    assert report["problems"] == {"503 starting": 10}
    platform.away = False
    refused = await Run(Plan(20, 0.5, 2), platform.url, "wrong", KINDS["gate"](References(), 10, "").filings).run()
    assert (refused["refused"], refused["problems"]) == (10, {"401 unauthenticated": 10})


@pytest.mark.parametrize("url", ["http://192.0.2.1:80", "http://example.org", "https://127.0.0.1", "ftp://[::1]"])
def test_load_refuses_every_other_host(url: str) -> None:
    with pytest.raises(NotLoopback):
        target(url)


def test_the_command_refuses_other_hosts_too(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["load", "--rate", "1", "--seconds", "1", "--url", "http://192.0.2.1", "--token", "t"]
    assert main(arguments) == 2
    assert "loopback only" in capsys.readouterr().err


@pytest.mark.parametrize("bad", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1000, 1000, 1), (1, 1, 257)])
def test_a_run_is_bounded(bad: tuple[float, float, int]) -> None:
    with pytest.raises(ValueError, match=r"positive|at most"):
        Plan(*bad)


def test_quantiles_are_nearest_rank() -> None:
    ordered = [n / 1000 for n in range(1, 101)]
    assert [quantile(ordered, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert quantile([], 0.5) is None
