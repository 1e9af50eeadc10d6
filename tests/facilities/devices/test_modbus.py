"""Modbus TCP: the simulated device over a real socket, exceptions, broken lines; and bytes that are none."""

from __future__ import annotations

import math
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.devices.addresses import Register, register
from kouan.facilities.devices.drivers.modbus import frames
from kouan.facilities.devices.drivers.modbus.driver import ModbusDriver
from kouan.facilities.devices.drivers.modbus.registers import plan, value
from kouan_sim.modbus import Plc
from tests.facilities.devices.acting import until
from tests.facilities.devices.lined import listening, registered

METER = {
    "supply": "holding:100:float32", "energy": "holding:102:uint32:swapped", "return": "input:7:int16", "running": "coil:3",
    "alarm": "holding:104:bit9", "door": "discrete:40", "balance": "holding:105:int32",
}  # fmt: skip


def meter(unit: int = 1) -> Plc:
    """A device with a value of each type."""
    plc = Plc(unit)
    plc.put("holding", 100, -18.25, ">f")
    plc.put("holding", 102, 3_000_000_001, ">I", swapped=True)
    plc.put("holding", 104, 1 << 9)
    plc.put("holding", 105, -70_000, ">i")
    plc.put("input", 7, -183, ">h")
    plc.put("coil", 3, 1)
    plc.put("discrete", 40, 0)
    return plc


async def test_registers_of_every_table_and_type_arrive_and_a_broken_line_is_made_anew() -> None:
    async with meter(17) as plc, listening(registered("modbus", f"127.0.0.1:{plc.port}/17", METER, poll_s=0.1, keep_alive_s=1)) as heard:
        await until(lambda: len(heard.told) > 1)
        assert {one.metric: one.value for one in heard.told[0].values} == {
            "supply": -18.25, "energy": 3_000_000_001, "return": -183, "running": 1, "alarm": 1, "door": 0, "balance": -70_000,
        }  # fmt: skip
        assert plc.asked == 4 * len(heard.told), "what lies together is asked for together"
        plc.put("holding", 100, 4.5, ">f")
        plc.hang_up()
        await until(lambda: heard.last("supply") == 4.5)
        assert heard.gone == [("line.hung_up", False)], "a line that is made again at once is no death"


async def test_exceptions_are_told_by_their_name_and_one_register_that_is_none_hides_no_other() -> None:
    async with meter() as plc:
        del plc.tables["holding"][104]
        plc.put("holding", 100, math.nan, ">f")
        async with listening(registered("modbus", f"127.0.0.1:{plc.port}", METER, poll_s=0.1, keep_alive_s=1)) as heard:
            await until(lambda: heard.last("balance") == -70_000)
            await until(lambda: heard.refused["not_a_number"] and heard.refused["modbus.illegal_address"])
            assert heard.last("energy") == 3_000_000_001
            assert heard.last("alarm") is None
            plc.broken = 11
            await until(lambda: heard.told[-1].life == "death")
            assert heard.told[-1].refused["modbus.gateway_target"] == len(METER)
    assert ModbusDriver.check() is None


registers = st.one_of(
    st.builds(Register, st.sampled_from(["holding", "input"]), st.integers(0, 65_534), st.sampled_from(["int16", "uint16", "float32"])),
    st.builds(Register, st.sampled_from(["coil", "discrete"]), st.integers(0, 65_535), st.just("")),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(registers, max_size=30, unique=True))
def test_a_plan_reads_each_metric_once_within_the_limits_of_the_protocol(wanted: list[Register]) -> None:
    named = {f"m{n}": one for n, one in enumerate(wanted)}
    reads = plan(named)
    assert sorted(name for one in reads for name, _ in one.of) == sorted(named)
    for one in reads:
        assert 1 <= one.count <= (2000 if one.function in (1, 2) else 125)
        assert one.start + one.count <= 65_536
        if one.function > 2:
            words = [(one.start + n) & 0xFFFF for n in range(one.count)]
            found = dict(one.values(b"".join(word.to_bytes(2, "big") for word in words)))
            assert all(found[name] == place.address for name, place in one.of if place.type == "uint16"), "each stands at its own address"
        else:
            found = dict(one.values(bytes([0b10101010]) * (one.count // 8 + 1)))
            assert all(found[name] == (place.address - one.start) % 2 for name, place in one.of)
        assert set(found) == {name for name, _ in one.of}
        assert list(one.values(b"")) == []


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 79), st.sampled_from([b"\0\1\0\0\0\5\1\3\2\0\7", b"\0\1\0\0\0\3\1\x83\2"]))
def test_whatever_a_device_answers_is_decoded_or_counted(noise: bytes, cut: int, whole: bytes) -> None:
    driver = ModbusDriver()
    for chunk in (noise[:cut], noise[cut:]):
        driver.decode(chunk)
    fresh = ModbusDriver()
    parts = [fresh.decode(whole[n : n + 1]) for n in range(len(whole))]
    assert sum(len(one.observations) + sum(one.refused.values()) for one in parts) == 1


def test_a_register_s_address_is_one_or_refused() -> None:
    assert register("holding:7:int32:swapped") == Register("holding", 7, "int32", True)
    assert register("input:3") == Register("input", 3, "uint16")
    none = ("", "40001", "holding", "holding:65536", "holding:65535:int32", "coil:1:int16", "holding:1:int64", "holding:1:int16:swapped")
    for bad in none:
        assert register(bad) is None, bad
    assert value(Register("holding", 0, "float32", True), b"\0\0\x41\x20", 0) == 10
    assert value(Register("holding", 0, "bit9"), b"\x02\x00", 0) == 1
    assert value(Register("holding", 0, "int32"), b"\0\0\0", 0) is None
    assert frames.request(1, 2, 3, 4, 5) == struct.pack(">HHHBBHH", 1, 0, 6, 2, 3, 4, 5)
