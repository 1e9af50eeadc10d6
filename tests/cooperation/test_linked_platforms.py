"""Two ports and a province: what one tells the other by agreement, how an incident rises and an instruction comes down."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import ROOT, Running, end, start
from tests.cooperation.platforms import Line, Side, connectors, linked, parted, settled, until
from tests.faults.killing import kill

MOVE, INSTRUCTION = "base.movement.move", "base.exchange.instruction"
INCIDENT, PROGRESS, RULE = (f"cooperation.levels.{name}" for name in ("incident", "progress", "rule"))
COPY = "cooperation.link.copy"
PORT_B, PROVINCE = "CNPTB", "CNPRV"
LEAN = str(ROOT / "tests" / "cooperation" / "lean.py")
RUN = secrets.token_hex(3)
NOTED = {"code": f"T-{RUN}", "severity": "gravest", "to": "centre", "active": False}
"""A record that is changed while the line is cut."""


def door(record: str) -> str:
    """Where records of a type are filed and listed."""
    return "/api/records/" + record.replace(".", "/")


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Running]]:
    """Port B and the province, each a platform of its own."""
    home = tmp_path_factory.mktemp("linked")

    started = []
    with ExitStack() as ends:
        # One after the other: side by side each would have half the machine, and a slow one is given up.
        for site in (PORT_B, PROVINCE):
            one = start(home / site.lower(), (LEAN,), 300, KOUAN_SITE=site, KOUAN_RANDOM_SHARE="0")
            ends.callback(end, one)
            started.append(one)
        yield started[0], started[1]


def listed(side: Side, record: str, org: str = "portoffice", **wanted: str) -> list[dict[str, Any]]:
    """Records of a side as one of its organisations sees them."""
    with side.running.client(org) as client:
        answer = client.get(door(record), params={"limit": 200, **wanted})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


def filed(side: Side, org: str, record: str, **data: Any) -> dict[str, Any]:
    """File a record at a side."""
    with side.running.client(org) as client:
        answer = client.post(door(record), json=data)
        assert answer.status_code == 201, answer.text
        item: dict[str, Any] = answer.json()["item"]
        return item


def told(side: Side, org: str, ref: str) -> list[dict[str, Any]]:
    """What partners told of a reference, as one organisation sees it, newest first."""
    with side.running.client(org) as client:
        answer = client.post("/api/trace/links", json={"ref": ref})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest.mark.slow
@pytest.mark.clause("H7.2.5a2")
def test_a_transit_container_at_port_b_is_seen_in_port_a(platform: Running, others: tuple[Running, Running]) -> None:
    """Its status is there within the agreed delay, told by B, without what was not agreed; after an outage all comes, in order."""
    line = Line(platform.url)
    a = Side(platform, f"port-a-{RUN}", "port", line.url)
    b = Side(others[0], f"port-b-{RUN}", "port", others[0].url)
    number, box = f"HL-{RUN}", "MSKU9070323"
    given = {"record": MOVE, "fields": ["equipment", "activity", "at", "place"], "where": [{"name": "equipment", "values": [box]}]}
    changing = {"record": RULE, "fields": ["code", "note"], "where": [{"name": "code", "values": [f"T-{RUN}"]}]}
    doors = linked(b, a, number, [given, changing], [])

    def moved(activity: str, equipment: str = box) -> str:
        at = datetime.now(UTC).isoformat()
        data = {"equipment": equipment, "activity": activity, "at": at, "place": f"place:{PORT_B}/BERTH/B1", "seals": [f"SL{RUN}"]}
        return str(filed(b, "terminal", MOVE, **data)["ref"])

    first, other = moved("discharge"), moved("discharge", "GVTU3000389")
    (said,) = until(lambda: told(a, "customs", "msku 907032-3"))
    assert (said["partner"], said["origin"], said["agreement"]) == (f"org:{b.name}", first, number)
    assert said["says"] == {"zh": f"{b.name} 告知：卸船 {box}", "en": f"Told by {b.name}: Discharged {box}"}
    assert set(said["content"]) == {"equipment", "activity", "at", "place"}
    assert said["within"] is (said["delay_seconds"] <= said["agreed_seconds"] == 600) is True
    assert said["age_seconds"] >= 0
    with platform.client("customs") as customs:
        traced = customs.post("/api/trace", json={"ref": f"container:{box}"}).json()
    assert said["says"] in [event["title"] for event in traced["events"]]
    assert f"SL{RUN}" not in str(traced)
    # Only who reads by the agreement sees it; a box outside its filter was not told at all.
    assert told(a, "maritime", box) == [] == told(a, "customs", "GVTU3000389")
    with platform.client("maritime") as maritime:
        assert said["copy_ref"] not in str(maritime.post("/api/trace", json={"ref": f"container:{box}"}).json())

    rule = filed(b, "portoffice", RULE, **NOTED, note="0")
    until(lambda: [one for one in listed(a, COPY, origin=rule["ref"]) if one["data"]["content"]["note"] == "0"])

    line.cut()
    refs = [first, *(moved(activity) for activity in ("stack", "shift", "load"))]
    amended(b, rule, ["1", "2", "3"])
    until(lambda: [one for one in connectors(b.running) if one["org"] == a.name and one["status"] == "down"])
    assert len(told(a, "customs", box)) == 1
    line.mend()
    until(lambda: len(told(a, "customs", box)) == len(refs))
    assert [one["origin"] for one in told(a, "customs", box)] == refs[::-1]
    copy = until(lambda: [one for one in listed(a, COPY, origin=rule["ref"]) if one["data"]["content"]["note"] == "3"])[0]
    with a.office() as office:
        versions = office.get(f"{door(COPY)}/{copy['id']}/history").json()["versions"]
    notes = [one["data"]["content"]["note"] for one in sorted(versions, key=lambda one: int(one["version"]))]
    assert notes == ["0", "1", "2", "3"], "each change once, in order"
    had = until(lambda: [found for found in [receipts(b, number, "had")] if {*refs} <= {one["origin"] for one in found}])[0]
    issued = {one["message"]: one for one in receipts(a, number, "issued")}
    assert sorted(one["origin"] for one in had if one["record"] == MOVE) == sorted(refs)
    assert all(issued[one["message"]]["signature"] == one["signature"] for one in had), "each receipt is A's own, to the letter"
    assert other not in str(had)
    parted((b, a), doors)
    settled(platform, b.name)


def partner_of(side: Side, other: Side) -> dict[str, Any]:
    """How a partner does, as a side's office sees it."""
    with side.office() as office:
        return next((one for one in office.get("/api/links/partners").json() if one["partner"] == f"org:{other.name}"), {})


