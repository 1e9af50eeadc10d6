"""A built query tells what the lists tell, to each by its own rights, and never of a column that its asker may not see."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.base.grant.calls import call, hang_up
from tests.base.portcall.test_acceptance import document
from tests.conftest import Running
from tests.journeys.papers import intake, until
from tests.shipment import Shipment

DECLARATION, CONSIGNMENT, PERSON = "base.declaration.declaration", "base.manifest.consignment", "base.portcall.person_aboard"
QUERY = "/api/query"
TRAP = '=HYPERLINK("http://evil.example")'


@dataclass
class Town:
    """What a test filed: two declarations of the trader of one manifest each, and a ship's call with persons."""

    platform: Running
    shipments: list[Shipment]
    person: dict[str, Any]
    call: str

    def ask(self, org: str, asked: dict[str, Any], status: int = 200, role: str = "") -> Any:
        """The answer to a built query."""
        return call(self.platform, org, "POST", QUERY, status, role, json=asked)

    def mine(self) -> list[dict[str, Any]]:
        """The condition that narrows to what this test filed."""
        return [{"column": "functional_reference", "op": "in", "value": [one.reference for one in self.shipments]}]


@pytest.fixture(scope="module")
def town(platform: Running) -> Iterator[Town]:
    shipments = [Shipment(platform), Shipment(platform)]
    for one in shipments:
        one.file()
    told = document()
    with platform.client("agent") as agent:
        filed = intake(agent, "imo-fal", json.dumps(told).encode())
        assert filed.status_code == 201, filed.text
    yield Town(platform, shipments, told["PassengerList"][1], filed.json()["records"][0]["ref"])
    hang_up()


@pytest.mark.parametrize("org", ["customs", "trader", "terminal", "trucker"])
def test_totals_are_those_of_the_lists(town: Town, org: str) -> None:
    """Counts and sums by state equal what the same account adds up by hand out of its export."""
    figures = [{"fn": "count"}, {"fn": "sum", "column": "gross_kg"}]

    def by_state() -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for row in call(town.platform, org, "GET", f"/api/records/{DECLARATION.replace('.', '/')}/export?format=json"):
            found.setdefault(row["state"], []).append(row["data"].get("gross_kg") or 0.0)
        return found

    # Others' declarations go on while this is asked: what stood before and behind the question is what it was asked of.
    for _ in range(20):
        by_hand = by_state()
        told = town.ask(org, {"from": DECLARATION, "group": ["state"], "aggregate": figures, "sort": ["-count"]})
        if by_state() == by_hand:
            break
    assert {row[0]: row[1] for row in told["rows"]} == {state: len(masses) for state, masses in by_hand.items()}
    # A sum of what is stated nowhere is unknown, as in SQL.
    assert all((row[2] or 0.0) == pytest.approx(sum(by_hand[row[0]])) for row in told["rows"])
    assert bool(by_hand) == (org != "trucker")
    assert [column["title"]["en"] for column in told["columns"]] == ["State", "Rows", "Sum of Total gross mass"]
    assert all(column["title"]["zh"] for column in told["columns"])
    assert told["columns"][2]["unit"] == "kg"
    assert [behind["declaration"]["count"] for behind in told["behind"]] == [row[1] for row in told["rows"]]


def test_a_join_by_reference_finds_the_cargo_of_a_declaration(town: Town) -> None:
    """Bills stand in a list of the one and as a reference of the other; a row leads to the records that it is made of."""
    asked = {
        "from": DECLARATION, "join": [{"record": CONSIGNMENT, "on": "bills", "to": "bill"}], "where": town.mine(),
        "select": ["functional_reference", "consignment.bill", "gross_kg", "consignment.discharge"], "sort": ["functional_reference"],
    }  # fmt: skip
    told = town.ask("customs", asked)
    expected = sorted((one.reference, f"bill:{one.bill.number}") for one in town.shipments)
    assert [(row[0], row[1]) for row in told["rows"]] == expected
    assert (told["count"], told["total"], told["truncated"]) == (2, 2, False)
    assert told["columns"][1]["title"]["zh"].endswith("提运单号")
    behind = told["behind"][0]
    door = f"/api/records/{CONSIGNMENT.replace('.', '/')}/{behind['consignment']['records'][0]['id']}"
    assert call(town.platform, "customs", "GET", door)["data"]["bill"] == expected[0][1]
    one = town.ask("customs", {**asked, "limit": 1})
    assert (one["count"], one["total"], one["truncated"]) == (1, 2, True)
    whole = {**asked, "select": [], "group": [{"column": "filed_at", "by": "year"}], "sort": [], "aggregate": [
        {"fn": "distinct", "column": "consignment.bill", "as": "bills"}, {"fn": "max", "column": "gross_kg"}]}
    figures = town.ask("customs", whole)["rows"]
    assert sum(row[1] for row in figures) == 2
    assert max(row[2] for row in figures) == max(row[2] for row in told["rows"])


