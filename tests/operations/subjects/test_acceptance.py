"""Officers ask the subject domains: daily totals are the raw events, a ship has its calls, a box its place and next move."""

from __future__ import annotations

import random
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import expect

from tests.conftest import Running
from tests.journeys.browser import signed_in

ZONE = ZoneInfo("Asia/Shanghai")
MOVE, CONVEYANCE = "/api/records/base/movement/move", "/api/records/base/conveyance/conveyance"


def file(client: httpx.Client, door: str, **told: Any) -> dict[str, Any]:
    answer = client.post(door, json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["item"]
    return found


def box() -> str:
    """A container number with its check digit (ISO 6346)."""
    letters = [value for value in range(10, 39) if value % 11]
    bare = f"TSTU{random.randrange(10**6):06}"
    values = (letters[ord(sign) - 65] if sign.isalpha() else int(sign) for sign in bare)
    return f"{bare}{sum(value << place for place, value in enumerate(values)) % 11 % 10}"


def ship() -> str:
    """An IMO number with its check digit."""
    six = f"{random.randrange(100_000, 999_999)}"
    return six + str(sum(int(d) * w for d, w in zip(six, range(7, 1, -1), strict=True)) % 10)


def at(day: date, hour: int, minute: int = 0) -> str:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).isoformat()


def measures(client: httpx.Client, day: date, **asked: Any) -> dict[str, Any]:
    found = client.get("/api/subjects/operation", params={"day": day.isoformat(), **asked}).raise_for_status().json()
    return {one["code"]: one for one in found["measures"]}


