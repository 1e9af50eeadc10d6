"""Conditions as closures: each operator, one and the same item, anchors that never lose a match, and words that are refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kouan.base.enterprise.api import Enterprise
from kouan.supervision.targeting.compiling import Book, anchor_of, compiled, standing
from kouan.supervision.targeting.fields import FIELDS, Operator, fits, number, read
from kouan.supervision.targeting.looking import Look
from kouan.supervision.targeting.profiles import Profile
from kouan.supervision.targeting.vetting import ChangedAsDraft, SoundProfile, TriedProfile, trial_key
from tests.facts import consignment, declaration, found, kept


def profile(*conditions: tuple[str, str, tuple[str, ...]], **more: Any) -> Profile:
    stated = [{"what": what, "operator": operator, "values": values} for what, operator, values in conditions]
    told = {"code": "T-1", "title_zh": "试", "title_en": "T", "reason_zh": "因", "reason_en": "R", "conditions": stated, **more}
    return Profile.model_validate(told)


def item(**more: object) -> dict[str, object]:
    return {"sequence": 1, "hs": "84581100", "origin": "DE", "value": "210000", "currency": "USD", "net_kg": 10400.0, **more}


def matches(look: Look, *conditions: tuple[str, str, tuple[str, ...]], **more: Any) -> bool:
    return compiled(profile(*conditions, **more)).matches(look)


LINE = consignment(loading="KRPUS", goods=[{"hs": "8458.11", "un_number": "1170", "description": "Ethanol,  solution"}])
SEEN = Look(declaration(declarant="ACME　Ltd", items=[item(), item(hs="8516 79", origin="KR", value="100")]), [LINE], past=(4, 1))


@pytest.mark.parametrize(
    ("what", "operator", "values", "expected"),
    [
        ("item.hs", "begins", ("8516",), True), ("item.hs", "begins", ("85.16 7",), True), ("item.hs", "begins", ("9",), False),
        ("item.hs", "begins_not", ("8458",), True), ("item.hs", "begins_not", ("8458", "8516"), False),
        ("item.origin", "is", ("kr", "XX"), True), ("item.origin", "is_not", ("DE", "KR"), False),
        ("item.origin", "is_not", ("DE",), True), ("declaration.declarant", "is", ("acme ltd",), True),
        ("declaration.declarant", "contains", ("CME",), True), ("declaration.declarant", "contains_not", ("CME",), False),
        ("declaration.importer", "missing", (), True), ("declaration.declarant", "missing", (), False),
        ("declaration.importer", "is_not", ("X",), False), ("declaration.gross_kg", "at_least", ("11200",), True),
        ("declaration.gross_kg", "at_least", ("11200.1",), False), ("declaration.gross_kg", "at_most", ("11200",), True),
        ("declaration.gross_kg", "between", ("11000", "11500"), True), ("declaration.gross_kg", "is", ("11200.0",), True),
        ("declaration.item_count", "is", ("2",), True), ("declaration.containers", "begins", ("MSKU",), True),
        ("item.usd_per_kg", "at_most", ("0.01",), True), ("line.loading", "begins", ("KR",), True),
        ("goods.un", "is", ("1170",), True), ("goods.description", "contains", ("ethanol, sol",), True),
        ("goods.hs", "begins", ("8458",), True), ("trader.inspected", "at_least", ("4",), True),
        ("trader.hits", "at_least", ("2",), False), ("trader.first", "is", ("no",), True), ("route.flag", "is", ("PA",), False),
        ("declaration.mass_gap", "at_most", ("0",), True),
    ],
)  # fmt: skip
def test_each_operator_says_what_it_says(what: str, operator: str, values: tuple[str, ...], expected: bool) -> None:
    assert matches(SEEN, (what, operator, values)) is expected


def test_conditions_on_items_hold_of_one_and_the_same_item() -> None:
    mixed = (("item.hs", "begins", ("8458",)), ("item.origin", "is", ("KR",)))
    assert not matches(SEEN, *mixed)
    assert matches(SEEN, ("item.hs", "begins", ("8516",)), ("item.origin", "is", ("KR",)))
    assert matches(SEEN, *mixed, match="any")


def test_all_places_must_agree_and_a_withdrawn_line_counts_no_more() -> None:
    both = (("item.origin", "is", ("KR",)), ("line.loading", "is", ("KRPUS",)))
    assert matches(SEEN, *both)
    withdrawn = Look(SEEN.declaration, [consignment(loading="KRPUS", status="withdrawn")])
    assert not matches(withdrawn, *both)


def test_the_traders_standing_is_read_from_its_file() -> None:
    told = {"code": "91379999MA0WHH048N", "name_zh": "亡是", "grade": "dishonest", "violations": [{"number": "V1"}, {"number": "V2"}]}
    look = Look(declaration(), firm=Enterprise.model_validate(told), first=True)
    assert matches(look, ("trader.grade", "is", ("dishonest",)), ("trader.violations", "at_least", ("2",)))
    assert matches(look, ("trader.first", "is", ("YES",)))
    assert not matches(Look(declaration()), ("trader.grade", "is", ("dishonest",)))


BARE = profile(("item.hs", "is", ("1",))).model_dump()
WORDS = st.text(alphabet="0123456789.ADEKRXab -", max_size=8)
CONDITIONS = st.builds(
    lambda what, operator, values: {"what": what, "operator": operator, "values": values},
    st.sampled_from(sorted(FIELDS)), st.sampled_from(get_args(Operator)), st.lists(WORDS, max_size=3),
)  # fmt: skip
ITEMS = st.lists(st.builds(lambda hs, origin: item(hs=hs, origin=origin), WORDS, st.text("DEKR", max_size=2)), max_size=4)


@given(st.lists(st.tuples(st.lists(CONDITIONS, min_size=1, max_size=3), st.sampled_from(["all", "any"])), max_size=6), ITEMS)
def test_a_sound_profile_never_raises_and_its_anchor_never_loses_a_match(
    stated: list[tuple[list[dict[str, object]], str]], items: list[dict[str, object]]
) -> None:
    made = []
    for at, (conditions, match) in enumerate(stated):
        one = Profile.model_validate({**BARE, "code": f"T-{at}", "match": match, "conditions": conditions})
        if SoundProfile().judge(one, found()) is None:
            made.append(one)
    look = Look(declaration(items=items, declarant="A"), [LINE])
    book = Book(made)
    alone = [one.code for one in sorted(made, key=lambda one: one.code) if compiled(one).matches(look)]
    assert [one.code for one in book.matching(look)] == alone


def test_a_profile_is_found_by_the_codes_it_looks_for() -> None:
    many = [profile(("item.hs", "begins", (f"{n:04}",)), ("item.origin", "is", ("KR",)), code=f"H-{n}") for n in range(1, 3000)]
    book = Book([*many, profile(("declaration.gross_kg", "at_least", ("1",)), code="ALWAYS")])
    assert len(book.candidates(SEEN)) == 1
    assert [one.code for one in book.matching(SEEN)] == ["ALWAYS"]
    assert anchor_of(many[0]) is not None
    assert anchor_of(profile(("item.hs", "is", ("1",)), ("item.origin", "is", ("KR",)), match="any")) is None


def test_the_newest_valid_edition_of_a_code_stands() -> None:
    one = [
        profile(("item.hs", "is", ("1",)), edition=1),
        profile(("item.hs", "is", ("1",)), edition=2, valid_from="2026-11-10", valid_until="2026-11-20"),
        profile(("item.hs", "is", ("1",)), edition=3, valid_from="2026-12-01"),
    ]
    days = (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 20), date(2026, 11, 21), date(2026, 12, 1))
    assert [standing(one, day)[0].edition for day in days] == [1, 2, 2, 1, 3]


@pytest.mark.parametrize(
    ("conditions", "more", "at"),
    [
        ((("item.hs", "at_least", ("1",)),), {}, "conditions.0.operator"),
        ((("item.hs", "is", ("84",)), ("item.value", "begins", ("1",))), {}, "conditions.1.operator"),
        ((("item.value", "between", ("1",)),), {}, "conditions.0.values"),
        ((("item.hs", "is", ()),), {}, "conditions.0.values"), ((("item.hs", "missing", ("1",)),), {}, "conditions.0.values"),
        ((("item.value", "at_least", ("ten",)),), {}, "conditions.0.values.0"),
        ((("item.value", "at_least", ("NaN",)),), {}, "conditions.0.values.0"),
        ((("item.hs", "begins", ("84", "abc")),), {}, "conditions.0.values.1"),
        ((("item.hs", "is", ("84",)),), {"code": "RISK-MINE"}, "code"), ((("item.hs", "is", ("84",)),), {"score": 0}, "score"),
        ((("item.hs", "is", ("84",)),), {"valid_from": "2026-02-02", "valid_until": "2026-02-01"}, "valid_until"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_where_it_stands(conditions: Any, more: Any, at: str) -> None:
    unmet = SoundProfile().judge(profile(*conditions, **more), found())
    assert unmet is not None
    assert unmet.field == at
    assert unmet.reason.zh
    assert unmet.reason.en


def test_only_drafts_change_and_only_what_was_tried_is_proposed() -> None:
    record = profile(("item.hs", "is", ("84",)))
    (need,) = ChangedAsDraft().needs(record, "customs")
    for state, fine in (("draft", True), ("proposed", False), ("active", False), ("retired", False)):
        unmet = ChangedAsDraft().judge(record, found((need, [kept(record, state=state)]), filer="customs"))
        assert (unmet is None) is fine
    forged = ChangedAsDraft().judge(record.model_copy(update={"approved_by": "me"}), found(filer="customs"))
    assert forged is not None
    (tried,) = TriedProfile().needs(record, "customs")
    assert TriedProfile().judge(record, found()) is not None
    assert TriedProfile().judge(record, found((tried, [kept(record)]))) is None
    assert trial_key(record) != trial_key(record.model_copy(update={"score": 51.0}))
    assert trial_key(record) == trial_key(record.model_copy(update={"note": "x", "proposed_by": "li"}))


@pytest.mark.parametrize("text", ["", " ", "1e999", "inf", "-", "1" * 31, "0x1", "12" * 20])
def test_numbers_that_are_none_are_refused(text: str) -> None:
    try:
        made = number(text)
    except ValueError:
        return
    raise AssertionError(made)


@given(st.text(max_size=40))
def test_reading_a_value_gives_it_or_refuses_it(text: str) -> None:
    for shape in ("text", "digits", "number"):
        try:
            assert isinstance(read(shape, text), Decimal if shape == "number" else str)
        except ValueError:
            continue


def test_every_field_takes_some_operator_and_names_outside_the_list_are_refused() -> None:
    assert all(sum(fits(name, operator) for operator in get_args(Operator)) >= 6 for name in FIELDS)
    with pytest.raises(ValidationError):
        profile(("item.colour", "is", ("red",)))
