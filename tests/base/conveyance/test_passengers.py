"""Passenger lists and name records: flights, persons, documents and bookings, kept as one submission, once each."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact.passengers import Manifest, read_paxlst, read_pnrgov
from kouan.base.exchange.codecs.edifact.passengers.model import day_of, digits_of, flight_number
from kouan.base.exchange.codecs.problem import CodecError
from kouan.kernel.clock import now
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Reading, Submission, Unread, format_named
from tests.base.conftest import House
from tests.base.exchange.bodies import post, sample
from tests.conftest import SHARED

PUBLISHED = SHARED / "edifact" / "gtas"
COUNTS = {"apisMessage": (2, 2, 0), "pnr1": (2, 2, 1), "pnr2": (2, 2, 2), "pnr3": (3, 4, 4), "pnr4": (2, 1, 1)}


def told(body: bytes) -> list[Manifest]:
    messages = [m for interchange in edifact.read(body).interchanges for m in interchange.messages]
    return [(read_paxlst if m.type == "PAXLST" else read_pnrgov)(m, at) for at, m in enumerate(messages, 1)]


def reading(body: bytes) -> Reading:
    found = format_named("edifact")
    assert found is not None
    return found.read(body, record="", office="9901")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the shared messages are not here")
@pytest.mark.parametrize("name", sorted(COUNTS))
def test_published_messages_tell_their_flights_persons_and_documents(name: str) -> None:
    body = (PUBLISHED / f"{name}.txt").read_bytes()
    found = told(body)[0]
    assert (len(found.flights), len(found.persons), len(found.documents)) == COUNTS[name]
    part = reading(body).parts[0]
    assert isinstance(part, Submission)
    assert len(part.drafts) == 1 + len(found.persons)


PNR = b"""UNB+IATA:1+WH++261122:0600+P1'
UNH+1+PNRGOV:13:1:IA+WHP1'
MSG+:22'
ORG+WH:ICN+55107'
TVL+231126:0300:231126:0600+ICN+WHH+WH+124'
EQN+2'
SRC'
RCI+WH:QX7K2P::201126:0800'
SSR+DOCS:HK::WH:::::/P/CHN/E00000002/CHN/03FEB90/F/01JAN31/TESTER/SAMPLEONE'
TIF+TESTER+SAMPLEONEMS:A:1'
TKT+9990000000001:T:1'
TIF+EXAMPLE+BABYMSTR:IN:2'
SSR+DOCS:HK::WH:::::/P/KOR/M00000009/KOR/01JAN26/MI/01JAN31/EXAMPLE/BABY'
TVL+231126:0300::0600+ICN+WHH+WH+124:B'
TVL+++++860:M'
TIF+TESTER+SAMPLEONEMS:A:1'
ABI+1+:ICNRR+ICN++WH'
TVL+211126:0300::0600+ICN+PUS+WH+11:B'
UNT+99+1'
UNZ+1+P1'
"""


def test_a_name_record_tells_each_person_once_and_no_history() -> None:
    found = told(PNR)[0]
    assert [(f.number, f.origin, f.destination) for f in found.flights] == [("WH124", "ICN", "WHH")]
    assert [(p.family, p.booking, [d.number for d in p.documents]) for p in found.persons] == [
        ("TESTER", "QX7K2P", ["E00000002"]), ("EXAMPLE", "QX7K2P", ["M00000009"]),
    ]  # fmt: skip
    assert found.persons[0].birth == date(1990, 2, 3)
    assert found.persons[1].birth == date(2026, 1, 1)


def test_a_wrong_count_of_segments_is_kept_and_flagged_in_what_carriers_tell() -> None:
    part = reading(PNR).parts[0]
    assert isinstance(part, Submission)
    assert "edifact.unt.count" in {warning["code"] for warning in part.drafts[0].warnings}
    with pytest.raises(Refused):
        reading(sample("cuscar-wanghai.edi").replace(b"UNT+91", b"UNT+9"))


def test_a_message_without_flight_is_refused() -> None:
    with pytest.raises(CodecError):
        told(b"UNB+UNOA:4+A+B+261122:0600+1'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'UNT+3+1'UNZ+1+1'")


def test_a_birth_date_that_is_none_is_told() -> None:
    (found,) = told(sample("paxlst-wanghai.edi").replace(b"DTM+329:900203", b"DTM+329:901303"))
    assert found.persons[0].birth is None
    assert [(one.code, one.field) for one in found.warnings] == [("pax.date", "DTM")]


def test_the_mode_of_transport_is_the_message_s() -> None:
    sent = sample("paxlst-wanghai.edi")
    for mode, kept in ((b"4", "air"), (b"", "air"), (b"2", "rail"), (b"3", "road")):
        (part,) = reading(sent.replace(b"TDT+20+WH124+++", b"TDT+20+WH124+" + mode + b"++")).parts
        assert isinstance(part, Submission)
        assert part.drafts[0].data["mode"] == kept
    (part,) = reading(sent.replace(b"TDT+20+WH124+++", b"TDT+20+V001+1++")).parts
    assert isinstance(part, Unread)
    assert part.problems[0].code == "pax.ship"


async def test_both_messages_about_one_flight_are_one_conveyance(house: House) -> None:
    async with house.client("carrier") as carrier, house.client("border") as border:
        first = await post(carrier, "edifact", sample("paxlst-wanghai.edi"))
        assert first.status_code == 201, first.text
        ref = first.json()["records"][0]["ref"]
        assert len(first.json()["records"]) == 3
        again = await post(carrier, "edifact", sample("paxlst-wanghai.edi"))
        assert again.status_code == 201, again.text
        assert again.json()["records"][0]["ref"] == ref
        found = (await border.post("/api/conveyances/persons", json={"document": "e00000002"})).json()["items"]
        assert [(p["data"]["role"], p["data"]["family_name"], p["data"]["conveyance"]) for p in found] == [
            ("passenger", "TESTER", ref)
        ]
        assert found[0]["data"]["document_number"].endswith("***")
        assert "document_number" in found[0]["masked"]
        booked = (await border.post("/api/conveyances/persons", json={"booking": "QX7K2P"})).json()["items"]
        assert len(booked) == 2
        aboard = (await border.post("/api/conveyances/persons", json={"on": ref})).json()["items"]
        assert {p["id"] for p in aboard} == {p["id"] for p in booked}
    rows = await house.rows("select count(*) n from r_base_conveyance_conveyance")
    assert rows[0]["n"] == 1
    looks = await house.rows("select count(*) n from audit where action = 'base.conveyance.persons:look-up'")
    assert looks[0]["n"] == 2


async def test_who_may_not_know_finds_nobody(house: House) -> None:
    async with house.client("carrier") as carrier:
        assert (await post(carrier, "edifact", sample("paxlst-wanghai.edi"))).status_code == 201
    for org, role, status in (("terminal", "operator", 403), ("maritime", "officer", 200), ("agent", "clerk", 403)):
        async with house.client(org, role) as client:
            answer = await client.post("/api/conveyances/persons", json={"document": "E00000002"})
            assert answer.status_code == status, org
            assert not answer.json().get("items")


@pytest.mark.parametrize(
    ("carrier", "number", "expected"),
    [("DL", "324", "DL324"), ("DL", "DL0324", "DL324"), ("", "AA123", "AA123"), ("3U", "8633", "3U8633"), ("", "3U8633", "3U8633")],
)
def test_a_flight_has_one_number(carrier: str, number: str, expected: str) -> None:
    assert flight_number(carrier, number) == expected


@given(day=st.dates(date(1930, 1, 1), date(2025, 12, 31)))
def test_birth_dates_lie_in_the_past(day: date) -> None:
    text = f"{day.day:02}{('JAN','FEB','MAR','APR','MAY','JUN','JUL','AUG','SEP','OCT','NOV','DEC')[day.month - 1]}{day.year}"
    assert day_of(text, past=True) == day
    assert digits_of(day.strftime("%Y%m%d"), past=True) == day
    short = digits_of(day.strftime("%y%m%d"), past=True)
    assert short is not None
    assert (short.month, short.day, short.year % 100) == (day.month, day.day, day.year % 100)
    assert short.year <= now().year


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_message_is_read_or_refused(data: Any) -> None:
    body = data.draw(st.sampled_from([PNR, sample("paxlst-wanghai.edi")]))
    at = data.draw(st.integers(0, len(body) - 1))
    junk = data.draw(st.binary(max_size=6))
    cut = data.draw(st.integers(0, 40))
    with suppress(Refused):
        reading(body[:at] + junk + body[at + cut :])
