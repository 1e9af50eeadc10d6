"""Ships' cargo on the map, out of stays, orders and manifests; and that nothing is read that a party may not see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.app import registry
from kouan.kernel.records import record_type
from kouan.operations.onemap.cargo import Handling, sums
from kouan.operations.onemap.figures import FIGURES

SHIP, VOYAGE = "vessel:imo:9321483", "2611E"
START = datetime(2026, 11, 22, 2, tzinfo=UTC)
READ = {
    "base.portcall.port_call": {"vessel", "voyage", "eta", "ship_name"},
    "operations.berth.plan": {"call", "berth", "planned_to"},
    "base.movement.move": {"equipment", "activity", "at", "function"},
    "base.movement.handling_order": {"vessel", "voyage", "task", "units"},
    "base.manifest.manifest": {"vessel", "voyage"},
    "base.manifest.consignment": {"containers", "manifest", "discharge"},
}


def stay(box: str, how_in: str, how_out: str = "", kg: float = 1000.0, minutes: int = 60) -> dict[str, Any]:
    """A stay at the terminal that began at START."""
    ended = START + timedelta(minutes=minutes) if how_out else None
    return {
        "vessel": SHIP, "voyage": VOYAGE, "container": box, "began": START, "ended": ended, "how_in": how_in, "how_out": how_out,
        "presence": "", "discharged": START if how_in == "discharge" else None, "gross_kg": kg,
    }  # fmt: skip


def order(task: str, *boxes: str, number: int = 0) -> list[dict[str, Any]]:
    """An order to load or discharge named boxes, or a number of them."""
    rows = [{"vessel": SHIP, "voyage": "2611 e", "task": task, "box": box, "number": 1} for box in boxes]
    return rows + ([{"vessel": SHIP, "voyage": VOYAGE, "task": task, "box": None, "number": number}] if number else [])


def of(stays: list[Any], ordered: list[Any] | None = None, listed: list[Any] | None = None, put: Any = None) -> Handling:
    """The one voyage's work."""
    return sums(stays, ordered or [], listed or [], put or {})[SHIP, VOYAGE]


def test_loading_moves_amounts_from_yard_to_ship() -> None:
    boxes = [f"B{n}" for n in range(4)]
    ashore = [stay(box, "gate-in") for box in boxes[1:3]]
    aboard = [stay("B0", "gate-in", "load")]
    seen = of(ashore + aboard, order("load", *boxes)).load.out()
    assert (seen["total"], seen["ashore"], seen["done"], seen["percent"]) == (4, 2, 1, 25.0)
    assert (seen["ashore_kg"], seen["done_kg"], seen["direct"]) == (2000.0, 1000.0, 1)


def test_direct_is_what_was_not_put_down_within_the_stay() -> None:
    before = {"B0": [START - timedelta(days=9)], "B1": [START + timedelta(minutes=5)]}
    handling = of([stay("B0", "gate-in", "load"), stay("B1", "gate-in", "load")], put=before)
    assert handling.load.direct == {"B0"}
    pickup = of([stay("B0", "discharge", "gate-out"), stay("B1", "discharge", "gate-out"), stay("B2", "discharge")], put=before)
    assert (pickup.discharge.direct, pickup.discharge.left, set(pickup.discharge.ashore)) == ({"B0"}, {"B0", "B1"}, {"B2"})


def test_discharging_is_measured_against_manifest_and_order_and_boxes_without_number_count() -> None:
    listed = [{"vessel": SHIP, "voyage": VOYAGE, "box": f"B{n}"} for n in range(3)]
    seen = of([stay("B0", "discharge"), stay("X9", "discharge")], order("discharge", "B3"), listed).discharge.out()
    assert (seen["total"], seen["done"], seen["percent"]) == (5, 2, 40.0)
    unnamed = of([stay("B0", "gate-in", "load")], order("load", number=10)).load.out()
    assert (unnamed["total"], unnamed["percent"]) == (11, 9.1)
    assert Handling().load.out()["percent"] is None


@given(st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from(["gate-in", "discharge"]), st.sampled_from(["", "load", "gate-out"])),
                max_size=12, unique_by=lambda one: one[0]), st.sets(st.sampled_from("ABCDEFGH")))  # fmt: skip
def test_no_share_is_beyond_the_whole(told: list[tuple[str, str, str]], wanted: set[str]) -> None:
    found = sums([stay(*one) for one in told], order("load", *wanted) + order("discharge", *wanted), [], {})
    for handling in found.values():
        for work in (handling.load.out(), handling.discharge.out()):
            assert work["percent"] is None or 0 <= work["percent"] <= 100
            assert work["done"] + handling.load.out()["ashore"] <= handling.load.out()["total"] + handling.discharge.out()["total"]


@pytest.mark.parametrize("record", READ)
def test_every_party_to_a_record_sees_what_the_map_reads_of_it(record: str) -> None:
    registry.load()
    for party in record_type(record).facts.parties:
        assert party.sees == "*" or set(party.sees) >= READ[record], (party.name, READ[record] - set(party.sees))


def test_every_party_sees_what_figures_count_by() -> None:
    registry.load()
    for figure in FIGURES:
        if figure.record.startswith("operations.alerts"):
            continue
        cls = record_type(figure.record)
        wanted = {figure.by, figure.at} - {"state", ""}
        assert wanted <= {name for name, facts in cls.fields.items() if facts.filter}
        for party in cls.facts.parties:
            assert party.sees == "*" or set(party.sees) >= wanted, (figure, party.name)
