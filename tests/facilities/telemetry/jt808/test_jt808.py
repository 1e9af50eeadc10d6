"""JT/T 808: the simulated terminal over a real socket, frames cut anywhere, damage counted by cause."""

from __future__ import annotations

import asyncio
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.drivers.jt808 import messages as m
from kouan.facilities.telemetry.drivers.jt808.driver import Jt808Driver, truck_key
from kouan.facilities.telemetry.drivers.jt808.session import KeyedGate, Session
from kouan.facilities.telemetry.refusals import CAUSES
from kouan.kernel.suites.intl import INTL
from kouan_sim.jt808 import Place, Terminal, drive

PHONE = "013912345678"
GATE = KeyedGate(lambda told: INTL.mac(b"secret", told), lambda phone: phone.endswith("13912345678"))
PLACES = [Place(120.2 + n / 1000, 36.05, 36.5, 90, 1_763_770_000 + n, mileage=12.3) for n in range(5)]


def admitted(newer: bool = False) -> tuple[Terminal, Session]:
    terminal, session = Terminal(PHONE, "鲁B12345", newer), Session(GATE)
    session.feed(terminal.register())
    terminal.code = GATE.register(m.message(terminal.heartbeat()[1:-1]).phone, None) or ""
    session.feed(terminal.authenticate())
    return terminal, session


@pytest.mark.parametrize("newer", [False, True])
async def test_a_terminal_registers_and_reports_over_a_socket(newer: bool) -> None:
    drivers: list[Jt808Driver] = []
    decoded = []
    served: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        drivers.append(Jt808Driver(GATE))
        ended = asyncio.Event()
        served.append(ended)
        while chunk := await reader.read(7):
            decoded.append(drivers[-1].decode(chunk))
            writer.write(drivers[-1].answers())
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await drive(Terminal(PHONE, "鲁B12345", newer), "127.0.0.1", port, PLACES)
        with pytest.raises(ConnectionError):
            await drive(Terminal("013900000000", "鲁B00000", newer), "127.0.0.1", port, PLACES)
    rows = [
        row
        for one in decoded
        for frame in one.frames
        for row in zip(*(frame[n] for n in ("key", "lon", "at")), strict=True)
    ]
    assert [(int(k), round(float(lon), 6), int(at)) for k, lon, at in rows] == [
        (truck_key(PHONE), round(p.lon, 6), p.at * 1_000_000) for p in PLACES
    ]
    facts = [fact for one in decoded for fact in one.observations]
    assert [(fact["plate"], fact["admitted"]) for fact in facts] == [("鲁B12345", True), ("鲁B00000", False)]


def test_units_signs_and_extras_of_a_location() -> None:
    place = m.location(Place(-70.5, -33.25, 72.5, 359, 1_763_770_000, alarm=3, altitude=-4, mileage=1234.5).body())
    assert (place.lon, place.lat, place.altitude, place.course) == (-70.5, -33.25, -4, 359)
    assert (place.speed, place.mileage, place.satellites) == (72.5, 1234.5, 11)
    assert (place.at, place.alarms, place.systems) == (1_763_770_000_000_000, (0, 1), ("BDS",))


def test_places_before_authentication_are_refused() -> None:
    heard = Session(GATE).feed(Terminal(PHONE, "鲁B12345").location(PLACES[0]))
    assert (heard.locations, dict(heard.refused)) == ([], {"unauthenticated": 1})
    assert m.message(heard.replies[1:-1]).body[-1] == m.FAILED


def test_a_wrong_code_lets_nobody_in() -> None:
    terminal, session = Terminal(PHONE, "鲁B12345", code="0" * 16), Session(GATE)
    assert m.message(session.feed(terminal.authenticate()).replies[1:-1]).body[-1] == m.FAILED
    assert session.phone == ""


def test_kept_places_come_in_a_batch_of_several_packets() -> None:
    terminal, session = admitted()
    body = m.message(terminal.batch(PLACES)[1:-1]).body
    halves = [terminal.message(m.BATCH, part, 2, n) for n, part in enumerate((body[:50], body[50:]), 1)]
    heard = session.feed(b"".join(halves))
    assert [place.at for _, place in heard.locations] == [p.at * 1_000_000 for p in PLACES]
    assert not heard.refused


def test_what_cannot_be_is_refused_by_cause() -> None:
    terminal, session = admitted()
    good = terminal.location(PLACES[0])
    content = m.unescaped(good[1:-1])[:-1]
    frames = {
        "check": good[:-2] + bytes([good[-2] ^ 1]) + good[-1:], "escape": b"\x7e\x7d\x05" + good[3:],
        "short": m.framed(b"\x00\x02"), "length": m.framed(content + b"\0"), "phone": m.framed(content[:4] + b"\xab" + content[5:]),
        "unsupported": terminal.message(0x0F01, b""), "encrypted": m.framed(content[:2] + b"\x04" + content[3:]),
        "value": terminal.location(Place(120.0, 36.0, 0, 400, 1_763_770_000)),
    }  # fmt: skip
    for cause, frame in frames.items():
        assert dict(session.feed(frame).refused) == {cause: 1}
    assert len(session.feed(good).locations) == 1


@given(st.lists(st.integers(0, 2000), max_size=6), st.booleans())
@settings(max_examples=15, deadline=None)
def test_cuts_anywhere_change_nothing(cuts: list[int], newer: bool) -> None:
    terminal, session = admitted(newer)
    body = b"".join(terminal.location(place) for place in PLACES) + terminal.batch(PLACES)
    places = sorted({0, *(cut % len(body) for cut in cuts), len(body)})
    heard = [session.feed(body[a:b]) for a, b in pairwise(places)]
    assert sum(len(one.locations) for one in heard) == 2 * len(PLACES)
    assert b"".join(one.replies for one in heard).count(b"\x7e") == 2 * (len(PLACES) + 1)


@given(st.lists(st.binary(max_size=80), max_size=8), st.binary(min_size=12, max_size=60))
@settings(max_examples=25, deadline=None)
def test_rubbish_is_counted_never_raised(chunks: list[bytes], content: bytes) -> None:
    _, session = admitted()
    sized = content[:2] + (len(content) - 12).to_bytes(2) + bytes.fromhex(PHONE) + content[10:]
    for chunk in [*chunks, b"\x7e", m.framed(content), m.framed(sized)]:
        assert set(session.feed(chunk).refused) <= set(CAUSES["jt808"])


@given(st.binary(max_size=60))
@settings(max_examples=30, deadline=None)
def test_framing_and_back(content: bytes) -> None:
    frame = m.framed(content)
    assert frame.count(b"\x7e") == 2
    assert m.unescaped(frame[1:-1]) == content + bytes([reduce(xor, content, 0)])


def test_endless_frame_takes_no_memory() -> None:
    session = Session(GATE)
    refused = sum(session.feed(b"\x7e" + b"A" * 65536).refused["too_long"] for _ in range(20))
    assert refused
    assert len(session._rest) <= m.FRAME_MOST


def test_the_driver_reads_its_samples() -> None:
    assert Jt808Driver.check() is None
