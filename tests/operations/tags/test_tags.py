"""Officers define a tag, have it approved, and use it: in lists and in an alert rule (HS/T 82 7.2.4 b))."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.app import registry
from kouan.operations.tags.fields import uses
from kouan.operations.tags.records import Tag
from kouan.operations.tags.rules import faults
from kouan.operations.tags.store import Statement, found_by
from kouan.operations.tags.wording import formula
from kouan_sim.identifiers import containers
from tests.conftest import Running
from tests.operations.alerts.conftest import Staff

TAG, MOVE = "/api/records/operations/tags/tag", "/api/records/base/movement/move"
ORDER = "/api/records/base/movement/handling_order"
PATIENCE = 90.0
RELEASE = {
    "kind": "event", "record": "base.movement.handling_order", "by": "equipment", "name": "opens",
    "where": [{"name": "task", "op": "is", "values": ["release"]}],
}  # fmt: skip
LATE: dict[str, Any] = {
    "code": "late-gate-out", "name_zh": "超期出场", "name_en": "Late gate-out", "definition_zh": "放箱后超过3天出场",
    "definition_en": "Gated out more than three days after its release", "record": "base.movement.move", "hours": 72,
    "terms": [{"name": "activity", "op": "is", "values": ["gate-out"]}], "since": RELEASE, "until": {"kind": "field", "name": "at"},
}  # fmt: skip
registry.load()


@pytest.fixture
def staff(platform: Running) -> Iterator[Staff]:
    """The port's people."""
    people = Staff(platform, patience=PATIENCE)
    yield people
    people.close()


def tag(**changed: Any) -> Tag:
    return Tag.model_validate({**LATE, **changed})


def test_a_tag_that_cannot_be_computed_names_its_fault() -> None:
    assert list(faults(tag())) == []
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"record": "base.no.such"}, "record"), ({"terms": [], "since": None, "until": None, "hours": None}, "terms"),
        ({"hours": None}, "hours"), ({"until": None}, "hours"), ({"since": RELEASE, "until": RELEASE}, "until.kind"),
        ({"terms": [{"name": "nothing", "values": ["x"]}]}, "terms.0.name"),
        ({"terms": [{"name": "activity", "values": ["x"]}]}, "terms.0.values"),
        ({"terms": [{"name": "activity", "op": "above", "values": ["x"]}]}, "terms.0.op"),
        ({"terms": [{"name": "gross_kg", "op": "above", "values": ["heavy"]}]}, "terms.0.values"),
        ({"terms": [{"name": "gross_kg", "op": "above", "values": ["1", "2"]}]}, "terms.0.values"),
        ({"terms": [{"name": "bill", "op": "known", "values": ["1"]}]}, "terms.0.values"),
        ({"until": {"kind": "field", "name": "activity"}}, "until.name"), ({"until": {"kind": "act", "acts": ["explode"]}}, "until.acts"),
        ({"until": {"kind": "filed", "name": "at"}}, "until.name"), ({"since": {**RELEASE, "by": "activity"}}, "since.by"),
        ({"since": {**RELEASE, "where": [{"name": "x", "values": ["1"]}]}}, "since.where.0.name"), ({"approved_by": "me"}, "approved_by"),
        ({"record": "base.portcall.person_aboard", "terms": [{"name": "birth_date", "op": "known"}], "since": None, "until": None,
          "hours": None}, "terms.0.name"),
    ]  # fmt: skip
    for changed, where in wrong:
        assert where in {unmet.field for unmet in faults(tag(**changed))}, changed


def test_its_formula_is_told_by_the_titles_of_what_it_goes_by() -> None:
    told = formula(tag(running=True))
    assert told.zh == "作业为出场；从同一集装箱的“集装箱作业指令”（作业为放箱指令）的最早时间到作业时间（未到也计时）超过72小时"
    assert "more than 72 h from Not before of the handling order (Task is Release at the gate) with the same container" in told.en
    assert uses(tag()) == {"base.movement.move": {"activity", "at", "equipment"}, "base.movement.handling_order": {"opens", "task"}}


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=60), st.sampled_from(["is", "not", "has"]))
def test_what_a_person_types_never_stands_in_the_statement(text: str, op: str) -> None:
    marked = f"q{text}q"
    written = tag(terms=[{"name": "damage", "op": op, "values": [marked]}, {"name": "state", "op": "not", "values": [marked]}])
    if list(faults(written)):
        return
    made = Statement("Asia/Shanghai", datetime.now(UTC))
    tail, _ = found_by(written, made)
    value = written.terms[0].values[0]
    assert [value] in made.values
    assert value not in tail


def listed(staff: Staff, who: str, code: str, **more: Any) -> list[str]:
    """The containers of the moves that carry a tag, as an organisation's own list shows them."""
    items = staff.ask(who, "GET", MOVE, params={"tag": code, "limit": 500, **more})["items"]
    return sorted(item["data"]["equipment"] for item in items)


def entry(staff: Staff, who: str, code: str) -> dict[str, Any]:
    items = staff.ask(who, "GET", "/api/tags/library", params={"kind": "tag"})["items"]
    return next((item for item in items if item["code"] == code), {})


