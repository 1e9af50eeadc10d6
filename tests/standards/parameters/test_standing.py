"""Which code stands on a day: carried, amended, own, ended."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.standards.codes.api import entries, lookup
from kouan.standards.parameters.api import Entry, code_ref, named, sets, standing
from kouan.standards.parameters.catalogue import well_formed
from kouan.standards.parameters.standing import merged

DAY = date(2026, 6, 1)
days = st.dates(date(2020, 1, 1), date(2032, 1, 1))


def entry(**more: Any) -> Entry:
    stated = {"set_name": "hs", "code": "851679", "name_zh": "演示", "name_en": "Demo", "since": "2026-01-01", **more}
    return Entry.model_validate(stated)


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        ("2021-12-31", "not_yet"),
        ("2022-01-01", "stands"),
        ("2026-05-31", "stands"),
        ("2026-06-30", "stands"),
        ("2026-07-01", "expired"),
    ],
)
def test_an_amendment_ends_a_carried_code(day: str, verdict: str) -> None:
    ended = entry(until="2026-06-30")
    assert standing("hs", "8516.79", date.fromisoformat(day), [ended]).verdict == verdict


def test_without_amendments_the_carried_list_decides() -> None:
    assert standing("hs", "851679", DAY).stands
    assert standing("hs", "989901", DAY).verdict == "unknown"
    assert standing("currency", "DEM", DAY).verdict == "expired"
    assert standing("currency", "DEM", date(1999, 1, 1)).stands


def test_the_newest_amendment_that_has_begun_decides() -> None:
    first, second = entry(until="2026-03-31"), entry(since="2026-08-01")
    told = [standing("hs", "851679", date(2026, month, 1), [second, first]).verdict for month in (2, 6, 9)]
    assert told == ["stands", "expired", "stands"]


@settings(deadline=None)
@given(days, days, st.one_of(st.none(), days))
def test_an_own_code_stands_between_its_dates(day: date, since: date, until: date | None) -> None:
    held = standing("hs", "989901", day, [entry(code="989901", since=since, until=until)])
    assert held.stands == (since <= day and (until is None or day <= until))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["851679", "010121", "989901", "989902"]), st.integers(0, 900), st.integers(0, 900)),
        max_size=8,
    ),
    days,
)
def test_a_set_on_a_day_agrees_with_each_of_its_codes(said: list[tuple[str, int, int]], day: date) -> None:
    begin = date(2025, 1, 1)
    amended = [
        entry(code=code, since=begin + timedelta(first), until=begin + timedelta(last)) for code, first, last in said
    ]
    carried = [code for code in map(partial(lookup, "hs"), ("010121", "010129", "851679")) if code]
    found = [item.code for item in merged(carried, amended, day)]
    assert found == sorted(found)
    for code in ("851679", "010121", "989901", "989902"):
        own = [one for one in amended if one.code == code]
        assert (code in found) == standing("hs", code, day, own).stands


def test_sets_have_their_names() -> None:
    assert named("port") == named("LOCODE")
    assert named("nothing") is None
    assert {one.name for one in sets()} >= {"hs", "currency", "locode", "country"}
    codes = list(entries("locode"))[:2000]
    assert [code.code for code in codes] == sorted(code.code for code in codes)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_may_be_asked_for(text: str) -> None:
    assert code_ref("hs", text) == "" or code_ref("hs", text).startswith("code:HS/")
    assert standing("hs", text, DAY).verdict in ("stands", "unknown", "expired", "not_yet")
    assert well_formed("currency", text) in (True, False)