@pytest.mark.slow
@pytest.mark.clause("H7.2.5a2")
def test_a_platform_changes_its_key_through_a_kill_and_one_that_is_cut_off_is_silent(
    platform: Running, others: tuple[Running, Running]
) -> None:
    """B's next key is announced, acknowledged and in use though its worker is killed; A warns when B misses two beats."""
    line = Line(platform.url)
    a = Side(platform, f"beat-a-{RUN}", "port", line.url)
    b = Side(others[0], f"beat-b-{RUN}", "port", others[0].url)
    given = {"record": RULE, "fields": ["code", "note"], "where": [{"name": "code", "values": [f"K-{RUN}"]}]}
    doors = linked(b, a, f"KEY-{RUN}", [given], [])
    until(lambda: partner_of(a, b).get("silent") is False and partner_of(a, b)["heard_at"])
    before = b.key()
    with b.office() as office:
        asked = office.post("/api/links/key/rotate")
        assert asked.status_code == 200, asked.text
        new = asked.json()["next"]
        kill(b.running, "cli work")
        assert (asked.json()["key"], new == before) == (before, False)
        until(lambda: office.get("/api/links/key/rotation").json()["key"] == new, limit=180)

    def changed() -> list[dict[str, Any]]:
        found = [one["data"] for one in listed(a, "cooperation.link.rekey", partner=f"org:{b.name}")]
        return [one for one in found if one["confirmed_at"]]

    (theirs,) = until(changed, limit=180)
    assert (theirs["former"], theirs["successor"], theirs["direction"]) == (before, new, "theirs")
    rule = filed(b, "portoffice", RULE, **{**NOTED, "code": f"K-{RUN}"}, note="by the new key")
    until(lambda: listed(a, COPY, origin=rule["ref"]))
    issued = {one["message"]: one for one in receipts(a, f"KEY-{RUN}", "issued")}
    assert all(issued[one["message"]]["signature"] == one["signature"] for one in receipts(b, f"KEY-{RUN}", "had"))

    def warned() -> list[dict[str, Any]]:
        found = listed(a, "operations.alerts.warning", alert="cooperation.link.partner_silent")
        return [one for one in found if f"org:{b.name}" in one["data"]["subjects"]]

    assert warned() == []
    line.cut()
    until(warned, limit=240)
    assert partner_of(a, b)["missed_beats"] >= 2
    line.mend()
    until(lambda: partner_of(a, b)["silent"] is False, limit=180)
    parted((b, a), doors)
    settled(platform, b.name)


def amended(side: Side, item: dict[str, Any], notes: list[str]) -> None:
    """Change a record's note again and again."""
    with side.office() as office:
        for version, note in enumerate(notes, 1):
            answer = office.put(f"{door(RULE)}/{item['id']}", json={**NOTED, "note": note}, headers={"If-Match": str(version)})
            assert answer.status_code == 200, answer.text


def receipts(side: Side, number: str, direction: str) -> list[dict[str, Any]]:
    """The receipts under an agreement."""
    return [one["data"] for one in listed(side, "cooperation.link.receipt", agreement=number, direction=direction)]