def test_each_sees_its_own_rows_and_its_parties_fields(town: Town) -> None:
    asked = {"from": DECLARATION, "where": town.mine(), "select": ["functional_reference", "importer", "gross_kg"]}
    full = town.ask("trader", asked)["rows"]
    assert len(full) == 2
    assert all(row[1] for row in full)
    seen = town.ask("terminal", asked)["rows"]
    assert sorted((row[0], row[2]) for row in seen) == sorted((row[0], row[2]) for row in full)
    assert {row[1] for row in seen} == {None}, "a field that its party does not see is nothing"
    assert town.ask("terminal", {**asked, "where": [*town.mine(), {"column": "importer", "op": "eq", "value": full[0][1]}]})["rows"] == []
    grouped = {**asked, "select": [], "group": ["importer"], "aggregate": [{"fn": "count"}]}
    assert town.ask("terminal", grouped)["rows"] == [[None, 2]]
    assert town.ask("trucker", asked)["rows"] == []
    assert town.ask("portoffice", asked, 403, role="system-admin")["rule"] == "separation"


def test_a_column_above_the_clearance_is_no_oracle(town: Town) -> None:
    """Neither selected, filtered, grouped, sorted, counted nor joined by, whatever the value; the refusal says only the column."""
    number = town.person["IdentityDocument"]["Number"]
    base: dict[str, Any] = {"from": PERSON, "select": ["role"]}
    tries = [
        {**base, "select": ["document_number"]}, {**base, "where": [{"column": "document_number", "value": number}]},
        {**base, "where": [{"column": "document_number", "op": "begins", "value": number[:2]}]},
        {**base, "where": [{"column": "document_number", "op": "empty"}]}, {**base, "sort": ["document_number"]},
        {"from": PERSON, "group": ["document_number"], "aggregate": [{"fn": "count"}]},
        {"from": PERSON, "aggregate": [{"fn": "distinct", "column": "document_number"}]},
        {"from": PERSON, "aggregate": [{"fn": "min", "column": "document_number"}]},
        {"from": PERSON, "join": [{"record": PERSON, "on": "document_number", "to": "document_number", "as": "other"}]},
    ]
    for asked in tries:
        refused = town.ask("border", asked, 403)
        assert (refused["rule"], refused["field"]) == ("level", "document_number")
        assert number not in json.dumps(refused)
    sql = call(town.platform, "border", "POST", f"{QUERY}/sql", 403, json={
        "sql": f"select count(*) from base_portcall_person_aboard where document_number = '{number}'"})
    assert sql["rule"] == "level"
    assert number not in json.dumps(sql)
    table = call(town.platform, "border", "GET", f"{QUERY}/tables/{PERSON}")
    assert not {"document_number", "visa"} & {column["name"] for column in table["columns"]}


