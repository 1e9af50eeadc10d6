"""MQTT 3.1.1 as a queue reads it: packets in any pieces; what is no MQTT is refused and not guessed at."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.push.service import mqtt
from kouan.base.push.service.mqtt import Connect, Malformed, OtherVersion, Packets


def text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def hello(level: int = 4, flags: int = 0xC2, rest: bytes = text("") + text("id") + text("secret"), name: str = "MQTT") -> bytes:
    return text(name) + bytes([level, flags]) + (20).to_bytes(2, "big") + rest


@given(st.lists(st.tuples(st.sampled_from([0x20, 0x40, 0xC0, 0xE0, 0x82]), st.binary(max_size=400)), max_size=6), st.data())
def test_packets_come_out_whole_however_the_stream_is_cut(packets: list[tuple[int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(mqtt.packet(first, body) for first, body in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader = Packets()
    found = [one for a, b in itertools.pairwise([0, *cuts, len(stream)]) for one in reader.feed(stream[a:b])]
    assert found == [(first >> 4, body) for first, body in packets]


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused_and_nothing_else(data: bytes) -> None:
    reader = Packets()
    try:
        for kind, body in reader.feed(data):
            reads = {mqtt.CONNECT: mqtt.connect, mqtt.PUBACK: mqtt.acknowledged, mqtt.SUBSCRIBE: mqtt.asked}
            if kind in reads:
                reads[kind](body)
    except (Malformed, OtherVersion):
        pass


def test_connect_is_read_and_other_versions_are_told_apart_from_what_is_none() -> None:
    assert mqtt.connect(hello()) == Connect("", True, 20, "id", "secret")
    will = text("box") + text("left/it") + text("gone") + text("u") + text("p")
    assert mqtt.connect(hello(flags=0xC4, rest=will)) == Connect("box", False, 20, "u", "p")
    for level, name in ((5, "MQTT"), (3, "MQIsdp")):
        with pytest.raises(OtherVersion):
            mqtt.connect(hello(level=level, name=name))
    for wrong in (hello(name="AMQP"), hello(flags=0xC3), hello(flags=0x42), hello()[:-1], hello() + b"x", hello(rest=text("a\0b"))):
        with pytest.raises(Malformed):
            mqtt.connect(wrong)


def test_a_packet_that_is_too_long_or_badly_flagged_is_refused_before_it_is_whole() -> None:
    for wrong in (b"\x10\xff\xff\xff\x7f", b"\x10\xff\xff\xff\xff\x01", mqtt.packet(0x80, b"\0\1" + text("t") + b"\1")):
        with pytest.raises(Malformed):
            list(Packets().feed(wrong))
    with pytest.raises(Malformed):
        mqtt.asked(b"\0\1")
    with pytest.raises(Malformed):
        mqtt.asked(b"\0\1" + text("t") + b"\3")
