"""ADS-B: published squitters, simulated aircraft over a socket in both forms, cuts and damage."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.drivers.adsb.driver import AIRCRAFT_MOST, AdsbDriver
from kouan.facilities.telemetry.drivers.adsb.squitter import Moving, Named, Placed, near, read, together, zones_at
from kouan.facilities.telemetry.refusals import CAUSES
from kouan_sim.adsb import Flight, avr, beast, serve

EVEN, ODD = "8D40621D58C382D690C8AC2863A7", "8D40621D58C386435CC412692AD6"
NUMBER = (1 << 24) - 1


def placed(text: str) -> Placed:
    found = read(bytes.fromhex(text))
    assert isinstance(found, Placed)
    return found


def test_published_squitters() -> None:
    """The worked examples of J. Sun, The 1090 Megahertz Riddle."""
    named = read(bytes.fromhex("8D4840D6202CC371C32CE0576098"))
    assert isinstance(named, Named)
    assert (f"{named.icao:06X}", named.callsign) == ("4840D6", "KLM1023")
    even, odd = placed(EVEN), placed(ODD)
    assert even.altitude == 38_000
    assert together(even, odd, False) == pytest.approx((3.91937, 52.25720), abs=1e-5)
    assert near(even, 3.0, 52.0) == pytest.approx((3.91937, 52.25720), abs=1e-5)
    moving = read(bytes.fromhex("8D485020994409940838175B284F"))
    assert isinstance(moving, Moving)
    assert (moving.speed, moving.track, moving.climb) == (
        pytest.approx(159.2, abs=0.1),
        pytest.approx(182.88, abs=0.01),
        -832,
    )
    ground = placed("8C4841753A9A153237AEF0F275BE")
    assert (ground.speed, ground.track) == (17.0, 92.8125)
    assert near(ground, 4.734735, 52.320607) == pytest.approx((4.735735, 52.320561), abs=1e-5)


@pytest.mark.parametrize("binary", [True, False])
async def test_aircraft_over_a_socket(binary: bool) -> None:
    flights = [
        Flight(0x780000 + n, f"SIM{n}", 120 + n / 7, -36 + n * 9, 3000 + 500 * n, 200, 30.0 * n) for n in range(8)
    ]
    driver, decoded = AdsbDriver(), []
    async with await serve(flights, binary=binary) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        while chunk := await asyncio.wait_for(reader.read(11), 5):
            decoded.append(driver.decode(chunk))
        writer.close()
        await writer.wait_closed()
    rows = [[frame[name][0] for name in ("key", "lon", "lat", "altitude")] for one in decoded for frame in one.frames]
    assert len(rows) == len(flights)
    for flight, (key, lon, lat, altitude) in zip(flights, rows, strict=True):
        assert (int(key) & NUMBER, lon, lat) == (
            flight.icao,
            pytest.approx(flight.lon, abs=1e-4),
            pytest.approx(flight.lat, abs=1e-4),
        )
        assert altitude == pytest.approx(flight.altitude * 0.3048, abs=4)
    assert [o["callsign"] for one in decoded for o in one.observations] == [flight.callsign for flight in flights]
    assert not any(one.refused for one in decoded)


@given(st.floats(-179.9, 179.9), st.floats(-86.0, 86.0))
@settings(max_examples=50, deadline=None)
def test_places_all_over_the_globe(lon: float, lat: float) -> None:
    _, _, even, odd = (read(message) for message in Flight(1, "X", lon, lat, 10_000, 100, 0).squitters())
    assert isinstance(even, Placed)
    assert isinstance(odd, Placed)
    found = near(odd, lon, lat)
    assert found[1] == pytest.approx(lat, abs=1e-4)
    assert abs((found[0] - lon + 180) % 360 - 180) < 360 / max(zones_at(lat) - 1, 1) / 100_000
    both = together(even, odd, True)
    assert both is None or (both[1] == pytest.approx(lat, abs=1e-4) and abs((both[0] - lon + 180) % 360 - 180) < 2e-3)


def test_damage_is_refused_by_cause() -> None:
    good = bytes.fromhex(EVEN)
    lines = {
        "crc": avr(bytes([*good[:9], good[9] ^ 1, *good[10:]])),
        "frame": b"*8D40zz;\n",
        "format": avr(b"\x20" + good[1:]),
    }
    for cause, line in lines.items():
        assert dict(AdsbDriver().decode(line).refused) == {cause: 1}
    assert dict(AdsbDriver().decode(b"x" * 2000).refused) == {"too_long": 1}
    assert not AdsbDriver().decode(b"*02E197B00179C3;\n").refused  # a reply that is no squitter


def test_rows_of_base_station() -> None:
    row = "MSG,3,1,1,4CA2D6,1,2026/11/22,10:00:00.000,2026/11/22,10:00:00.000,SIM12,37000,,,36.5,120.25,,,0,0,0,0"
    decoded = AdsbDriver().decode(f"{row}\r\n{row.replace('36.5', '96.5')}\r\n".encode())
    (frame,) = decoded.frames
    assert (frame["lon"].tolist(), frame["lat"].tolist()) == ([120.25], [36.5])
    assert (dict(decoded.refused), decoded.observations[0]["callsign"]) == ({"frame": 1}, "SIM12")


@given(st.integers(0, 2**32), st.lists(st.integers(0, 400), max_size=5), st.booleans())
@settings(max_examples=15, deadline=None)
def test_cuts_anywhere_change_nothing(seed: int, cuts: list[int], binary: bool) -> None:
    dice = random.Random(seed)
    flight = Flight(dice.randrange(1, NUMBER), "SIM7", 120.5, 36.5, 26 * 250, 26, 26)
    body = b"".join(beast(m, dice.randrange(1 << 48), 0x1A) if binary else avr(m) for m in flight.squitters())
    places = sorted({0, *(cut % len(body) for cut in cuts), len(body)})
    driver = AdsbDriver()
    decoded = [driver.decode(body[a:b]) for a, b in pairwise(places)]
    assert sum(len(frame) for one in decoded for frame in one.frames) == 1
    assert not any(one.refused for one in decoded)


@given(st.lists(st.binary(max_size=80), max_size=8), st.booleans())
@settings(max_examples=25, deadline=None)
def test_rubbish_is_counted_never_raised(chunks: list[bytes], binary: bool) -> None:
    driver = AdsbDriver()
    for chunk in [b"\x1a" if binary else b"*", *chunks, beast(bytes(14)), avr(bytes(14)), b"MSG,3,1\n"]:
        assert set(driver.decode(chunk).refused) <= set(CAUSES["adsb"])
    assert len(driver._aircraft) <= AIRCRAFT_MOST


def test_the_driver_reads_its_samples() -> None:
    assert AdsbDriver.check() is None