def test_restricted_columns_are_shown_to_the_cleared_and_audited(town: Town) -> None:
    asked = {"from": PERSON, "where": [{"column": "call", "value": town.call}], "select": ["ref", "family_name", "person"]}
    rows = town.ask("border", asked)["rows"]
    assert town.person["FamilyName"] in {row[1] for row in rows}
    wanted = {"action": f"{PERSON}:read", "limit": 500}
    entries = call(town.platform, "portoffice", "GET", "/api/identity/audit", role="audit-admin", params=wanted)
    audited = {entry["ref"] for entry in entries["items"]}
    assert {row[0] for row in rows} <= audited, "each record whose names were read"
    hidden = town.ask("customs", {**asked, "select": ["role"]})["rows"]
    assert len(hidden) == len(rows)
    assert town.ask("customs", asked)["rows"][0][1] is None, "names are not for the customs party"
    assert town.ask("customs", asked, 403, role="viewer")["rule"] == "level"
    who = f"person:P/{town.person['Nationality']}/{town.person['IdentityDocument']['Number']}"
    assert len(town.ask("border", {**asked, "where": [*asked["where"], {"column": "person", "value": who}]})["rows"]) == 1
    everything = call(town.platform, "border", "POST", f"{QUERY}/sql", json={
        "sql": f"select * from base_portcall_person_aboard where call = '{town.call}'"})
    assert town.person["FamilyName"] not in json.dumps(everything), "a star takes no restricted column"


def test_what_was_asked_is_on_record(town: Town) -> None:
    """The record of use lists the records behind the answer, so that the alarm for mass export counts them."""
    asked = {"from": DECLARATION, "where": town.mine(), "group": ["state"], "aggregate": [{"fn": "count"}]}
    ids = {one["id"] for behind in town.ask("maritime", asked)["behind"] for one in behind["declaration"]["records"]}
    assert len(ids) == 2

    def noted(id_: str) -> bool:
        wanted = {"record": DECLARATION, "id": id_}
        told = call(town.platform, "portoffice", "GET", "/api/datause/readers", role="audit-admin", params=wanted)
        return any(use["door"] == "POST /api/query" and use["org"] == "maritime" for use in told["items"])

    until(lambda: all(map(noted, ids)), "the record of use")


def test_a_file_holds_no_formula(town: Town) -> None:
    """A value that a spreadsheet would run is text in CSV and XLSX."""
    note = f"q-{uuid.uuid4().hex[:8]}"
    saved = {"name": note, "way": "sql", "content": "select 1", "note": TRAP}
    assert call(town.platform, "customs", "POST", "/api/records/base/query/saved", 201, json=saved)
    asked = {"query": {"from": "base.query.saved", "where": [{"column": "name", "value": note}], "select": ["name", "note"]}}
    with town.platform.client("customs") as customs:
        sheet = customs.post(f"{QUERY}/download", json={**asked, "format": "csv"})
        book = customs.post(f"{QUERY}/download", json={**asked, "format": "xlsx"})
        by_sql = customs.post(f"{QUERY}/download", json={"sql": f"select '{TRAP}' as \"=1+1\"", "format": "csv"})
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[1][0] == note
    assert "HYPERLINK" in rows[1][1]
    assert not rows[1][1].startswith("=")
    assert book.content.startswith(b"PK")
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(by_sql.content.decode("utf-8-sig"))) for cell in row)