def approved(staff: Staff, told: dict[str, Any]) -> dict[str, Any]:
    """A tag written by one officer and approved by another."""
    item: dict[str, Any] = staff.ask("customs", "POST", TAG, 201, json=told)["item"]
    act = f"{TAG}/{item['id']}/actions"
    staff.ask("customs", "POST", f"{act}/propose", json={})
    refused = staff.ask("customs", "POST", f"{act}/approve", 403, json={})
    assert refused["rule"] == "approve.second_person"
    staff.ask("customs/officer-2", "POST", f"{act}/approve", json={})
    return item


@pytest.mark.clause("H7.2.4b")
def test_late_gate_out_is_defined_computed_found_and_warned_of(staff: Staff) -> None:
    code, now = f"late-{staff.run}", datetime.now(UTC)
    numbers = containers("".join(random.choices("ABCDEFGHJKLMNPRSTVWXYZ", k=3)), secrets.randbelow(900_000))
    late, punctual, later = (f"container:{next(numbers)}" for _ in range(3))

    def gate_out(box: str, days: float) -> None:
        told = {"equipment": box, "activity": "gate-out", "at": (now - timedelta(days=days)).isoformat()}
        staff.ask("terminal", "POST", MOVE, 201, json=told)

    released = {"number": f"HO-{staff.run}", "task": "release", "units": [{"equipment": box} for box in (late, punctual, later)],
                "opens": (now - timedelta(days=10)).isoformat()}  # fmt: skip
    staff.ask("carrier", "POST", ORDER, 201, json=released)
    gate_out(late, 5)
    gate_out(punctual, 9)
    told = {**LATE, "code": code}
    assert staff.ask("customs", "POST", TAG, 422, json={**told, "hours": None})["field"] == "hours"
    staff.ask("trader", "POST", TAG, 403, json=told)
    item = approved(staff, told)
    # Computed as soon as it is approved, by the same computing as the daily job's.
    staff.seen(lambda: late in listed(staff, "customs", code))
    mine = [box for box in listed(staff, "customs", code) if box in (late, punctual, later)]
    assert mine == [late]
    assert listed(staff, "terminal", code, equipment=late, activity="gate-out") == [late]
    assert listed(staff, "terminal", code, equipment=punctual) == []
    found = staff.ask("portoffice", "POST", f"{MOVE}/search", json={"where": {"tag": code, "equipment": late}})["items"]
    assert [one["data"]["equipment"] for one in found] == [late]
    # Who may not see the release orders is not told by a tag what stands in them; who may not read tags finds none.
    for who in ("maritime", "carrier", "trader"):
        assert listed(staff, who, code) == [], who
    shown = entry(staff, "customs", code)
    assert (shown["owner"], shown["state"], shown["version"]) == (["customs"], "in_force", "3")
    assert "放箱指令" in shown["formula"]["zh"]
    assert shown["definition"]["en"] == LATE["definition_en"]
    assert entry(staff, "trader", code) == {}
    count = shown["records"]
    assert count == len(listed(staff, "customs", code))
    _warned(staff, item["id"], code, count, lambda: gate_out(later, 1))
    assert later in listed(staff, "customs", code)
    # Revised, it is on no record until it is approved again; the daily figure of it is not asked for either.
    revised = staff.ask("customs", "POST", f"{TAG}/{item['id']}/actions/revise", json={"data": {"hours": 8000}})
    staff.seen(lambda: listed(staff, "customs", code) == [])
    assert revised["data"]["approved_by"] is None
    staff.ask("customs", "POST", f"/api/tags/{item['id']}/compute", 409)
    staff.ask("trader", "POST", f"/api/tags/{item['id']}/compute", 403)
    staff.ask("customs", "POST", f"{TAG}/{item['id']}/actions/retire", json={})


def _warned(staff: Staff, tag_id: str, code: str, count: int, more: Any) -> None:
    """An alert rule over the tag's count: silent at the count that there is, a warning when one more record carries the tag."""
    condition = {"field": "value", "op": ">", "value": count}
    device = f"tagdef:{code.upper()}"
    rule = staff.rule("tagged", signal="reading", metric="tagged_records", devices=[device], condition=condition)
    more()
    ran = staff.ask("customs", "POST", f"/api/tags/{tag_id}/compute")
    assert (ran["records"], ran["came"], ran["went"]) == (count + 1, 1, 0)
    warnings = staff.seen(lambda: staff.warnings(f"rule:{rule['data']['code']}"))
    assert (len(warnings), warnings[0]["data"]["value"], warnings[0]["data"]["threshold"]) == (1, count + 1, count)
    assert warnings[0]["data"]["subjects"] == [device]
    staff.retire(rule)


@pytest.mark.clause("H7.2.4b")
def test_the_library_tells_indicators_models_and_tags(staff: Staff) -> None:
    items = staff.ask("terminal", "GET", "/api/tags/library")["items"]
    kinds = {item["kind"] for item in items}
    assert {"indicator", "model"} <= kinds
    by_code = {(item["kind"], item["code"]): item for item in items}
    model, indicator = by_code["model", "base.movement.move"], by_code["indicator", "gate.passages"]
    assert "集装箱" in model["formula"]["zh"]
    assert len(model["version"]) == 12
    assert indicator["version"] == "1"
    for item in items:
        assert all(item[name]["zh"] and item[name]["en"] for name in ("title", "definition", "formula")), item["code"]
        assert item["owner"], item["code"]
        assert item["version"], item["code"]
    staff.ask("terminal", "GET", model["href"])