def listed(client: httpx.Client, code: str, day: date, **asked: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """All events behind a total, page by page."""
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        params = {"day": day.isoformat(), "limit": 2, "after": after, **asked}
        answer = client.get(f"/api/subjects/operation/{code}/events", params=params).raise_for_status().json()
        items += answer["items"]
        after = answer["next"]
        if not after:
            return answer, items


def stands(client: httpx.Client, day: date, stock: dict[str, Any], moves: list[str]) -> None:
    """At the end of some hours the boxes in the port are as many as told, each by the move that brought it."""
    for hour, here in ((0, {0}), (9, {0, 1}), (23, {1})):
        answer, items = listed(client, "stock.boxes", day, hour=hour)
        assert answer["total"] == len(items) == stock["hours"][hour]
        brought = {one["id"] for one in items}
        assert [one in brought for one in moves] == [n in here for n in range(len(moves))]


@pytest.mark.browser
@pytest.mark.clause("H7.2.4a7")
def test_daily_totals_agree_with_raw_events_and_lead_to_a_single_one(platform: Running) -> None:
    day = date(2019, 1, 1) + timedelta(days=random.randrange(1500))
    boxes = [box() for _ in range(3)]
    with platform.client("terminal") as terminal, platform.client("carrier") as carrier, platform.client("maritime") as maritime:
        told = [("discharge", 0, 1, boxes[0], 10_500.0, "full", []), ("discharge", 9, 5, boxes[1], 20_000.0, "full", ["1203"]),
                ("load", 9, 50, boxes[2], 2_200.0, "empty", []), ("gate-out", 23, 59, boxes[0], 10_500.0, "full", [])]  # fmt: skip
        moves = [
            file(terminal, MOVE, equipment=f"container:{number}", activity=activity, at=at(day, hour, minute), gross_kg=kg, status=status,
                 dangerous=dangerous)
            for activity, hour, minute, number, kg, status, dangerous in told
        ]  # fmt: skip
        file(terminal, MOVE, equipment=f"container:{boxes[2]}", activity="load", at=at(day, 10), gross_kg=2_200.0, status="empty",
             function="cancellation", corrects=moves[2]["ref"])  # fmt: skip
        number = f"K{secrets.randbelow(10**6):06}"
        for port, passengers in (("CNWHH", 40), ("CNWHR", 2)):
            file(carrier, CONVEYANCE, mode="rail", number=number, day=day.isoformat(), direction="entry", port=port,
                 scheduled=at(day, 7, 30), actual=at(day, 8, 10), passenger_count=passengers)  # fmt: skip
        found = measures(terminal, day)
        raw = terminal.get(MOVE, params={"at.gte": at(day, 0), "at.lt": at(day + timedelta(days=1), 0), "limit": 500}).json()["items"]
        sign = {"original": 1, "cancellation": -1, "correction": 0}
        quay = [one["data"] for one in raw if one["data"]["activity"] in ("discharge", "load")]
        assert found["cargo.mass"]["total"] == pytest.approx(sum(one["gross_kg"] * sign[one["function"]] for one in quay) / 1000) == 30.5
        assert found["cargo.classes"]["total"] == sum(sign[one["function"]] for one in quay) == 2
        assert {one["kind"]: one["total"] for one in found["cargo.classes"]["kinds"]} == {"dangerous": 1, "empty": 0, "full": 1}
        assert (found["cargo.mass"]["hours"][0], found["cargo.mass"]["hours"][9], found["cargo.mass"]["hours"][10]) == (10.5, 22.2, -2.2)
        stock = found["stock.boxes"]
        levels = [stock["hours"][hour] - stock["before"] for hour in (0, 8, 9, 10, 22, 23)]
        assert levels == [1, 1, 2, 2, 2, 1], "a box whose coming nobody told leaves nothing behind it, and its loading was taken back"
        assert measures(terminal, day + timedelta(days=1))["stock.boxes"]["before"] == stock["total"]
        assert (found["trips.conveyances"]["total"], found["persons.conveyances"]["hours"][8]) == (2, 42)
        assert measures(terminal, day, entry="CNWHR")["persons.conveyances"]["total"] == 2, "by port"
        assert measures(terminal, day, entry="CNWHR")["cargo.mass"]["total"] == 0
        for code, one in found.items():
            answer, items = listed(terminal, code, day)
            assert (answer["count"], len(items)) == (one["events"], one["events"]), code
            told = one["total"]
            assert sum(item["value"] for item in items) == pytest.approx(answer["total"]) == pytest.approx(told), code
            assert [item["at"] for item in items] == sorted(item["at"] for item in items)
        stands(terminal, day, stock, [one["id"] for one in moves])
        _, single = listed(terminal, "cargo.mass", day, hour=0)
        assert [(item["id"], item["value"]) for item in single] == [(moves[0]["id"], 10.5)]
        assert measures(carrier, day)["cargo.mass"]["total"] == 0, "nobody counts what it may not see"
        assert not measures(carrier, day)["cargo.mass"]["whole"]
        dangerous = measures(maritime, day)["cargo.classes"]
        assert (dangerous["whole"], dangerous["total"]) == (True, 2)
        wrong = ("?day=x", "?day=9999-12-31", "?entry=a'b", *(f"/cargo.mass/events?{ask}" for ask in ("hour=24", "after=x", "kind=%00")))
        for path in wrong:
            assert terminal.get(f"/api/subjects/operation{path}").status_code == 422, path
        assert terminal.get("/api/subjects/operation/no.such/events").status_code == 404
    with signed_in(platform, "terminal", "operator", locale="en-US") as page:
        page.goto(f"{platform.url}/operations/subjects?day={day}")
        page.locator("[data-test='cargo.mass'] [data-hour='0']").click()
        rows = page.locator("[data-test=events] tbody tr")
        expect(rows).to_have_count(1)
        rows.get_by_role("link").first.click()
        expect(page.locator("main")).to_contain_text(boxes[0])
        page.goto(f"{platform.url}/operations/subjects/lookup")
        page.locator("[data-test=of]").fill(boxes[0])
        page.keyboard.press("Enter")
        expect(page.locator("[data-test=container]")).to_contain_text("Gated out")


@pytest.mark.clause("H7.2.4a3")
def test_an_imo_number_lists_past_calls_flag_and_entries(platform: Running) -> None:
    imo, voyage = ship(), secrets.token_hex(3).upper()
    now = datetime.now(UTC)
    told = {"vessel": f"vessel:imo:{imo}", "ship_name": "SUBJECT STAR", "flag": "PA", "port": "CNWHH", "crew_count": 20}
    with platform.client("agent") as agent, platform.client("terminal") as terminal, platform.client("portoffice") as office:
        calls = [
            file(agent, "/api/records/base/portcall/port_call", **told, voyage=f"{voyage}{n}", eta=(now + timedelta(days=n)).isoformat())
            for n in (1, 2)
        ]
        for activity in ("arrived", "alongside"):
            file(terminal, "/api/records/operations/berth/movement", call=calls[0]["ref"], activity=activity, at=now.isoformat())
        for spelling in (imo, f"IMO {imo}", f"vessel:imo:{imo}"):
            found = office.get("/api/subjects/conveyance", params={"of": spelling}).raise_for_status().json()
            assert (found["ref"], found["declared"], found["entries"]) == (f"vessel:imo:{imo}", 2, 1), "two reports are one entry"
        assert {one["name"]: one["value"] for one in found["identity"]}["flag"] == "PA"
        assert [trip["number"] for trip in found["trips"]] == [f"{voyage}2", f"{voyage}1"]
        assert [trip["id"] for trip in found["trips"]] == [calls[1]["id"], calls[0]["id"]]
        assert found["trips"][1]["entered_at"]
        with platform.client("trader") as trader:
            hidden = trader.get("/api/subjects/conveyance", params={"of": imo}).raise_for_status().json()
            assert (hidden["declared"], hidden["identity"], hidden["trips"]) == (0, [], [])
            train = f"T{secrets.randbelow(10**6):06}"
            with platform.client("carrier") as carrier:
                file(carrier, CONVEYANCE, mode="rail", number=train, day="2026-11-20", direction="entry", port="CNWHR",
                     scheduled="2026-11-20T01:00:00Z", actual="2026-11-20T01:30:00Z")  # fmt: skip
            found = office.get("/api/subjects/conveyance", params={"of": train}).json()
            assert (found["mode"], found["declared"], found["entries"]) == ("rail", 1, 1)
            assert trader.get("/api/subjects/conveyance", params={"of": ""}).status_code == 422


@pytest.mark.clause("H7.2.4a6")
def test_a_container_has_its_last_event_its_place_and_the_next_planned_move(platform: Running) -> None:
    number, now = box(), datetime.now(UTC)
    ref = f"container:{number}"
    with platform.client("terminal") as terminal, platform.client("carrier") as carrier, platform.client("trucker") as trucker:
        asked = {"of": number}
        nothing = terminal.get("/api/subjects/container", params=asked).raise_for_status().json()
        assert (nothing["where"], nothing["last"], nothing["next"]) == ("unknown", None, None)
        for hours, activity, position in ((3, "discharge", None), (2, "stack", "A01-02-3")):
            moment = (now - timedelta(hours=hours)).isoformat()
            file(terminal, MOVE, equipment=ref, activity=activity, at=moment, position=position, place="place:CNWHH/YARD/A")
        file(carrier, "/api/records/base/movement/handling_order", number=secrets.token_hex(4), task="release", units=[{"equipment": ref}],
             opens=(now + timedelta(hours=5)).isoformat(), closes=(now + timedelta(hours=30)).isoformat())  # fmt: skip
        booking = {"number": secrets.token_hex(4), "vehicle": f"鲁B{random.randrange(10000, 99999)}", "containers": [ref]}
        file(trucker, "/api/records/services/booking/booking", **booking, direction="out", opens=(now + timedelta(hours=2)).isoformat(),
             closes=(now + timedelta(hours=4)).isoformat())  # fmt: skip
        found = terminal.get("/api/subjects/container", params=asked).raise_for_status().json()
        assert (found["where"], found["last"]["activity"], found["last"]["place"]) == ("port", "stack", "place:CNWHH/YARD/A")
        assert found["last"]["position"] == "A01-02-3"
        assert [one["record"].rpartition(".")[2] for one in found["planned"]] == ["booking", "handling_order"]
        assert found["next"] == found["planned"][0]
        with platform.client("trader") as trader:
            hidden = trader.get("/api/subjects/container", params=asked).json()
            assert (hidden["last"], hidden["planned"]) == (None, [])
        file(terminal, MOVE, equipment=ref, activity="gate-out", at=now.isoformat())
        gone = terminal.get("/api/subjects/container", params=asked).json()
        assert (gone["where"], gone["planned"]) == ("away", []), "what was done is not planned any more"