def test_a_saved_query_is_its_organisations_and_holds_no_restricted_value(town: Town) -> None:
    door, name = "/api/records/base/query/saved", f"按状态 {uuid.uuid4().hex[:6]}"
    asked = {"from": DECLARATION, "group": ["state"], "aggregate": [{"fn": "count"}]}
    filed = call(town.platform, "trader", "POST", door, 201, json={"name": name, "way": "builder", "content": json.dumps(asked)})["item"]
    again = call(town.platform, "trader", "GET", f"{door}/{filed['id']}")
    assert town.ask("trader", json.loads(again["data"]["content"]))["columns"][0]["name"] == "state"
    call(town.platform, "customs", "GET", f"{door}/{filed['id']}", 404)
    renewed = call(town.platform, "trader", "POST", door, 201, json={"name": name, "way": "sql", "content": "select 2"})["item"]
    assert (renewed["id"], renewed["version"]) == (filed["id"], 2)
    for way, content in (
        ("builder", "{"), ("builder", json.dumps({"from": PERSON, "where": [{"column": "document_number", "value": "E1"}]})),
        ("sql", "select 1 from base_portcall_person_aboard where document_number = 'E1'"),
        ("builder", json.dumps({"from": PERSON, "where": [{"column": "person", "value": "person:P/CN/E1"}]})),
    ):  # fmt: skip
        refused = call(town.platform, "border", "POST", door, 422, json={"name": name, "way": way, "content": content})
        assert (refused["rule"], refused["field"]) == ("base.query.askable", "content")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"from": "no.such.type"}, "query.table"),
    ({"from": DECLARATION, "select": ["nothing"]}, "query.column"),
    ({"from": DECLARATION, "select": ["other.ref"]}, "query.alias"),
    ({"from": DECLARATION, "join": [{"record": CONSIGNMENT, "on": "vessel", "to": "bill"}]}, "query.join"),
    ({"from": DECLARATION, "join": [{"record": DECLARATION, "on": "ref"}]}, "query.twice"),
    ({"from": DECLARATION, "where": [{"column": "gross_kg", "op": "begins", "value": "1"}]}, "query.op"),
    ({"from": DECLARATION, "where": [{"column": "gross_kg", "value": "heavy"}]}, "query.value"),
    ({"from": DECLARATION, "where": [{"column": "filed_at", "op": "gte", "value": "2026-11-22T00:00:00"}]}, "query.value"),
    ({"from": DECLARATION, "aggregate": [{"fn": "sum", "column": "office"}]}, "query.aggregate"),
    ({"from": DECLARATION, "group": [{"column": "office", "by": "day"}]}, "query.by"),
    ({"from": DECLARATION, "group": ["office"], "select": ["ref"]}, "query.select"),
    ({"from": DECLARATION, "group": ["office"], "sort": ["ref"]}, "query.sort"),
]


@pytest.mark.parametrize(("asked", "rule"), WRONG)
def test_what_is_wrong_is_said_with_its_place(town: Town, asked: dict[str, Any], rule: str) -> None:
    refused = town.ask("customs", asked, 422)
    assert refused["rule"] == rule
    assert refused["field"]
    assert refused["reason"]["zh"] != refused["reason"]["en"]


NAMES = st.sampled_from([
    "ref", "state", "filed_at", "gross_kg", "containers", "bills", "items", "vessel", "invoice_amount", "consignment.bill",
    "consignment.goods", "consignment.containers", "x.y", "office", "version", "packages", "data_state", "consignment.master_bill",
])  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none(),
    st.lists(st.one_of(st.text(max_size=6), st.integers()), max_size=4),
    st.sampled_from(["2026-11-22T08:00:00+08:00", "1e999", "-1", "bill:X", "';--", "\u0000", "9" * 40, "0001-01-01T00:00:00+14:00"]),
)  # fmt: skip
ASKED = st.fixed_dictionaries(
    {"from": st.sampled_from([DECLARATION, CONSIGNMENT])},
    optional={
        "join": st.just([{"record": CONSIGNMENT, "on": "bills", "to": "bill", "keep": "all"}]),
        "where": st.lists(st.fixed_dictionaries({"column": NAMES, "op": st.sampled_from(
            ["eq", "ne", "lt", "gte", "in", "has", "begins", "contains", "empty", "filled"]), "value": VALUES}), max_size=3),
        "select": st.lists(NAMES, max_size=4),
        "group": st.lists(st.one_of(NAMES, st.fixed_dictionaries({"column": NAMES, "by": st.sampled_from(["hour", "week"])})), max_size=2),
        "aggregate": st.lists(st.fixed_dictionaries({"fn": st.sampled_from(["count", "sum", "avg", "min", "max", "distinct"])},
                                                    optional={"column": NAMES}), max_size=2),
        "sort": st.lists(NAMES.map(lambda name: f"-{name}"), max_size=2), "limit": st.integers(-1, 20),
    },
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=ASKED)
def test_nothing_that_is_asked_breaks_the_door(town: Town, asked: dict[str, Any]) -> None:
    """An answer, or a refusal with its reason: never a fault."""
    body = json.dumps(asked)
    with town.platform.client("customs") as client:
        answer = client.post(QUERY, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 403, 422), answer.text
    if answer.status_code == 200:
        told = answer.json()
        assert all(len(row) == len(told["columns"]) for row in told["rows"])
        assert len(told["behind"]) == len(told["rows"]) == told["count"] <= told["total"]
    else:
        assert answer.json()["code"].startswith(("query.", "shape", "http.")), answer.text
        assert "engine" not in answer.text
