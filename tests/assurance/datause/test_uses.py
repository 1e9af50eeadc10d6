"""Figures of data use equal the lines behind them, in whichever way they are summed; who may see what of them; what can be examined."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.assurance.datause.counting import _steps
from kouan.assurance.datause.store_uses import Wanted
from tests.conftest import Running

PERSON = "base.portcall.person_aboard"
DOOR = "/api/records/base/portcall/person_aboard"
PATIENCE = 60.0
ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "Europe/Paris", "UTC")


@given(
    minutes=st.integers(0, 5_000_000), hours=st.integers(1, 300), zone=st.sampled_from(ZONES), by=st.sampled_from(["hour", "day"]),
)  # fmt: skip
def test_steps_cover_a_span_without_gaps(minutes: int, hours: int, zone: str, by: Any) -> None:
    since = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    until = since + timedelta(hours=hours)
    steps = list(_steps(Wanted(since, until), by, zone))
    assert steps[0] <= since
    assert until - steps[-1] <= timedelta(hours=25 if by == "day" else 1)
    longest = max((b - a for a, b in pairwise(steps)), default=timedelta())
    assert longest <= timedelta(hours=25 if by == "day" else 1)
    here = [step.astimezone(ZoneInfo(zone)) for step in steps]
    assert all(step.minute == 0 for step in here)
    assert by == "hour" or all(step.hour == 0 for step in here)


def read(platform: Running) -> tuple[str, str]:
    """A person aboard, read by border inspection on its page and in its history: document number, the record's number."""
    number = f"E{time.time_ns() % 10**8:08d}"
    with platform.client("agent") as agent, platform.client("border") as border:
        call = {"vessel": "9074729", "ship_name": "SIM USES", "flag": "CN", "voyage": f"U{time.time_ns() % 10**9}", "port": "CNWHH",
                "eta": (datetime.now(UTC) + timedelta(hours=6)).isoformat(), "crew_count": 1}  # fmt: skip
        ref = agent.post("/api/records/base/portcall/port_call", json=call).json()["item"]["ref"]
        told = {"call": ref, "person": f"P/CN/{number}", "role": "crew", "nationality": "CN", "rank": "Bosun", "family_name": "SIMUSES",
                "given_names": "Test", "birth_date": "1990-01-01", "document_number": number}  # fmt: skip
        item: str = agent.post(DOOR, json=told).json()["item"]["id"]
        for path in (f"{DOOR}/{item}", f"{DOOR}/{item}/history"):
            assert border.get(path).status_code == 200
    return number, item


