"""On the running platform: what was measured becomes a forecast, with its past error; a limit that is near becomes a warning."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from tests.conftest import Running
from tests.faults.killing import ports

PATIENCE = 180.0
FORECAST, PARAMETER = "/api/running/forecast", "/api/records/assurance/running/parameter"
WARNINGS = "/api/records/operations/alerts/warning"
ZONE, DAYS = ZoneInfo("Asia/Shanghai"), 60
ROW = """insert into running_measure (what, hour, n, total, most, last, "limit") values ('facts', $1, 1, $2, $2, $2, null)
    on conflict (what, hour) do update set last = excluded.last"""


def run(platform: Running, work: Callable[[asyncpg.Connection], Any]) -> Any:
    """Something is done in the platform's database, as the platform itself may: the past cannot be filed through a door."""

    async def go() -> Any:
        conn = await asyncpg.connect(host=ports(platform.home)["database_socket"], user="kouan_app", database="kouan")
        try:
            return await work(conn)
        finally:
            await conn.close()

    return asyncio.run(go())


@pytest.fixture
def past(platform: Running) -> Iterator[None]:
    """Sixty days of facts, two more each day: 218 yesterday."""
    today = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0)
    counts, rows = 0.0, []
    for n in range(DAYS):
        counts += 100 + 2 * n
        rows.append((today - timedelta(days=DAYS - n), counts))
    run(platform, lambda conn: conn.executemany(ROW, rows))
    yield
    run(platform, lambda conn: conn.execute("delete from running_measure where what = 'facts' and hour < $1", today))


def until(seen: Callable[[], Any]) -> Any:
    """What is seen at last."""
    limit = time.monotonic() + PATIENCE
    while not (found := seen()):
        assert time.monotonic() < limit
        time.sleep(1)
    return found


def test_what_was_never_measured_is_not_forecast(platform: Running) -> None:
    with platform.client("portoffice", "system-admin") as admin, platform.client("trader") as stranger, platform.client() as nobody:
        disk = next(one for one in admin.get(FORECAST).json()["measures"] if one["code"] == "disk")
        assert (disk["reached"], disk["ahead"], disk["past_error"]) == (None, [], [])
        assert disk["why_not"]["zh"].startswith("历史不足")
        assert disk["why_not"]["en"].startswith("Too little history")
        assert (stranger.get(FORECAST).status_code, nobody.get(FORECAST).status_code) == (403, 401)


@pytest.mark.usefixtures("past")
def test_a_limit_that_is_near_is_forecast_and_warned_of(platform: Running) -> None:
    today = datetime.now(ZONE).date()
    with platform.client("portoffice") as office:
        beyond = office.post(PARAMETER, json={"name": "forecast_days", "value": 4000, "since": today.isoformat(), "reason": "试验"})
        assert (beyond.status_code, beyond.json()["field"]) == (422, "value")
        stated = {"name": "facts_a_day", "value": 240, "since": today.isoformat(), "reason": "设计能力"}
        assert office.post(PARAMETER, json=stated).status_code == 201
        facts = next(one for one in office.get(FORECAST).json()["measures"] if one["code"] == "facts")
        assert facts["limit"] == 240
        assert facts["trend_per_day"] == pytest.approx(2, abs=0.05)
        expected = datetime.fromisoformat(facts["reached"]["expected"]).date()
        assert timedelta(days=8) <= expected - today <= timedelta(days=12)
        assert facts["reached"]["earliest"] <= facts["reached"]["expected"]
        tested = {one["days_ahead"]: one for one in facts["past_error"]}
        assert tested[7]["forecasts"] >= 5
        assert tested[7]["median"] <= tested[7]["nine_of_ten"]
        wanted = {"condition": "assurance.running.limit_ahead|facts"}
        (warning, *_) = until(lambda: office.get(WARNINGS, params=wanted).json()["items"])
        assert warning["data"]["evidence"]["expected"] == facts["reached"]["expected"]
        assert warning["data"]["severity"] == "warning"


def test_old_data_use_becomes_counts_but_evidence_stays(platform: Running) -> None:
    long_ago, mark = datetime.now(UTC) - timedelta(days=900), f"{time.time_ns():x}"
    insert = """insert into data_use (at, org, account, service, record, door, ids, n, masked)
        values ($1, 2, $2, false, 'base.place.place', $3, array[gen_random_uuid(), gen_random_uuid()], 2, 1)"""
    rows = [(long_ago + timedelta(minutes=n), f"{who}-{mark}", "GET /x") for who in ("plain", "suspect") for n in range(3)]

    async def thinned(conn: asyncpg.Connection) -> tuple[Any, ...]:
        await conn.executemany(insert, rows)
        with pytest.raises(asyncpg.RaiseError, match="180 days"):
            await conn.fetchval("select data_use_thin(now() - interval '10 days', '{}', 10)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("delete from data_use")
        await conn.fetchval("select data_use_thin(now() - interval '800 days', $1, 5000)", [f"suspect-{mark}"])
        kept = await conn.fetch("select account, count(*) n from data_use where account like $1 group by 1", f"%{mark}")
        summed = await conn.fetch("select account, sum(rows) rows, sum(n) n, sum(masked) masked from data_use_day where account like $1 "
                                  "group by 1", f"%{mark}")  # fmt: skip
        return [tuple(one) for one in kept], [tuple(one) for one in summed]

    kept, summed = run(platform, thinned)
    assert kept == [(f"suspect-{mark}", 3)]
    assert summed == [(f"plain-{mark}", 3, 6, 3)]
