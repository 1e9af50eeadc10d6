"""Readings put together: in any order, twice, late, the same passages."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.gate.fusing import WINDOW, Visits, fuse
from kouan.facilities.gate.reading import Beat, Observed, Unreadable, parse
from kouan.facilities.gate.tokens import LONGEST

T = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
S = timedelta(seconds=1)
KINDS = ["plate", "container", "scale", "radiation", "seal", "card"]


def one(kind: str, id: str, text: str = "", after: float = 0.0, **more: Any) -> Observed:
    return Observed(kind, f"{kind}-1", id, T + timedelta(seconds=after), text, **more)


readings = st.builds(
    Observed, kind=st.sampled_from(KINDS), device=st.sampled_from(["a", "b"]), id=st.integers(0, 30).map(str),
    at=st.integers(0, 7000).map(lambda ms: T + timedelta(milliseconds=ms)),
    text=st.sampled_from(["鲁B12345", "MSKU9070323", "MSKU9070324", "CSQU3054383", "S1", "s1"]),
    number=st.floats(0, 1000), alarm=st.booleans(), confidence=st.none() | st.floats(0, 1),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(readings, max_size=25), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_readings_change_nothing(told: list[Observed], chance: random.Random) -> None:
    first = {r.mark: r for r in reversed(told)}
    distinct = list(first.values())
    again = distinct + chance.choices(distinct, k=5) if distinct else []
    chance.shuffle(again)
    assert fuse(distinct) == fuse(again)


@settings(deadline=None)
@given(st.lists(readings, max_size=25))
def test_an_alarm_is_never_outvoted(told: list[Observed]) -> None:
    distinct = {r.mark: r for r in told}.values()
    alarms = [r.alarm for r in distinct if r.kind == "radiation"]
    assert fuse(distinct).radiation == (any(alarms) if alarms else None)


@settings(deadline=None)
@given(st.integers(1, 5), st.randoms(use_true_random=False), st.booleans())
def test_each_vehicle_is_one_visit_however_its_readings_arrive(vehicles: int, chance: random.Random, numbered: bool) -> None:
    told = []
    for n in range(vehicles):
        for k, kind in enumerate(KINDS):
            text = f"V{n}" if kind == "plate" else ""
            told.append(one(kind, f"{n}-{k}", text, n * 20 + chance.uniform(0, 7.9), visit=f"v{n}" if numbered else ""))
    told += chance.choices(told, k=6)
    chance.shuffle(told)
    visits = Visits()
    for reading in told:
        visits.take(reading)
    found = [fuse(visit.readings.values()) for visit in visits.open]
    assert [fused.vehicle for fused in found] == [f"V{n}" for n in range(vehicles)]
    assert all(len(fused.readings) == len(KINDS) for fused in found)
    assert visits.repeated == 6


def test_what_comes_after_the_judgement_is_counted_and_opens_nothing() -> None:
    visits = Visits()
    visit = visits.take(one("plate", "1", "鲁B12345"))
    assert visit is not None
    visit.closed = True
    assert visits.take(one("scale", "2", after=2, number=30_000)) is None
    assert (visit.late, visits.open) == (1, [])
    later = visits.take(one("plate", "3", "鲁B54321", after=WINDOW / S + 1))
    assert later is not None
    assert later is not visit


def test_a_failing_number_gives_way_to_a_passing_one_of_the_same_box_and_else_stays_as_it_was_read() -> None:
    alone = fuse([one("container", "1", "MSKU9070324", confidence=0.99)])
    assert alone.containers == ("MSKU9070324",)
    both = fuse([one("container", "1", "MSKU9070324", confidence=0.99), one("container", "2", "MSKU9070323", 1, confidence=0.6)])
    assert both.containers == ("MSKU9070323",)
    assert [(r["value"], r["used"]) for r in both.stated()["readings"]] == [("MSKU9070324", False), ("MSKU9070323", True)]
    two = fuse([one("container", "1", "MSKU9070324"), one("container", "2", "CSQU3054383", 1)])
    assert two.containers == ("MSKU9070324", "CSQU3054383")


def test_the_surest_reading_decides_and_of_equals_the_last() -> None:
    assert fuse([one("plate", "1", "A", confidence=0.9), one("plate", "2", "B", 1, confidence=0.8)]).vehicle == "A"
    assert fuse([one("scale", "1", number=1.0), one("scale", "2", after=1, number=2.0)]).gross_kg == 2.0


GOOD = {"id": "1", "at": "2026-11-22T03:00:00Z", "value": "鲁B12345"}


def test_messages_of_devices() -> None:
    read = parse("plate", "cam", json.dumps(GOOD).encode())
    assert isinstance(read, Observed)
    assert (read.text, read.at) == ("鲁B12345", T)
    portal = parse("radiation", "rpm", json.dumps({**GOOD, "value": {"cps": 40, "alarm": True}}).encode())
    assert isinstance(portal, Observed)
    assert (portal.number, portal.alarm) == (40.0, True)
    assert parse("plate", "cam", b'{"away":true}') == Beat("plate", "cam", True)


@pytest.mark.parametrize(
    ("kind", "change"),
    [("plate", {"at": "2026-11-22T03:00:00"}), ("plate", {"id": ""}), ("scale", {}), ("scale", {"value": -1}), ("scale", {"value": True}),
     ("radiation", {"value": {"cps": 1}}), ("plate", {"value": "\u0000"}), ("plate", {"value": "x" * 65}), ("drone", {}),
     ("plate", {"confidence": 2}), ("scale", {"value": float("nan")})],
)  # fmt: skip
def test_what_is_no_reading_is_refused_by_cause(kind: str, change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        parse(kind, "cam", json.dumps({**GOOD, **change}).encode())


tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=4), x, max_size=3), max_leaves=6,
)  # fmt: skip


def test_a_permit_may_be_as_long_as_its_token_and_no_longer() -> None:
    whole = parse("permit", "qr-1", json.dumps({**GOOD, "value": "K" * LONGEST}).encode())
    assert isinstance(whole, Observed)
    assert whole.text == "K" * LONGEST
    with pytest.raises(Unreadable, match="value"):
        parse("permit", "qr-1", json.dumps({**GOOD, "value": "K" * (LONGEST + 1)}).encode())


@settings(max_examples=60, deadline=None)  # a busy machine is no slow parser
@given(st.sampled_from(KINDS), st.binary(max_size=60) | st.fixed_dictionaries(
    {}, optional={"id": tree, "at": tree, "value": tree, "confidence": tree, "visit": tree, "away": tree}
).map(lambda d: json.dumps(d).encode()))  # fmt: skip
def test_no_message_breaks_the_lane(kind: str, body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(parse(kind, "d", body), Observed | Beat)
