"""Queries, in SQL and built, of a type of more records than are loaded whole: totals are right, rights hold, and that it was asked is on
record."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan.base.query.loading import MOST
from tests.base.grant.calls import call
from tests.conftest import Running

STATUS, BUILT, SQL, T = "base.movement.status", "/api/query", "/api/query/sql", "base_movement_status"
BATCH, PATIENCE = 5000, 60.0


def reported(platform: Running, run: str) -> Counter[str]:
    """More than the most that is listed, each with a code; how many of each."""
    at, found = datetime.now(UTC) - timedelta(hours=20), Counter[str]()
    with platform.client("trucker") as trucker:
        for first in range(0, MOST + BATCH, BATCH):
            rows: list[dict[str, Any]] = [
                {"code": f"{run}{n % 7}", "at": (at + timedelta(seconds=n)).isoformat(), "text": f'"{n}",\n港'}
                for n in range(first, first + BATCH)
            ]
            answer = trucker.post("/api/intake/json", params={"record": STATUS}, json=rows, timeout=180)
            assert answer.status_code == 200, answer.text[:300]
            found.update(row["code"] for row in rows)
    return found


def test_a_type_of_very_many_records_is_totalled_narrowed_and_on_record(platform: Running) -> None:
    run, began = f"Q{secrets.token_hex(3).upper()}-", datetime.now(UTC)
    filed = reported(platform, run)
    asked = f"""select code, count(*) n, sum(length(text)) t, min("at") as first from {T}
        where starts_with(code, '{run}') group by 1 order by 1"""
    told = call(platform, "customs", "POST", SQL, json={"sql": asked}, timeout=180)
    assert {row[0]: row[1] for row in told["rows"]} == dict(filed)
    assert sum(int(row[2]) for row in told["rows"]) == sum(len(f'"{n}",\n港') for n in range(sum(filed.values())))
    assert told["loaded"][STATUS] > MOST
    joined = f"select count(*) from {T} a join {T} b on a.ref = b.ref where starts_with(a.code, '{run}')"
    assert call(platform, "customs", "POST", SQL, json={"sql": joined}, timeout=180)["rows"] == [[sum(filed.values())]]
    one = call(platform, "customs", "POST", SQL, json={"sql": f"select count(*), min(text) from {T} where code = '{run}3'"}, timeout=180)
    assert one["rows"][0][0] == filed[f"{run}3"] == one["loaded"][STATUS], "read by its filter"
    assert call(platform, "trader", "POST", SQL, json={"sql": asked}, timeout=180)["rows"] == [], "the trader is no party of them"
    on_record(platform, began, SQL)
    built(platform, run, filed)


def built(platform: Running, run: str, filed: Counter[str]) -> None:
    """The same by built queries: groups, their records, sorted rows with the number of all, a join; and nothing for a stranger."""
    began, total = datetime.now(UTC), sum(filed.values())
    where = [{"column": "code", "op": "begins", "value": run}]
    figures = [{"fn": "count"}, {"fn": "max", "column": "at"}]
    asked = {"from": STATUS, "where": where, "group": ["code"], "aggregate": figures, "sort": ["code"]}
    told = call(platform, "customs", "POST", BUILT, json=asked, timeout=180)
    assert {row[0]: row[1] for row in told["rows"]} == dict(filed)
    assert (told["total"], told["truncated"]) == (len(filed), False)
    assert told["loaded"][STATUS] > MOST
    for row, behind in zip(told["rows"], told["behind"], strict=True):
        assert (behind["status"]["count"], len({one["id"] for one in behind["status"]["records"]})) == (row[1], 50)
    first = told["behind"][0]["status"]["records"][0]
    opened = call(platform, "customs", "GET", f"/api/records/{STATUS.replace('.', '/')}/{first['id']}")
    assert (opened["data"]["code"], opened["ref"]) == (told["rows"][0][0], first["ref"]), "a total opens"
    plain = {"from": STATUS, "where": where, "select": ["code", "text"], "sort": ["-text"], "limit": 3}
    rows = call(platform, "customs", "POST", BUILT, json=plain, timeout=180)
    assert [row[1] for row in rows["rows"]] == sorted((f'"{n}",\n港' for n in range(total)), reverse=True)[:3]
    assert (rows["count"], rows["total"], rows["truncated"]) == (3, total, True)
    assert [len(behind["status"]["records"]) for behind in rows["behind"]] == [1, 1, 1]
    joined = {**asked, "join": [{"record": STATUS, "on": "ref", "to": "ref", "as": "again"}], "aggregate": [{"fn": "count"}]}
    pairs = call(platform, "customs", "POST", BUILT, json=joined, timeout=180)
    assert {row[0]: row[1] for row in pairs["rows"]} == dict(filed)
    assert pairs["behind"][0]["again"]["count"] == pairs["rows"][0][1]
    assert call(platform, "trader", "POST", BUILT, json=asked, timeout=180)["rows"] == [], "the trader is no party of them"
    on_record(platform, began, BUILT)


def on_record(platform: Running, began: datetime, door: str) -> None:
    """That customs went through all of them stands in the record of use, with their number; and with each record, as one of them."""
    account, limit = call(platform, "customs", "GET", "/api/me")["user"]["id"], time.monotonic() + PATIENCE
    span = {"account": account, "since": began.isoformat(), "limit": 1}
    while not (many := call(platform, "portoffice", "GET", "/api/datause/rows", role="security-admin", params=span)["many"]):
        assert time.monotonic() < limit, "the use is not on record"
        time.sleep(1)
    assert (many[0]["record"], many[0]["door"]) == (STATUS, f"POST {door}")
    assert many[0]["rows"] > MOST
    with platform.client("trucker") as trucker:
        some = trucker.get(f"/api/records/{STATUS.replace('.', '/')}", params={"limit": 1}).json()["items"][0]
        readers = trucker.get("/api/datause/readers", params={"record": STATUS, "id": some["id"]}).json()["items"]
    assert ("customs", True) in {(row["org"], row["among"]) for row in readers}
