"""What devices send is read, or refused by cause; nothing that comes in raises."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.devices import causes
from kouan.facilities.devices.credentials import hashed, subjects
from kouan.facilities.devices.drivers.modbus.frames import EXCEPTIONS
from kouan.facilities.devices.drivers.mqtt.driver import MqttDriver
from kouan.facilities.devices.drivers.mqtt.reading import read
from kouan.facilities.devices.drivers.sparkplug import payload as sp
from kouan.facilities.devices.drivers.sparkplug.driver import SparkplugDriver
from kouan.facilities.devices.drivers.sparkplug.node import Node
from kouan.facilities.devices.drivers.sparkplug.payload import Metric
from kouan.facilities.devices.drivers.sparkplug.wire import Malformed
from kouan.facilities.devices.drivers.weighbridge.driver import WeighbridgeDriver
from kouan.facilities.devices.living import Life, Lives
from kouan.facilities.devices.records import Device
from kouan.facilities.devices.rules import PlainAddress, SaneMetrics
from kouan.facilities.telemetry.causes import of as stream_words
from kouan.kernel.rules import Found

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
DEVICE = {"code": "D-1", "name_zh": "设备", "name_en": "Device", "kind": "ups", "driver": "mqtt"}


def test_the_drivers_read_their_own_samples() -> None:
    assert MqttDriver.check() is None
    assert SparkplugDriver.check() is None
    assert WeighbridgeDriver.check() is None


def test_both_forms_of_a_weighbridge_say_kilograms_and_how_sure_they_are() -> None:
    plain = b"ST,GS,+  12340kg\r\nUS,NT,- 1.500 t\r\nnonsense\r\n"
    decoded = WeighbridgeDriver().decode(plain)
    assert [(one["metric"], one["value"], one["quality"]) for one in decoded.observations] == [("gross", 12340, 0), ("net", -1500, 1)]
    assert decoded.refused == {"weight": 1}
    toledo = b"\x02*0  12340     0\rC\x02*:  12340     0\r\n\x02,4     55     0\r\n"
    driver = WeighbridgeDriver()
    found: list[Any] = []
    for byte in toledo:
        found += driver.decode(bytes([byte])).observations
    assert [(one["value"], one["quality"]) for one in found] == [(12340, 0), (-12340, 1), (0.55, 2)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([b"ST,GS,+  12340kg\r\n", b"\x02*0  12340     0\r", b"\x02", b"\r", b"\xff\x00", b"9" * 70]), max_size=12))
def test_an_indicator_that_stutters_stops_nothing(chunks: list[bytes]) -> None:
    driver = WeighbridgeDriver()
    for chunk in chunks:
        assert all(one["value"] == 12340 for one in driver.decode(chunk).observations)


def test_plain_values_objects_and_batches_say_the_same() -> None:
    at = 1_795_316_400_000_000
    for path, payload in (
        ("t", b'{"value": 1.5, "at": "2026-11-22T03:00:00Z"}'), ("readings", b'{"at": 1795316400000, "t": 1.5}'),
        ("readings", b'[{"metric": "t", "value": "1.5", "ts": "2026-11-22T11:00:00+08:00"}]'),
    ):  # fmt: skip
        assert [(v.metric, v.value, v.at) for v in read(path, payload).values] == [("t", 1.5, at)], payload
    assert [(v.metric, v.value, v.at) for v in read("t", b"1.5").values] == [("t", 1.5, 0)]
    assert read("status", b"OFFLINE").life == "death"
    assert read("status", b'{"online": true}').life == "birth"
    assert read("ack", b'{"command": "C", "ok": false}').answers[0].done is False


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["t", "readings", "status", "ack", "command", "a/b"]), st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "at", "metric", "command", "x"]), inner),
    max_leaves=6,
).map(lambda value: orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS) if not _big(value) else b"9" * 400))  # fmt: skip
def test_whatever_a_device_sends_is_a_number_or_counted(path: str, payload: bytes) -> None:
    told = read(path, payload)
    assert all(math.isfinite(value.value) and value.at >= 0 for value in told.values)


def _big(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) >= 1 << 63
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_big(one) for one in inner)


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
typed = st.one_of(
    st.tuples(st.just(sp.DOUBLE), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(sp.BOOLEAN), st.sampled_from([0.0, 1.0])),
    st.tuples(st.just(sp.INT32), st.integers(-(2**31), 2**31 - 1).map(float)),
    st.tuples(st.just(sp.INT16), st.integers(-(2**15), 2**15 - 1).map(float)),
    st.tuples(st.just(sp.INT64), st.integers(-(2**52), 2**52).map(float)),
    st.tuples(st.just(sp.FLOAT), st.floats(width=32, allow_nan=False, allow_infinity=False)),
)  # fmt: skip
metrics = st.builds(
    lambda name, alias, at, pair: Metric(name, alias, at, *pair), names, st.none() | st.integers(0, 2**63), st.integers(0, 2**50), typed
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**50), st.lists(metrics, max_size=5), st.integers(0, 255), st.data())
def test_a_payload_is_read_as_it_was_written_and_a_broken_one_is_refused(
    at: int, written: list[Metric], seq: int, data: st.DataObject
) -> None:
    content = sp.write(at, written, seq)
    found = sp.read(content)
    assert (found.at, found.metrics, found.seq) == (at, tuple(written), seq)
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    for bad in (bytes(broken), content[: data.draw(st.integers(0, len(content)))]):
        try:
            sp.read(bad)
        except Malformed:
            continue


def test_aliases_live_from_birth_to_birth_and_a_gap_or_a_stranger_asks_for_one() -> None:
    node = Node()
    data = sp.Payload(5, (Metric("", 7, 0, sp.DOUBLE, 2.0),), 1)
    assert node.hear("NDATA", "", data).rebirth == "not_born"
    birth = sp.Payload(1, (Metric("bdSeq", None, 0, sp.UINT64, 3.0), Metric("t", 7, 0, sp.DOUBLE, 1.0)), 0)
    assert node.hear("NBIRTH", "", birth).life == "birth"
    assert [(m.name, m.value, m.at) for m in node.hear("NDATA", "", data).metrics] == [("t", 2.0, 5)]
    assert node.hear("NDATA", "", sp.Payload(6, data.metrics, 3)).rebirth == "gap"
    assert node.hear("DDATA", "pump", sp.Payload(6, data.metrics, 4)).rebirth == "not_born"
    assert node.hear("DBIRTH", "pump", sp.Payload(6, data.metrics, 5)).life == "birth"
    assert node.hear("NDATA", "", sp.Payload(6, (Metric("", 9, 0, sp.DOUBLE, 1.0),), 6)).rebirth == "alias"
    assert node.hear("NDEATH", "", sp.Payload(6, (Metric("bdSeq", None, 0, sp.UINT64, 2.0),), None)).life == ""
    assert node.hear("NDEATH", "", sp.Payload(6, (Metric("bdSeq", None, 0, sp.UINT64, 3.0),), None)).gone == ("pump",)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 600), st.lists(st.floats(0, 500), max_size=12), st.floats(0.2, 0.3))
def test_silence_is_noticed_within_two_keep_alives_and_never_before_one(keep: int, gaps: list[float], beat: float) -> None:
    lives, now = Lives(), NOW
    lives.keep([("D", keep)], now)
    assert lives.sweep(now) == []
    for gap in gaps:
        lives.heard("D", now)
        now += timedelta(seconds=gap)
        assert bool(lives.sweep(now)) == (gap > 1.8 * keep)
    lives.heard("D", now)
    quiet = now + timedelta(seconds=2 * keep)
    while now <= quiet and not lives.sweep(now):
        now += timedelta(seconds=min(beat, 0.1 * keep))
    assert not lives.of["D"].online
    assert now <= quiet


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 200_000)), min_size=1, max_size=40))
def test_a_flood_is_cut_to_its_share_and_who_pauses_speaks_again(said: list[tuple[float, int]]) -> None:
    life, now, taken = Life("D", timedelta(seconds=10)), 1e9, [0.0, 0.0]
    for gap, size in said:
        now += gap
        if life.may_speak(size, now):
            taken = [taken[0] + 1, taken[1] + size]
        assert taken[0] <= 2000 + 1000 * (now - 1e9) + 1
        assert taken[1] <= 2**20 + 2**19 * (now - 1e9) + 1
    assert life.may_speak(200_000, now + 2)
    flood = [life.may_speak(20, now + 10 + n / 5_000) for n in range(5_000)]
    assert 2900 <= sum(flood) <= 3001


def test_a_loose_plug_tells_sixty_times_an_hour_at_most() -> None:
    lives = Lives()
    lives.keep([("D", 10)], NOW)
    told = [lives.of["D"].may_tell(NOW + timedelta(seconds=n)) for n in range(100)]
    assert sum(told) == 60
    assert lives.of["D"].may_tell(NOW + timedelta(hours=2))


def test_everything_that_is_counted_of_a_device_has_words_in_both_languages() -> None:
    source = "".join(path.read_text() for path in Path(causes.__file__).parent.rglob("*.py"))
    found = set(re.findall(r'(?:refuse|self\.count)\("([a-z_.]+)"', source))
    found |= set(re.findall(r'(?:counts|_refused|life\.refused)\["([a-z_.]+)"\]', source)) - {"thinned", "refused", "filed", "repeated"}
    found |= {f"line.{cause}" for cause in re.findall(r'Lost\("([a-z_.]+)"', source)} - {"line.closed"}
    assert {"line.timeout", "not_json", "modbus.short", "opcua.missed"} <= found
    for cause in (*found, *(f"modbus.{name}" for name in EXCEPTIONS.values()), "line.opcua.BadTimeout", "opcua.BadSensorFailure"):
        words = stream_words(cause if cause.startswith("thinned") else f"refused.device.{cause}")[1]
        assert not words.zh.isascii(), cause
        assert words.en.isascii(), cause


def test_an_entry_with_a_secret_a_foreign_address_or_an_empty_range_is_refused() -> None:
    def refused(rule: type[PlainAddress | SaneMetrics], **more: object) -> str:
        unmet = rule().judge(Device.model_validate({**DEVICE, **more}), Found(NOW, "terminal"))
        return unmet.field if unmet else ""

    assert refused(PlainAddress, address="mqtt://user:hunter2@10.0.0.1") == "address"
    assert refused(PlainAddress, driver="weighbridge", address="10.0.0.1") == "address"
    assert refused(PlainAddress, driver="weighbridge", address="10.0.0.1:4001") == ""
    assert refused(PlainAddress, driver="sparkplug", address="group") == "address"
    assert refused(SaneMetrics, metrics=[{"name": "t", "low": 5, "high": 5}]) == "metrics"
    assert refused(SaneMetrics, metrics=[{"name": "t"}, {"name": "t"}]) == "metrics"


def test_a_secret_is_kept_as_a_hash_that_differs_each_time() -> None:
    made = {hashed("one secret") for _ in range(3)}
    assert len(made) == 3
    assert all(one.startswith("$2a$05$") and "secret" not in one for one in made)


def test_a_lane_device_reaches_its_own_reading_and_no_other() -> None:
    lane = Device.model_validate({**DEVICE, "driver": "lane", "address": "lane/in-1/scale/scale-1"})
    publish, subscribe = subjects(lane)
    assert publish == ("devices.D-1.>", "devices.lane.in-1.scale.scale-1", "devices.lane.in-1.ack.scale-1")
    assert subscribe == ("devices.D-1.>", "devices.lane.in-1.command")
