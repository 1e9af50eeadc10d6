"""The AIS encoder against an independent decoder (pyais) and the arithmetic of NMEA 0183."""

from __future__ import annotations

from typing import Any

import pyais
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan_sim import ais

MMSI = st.integers(201_000_000, 775_999_999)
TEXT = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./() ", max_size=20).map(str.strip)
POSITIONS = st.builds(
    ais.Position,
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    speed=st.none() | st.floats(0, 102.2),
    course=st.none() | st.floats(0, 360, exclude_max=True),
    heading=st.none() | st.integers(0, 359),
    status=st.integers(0, 15),
    second=st.integers(0, 60),
)
IDENTITIES = st.builds(
    ais.Identity,
    mmsi=MMSI,
    name=TEXT,
    imo=st.integers(0, 9_999_999),
    call_sign=st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", max_size=7),
    ship_type=st.sampled_from([30, 50, 52, 60, 70, 71, 79, 80, 89]),
    bow=st.integers(0, 511),
    stern=st.integers(0, 511),
    port=st.integers(0, 63),
    starboard=st.integers(0, 63),
    draught=st.floats(0, 25.5),
    destination=TEXT,
)


def decoded(payload: tuple[str, int], source: str = "") -> dict[str, Any]:
    lines = list(ais.Talker(source=source).sentences(payload, 1_760_000_000))
    bare = [line[line.index("!") :] for line in lines]
    return dict(pyais.decode(*bare, error_if_checksum_invalid=True).asdict())


def agrees_on_motion(told: dict[str, Any], position: ais.Position) -> None:
    assert told["lon"] == pytest.approx(position.lon, abs=1e-6 + 0.5 / 600_000)
    assert told["lat"] == pytest.approx(position.lat, abs=1e-6 + 0.5 / 600_000)
    assert told["speed"] == pytest.approx(102.3 if position.speed is None else position.speed, abs=0.0501)
    off = abs(told["course"] - (360.0 if position.course is None else position.course))
    assert min(off, 360 - off) <= 0.0501
    assert told["heading"] == (511 if position.heading is None else position.heading)
    assert told["second"] == position.second


@given(MMSI, POSITIONS)
def test_position_of_class_a(mmsi: int, position: ais.Position) -> None:
    told = decoded(ais.type1(mmsi, position))
    assert (told["msg_type"], told["mmsi"], int(told["status"])) == (1, mmsi, position.status)
    agrees_on_motion(told, position)


@given(MMSI, POSITIONS)
def test_position_of_class_b(mmsi: int, position: ais.Position) -> None:
    told = decoded(ais.type18(mmsi, position))
    assert (told["msg_type"], told["mmsi"], told["cs"]) == (18, mmsi, True)
    agrees_on_motion(told, position)


@given(MMSI, POSITIONS)
def test_long_range_position(mmsi: int, position: ais.Position) -> None:
    told = decoded(ais.type27(mmsi, position))
    assert (told["msg_type"], told["mmsi"], int(told["status"])) == (27, mmsi, position.status)
    assert told["lon"] == pytest.approx(position.lon, abs=0.5 / 600 + 1e-6)
    assert told["lat"] == pytest.approx(position.lat, abs=0.5 / 600 + 1e-6)


@given(IDENTITIES)
def test_static_and_voyage_data(ship: ais.Identity) -> None:
    told = decoded(ais.type5(ship))
    assert (told["msg_type"], told["mmsi"], told["imo"], told["ship_type"]) == (
        5, ship.mmsi, ship.imo, ship.ship_type,
    )  # fmt: skip
    assert told["shipname"] == ship.name
    assert told["callsign"] == ship.call_sign
    assert told["destination"] == ship.destination
    assert told["draught"] == pytest.approx(ship.draught, abs=0.0501)
    sizes = told["to_bow"], told["to_stern"], told["to_port"], told["to_starboard"]
    assert sizes == (ship.bow, ship.stern, ship.port, ship.starboard)


@given(IDENTITIES)
def test_static_data_of_class_b(ship: ais.Identity) -> None:
    first, second = (decoded(part) for part in ais.type24(ship))
    assert (first["partno"], first["shipname"]) == (0, ship.name)
    assert (second["partno"], second["callsign"], second["ship_type"]) == (1, ship.call_sign, ship.ship_type)
    assert (second["to_bow"], second["to_starboard"]) == (ship.bow, ship.starboard)


@given(st.lists(IDENTITIES, min_size=1, max_size=12), st.sampled_from(["", "SIM-KOUAN"]))
def test_sentences_fit_and_carry_right_checksums(ships: list[ais.Identity], source: str) -> None:
    talker = ais.Talker(source=source)
    for ship in ships:
        for line in talker.sentences(ais.type5(ship), 1_760_000_000):
            tag, mark, sentence = line.rpartition("!")
            body, _, check = sentence.partition("*")
            total = 0
            for sign in body:
                total ^= ord(sign)
            assert mark
            assert int(check, 16) == total
            assert len(mark + sentence) + 2 <= 82
            assert bool(tag) == bool(source)


def test_tag_block_is_read_by_an_independent_decoder() -> None:
    ship = ais.Identity(414999001, "SIM STAR", 9321483)
    lines = list(ais.Talker(source="SIM-KOUAN").sentences(ais.type5(ship), 1_760_000_000))
    assert lines[0].startswith("\\g:1-2-1,s:SIM-KOUAN,c:1760000000*")
    messages = list(pyais.stream.IterMessages([line.encode() for line in lines]))
    assert len(messages) == 1
    tag = messages[0].tag_block
    assert tag is not None
    tag.init()
    assert (tag.is_valid, tag.receiver_timestamp, tag.source_station) == (True, "1760000000", "SIM-KOUAN")
    assert messages[0].decode().asdict()["shipname"] == "SIM STAR"


def test_multipart_messages_have_changing_sequence_ids() -> None:
    talker = ais.Talker()
    ship = ais.Identity(414999001, "SIM STAR")
    ids = [next(talker.sentences(ais.type5(ship))).split(",")[3] for _ in range(12)]
    assert ids == [str(n % 10) for n in range(12)]


@pytest.mark.parametrize(("lon", "lat"), [(180.1, 0.0), (0.0, -90.1)])
def test_a_place_outside_the_world_is_no_position(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="no position"):
        ais.type1(414999001, ais.Position(lon, lat))
