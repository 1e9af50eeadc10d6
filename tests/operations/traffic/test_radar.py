"""Radar sentences: as the standard's examples, as the twin writes them, and as noise."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.api import micros
from kouan.kernel import clock
from kouan.operations.traffic import geo
from kouan.operations.traffic.drivers.radar.driver import CAUSES, RadarDriver
from kouan_sim.ais import checksum
from kouan_sim.radar import Radar, fleet

HERE = (121.62, 36.04)


def said(body: str) -> bytes:
    return f"${body}*{checksum(body)}\r\n".encode()


def test_what_the_twin_tells_is_where_the_ships_are() -> None:
    ships = fleet(30, HERE, random.Random(3))
    radar, now = Radar(HERE, ships, random.Random(4)), time.time()
    for told, count in (("TTM", 30), ("TLL", 60)):
        decoded = RadarDriver().decode("".join(f"{line}\r\n" for line in radar.sentences(now, told)).encode())
        assert decoded.refused == {}
        (frame,) = decoded.frames
        assert len(frame) == count
        assert set((frame["at"] // 1000).tolist()) == {int(now * 1000)}
        assert (frame["flags"] == 1).all()
        every = count // 30
        lon, lat = (np.array([getattr(ship.position(), name) for ship in ships]) for name in ("lon", "lat"))
        assert (geo.distance(frame["lon"][::every], frame["lat"][::every], lon, lat) < 80).all()
        assert np.abs(frame["speed"][::every] - [ship.position().speed for ship in ships]).max() < 2


def test_the_drivers_own_samples_are_read() -> None:
    assert RadarDriver.check() is None


def test_a_target_of_the_standards_form() -> None:
    driver = RadarDriver("r1")
    (frame,) = driver.decode(said("RATLL,07,3603.3000,N,12136.6000,E,TGT7,010203.50,T,")).frames
    assert float(frame["lon"][0]) == pytest.approx(121.61)
    assert float(frame["lat"][0]) == pytest.approx(36.055)
    assert abs(int(frame["at"][0]) - micros(clock.now())) <= 43_200 * 1_000_000 + 1_000_000
    assert int(frame["at"][0]) % 86_400_000_000 == (3600 + 2 * 60 + 3.5) * 1_000_000
    assert np.isnan(frame["speed"][0])
    assert driver.decode(said("RATTM,07,2.0,45.0,T,12.5,90.0,T,,,N,,T,,,A")).refused == {"station": 1}
    (frame,) = driver.decode(said("RATLL,07,3603.3000,N,12136.6000,E,TGT7,,T,")).frames
    assert (float(frame["speed"][0]), float(frame["course"][0])) == (12.5, 90.0)
    south = driver.decode(said("RATLL,8,3603.3000,S,12136.6000,W,,,T,")).frames[0]
    assert float(south["lon"][0]) == pytest.approx(-121.61)
    assert float(south["lat"][0]) == pytest.approx(-36.055)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"$RATLL,07,3603.3,N,12136.6,E,,,T,*00", "checksum"), (b"!AIVDM,1,1,,A,x,0*00", "sentence"),
        (said("RAOSD,1,2"), "sentence"), (said("RATLL,07,9903.3,N,12136.6,E,,,T,"), "position"),
        (said("RATLL,1000,3603.3,N,12136.6,E,,,T,"), "fields"), (said("RATLL,07,3673.3,N,12136.6,E,,,T,"), "fields"),
        (said("RATLL,07,nan,N,12136.6,E,,,T,"), "fields"), (said("RATLL,07,3603.3,N,12136.6,E,,256000,T,"), "fields"),
        (b"$RATLL," + b"7" * 2000, "too_long"), (b"\xff\xfe", "sentence"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_counted_by_its_cause(line: bytes, cause: str) -> None:
    decoded = RadarDriver().decode(line.rstrip() + b"\r\n")
    assert decoded.refused == {cause: 1}
    assert decoded.frames == ()
    assert cause in CAUSES


def test_a_lost_target_is_no_observation() -> None:
    decoded = RadarDriver().decode(said("RATTM,07,2.0,45.0,T,12.5,90.0,T,,,N,,L,,,A"))
    assert (decoded.frames, decoded.refused) == ((), {})


WHOLE = said("RATLL,07,3603.3,N,12136.6,E,,,T,")


@given(st.lists(st.binary(max_size=120) | st.sampled_from([WHOLE, b"$RATTM,1,", b"\\s:x*00\\"]), max_size=12))
@settings(max_examples=12, deadline=None)
def test_no_bytes_stop_the_driver_and_borders_change_nothing(parts: list[bytes]) -> None:
    whole = b"".join(parts) + b"\n"
    former = clock.use(lambda: FIXED)
    try:
        at_once = RadarDriver().decode(whole)
        driver = RadarDriver()
        pieces = [driver.decode(whole[at : at + 7]) for at in range(0, len(whole), 7)]
    finally:
        clock.use(former)
    rows = sum(len(frame) for frame in at_once.frames)
    assert rows == sum(len(frame) for piece in pieces for frame in piece.frames)
    assert sum(at_once.refused.values()) == sum(sum(piece.refused.values()) for piece in pieces)


FIXED = clock.now()