@pytest.mark.slow
@pytest.mark.clause("H7.2.5a3")
def test_an_incident_rises_and_an_instruction_comes_down(platform: Running, others: tuple[Running, Running]) -> None:
    """From the site to the province and the centre by the rules of each level; back down to the site, with receipts at each."""
    site = Side(others[0], f"site-{RUN}", "port", others[0].url)
    province = Side(others[1], f"province-{RUN}", "province", others[1].url)
    centre = Side(platform, f"centre-{RUN}", "centre", platform.url)  # The shared platform stands for the centre here.
    doors: list[tuple[tuple[Side, Side], tuple[str, str]]] = []
    for lower, upper in ((site, province), (province, centre)):
        doors.append(((lower, upper), linked(lower, upper, f"SX-{lower.name}", upward(upper.level), downward(lower.name))))
    for side, to, severity in ((site, "province", "serious"), (province, "centre", "grave")):
        filed(side, "portoffice", RULE, code=f"R-{RUN}", kind="spill", severity=severity, to=to)
    numbers = {severity: f"SJ-{RUN}-{severity}" for severity in ("general", "serious", "grave")}
    for severity, number in numbers.items():
        said = {"number": number, "kind": "spill", "severity": severity, "at": datetime.now(UTC).isoformat(), "subject": "Leak in row 12"}
        filed(site, "terminal", INCIDENT, **said, text=f"told by {RUN}")

    at_centre = until(lambda: of_case(centre, numbers["grave"]))
    assert at_centre["data"]["from_platform"] == f"org:{province.name}"
    until(lambda: of_case(province, numbers["serious"]))
    assert {n for n, number in numbers.items() if of_case(province, number)} == {"serious", "grave"}
    assert not of_case(centre, numbers["serious"]), "the rules of the province keep it there"
    assert until(lambda: [one for one in [of_case(site, numbers["general"])] if one["state"] == "local"])

    order = f"ZL-{RUN}"
    with centre.office() as office:
        asked = {"number": order, "measure": "dispose", "subject": "Cordon off row 12", "urgent": True}
        way = f"/api/levels/incidents/{at_centre['id']}/instructions"
        given = until(lambda: [one for one in [office.post(way, json=asked)] if one.status_code == 201])[0].json()["item"]
    assert given["data"]["to"] == f"org:{province.name}"
    at_site = until(lambda: listed(site, INSTRUCTION, "terminal", number=order))[0]
    assert (at_site["data"]["subject"], at_site["data"]["case"]) == ("Cordon off row 12", at_centre["data"]["case"])
    with site.running.client("terminal") as terminal:
        for action, changes in (("acknowledge", {}), ("reply", {"outcome": "done", "reply": "Row 12 is cordoned off"})):
            acted = terminal.post(f"{door(INSTRUCTION)}/{at_site['id']}/actions/{action}", json={"data": changes})
            assert acted.status_code == 200, acted.text

    below = f"{province.name}/{site.name}"
    expected = {(province.name, "received"), (below, "received"), (f"{below}/terminal", "acknowledged"), (f"{below}/terminal", "replied")}
    until(lambda: expected <= {(one["data"]["place"], one["data"]["stage"]) for one in listed(centre, PROGRESS, instruction=order)})
    replied = next(one["data"] for one in listed(centre, PROGRESS, instruction=order) if one["data"]["stage"] == "replied")
    assert (replied["outcome"], replied["reply"]) == ("done", "Row 12 is cordoned off")
    for side in (centre, province):
        until(lambda side=side: listed(side, INSTRUCTION, number=order)[0]["state"] == "replied")  # type: ignore[misc]  # bound now
    for side, lower in ((centre, province), (province, site)):
        records = {one["record"] for one in receipts(side, f"SX-{lower.name}", "had")}
        assert INSTRUCTION in records, "a signed receipt of the instruction from the level below"
    for both, halves in doors:
        parted(both, halves)
    settled(platform, province.name)


def upward(level: str) -> list[dict[str, Any]]:
    """What a level gives the one above: incidents that rise to it, and how its instructions do."""
    incident = ["number", "kind", "severity", "at", "subject", "case", "rises_to"]
    return [
        {"record": INCIDENT, "fields": incident, "where": [{"name": "rises_to", "values": [level]}]},
        {"record": PROGRESS, "fields": ["instruction", "case", "place", "stage", "outcome", "reply", "at"]},
    ]


def downward(name: str) -> list[dict[str, Any]]:
    """What a level gives the one below: instructions to it."""
    fields = ["number", "measure", "case", "subject", "text", "due", "urgent"]
    return [{"record": INSTRUCTION, "fields": fields, "where": [{"name": "to", "values": [f"org:{name}"]}]}]


def of_case(side: Side, number: str) -> Any:
    """The incident of a case at a side, once its case is stated; None before."""
    found = listed(side, INCIDENT, case=f"{PORT_B}-{number}")
    return found[0] if found else None
