"""Bookings: what is accepted, and which booking a vehicle at the gate goes by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.movement.api import Move
from kouan.facilities.gate.api import Passage
from kouan.kernel.rules import Found, Kept, Need, rules_at
from kouan.services.booking import kinds, rules
from kouan.services.booking.records import Booking
from tests.facts import NOW, found, kept

H = timedelta(hours=1)
BOX = "MSKU9070323"


def booking(**more: Any) -> Booking:
    stated = {
        "number": "BK-1", "vehicle": "鲁B12345", "containers": [BOX], "direction": "out", "opens": NOW - H, "closes": NOW + H,
    }  # fmt: skip
    return Booking.model_validate({**stated, **more})


def passage(**more: Any) -> Passage:
    stated = {
        "number": "P1", "lane": "out-1", "direction": "out", "vehicle": "鲁B12345", "at": NOW, "decision": "refuse",
        "containers": [BOX],
    }  # fmt: skip
    return Passage.model_validate({**stated, **more})


def held(*bookings: Booking, state: str = "kept") -> Found:
    records: list[Kept] = [kept(one, state=state, filer="trucker") for one in bookings]
    return found((rules.bookings("vehicle:鲁B12345"), records), filer="terminal")


def unmet(rule: type[rules.BookingRule], facts: Found, record: Passage | None = None) -> Any:
    return rule().judge(record or passage(), facts)


@pytest.mark.parametrize(
    ("opens", "closes", "sane"),
    [(0, 2, True), (2, 2, False), (2, 1, False), (0, 25, False), (-30, -25, False), (-26, -23, True), (100, 102, True)],
)
def test_windows(opens: int, closes: int, sane: bool) -> None:
    record = booking(opens=NOW + opens * H, closes=NOW + closes * H)
    assert (rules.SaneWindow().judge(record, found()) is None) == sane


def test_doubtful_plates_are_kept_with_a_warning() -> None:
    assert rules.KnownIdentifiers.severity == "warn"
    assert rules.KnownIdentifiers().judge(booking(vehicle="鲁BO2345"), found()) is not None
    assert rules.KnownIdentifiers().judge(booking(), found()) is None


def test_a_coach_holds_no_containers() -> None:
    assert rules.FittingBusiness().judge(booking(business="coach"), found()) is not None
    assert rules.FittingBusiness().judge(booking(business="coach", containers=[]), found()) is None


def test_boxes_need_a_booking_of_this_vehicle_for_these_boxes_and_this_direction() -> None:
    assert unmet(rules.BookingHeld, held(booking())) is None
    assert "no booking" in unmet(rules.BookingHeld, held()).reason.en
    for other in (booking(containers=["TEMU1234565"]), booking(direction="in"), booking(containers=[])):
        assert "for these containers" in unmet(rules.BookingHeld, held(other)).reason.en
    assert unmet(rules.BookingHeld, held(booking(containers=[BOX, "TEMU1234565"]))) is None


def test_a_booking_of_another_vehicle_that_mentions_this_one_as_nothing_does_not_count() -> None:
    assert unmet(rules.BookingHeld, held(booking(vehicle="鲁B99999"))) is not None


def test_only_kept_bookings_count() -> None:
    assert unmet(rules.BookingHeld, held(booking(), state="cancelled")) is not None


@pytest.mark.parametrize(
    ("minutes", "inside"), [(-91, False), (-90, True), (-60, True), (0, True), (60, True), (90, True), (91, False)]
)
def test_half_an_hour_is_forgiven(minutes: int, inside: bool) -> None:
    record = passage(at=NOW + timedelta(minutes=minutes))
    assert (unmet(rules.BookingWindow, held(booking()), record) is None) == inside
    assert rules.BookingWindow.severity == "divert"


def test_early_and_late_are_said_in_the_ports_own_time() -> None:
    early = unmet(rules.BookingWindow, held(booking(opens=NOW + 6 * H, closes=NOW + 7 * H)))
    late = unmet(rules.BookingWindow, held(booking(opens=NOW - 7 * H, closes=NOW - 6 * H)))
    assert "Earlier" in early.reason.en
    assert "17:00" in early.reason.en
    assert "Later" in late.reason.en


def test_the_nearest_fitting_booking_is_the_one() -> None:
    soon, now = booking(number="BK-2", opens=NOW + 5 * H, closes=NOW + 6 * H), booking(number="BK-1")
    assert rules.BookingHeld().tells(passage(), held(soon, now)) == {
        "trucker": "trucker", "booking": "booking:TRUCKER/BK-1", "business": "import",
    }  # fmt: skip
    assert unmet(rules.BookingHeld, held(booking(opens=NOW + 200 * H, closes=NOW + 202 * H))) is not None


def test_an_empty_truck_comes_and_goes_without_booking_and_may_fetch_what_it_booked() -> None:
    empty_in = passage(direction="in", containers=[])
    assert not rules.BookingHeld().applies(empty_in, held())
    assert not rules.BookingHeld().applies(passage(containers=[]), held())
    assert rules.BookingHeld().tells(empty_in, held(booking()))["booking"] == "booking:TRUCKER/BK-1"


def test_bonded_goods_travel_under_seal() -> None:
    bonded = held(booking(business="bonded"))
    assert rules.SealedTransit().applies(passage(), bonded)
    assert not rules.SealedTransit().applies(passage(), held(booking()))
    assert unmet(rules.SealedTransit, bonded) is not None
    assert unmet(rules.SealedTransit, bonded, passage(seals=["S1"])) is None


def test_a_coach_with_boxes_is_refused_and_without_is_not() -> None:
    coach = held(booking(business="coach", containers=[]))
    assert rules.CoachWithoutGoods().applies(passage(), coach)
    assert unmet(rules.CoachWithoutGoods, coach) is not None
    assert unmet(rules.CoachWithoutGoods, coach, passage(containers=[])) is None


@given(st.integers(-20_000, 20_000), st.integers(-20_000, 20_000), st.integers(1, 1_440))
def test_a_vehicle_is_inside_its_window_exactly_when_it_is_no_more_than_half_an_hour_off(at: int, opens: int, long: int) -> None:
    record = booking(opens=NOW + timedelta(minutes=opens), closes=NOW + timedelta(minutes=opens + long))
    moment = NOW + timedelta(minutes=at)
    assert rules.covers(record, moment) == (opens - 30 <= at <= opens + long + 30)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"business": "hazardous"}, "BK-DANGEROUS"), ({"business": "hazardous", "dangerous": ["0003"]}, "BK-DANGEROUS"),
        ({"business": "import", "dangerous": ["1203"]}, "BK-DANGEROUS"), ({"business": "hazardous", "dangerous": ["1203"]}, ""),
        ({"business": "staff"}, "BK-NO-BOXES"), ({"business": "staff", "containers": []}, ""),
        ({"business": "inspection", "containers": []}, "BK-OFFICIAL"),
    ],
)
def test_each_kind_of_business_is_booked_for_what_it_is(more: dict[str, Any], rule: str) -> None:
    refused = [r.code for r in rules_at("filing", rules.BOOKING) if r.severity == "refuse" and r.judge(booking(**more), found())]
    assert refused == ([rule] if rule else [])


def test_authorities_book_inspection_vehicles_and_nothing_else() -> None:
    customs, official = found(filer="customs"), booking(business="inspection", containers=[])
    assert kinds.OfficialVehicle().judge(official, customs) is None
    assert kinds.OfficialVehicle().judge(booking(), customs) is not None


def test_dangerous_goods_travel_on_a_booking_that_names_them() -> None:
    told = kept(Move.model_validate({"equipment": BOX, "activity": "discharge", "at": NOW - H, "dangerous": ["1203"]}))
    need = Need(Move.facts.name, ref=f"container:{BOX}", most=kinds.LAST_MOVES)

    def verdict(**more: Any) -> Any:
        bookings = [kept(booking(**more), filer="trucker")]
        facts = found((rules.bookings("vehicle:鲁B12345"), bookings), (need, [told]), filer="terminal")
        assert kinds.DangerousAsBooked().applies(passage(), facts)
        return kinds.DangerousAsBooked().judge(passage(), facts)

    assert "1203" in verdict().reason.en
    assert verdict(business="hazardous", dangerous=["1170"]) is not None
    assert verdict(business="hazardous", dangerous=["1170", "1203"]) is None
    assert not kinds.DangerousAsBooked().applies(passage(), held(booking()))


def test_staff_and_officers_have_rules_of_their_own() -> None:
    staff, officers = (held(booking(business=what, containers=[])) for what in ("staff", "inspection"))
    light = passage(containers=[], direction="in", gross_kg=1_600)
    assert kinds.StaffCar().applies(light, staff)
    assert not kinds.StaffCar().applies(light, officers)
    assert kinds.StaffCar().judge(light, staff) is None
    wrong = [kinds.StaffCar().judge(one, staff) for one in (passage(containers=[], gross_kg=18_000), passage())]
    assert [one.field for one in wrong if one] == ["gross_kg", "containers"]
    assert kinds.InspectionCar().applies(light, officers)
    assert kinds.InspectionCar().judge(passage(), officers) is not None
    late = passage(containers=[], direction="in", at=NOW + 5 * H)
    assert rules.BookingWindow().applies(late, staff)
    assert not rules.BookingWindow().applies(late, officers)
