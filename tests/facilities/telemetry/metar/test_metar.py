"""METAR: groups by their meaning in the standard, bulletins cut anywhere, garbled reports refused by cause."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.drivers.metar import driver as driver_module
from kouan.facilities.telemetry.drivers.metar.driver import MetarDriver
from kouan.facilities.telemetry.drivers.metar.reports import Unread, read
from kouan.facilities.telemetry.drivers.samples import samples
from kouan.facilities.telemetry.refusals import CAUSES
from tests.conftest import SHARED

EXPECTED = SHARED / "air" / "metar" / "metar_expected.json"
BODY = b"METAR ZSQD 221000Z 33012G22MPS 290V010 1200 R35/0900VP1500U -TSRA BR BKN008 OVC020CB M01/M03 Q1009 NOSIG=\n"


def test_every_group_of_a_report() -> None:
    report = read(BODY.decode())
    assert (report.station, report.day, report.hour, report.minute) == ("ZSQD", 22, 10, 0)
    assert (report.wind_direction, report.wind_from, report.wind_to) == (330, 290, 10)
    assert report.wind_speed is not None
    assert report.wind_speed.knots == pytest.approx(12 * 1.943844, abs=1e-3)
    assert report.visibility is not None
    assert (report.visibility.metres, report.weather) == (1200, ["-TSRA", "BR"])
    assert [(r.runway, r.lowest.value, r.highest.bound, r.tendency) for r in report.ranges] == [("35", 900, ">", "U")]
    assert [(c.cover, c.base_ft, c.kind) for c in report.clouds] == [("BKN", 800, ""), ("OVC", 2000, "CB")]
    assert (report.temperature, report.dew_point, report.pressure, report.trend) == (-1, -3, 1009, "NOSIG")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("KSYN 221051Z 18009KT P6SM CLR 02/01 A2992", "pressure", 1013.2),
        ("KSYN 221051Z 18009KT M1/4SM OVC001 02/01", "visibility", pytest.approx(402.3, abs=0.1)),
        ("KSYN 221051Z 00000KT 10SM 02/01 RMK T00171006", "temperature", 1.7),
        ("ZSQD 221000Z /////KT 9999 ///015 ///// Q////", "wind_speed", None),
        ("ZSQD 221000Z VRB02MPS CAVOK 20/10 Q0999", "visibility_bound", ">"),
        ("ZSQD 221000Z 36010KT 5000 OVC/// 20/10 Q0999", "cloud_base", None),
        ("ZSQD 221000Z NIL", "missing", True),
    ],
)
def test_single_groups(text: str, name: str, value: object) -> None:
    decoded = MetarDriver().decode(f"{text}=\n".encode())
    assert [row[name] for row in decoded.observations] == [value]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("ZSQD 329900Z 36010KT", "time"), ("zsqd 221000Z", "station"), ("ZSQD 221000Z 37010KT", "wind"),
        ("ZSQD 221000Z 36010KT 20/1O", "group"), ("METAR", "station"), ("ZSQD 221000Z " + "RA " * 1000, "too_long"),
        ("ZSQD 221000Z 1/0SM", "group"),
    ],
)  # fmt: skip
def test_garbled_reports_are_refused_by_cause(text: str, cause: str) -> None:
    decoded = MetarDriver().decode(f"{text}=\n\n".encode())
    assert dict(decoded.refused) == {cause: 1}
    assert not decoded.observations


def test_day_of_month_is_the_nearest_one() -> None:
    report = read("ZSQD 312355Z 36010KT")
    assert report.at(datetime(2026, 11, 1, 0, 5, tzinfo=UTC)) == datetime(2026, 10, 31, 23, 55, tzinfo=UTC)
    assert read("ZSQD 010005Z 36010KT").at(datetime(2026, 10, 31, 23, 59, tzinfo=UTC)) == datetime(
        2026, 11, 1, 0, 5, tzinfo=UTC
    )


@given(st.integers(0, 500), st.integers(0, 500))
@settings(max_examples=15, deadline=None)
def test_bulletins_cut_anywhere(one: int, two: int) -> None:
    body = b"".join(path.read_bytes() for path in samples(driver_module.__file__)) + b"\n"
    cuts = sorted((one % len(body), two % len(body)))
    driver = MetarDriver()
    pieces = [driver.decode(piece) for piece in (body[: cuts[0]], body[cuts[0] : cuts[1]], body[cuts[1] :])]
    assert [row["station"] for piece in pieces for row in piece.observations] == ["ZSQD", "ZSJN", "ZSYT", "KSYN"]
    assert not any(piece.refused for piece in pieces)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_a_report_of_several_lines_is_whole_however_its_lines_end(end: str) -> None:
    """Bulletins end their lines by CR CR LF (WMO-No. 386): what stands in a report's later lines belongs to it."""
    lines = [
        "SACI31 ZSQD 230000", "METAR ZSQD 230000Z 02006MPS 350V050 9999 FEW030", "     SCT040 12/05 Q1025", "     NOSIG=",
        "METAR ZSYT 230000Z 03004MPS 9999 FEW030 11/04 Q1024 NOSIG", "", "METAR ZSJN 230000Z 01002MPS 9999 10/03 Q1023=", "",
    ]  # fmt: skip
    decoded = MetarDriver().decode(end.join(lines).encode())
    assert [(row["station"], row["pressure"]) for row in decoded.observations] == [("ZSQD", 1025), ("ZSYT", 1024), ("ZSJN", 1023)]
    assert not decoded.refused


@given(st.lists(st.binary(max_size=120), max_size=8))
@settings(max_examples=20, deadline=None)
def test_rubbish_is_counted_never_raised(chunks: list[bytes]) -> None:
    driver = MetarDriver()
    for chunk in [*chunks, b"=\n\n"]:
        assert set(driver.decode(chunk).refused) <= set(CAUSES["metar"])


@given(st.text(alphabet="METAR ZSQD0123456789KT/GVRB=\nQ-+", max_size=120))
@settings(max_examples=20, deadline=None)
def test_nearly_reports_are_read_or_refused(text: str) -> None:
    decoded = MetarDriver().decode(text.encode() + b"=\n\n")
    assert set(decoded.refused) <= set(CAUSES["metar"])
    for row in decoded.observations:
        assert row["wind_direction"] is None or 0 <= row["wind_direction"] <= 360
        assert row["station"]


@pytest.mark.skipif(not EXPECTED.exists(), reason="the published expectations are not here")
def test_published_reports_are_accepted_or_refused_as_expected() -> None:
    rows = json.loads(EXPECTED.read_text())
    verdicts = {row["report"]: row["quantity"] is not None for row in rows}
    assert len(verdicts) == 102
    for text, good in verdicts.items():
        if good:
            read(text)
        else:
            with pytest.raises(Unread):
                read(text)


def test_the_driver_reads_its_samples() -> None:
    assert MetarDriver.check() is None
