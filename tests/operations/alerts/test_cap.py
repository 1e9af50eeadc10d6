"""CAP 1.2: our samples are read as they are drawn, faults are named, and whatever comes is read or refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kouan.kernel.errors import Refused
from kouan.operations.alerts.affected import Asset, area_of, shape_of, within
from kouan.operations.alerts.cap import writer
from kouan.operations.alerts.cap.format import HEALTH, TYPHOON, Cap
from kouan.operations.alerts.cap.reader import SPACE, read, ring_of
from kouan.operations.alerts.hazards import Hazard


def test_a_typhoon_has_a_track_and_what_lies_along_it_is_affected() -> None:
    data = read(TYPHOON.encode())
    Hazard.model_validate(data)
    assert (data["kind"], data["severity"], [one["language"] for one in data["sayings"]]) == (
        "natural",
        "Severe",
        ["zh-CN", "en-GB"],
    )
    assert data["track"]["coordinates"] == [[122.6, 34.8], [122.1, 35.5], [121.6, 36.05]]
    area = area_of(data)
    named = {"zh": "x", "en": "x"}
    assets = [Asset(str(n), named, shape_of({"type": "Point", "coordinates": at})) for n, at in enumerate(
        ([121.6, 36.06], [122.35, 35.15], [120.0, 36.06], [122.6, 34.0]))]  # fmt: skip
    assert [one.ref for one in within(area, assets)] == ["0", "1"]


def test_a_health_notice_holds_for_its_polygon() -> None:
    data = read(HEALTH.encode())
    assert data["kind"] == "health"
    assert area_of(data).bounds == (121.58, 36.054, 121.622, 36.07)
    assert len(Cap().samples()) == 2


@pytest.mark.parametrize(("old", "new", "field"), [
    ("<status>Exercise", "<status>Maybe", "status"), ("<msgType>Alert", "<msgType>Ack", "msgType"),
    ("<sent>2026-11-22T09:00:00+08:00", "<sent>today", "sent"),
    ("<sent>2026-11-22T09:00:00+08:00", "<sent>2026-11-22T09:00:00", "sent"), ("<category>Health</category>", "", "category"),
    ("<identifier>WH-HEALTH-SAMPLE-1", "<identifier>a b", "identifier"), ("<event>传染病疫情</event>", "<event/>", "event"),
    (" 36.054,121.580</polygon>", "</polygon>", "polygon"), ("36.054,121.580 36", "136.054,121.580 36", "polygon"),
    ("<polygon>", "<circle>36,121 x</circle><polygon>", "circle"), ("<severity>Moderate", "<severity>Bad", "severity"),
])  # fmt: skip
def test_a_fault_is_named_with_its_element_and_line(old: str, new: str, field: str) -> None:
    broken = HEALTH.replace(old, new)
    assert broken != HEALTH
    with pytest.raises(Refused) as refused:
        read(broken.encode())
    problem = next(one for one in refused.value.problems if one.field == field)
    assert problem.position.startswith("line ")
    assert problem.reason.zh
    assert problem.reason.en


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">&b;</alert>'


@pytest.mark.parametrize(
    "body", [b"", b"<a/>", b"\xff\xfe", BOMB, b"<alert/>", HEALTH.encode()[:300], b" " * (2 << 20)]
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        read(body)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(TYPHOON.encode()) - 1), st.binary(max_size=6), st.integers(0, 12))
def test_a_message_damaged_anywhere_is_read_or_refused_never_more(at: int, put: bytes, cut: int) -> None:
    body = TYPHOON.encode()
    damaged = body[:at] + put + body[at + cut :]
    try:
        found: Any = area_of(read(damaged)) is not None
    except Refused as refused:
        found = refused.reason.zh and refused.reason.en
    assert found


@given(st.floats(-170, 170), st.floats(-70, 70), st.floats(0.1, 500))
def test_a_circle_keeps_its_radius(lon: float, lat: float, km: float) -> None:
    ring = ring_of(lon, lat, km)
    assert ring[0] == ring[-1]
    for x, y in ring:
        phi, psi, dl = math.radians(lat), math.radians(y), math.radians(x - lon)
        cosine = math.sin(phi) * math.sin(psi) + math.cos(phi) * math.cos(psi) * math.cos(dl)
        if -179.9 < x < 179.9:
            assert math.acos(min(cosine, 1)) * 6371.0088 == pytest.approx(km, rel=0.01, abs=0.2)


def item(**data: Any) -> dict[str, Any]:
    said = {"zh": "客流高峰\x00", "en": "Passenger peak & more"}
    whole = {
        "number": "WA-1",
        "alert": "rule:x",
        "title": said,
        "message": said,
        "severity": "serious",
        "at": "2026-11-22T08:00:00Z",
        **data,
    }
    return {"id": "0" * 8, "state": "open", "version": 1, "data": whole, "filed_at": "2026-11-22T08:00:01Z", "filed_by": "kouan",
            "updated_at": "2026-11-22T08:00:01Z", "receipt": "r"}  # fmt: skip


def test_a_warning_given_out_is_read_by_our_own_reader() -> None:
    body = writer.message(item(lon=121.6, lat=36.05), "warnings@cnwhh.kouan", "https://port.example")
    data = read(body)
    assert (data["identifier"], data["severity"], data["status"]) == ("WA-1-1", "Severe", "Actual")
    assert [one["headline"] for one in data["sayings"]] == ["客流高峰", "Passenger peak & more"]
    assert data["areas"][0]["geometry"] == {"type": "MultiPoint", "coordinates": [[121.6, 36.05]]}
    root = etree.fromstring(body)
    assert root.findtext(f"{{{SPACE}}}info/{{{SPACE}}}web") == "https://port.example/api/receipts/r/proof"
    assert read(writer.message(item(simulated=True), "w@x", "https://x"))["status"] == "Exercise"
