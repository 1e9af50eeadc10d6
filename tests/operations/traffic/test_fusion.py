"""One track for each mover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.signals import Frame
from kouan.operations.traffic import geo
from kouan.operations.traffic.fusion import Fusion
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.tracks import Measured, Tracks
from tests.operations.traffic.sea import SHIP, START, Boat, Sea, place


def fleet(count: int, apart: float = 400.0) -> list[Boat]:
    side = round(count**0.5)
    return [
        Boat(414_000_001 + n, (n % side) * apart, (n // side) * apart, 4 + n % 9, 20.0 * (n % 18), plot=1000 + n) for n in range(count)
    ]  # fmt: skip


def by_number(sea: Sea) -> dict[int, tuple[float, float, int, int]]:
    seen = sea.traffic.seen
    return {
        int(n): (float(lon), float(lat), int(key), int(s))
        for n, lon, lat, key, s in zip(seen.number, seen.lon, seen.lat, seen.key, seen.sources, strict=True)
    }


def test_ais_and_radar_of_many_ships_make_one_track_each() -> None:
    sea = Sea(fleet(196))
    sea.run(60)
    tracks = by_number(sea)
    assert len(tracks) == 196
    where = {key: (lon, lat) for lon, lat, key, _ in tracks.values()}
    assert {sources for *_, sources in tracks.values()} == {3}
    for boat in sea.boats:
        lon, lat = place(boat.east, boat.north)
        assert geo.distance(*(np.array([x]) for x in (*where[boat.mmsi], lon, lat)))[0] < 40


def test_numbers_stay_and_ships_that_pass_close_keep_their_plots() -> None:
    sea = Sea([Boat(414_000_001, -900, 0, 12, 90, plot=7), Boat(414_000_002, 900, 60, 12, 270, plot=8)])
    sea.run(20)
    before = {key: number for number, (_, _, key, _) in by_number(sea).items()}
    plots = {int(sea.traffic.fusion.tracks.rows["key"][row]): plot & 0xFF for plot, row in sea.traffic.fusion.tracks.by_radar.items()}
    sea.run(280, 4)
    after = {key: number for number, (_, _, key, _) in by_number(sea).items()}
    later = {int(sea.traffic.fusion.tracks.rows["key"][row]): plot & 0xFF for plot, row in sea.traffic.fusion.tracks.by_radar.items()}
    assert before == after
    assert plots == later == {414_000_001: 7, 414_000_002: 8}


def test_a_ship_that_only_radar_sees_has_a_track_and_keeps_its_number_when_she_says_her_name() -> None:
    boat = Boat(414_000_009, 0, 0, 9, 45, plot=5, silent=True)
    sea = Sea([boat])
    sea.run(20)
    (number,) = by_number(sea)
    assert by_number(sea)[number][2:] == (0, 2)
    boat.silent = False
    sea.run(20)
    assert by_number(sea)[number][2:] == (414_000_009, 3)
    assert len(by_number(sea)) == 1


def test_a_plot_under_a_new_number_is_still_the_same_ship() -> None:
    boat = Boat(0, 0, 0, 9, 45, plot=5)
    sea = Sea([boat])
    sea.run(30)
    (number,) = by_number(sea)
    boat.plot = 0
    sea.run(12)
    boat.plot = 99
    sea.run(20)
    assert list(by_number(sea)) == [number]


def test_a_boat_that_comes_alongside_stays_a_track_of_its_own() -> None:
    ship = Boat(414_000_001, 0, 0, 0, 0, status=1, length=180, plot=3)
    boat = Boat(0, 1500, 0, 10, 270, plot=4)
    sea = Sea([ship, boat])
    sea.run(280, 8)
    boat.east, boat.north, boat.knots = 40, 0, 0
    sea.run(120, 4)
    assert len(by_number(sea)) == 2


def test_what_is_silent_goes_and_frees_its_room() -> None:
    boat = Boat(0, 0, 0, 9, 45, plot=5)
    sea = Sea([boat, Boat(414_000_001, 5000, 0, 9, 45)])
    sea.run(20)
    boat.plot = 0
    sea.run(80)
    assert [key for _, _, key, _ in by_number(sea).values()] == [414_000_001]


def test_late_and_wild_positions_are_counted_not_followed() -> None:
    sea = Sea([Boat(414_000_001, 0, 0, 10, 90)])
    sea.run(40)
    before = by_number(sea)
    old = sea.frame(sea.boats)
    sea.traffic.fold(Frame("position", {**old.columns, "at": old["at"] - 30_000_000}))
    bad = Frame("position", {**old.columns, "lon": np.array([np.nan])})
    sea.traffic.fold(bad)
    sea.traffic.look(sea.now)
    assert by_number(sea) == before
    assert sea.traffic.fusion.facts()["late"] == 1
    assert sea.traffic.fusion.facts()["without_position"] == 1


def test_a_jump_is_noted_and_the_track_goes_on_where_the_ship_is_now() -> None:
    boat = Boat(414_000_001, 0, 0, 10, 90)
    sea = Sea([boat])
    sea.run(20)
    boat.east += 20_000
    sea.run(4)
    (jump,) = sea.traffic.fusion.jumps
    assert jump.key == 414_000_001
    assert jump.metres == pytest.approx(20_000, rel=0.02)
    lon, lat, *_ = next(iter(by_number(sea).values()))
    assert geo.distance(*(np.array([x]) for x in (lon, lat, *place(boat.east, boat.north))))[0] < 50


def test_the_filter_is_nearer_the_truth_than_its_sensor() -> None:
    sea = Sea([Boat(414_000_001 + n, 2000.0 * n, 0, 12, 90) for n in range(40)], noise=15)
    sea.run(60)
    errors = []
    for boat in sea.boats:
        lon, lat, *_ = next(one for one in by_number(sea).values() if one[2] == boat.mmsi)
        errors.append(geo.distance(*(np.array([x]) for x in (lon, lat, *place(boat.east, boat.north))))[0])
    assert np.sqrt(np.mean(np.square(errors))) < 0.7 * 15 * 2**0.5


def test_room_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 3000
    monkeypatch.setattr("kouan.operations.traffic.tracks.MOST", most)
    tracks = Tracks()
    count = most + 10
    nothing = np.zeros(count)
    seen = Measured(np.full(count, START), nothing, nothing, nothing, nothing, nothing + 10, nothing + 1, own=True)
    made = tracks.make(np.arange(1, count + 1, dtype=np.uint64), seen, np.zeros(count, "u1"))
    assert int((made < 0).sum()) == 10 == tracks.turned_away


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 3), st.floats(-181, 181), st.floats(-91, 91), st.floats(0, 102, width=32) | st.just(np.nan),
            st.floats(0, 360, width=32) | st.just(np.nan), st.integers(-5, 200),
        ),
        max_size=30,
    )
)  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_whatever_is_told_the_picture_stays_finite(told: list[tuple[int, int, float, float, float, float, int]]) -> None:
    traffic = Traffic()
    for part in (told[::2], told[1::2]):
        if part:
            rows = list(zip(*part, strict=True))
            traffic.fold(Frame("position", {
                "key": np.array([kind << 56 | 1 + key for key, kind in zip(rows[0], rows[1], strict=True)], "u8"),
                "at": np.array([START + s * 1_000_000 for s in rows[6]], "i8"), "lon": np.array(rows[2]), "lat": np.array(rows[3]),
                "speed": np.array(rows[4], "f4"), "course": np.array(rows[5], "f4"),
            }))  # fmt: skip
        traffic.look(START + 200_000_000)
    seen = traffic.seen
    assert len(set(seen.number.tolist())) == len(seen)
    for column in (seen.lon, seen.lat, seen.ve, seen.vn, seen.sigma):
        assert np.isfinite(column).all()
    assert (np.abs(seen.lat) <= 90).all()
    assert (np.abs(seen.lon) <= 180).all()
    own = [key for key in seen.key.tolist() if key]
    assert len(own) == len(set(own))


@given(st.integers(0, 300), st.integers(0, 60), st.floats(10, 3000), st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_neighbours_are_those_that_a_plain_search_finds(many: int, few: int, metres: float, seed: int) -> None:
    chance = np.random.default_rng(seed)
    lon, lat = chance.uniform(121, 121.1, many), chance.uniform(35.9, 36, many)
    to_lon, to_lat = chance.uniform(121, 121.1, few), chance.uniform(35.9, 36, few)
    first, second, whole = geo.neighbours(lon, lat, to_lon, to_lat, metres)
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    near = geo.distance(lon[:, None], lat[:, None], to_lon[None, :], to_lat[None, :]) <= metres if few and many else np.zeros((0, 0))
    assert whole
    assert found == set(zip(*(x.tolist() for x in np.nonzero(near)), strict=True))
    assert len(found) == len(first)


def test_persons_and_cargo_tags_are_not_traffic() -> None:
    fusion = Fusion()
    frame = Sea([Boat(1, 0, 0, kind=6), Boat(2, 0, 0, kind=3), Boat(3, 0, 0, kind=SHIP)]).frame([Boat(1, 0, 0, kind=6), Boat(3, 0, 0)])
    fusion.fold(frame)
    assert len(fusion.tracks.live()) == 1


def test_a_clock_that_was_an_hour_ahead_leaves_no_track_behind_when_it_is_right_again() -> None:
    sea = Sea([Boat(414_000_001, 0, 0, 10, 90), Boat(414_000_002, 0, 3000, 10, 90, plot=9)])
    sea.run(30)
    numbers = set(sea.traffic.seen.number.tolist())
    sea.now += 3600 * 1_000_000
    sea.run(30)
    sea.now -= 3600 * 1_000_000
    sea.run(60)
    seen = sea.traffic.seen
    assert len(numbers & set(seen.number.tolist())) >= 1
    assert (seen.at >= sea.now - 5_000_000).all()
    assert (seen.at <= sea.now).all()
    for boat in sea.boats:
        lon, lat = place(boat.east, boat.north)
        assert geo.distance(seen.lon, seen.lat, np.full(len(seen), lon), np.full(len(seen), lat)).min() < 60
