"""Times without a zone on the days on which a port's clock is changed: taken by a fixed rule, and the sender is warned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.exchange.drafts import settled
from kouan.base.exchange.walltimes import NEVER, TWICE, at_port
from kouan.kernel.formats import Draft
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.ops import Site

BERLIN = ZoneInfo("Europe/Berlin")
SITE = Site("DEHAM", "9901", "Europe/Berlin")
CHANGES = [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)]
MOMENTS = st.sampled_from(CHANGES).flatmap(lambda at: st.integers(-300, 300).map(lambda n: at + timedelta(minutes=n)))


def wall(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}Z").replace(tzinfo=None)


@pytest.mark.parametrize(("said", "taken", "doubt"), [
    ("2026-10-25T01:59", "2026-10-24T23:59", ""), ("2026-10-25T02:00", "2026-10-25T00:00", TWICE),
    ("2026-10-25T02:59", "2026-10-25T00:59", TWICE), ("2026-10-25T03:00", "2026-10-25T02:00", ""),
    ("2027-03-28T01:59", "2027-03-28T00:59", ""), ("2027-03-28T02:00", "2027-03-28T01:00", NEVER),
    ("2027-03-28T02:59", "2027-03-28T01:59", NEVER), ("2027-03-28T03:00", "2027-03-28T01:00", ""),
])  # fmt: skip
def test_the_port_of_hamburg_at_both_changes(said: str, taken: str, doubt: str) -> None:
    assert at_port(wall(said), BERLIN) == (datetime.fromisoformat(f"{taken}Z"), doubt)


@given(MOMENTS)
def test_what_has_one_meaning_is_taken_as_meant_and_of_two_the_first(moment: datetime) -> None:
    taken, doubt = at_port(moment.astimezone(BERLIN).replace(tzinfo=None), BERLIN)
    if doubt:
        assert doubt == TWICE
        assert taken in (moment, moment - timedelta(hours=1))
    else:
        assert taken == moment


@given(MOMENTS)
def test_where_no_clock_is_changed_nothing_is_in_doubt(moment: datetime) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert at_port(moment.astimezone(zone).replace(tzinfo=None), zone) == (moment, "")


def test_a_draft_is_settled_and_its_sender_warned_of_each_doubtful_time() -> None:
    data = {"eta": wall("2026-10-25T02:30"), "legs": [{"at": wall("2026-10-25T04:00")}, {"at": wall("2027-03-28T02:30")}],
            "sure": datetime(2026, 10, 25, 0, 30, tzinfo=UTC)}  # fmt: skip
    found = settled(Draft("base.portcall.port_call", data), PLATFORM, SITE)
    assert found.data["eta"] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found.data["legs"][0]["at"] == datetime(2026, 10, 25, 3, tzinfo=UTC)
    assert found.data["legs"][1]["at"] == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert found.data["sure"] == data["sure"]
    assert [(one["code"], one["field"]) for one in found.warnings] == [(TWICE, "eta"), (NEVER, "legs.1.at")]
    assert "2026-10-25 02:30 (UTC+0200)" in found.warnings[0]["reason"]["en"]
    assert "2027-03-28 03:30 (UTC+0200)" in found.warnings[1]["reason"]["zh"]


@pytest.mark.parametrize("extreme", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_ends_of_the_calendar_stumble_nobody(extreme: str) -> None:
    settled(Draft("x", {"at": wall(extreme)}), PLATFORM, SITE)
