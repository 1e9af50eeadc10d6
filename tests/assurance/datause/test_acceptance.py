"""An ordinary account pulls ten thousand records: the alarm opens, the rows are listed, who read a record is told."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import Running
from tests.faults.killing import ports

STATUS = "base.movement.status"
DOOR = "/api/records/base/movement/status"
RECORDS, BATCH, PAGE = 10_000, 2500, 500
PATIENCE = 120.0


def loaded(trucker: httpx.Client) -> None:
    """Small records, filed in batches."""
    run, at = secrets.token_hex(4).upper(), datetime.now(UTC)
    for first in range(0, RECORDS, BATCH):
        rows = [{"code": f"{run}-{n}", "at": (at - timedelta(seconds=n)).isoformat()} for n in range(first, first + BATCH)]
        answer = trucker.post("/api/intake/json", params={"record": STATUS}, json=rows, timeout=120)
        assert answer.status_code == 200, answer.text[:300]
        assert len(answer.json()["accepted"]) == BATCH


def pulled(trucker: httpx.Client) -> set[str]:
    """The newest ten thousand, page by page."""
    ids: set[str] = set()
    after = ""
    while len(ids) < RECORDS:
        page = trucker.get(DOOR, params={"limit": PAGE, "after": after}, timeout=120).json()
        ids |= {item["id"] for item in page["items"]}
        after = page["next"] or ""
        assert after or len(ids) >= RECORDS
    return ids


def listed(guard: httpx.Client, account: str, since: str) -> dict[str, Any]:
    """All records that an account was shown since a moment, by their number."""
    found: dict[str, Any] = {}
    after: dict[str, str] = {}
    while True:
        answer = guard.get("/api/datause/rows", params={"account": account, "since": since, "limit": 1000, **after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found |= {item["id"]: item for item in page["items"]}
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def alarmed(officer: httpx.Client, account: str) -> dict[str, Any]:
    """The warning about an account, as soon as it is open."""
    limit = time.monotonic() + PATIENCE
    wanted = {"condition": f"assurance.datause.mass_export|{account}", "sort": "-at"}
    while time.monotonic() < limit:
        answer = officer.get("/api/records/operations/alerts/warning", params=wanted)
        if answer.json()["items"]:
            found: dict[str, Any] = answer.json()["items"][0]
            return found
        time.sleep(0.5)
    raise AssertionError("no alarm was opened")


@pytest.mark.clause("H7.2.2e")
def test_ten_thousand_records_open_an_alarm_and_are_listed(platform: Running) -> None:
    with (
        platform.client("trucker") as trucker, platform.client("portoffice") as officer, platform.client("trader") as stranger,
        platform.client("portoffice", "security-admin") as guard,
    ):  # fmt: skip
        account = trucker.get("/api/me").json()["user"]["id"]
        loaded(trucker)
        began = datetime.now(UTC).isoformat()
        ids = pulled(trucker)
        assert len(ids) >= RECORDS
        warning = alarmed(officer, account)
        told = warning["data"]["evidence"]
        assert warning["data"]["severity"] == "serious"
        assert told["account"] == account
        assert told["rows"] >= 5000
        assert told["all_records"].startswith(f"/api/datause/rows?account={account}&since=")
        limit = time.monotonic() + PATIENCE
        while not ids <= listed(guard, account, began).keys():
            assert time.monotonic() < limit, "rows that were read are not listed"
            time.sleep(1)
        one = min(ids)
        whole = listed(guard, account, began)[one]
        assert (whole["record"], whole["doors"]) == (STATUS, [f"GET {DOOR}"])
        situated(guard, account, warning["data"]["number"])
        known(guard, trucker, stranger, one, account)
        asyncio.run(thinned(platform, account))


async def thinned(platform: Running, suspect: str) -> None:
    """The job makes counts by day of what was read long ago; what the account read about which the alarm is open stays as it was."""
    now, other = datetime.now(UTC), f"plain-{secrets.token_hex(6)}"
    insert = """insert into data_use (at, org, account, service, record, door, ids, n, masked)
        values ($1, 2, $2, false, 'base.place.place', 'GET /thin', array[gen_random_uuid(), gen_random_uuid()], 2, 1)"""
    kept = "select account, count(*)::int n from data_use where door = 'GET /thin' and account = any($1) group by 1"
    conn = await asyncpg.connect(host=ports(platform.home)["database_socket"], user="kouan_app", database="kouan")
    try:
        old = [(now - timedelta(days=days, minutes=n), who) for who in (other, suspect) for days in (300, 900, 901) for n in range(2)]
        await conn.executemany(insert, old)
        limit, runs = time.monotonic() + PATIENCE, await conn.fetchval("select runs from job_run where code = 'assurance.datause.thin'")
        await conn.execute("update job_run set next_at = now() where code = 'assurance.datause.thin'")
        while await conn.fetchval("select runs from job_run where code = 'assurance.datause.thin'") == runs:
            assert time.monotonic() < limit, "the job does not run"
            await asyncio.sleep(0.5)
        left = {row["account"]: row["n"] for row in await conn.fetch(kept, [other, suspect])}
        assert left == {other: 2, suspect: 6}, "what is younger, and evidence"
        days = await conn.fetch("select day, rows, n, masked from data_use_day where account = any($1) order by day", [other, suspect])
        assert sum(row["rows"] for row in days) == 4
        assert {(row["n"] / row["rows"], row["masked"] / row["rows"]) for row in days} == {(2, 1)}
        assert {(now.date() - row["day"]).days // 10 for row in days} == {90}
    finally:
        await conn.close()


def situated(guard: httpx.Client, account: str, number: str) -> None:
    """The situation shows the alarm, who reads most, and checks that are well."""
    seen = guard.get("/api/datause/situation").json()
    assert number in {one["number"] for one in seen["alarms"]}
    assert max(one["rows"] for one in seen["readers"] if one["account"] == account) >= RECORDS
    assert seen["reads"]["n"] >= RECORDS
    assert {one["code"]: one["found"] for one in seen["checks"]} == {
        "fields.sealed": [], "roles.bound": [], "rows.secured": [], "trails.append_only": [],
    }  # fmt: skip


def known(guard: httpx.Client, owner: httpx.Client, stranger: httpx.Client, one: str, account: str) -> None:
    """Who read a record: its accounts for who watches, its organisations for who filed it, nothing for others."""
    asked = {"record": STATUS, "id": one}
    said = guard.get("/api/datause/readers", params=asked).json()["items"]
    assert account in {row["account"] for row in said}
    said = owner.get("/api/datause/readers", params=asked).json()["items"]
    assert {(row["org"], row["account"]) for row in said} == {("trucker", None)}
    assert stranger.get("/api/datause/readers", params=asked).status_code == 404
    for door in ("situation", f"rows?account={account}&since=2026-01-01T00:00:00Z"):
        assert stranger.get(f"/api/datause/{door}").status_code == 403
        assert owner.get(f"/api/datause/{door}").status_code == 403
