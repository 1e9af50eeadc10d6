"""The AIS driver against an independent encoder, against pyais, and against rubbish."""

from __future__ import annotations

import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.drivers.ais.driver import LINE_MOST, PARTS_KEPT, AisDriver
from tests.conftest import SHARED

SAMPLE = SHARED / "ais" / "pyais" / "nmea_data_sample.txt"
GOOD = b"!AIVDM,1,1,,A,33P;Tw0tjBQO22:E7dm66DrB20UP,0*2E"
PARTS = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)


def test_position_as_reported() -> None:
    found = AisDriver().decode(GOOD + b"\r\n").observations
    theirs = pyais.decode(GOOD)
    assert len(found) == 1
    assert found[0]["mmsi"] == f"{theirs.mmsi:09d}"
    assert found[0]["lon"] == pytest.approx(theirs.lon, abs=1e-5)
    assert found[0]["lat"] == pytest.approx(theirs.lat, abs=1e-5)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_parts_in_any_order(order: tuple[int, int]) -> None:
    body = b"\n".join(PARTS[n] for n in order) + b"\n"
    found = AisDriver().decode(body).observations
    assert [o["type"] for o in found] == [5]
    assert found[0]["name"] == pyais.decode(*PARTS).shipname


def test_chunks_cut_anywhere_change_nothing() -> None:
    body = (GOOD + b"\n") * 3
    for cut in range(len(body)):
        driver = AisDriver()
        assert len([*driver.decode(body[:cut]).observations, *driver.decode(body[cut:]).observations]) == 3


def test_what_is_wrong_is_counted_by_cause() -> None:
    driver = AisDriver()
    lines = [GOOD[:-1] + b"F", b"hello", b"!AIVDM,1,1,,B,,0*25", GOOD]
    decoded = driver.decode(b"\n".join(lines) + b"\n")
    assert len(decoded.observations) == 1
    assert decoded.refused == {"checksum": 1, "not_ais": 1, "empty": 1}


def test_endless_line_takes_no_memory() -> None:
    driver = AisDriver()
    refused = 0
    for _ in range(160):
        refused += sum(driver.decode(b"A" * 65536).refused.values())
    assert refused == 1
    assert len(driver._rest) <= LINE_MOST
    assert len(driver.decode(b"\n" + GOOD + b"\n").observations) == 1


def test_unfinished_messages_are_bounded() -> None:
    driver = AisDriver()
    for source in range(PARTS_KEPT * 3):
        driver.line(b"\\s:S%d*00\\" % source + PARTS[0])
    assert len(driver._parts) <= PARTS_KEPT


def test_parts_of_a_group_share_the_first_tag_block() -> None:
    body = b"\\g:1-2-77,s:SIM-2,c:1763770000*00\\" + PARTS[0] + b"\n\\g:2-2-77*00\\" + PARTS[1] + b"\n"
    found = AisDriver().decode(body).observations
    assert found[0]["simulated"] is True
    assert "at" in found[0]


def test_time_and_source_of_a_tag_block() -> None:
    found = AisDriver().decode(b"\\s:SIM-1,c:1763770000*00\\" + GOOD + b"\n").observations
    assert found[0]["simulated"] is True
    assert found[0]["at"].isoformat() == "2025-11-22T00:06:40+00:00"


@given(st.lists(st.binary(max_size=200), max_size=20))
@settings(max_examples=200, deadline=None)
def test_rubbish_is_never_raised(chunks: list[bytes]) -> None:
    driver = AisDriver()
    for chunk in chunks:
        driver.decode(chunk)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 27))
@settings(max_examples=300, deadline=None)
def test_any_payload_with_a_right_checksum(payload: bytes, kind: int) -> None:
    body = b"AIVDM,1,1,,A," + bytes([48 + kind if kind < 40 else 96]) + bytes(48 + b % 40 for b in payload) + b",0"
    total = 0
    for byte in body:
        total ^= byte
    AisDriver().decode(b"!" + body + b"*%02X\n" % total)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the published log is not here")
def test_published_log_equals_pyais() -> None:
    driver, compared = AisDriver(), 0
    unread = 0
    for line in SAMPLE.read_bytes().splitlines():
        mine = driver.line(line.strip()) if line.strip() else None
        unread += mine in ("empty", "checksum", "not_ais", "payload", "short", "parts")
        if not isinstance(mine, dict) or mine["type"] not in (1, 2, 3, 18):
            continue
        theirs = pyais.decode(line.strip())
        assert mine["mmsi"] == f"{theirs.mmsi:09d}"
        for name, value in (("lon", theirs.lon), ("lat", theirs.lat), ("sog", theirs.speed), ("cog", theirs.course)):
            assert mine[name] is None or mine[name] == pytest.approx(float(value), abs=2e-4)
        compared += 1
    assert (unread, compared) == (100, 762)
