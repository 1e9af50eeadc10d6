"""The latest picture folds what comes late, twice or without a position."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kouan.facilities.telemetry.picture import Picture

START = datetime(2025, 1, 1, tzinfo=UTC)


def seen(minute: int, **more: object) -> dict[str, object]:
    return {"mmsi": "414999001", "lon": 121.0 + minute / 100, "lat": 36.0, "at": START + timedelta(minutes=minute), **more}


@given(st.permutations(range(6)))
def test_the_newest_position_wins_in_any_order(order: list[int]) -> None:
    picture = Picture()
    picture.fold(seen(minute) for minute in order)
    assert picture.ships["414999001"]["lon"] == 121.05


def test_statics_stay_when_positions_come() -> None:
    picture = Picture()
    picture.fold([{"mmsi": "414999001", "name": "SIM STAR", "simulated": True}, seen(1)])
    assert picture.ships["414999001"]["name"] == "SIM STAR"
    assert picture.ships["414999001"]["simulated"] is True


def test_changes_are_told_once() -> None:
    picture = Picture()
    picture.fold([seen(1)])
    assert len(picture.changes()) == 1
    assert picture.changes() == []
    assert picture.fold([seen(1)]) == 0


def test_a_time_from_the_future_counts_as_now() -> None:
    picture = Picture()
    picture.fold([seen(1, at=datetime(2999, 1, 1, tzinfo=UTC))])
    assert picture.ships["414999001"]["at"] < "2999"
