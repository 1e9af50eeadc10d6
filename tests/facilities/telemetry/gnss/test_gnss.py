"""NMEA of GNSS receivers: published sentences, epochs put together, cuts, damage by cause."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from operator import xor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.drivers.gnss import driver as driver_module
from kouan.facilities.telemetry.drivers.gnss.driver import GnssDriver
from kouan.facilities.telemetry.drivers.gnss.sentences import Unread, read
from kouan.facilities.telemetry.drivers.samples import samples
from kouan.facilities.telemetry.refusals import CAUSES


def line(body: str) -> bytes:
    return f"${body}*{reduce(xor, body.encode(), 0):02X}\r\n".encode()


RMC = line("BDRMC,235959.50,A,4807.038,N,01131.000,E,022.4,084.4,230326,003.1,W,A")
GGA = line("BDGGA,235959.50,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,")


def test_published_sentence() -> None:
    fix = read(b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47")
    assert (fix.system, fix.altitude, fix.satellites) == ("GPS", 545.4, 8)
    assert (fix.lat, fix.lon) == pytest.approx((48.1173, 11.516667), abs=1e-6)


def test_sentences_of_one_time_are_one_position() -> None:
    driver = GnssDriver("truck", 7)
    frames = driver.decode(RMC + GGA + line("BDVTG,084.4,T,,M,022.4,N,041.5,K,A") + b"\r\n").frames
    assert [len(frame) for frame in frames] == [1]
    (frame,) = frames
    assert frame["at"].tolist() == [int(datetime(2026, 3, 23, 23, 59, 59, 500_000, UTC).timestamp() * 1e6)]
    assert (frame["speed"][0], frame["altitude"][0]) == (np.float32(22.4), np.float32(545.4))
    assert int(frame["key"][0]) & 0xFF == 7


def test_south_west_and_midnight_without_a_date() -> None:
    driver = GnssDriver()
    body = RMC + line("GPGLL,4807.038,S,01131.000,W,000000.50,A,A") + b"\n"
    (frame,) = driver.decode(body).frames
    assert frame["lat"].tolist() == pytest.approx([48.1173, -48.1173], abs=1e-6)
    assert frame["lon"][1] == pytest.approx(-11.516667, abs=1e-6)
    assert frame["at"][1] - frame["at"][0] == 1_000_000


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (GGA.replace(b"545.4", b"545.5"), "checksum"), (b"hello\n", "not_nmea"), (line("GPGSV,1,1,00"), "other_sentence"),
        (line("GPRMC,1,V,,,,,,,,"), "no_fix"), (line("GPGGA,1,2"), "fields"), (b"$" + b"A" * 300 + b"\n", "too_long"),
        (line("GPGLL,9107.038,N,01131.000,E,000000,A"), "fields"), (line("GPGLL,4860.000,N,01131.000,E,000000,A"), "fields"),
        (line("GPGLL,4807.038,N,01131.000,E,250000,A"), "fields"), (line("GPRMC,,A,4807.0,N,01131.0,E,nan,0,230326,,"), "fields"),
    ],
)  # fmt: skip
def test_refused_by_cause(body: bytes, cause: str) -> None:
    decoded = GnssDriver().decode(body)
    assert dict(decoded.refused) == {cause: 1}


@given(st.integers(0, 400))
@settings(max_examples=20, deadline=None)
def test_cuts_anywhere(cut: int) -> None:
    body = samples(driver_module.__file__)[0].read_bytes()
    driver = GnssDriver()
    frames = [frame for piece in (body[:cut], body[cut:]) for frame in driver.decode(piece).frames]
    assert sum(map(len, frames)) == 2


@given(st.lists(st.text(alphabet="GPRMCLA,0123456789.NSEWVD-", max_size=90), max_size=6), st.binary(max_size=60))
@settings(max_examples=20, deadline=None)
def test_rubbish_is_counted_never_raised(bodies: list[str], noise: bytes) -> None:
    driver = GnssDriver()
    for body in [*map(line, bodies), *(line(f"GPRMC,{body}") for body in bodies), noise, b"\n\n"]:
        assert set(driver.decode(body).refused) <= set(CAUSES["gnss"])


def test_not_ascii_is_no_sentence() -> None:
    with pytest.raises(Unread, match="not_nmea"):
        read(b"$GPGGA,\xff*00")


def test_the_driver_reads_its_samples() -> None:
    assert GnssDriver.check() is None