def lines(guard: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    """All lines that are asked for."""
    found: list[dict[str, Any]] = []
    before = None
    while True:
        page = guard.post("/api/datause/uses", json={**asked, "limit": 200, "before": before}).json()
        found += page["items"]
        before = page["next"]
        if before is None:
            return found


def test_every_sum_equals_its_lines(platform: Running) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    _, item = read(platform)
    with platform.client("portoffice", "security-admin") as guard:
        limit = time.monotonic() + PATIENCE
        while len({one["door"] for one in lines(guard, id=item, org="border")}) < 2:
            assert time.monotonic() < limit, "what was shown is not entered"
            time.sleep(1)
        span = {"since": began.isoformat(), "until": datetime.now(UTC).isoformat()}
        every = lines(guard, **span)
        assert every
        for by in ("hour", "day", "org", "account", "record", "door"):
            told = guard.get("/api/datause/counts", params={**span, "by": by}).json()
            assert sum(one["rows"] for one in told["items"]) == told["total"]["rows"] == sum(one["rows"] for one in every), by
            assert sum(one["masked"] for one in told["items"]) == sum(one["masked"] for one in every), by
            if by in ("org", "account", "record", "door"):
                sums = {one["key"]: one["rows"] for one in told["items"] if one["rows"]}
                assert sums == {key: sum(one["rows"] for one in every if one[by] == key) for key in {one[by] for one in every}}
        border = {**span, "org": "border"}
        restricted = guard.get("/api/datause/counts", params={**border, "by": "record"}).json()["total"]["restricted"]
        trail = guard.get("/api/datause/trail", params={**border, "kind": "restricted", "limit": 500}).json()["items"]
        assert restricted == len(trail) >= 2
        assert {f"{PERSON}:read", f"{PERSON}:history"} <= {one["action"] for one in trail}
        abouts = [one["ref"] for one in trail if one["action"].startswith(PERSON)]
        assert all(re.fullmatch(r"person:T_[A-Z2-7]{26}", about) for about in abouts), "tokens alone: no port call, no document"


def test_a_line_tells_fields_and_levels_and_the_record_to_whom_it_may(platform: Running) -> None:
    number, item = read(platform)
    with (
        platform.client("portoffice", "security-admin") as guard, platform.client("portoffice", "audit-admin") as auditor,
        platform.client("border") as border, platform.client("agent") as agent,
    ):  # fmt: skip
        limit = time.monotonic() + PATIENCE
        while not (found := lines(guard, id=item, org="border")):
            assert time.monotonic() < limit, "what was shown is not entered"
            time.sleep(1)
        within = guard.get(f"/api/datause/uses/{found[0]['id']}").json()
        (one,) = within["items"]
        assert (one["id"], one["ref"], one["kept"]) == (item, None, True), "an administrator is told no business data"
        levels = {field["name"]: (field["level"], field["masked"]) for field in one["fields"]}
        assert levels["family_name"] == (3, False)
        assert levels["document_number"] == (4, True)
        # A person is found by document, and stands as a token in what is answered and audited.
        asked = guard.post("/api/datause/uses", json={"ref": f"person:P/CN/{number}", "org": "border"})
        assert asked.json()["meant"]["ref"].startswith("person:T_")
        assert found[0]["id"] in {line["id"] for line in asked.json()["items"]}
        assert number not in asked.text
        account = guard.get("/api/me").json()["user"]["id"]
        entries = auditor.get("/api/datause/trail", params={"kind": "watching", "account": account}).json()
        assert {"datause.uses", "datause.within"} <= {entry["action"] for entry in entries["items"]}
        assert asked.json()["meant"]["ref"] in {entry["ref"] for entry in entries["items"]}
        for who in (border, agent):
            for ask in ("counts", "levels", "protection", "trail?kind=denied", f"uses/{found[0]['id']}"):
                assert who.get(f"/api/datause/{ask}").status_code == 403
            for ask in ("uses", "uses/file"):
                assert who.post(f"/api/datause/{ask}", json={}).status_code == 403
            assert who.get("/api/erasure").status_code == 403
            assert who.post("/api/erasure/examine", json={"person": "P/CN/E00000001"}).status_code == 403


@pytest.mark.clause("H7.2.2e")
def test_examining_opens_what_can_be_opened_and_nothing_after_an_erasure(platform: Running) -> None:
    number, item = read(platform)
    who = {"person": f"P/CN/{number}"}
    with platform.client("portoffice", "security-admin") as admin, platform.client("agent") as agent:
        changed = agent.get(f"{DOOR}/{item}").json()
        form = {name: value for name, value in changed["data"].items() if name not in changed["masked"] and value is not None}
        assert agent.put(f"{DOOR}/{item}", json={**form, "rank": "Cook"}, headers={"If-Match": "1"}).status_code == 200
        before = admin.post("/api/erasure/examine", json=who).json()
        (told,) = before["types"]
        assert (told["record"], told["records"], told["looked_up"]) == (PERSON, 1, 1)
        assert told["sealed"] == told["opened"] >= 8, "both versions"
        assert (before["key"], before["erased"]) == (True, None)
        done = admin.post("/api/erasure", json=who).json()
        after = admin.post("/api/erasure/examine", json=who).json()
        (told,) = after["types"]
        assert (told["opened"], told["looked_up"], after["key"]) == (0, 0, False)
        assert told["sealed"] >= 8
        assert after["erased"]
        past = next(one for one in admin.get("/api/erasure").json()["items"] if one["receipt"] == done["receipt"]["id"])
        proof = admin.get(f"/api/erasure/{past['id']}/proof")
        assert proof.status_code == 200
        assert number not in proof.text
        held = admin.get("/api/datause/protection").json()
        person = next(one for one in held["keys"] if one["kind"] == "person")
        assert person["erased"] >= 1
        assert held["suite"]["code"] == "intl"
