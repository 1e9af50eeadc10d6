"""The 27 messages of ITU-R M.1371-5, annex 8, field by field in the order of its tables.

Intervals name the raw values that mean something; what lies outside is the standard's "not available" or "not used".
"""

from __future__ import annotations

from collections.abc import Mapping

from kouan.facilities.telemetry.drivers.ais.fields import Field, Layout, data, flag, lay, num, place, real, spare, text
from kouan.kernel.text import Text

_HEAD = (num("type", 6), num("repeat", 2), num("mmsi", 30))
_PLACE = place(28, 600_000.0)
_COARSE = place(18, 600.0)
_SPEED = real("speed", 10, 10.0, "kn", 1022)
_COURSE = real("course", 12, 10.0, "deg", 3599)
_HEADING = num("heading", 9, high=359)
_SECOND = num("second", 6)
_DIMENSIONS = (num("to_bow", 9), num("to_stern", 9), num("to_port", 6), num("to_starboard", 6))
_ETA = (num("month", 4, 1, 12), num("day", 5, 1, 31), num("hour", 5, high=23), num("minute", 6, high=59))
_MOTION_B = (_SPEED, flag("accuracy"), *_PLACE, _COURSE, _HEADING, _SECOND)
_TURN = Field(
    "turn_steps", 8, signed=True, low=-127, high=127
)  # steps of 4.733 * sqrt(deg/min); ±127: beyond 5 deg in 30 s
_ADDRESSED = (num("sequence", 2), num("destination_mmsi", 30), flag("retransmit"), spare(1))
_AREA = (*place(18, 600.0, "ne_"), *place(18, 600.0, "sw_"))
_CHANNELS = (spare(2), num("channel_a", 12), num("channel_b", 12), num("transmit_mode", 4), flag("low_power"))
_BANDS = (flag("addressed"), flag("band_a"), flag("band_b"), num("zone_size", 3), spare(23))
_PARTED = (
    num("part", 2),
    num("ship_type", 8, 1),
    text("vendor", 3),
    num("model", 4),
    num("serial", 20),
    text("call_sign", 7),
)
_BINARY = (flag("addressed"), flag("structured"))
_APPLICATION = (num("dac", 10), num("fid", 6))


def _report(code: str, after_minute: str = "lat") -> Layout:
    return lay(
        code, *_HEAD, num("year", 14, 1), num("month", 4, 1, 12), num("day", 5, 1, 31), num("hour", 5, high=23),
        num("minute", 6, high=59), num("second", 6, high=59), flag("accuracy"), *_PLACE, num("epfd", 4),
        flag("long_range"), spare(9), flag("raim"), num("radio", 19), least=after_minute,
    )  # fmt: skip


def _receipts(code: str) -> Layout:
    four = [part for n in range(1, 5) for part in (num(f"mmsi{n}", 30), num(f"sequence{n}", 2))]
    return lay(code, *_HEAD, spare(2), *four, least="mmsi1", optional=True)


def _reservations() -> Layout:
    four = [
        part for n in range(1, 5)
        for part in (num(f"offset{n}", 12), num(f"slots{n}", 4), num(f"timeout{n}", 3), num(f"increment{n}", 11))
    ]  # fmt: skip
    return lay("20", *_HEAD, spare(2), *four, least="increment1", optional=True)


def _binary(code: str, *before: Field) -> Layout:
    return lay(code, *_HEAD, *_BINARY, *before, data(), least=40 + sum(field.width for field in before))


LAYOUTS: Mapping[str, Layout] = {layout.code: layout for layout in (
    lay("1", *_HEAD, num("status", 4), _TURN, _SPEED, flag("accuracy"), *_PLACE, _COURSE, _HEADING, _SECOND,
        num("maneuver", 2), spare(3), flag("raim"), num("radio", 19), least="lat"),
    _report("4"),
    lay("5", *_HEAD, num("ais_version", 2), num("imo", 30, 1), text("call_sign", 7), text("name", 20),
        num("ship_type", 8, 1), *_DIMENSIONS, num("epfd", 4), *_ETA, real("draught", 8, 10.0, "m", None),
        text("destination", 20), flag("dte"), spare(1), least="name"),
    lay("6", *_HEAD, *_ADDRESSED, *_APPLICATION, data(), least="fid"),
    _receipts("7"),
    lay("8", *_HEAD, spare(2), *_APPLICATION, data(), least="fid"),
    lay("9", *_HEAD, num("altitude", 12, high=4094), real("speed", 10, 1.0, "kn", 1022), flag("accuracy"), *_PLACE, _COURSE,
        _SECOND, flag("barometric"), spare(7), flag("dte"), spare(3), flag("assigned"), flag("raim"), num("radio", 20),
        least="lat"),
    lay("10", *_HEAD, spare(2), num("destination_mmsi", 30), spare(2), least="destination_mmsi"),
    lay("12", *_HEAD, *_ADDRESSED, text("text", 0), least=72),
    lay("14", *_HEAD, spare(2), text("text", 0), least=40),
    lay("15", *_HEAD, spare(2), num("mmsi1", 30), num("type1_1", 6), num("offset1_1", 12), spare(2), num("type1_2", 6),
        num("offset1_2", 12), spare(2), num("mmsi2", 30), num("type2_1", 6), num("offset2_1", 12), spare(2),
        least="offset1_1", optional=True),
    lay("16", *_HEAD, spare(2), num("mmsi1", 30), num("offset1", 12), num("increment1", 10), num("mmsi2", 30),
        num("offset2", 12), num("increment2", 10), least="increment1", optional=True),
    lay("17", *_HEAD, spare(2), *_COARSE, spare(5), data(), least=80),
    lay("18", *_HEAD, spare(8), *_MOTION_B, spare(2), flag("carrier_sense"), flag("display"), flag("dsc"),
        flag("whole_band"), flag("message_22"), flag("assigned"), flag("raim"), num("radio", 20), least="lat"),
    lay("19", *_HEAD, spare(8), *_MOTION_B, spare(4), text("name", 20), num("ship_type", 8, 1), *_DIMENSIONS, num("epfd", 4),
        flag("raim"), flag("dte"), flag("assigned"), spare(4), least="lat"),
    _reservations(),
    lay("21", *_HEAD, num("aid_type", 5), text("name", 20), flag("accuracy"), *_PLACE, *_DIMENSIONS, num("epfd", 4),
        _SECOND, flag("off_position"), num("aid_status", 8), flag("raim"), flag("virtual"), flag("assigned"), spare(1),
        text("name_more", 0), least="lat"),
    lay("22", *_HEAD, *_CHANNELS, *_AREA, *_BANDS, least="sw_lat"),
    lay("22A", *_HEAD, *_CHANNELS, num("mmsi1", 30), spare(5), num("mmsi2", 30), spare(5), *_BANDS, least="addressed"),
    lay("23", *_HEAD, spare(2), *_AREA, num("station_type", 4), num("ship_type", 8), spare(22), num("transmit_mode", 2),
        num("interval", 4), num("quiet", 4), spare(6), least="quiet"),
    lay("24A", *_HEAD, num("part", 2), text("name", 20), least=46),
    lay("24B", *_HEAD, *_PARTED, *_DIMENSIONS, num("epfd", 4), spare(2), least="ship_type"),
    lay("24C", *_HEAD, *_PARTED, num("mothership_mmsi", 30), spare(6), least="ship_type"),
    _binary("25"),
    _binary("25S", *_APPLICATION),
    _binary("25A", num("destination_mmsi", 30)),
    _binary("25AS", num("destination_mmsi", 30), *_APPLICATION),
    _binary("26"),
    _binary("26S", *_APPLICATION),
    _binary("26A", num("destination_mmsi", 30)),
    _binary("26AS", num("destination_mmsi", 30), *_APPLICATION),
    lay("27", *_HEAD, flag("accuracy"), flag("raim"), num("status", 4), *_COARSE, real("speed", 6, 1.0, "kn", 62),
        real("course", 9, 1.0, "deg", 359), flag("latency"), spare(1), least="lat"),
)}  # fmt: skip

SAME: Mapping[int, str] = {2: "1", 3: "1", 11: "4", 13: "7"}
RADIO_AT_END = frozenset({"26", "26S", "26A", "26AS"})
RADIO_BITS = 20
AUXILIARY = range(980_000_000, 990_000_000)

NAMES: Mapping[int, Text] = {
    1: Text("A 类船位（定时）", "Class A position, scheduled"),
    2: Text("A 类船位（指配）", "Class A position, assigned"),
    3: Text("A 类船位（应询）", "Class A position, interrogated"),
    4: Text("基站报告", "Base station report"),
    5: Text("A 类静态与航次数据", "Class A static and voyage data"),
    6: Text("二进制寻址", "Addressed binary"),
    7: Text("二进制确认", "Binary acknowledgement"),
    8: Text("二进制广播", "Binary broadcast"),
    9: Text("搜救航空器位置", "Search and rescue aircraft position"),
    10: Text("时间询问", "Time inquiry"),
    11: Text("时间应答", "Time response"),
    12: Text("寻址安全信息", "Addressed safety text"),
    13: Text("安全信息确认", "Safety acknowledgement"),
    14: Text("安全信息广播", "Safety broadcast text"),
    15: Text("询问", "Interrogation"),
    16: Text("指配指令", "Assignment command"),
    17: Text("差分改正广播", "Differential correction broadcast"),
    18: Text("B 类船位", "Class B position"),
    19: Text("B 类扩展船位", "Class B extended position"),
    20: Text("链路管理", "Data link management"),
    21: Text("航标报告", "Aid to navigation report"),
    22: Text("信道管理", "Channel management"),
    23: Text("群组指配", "Group assignment"),
    24: Text("B 类静态数据", "Class B static data"),
    25: Text("单时隙二进制", "Single-slot binary"),
    26: Text("多时隙二进制", "Multiple-slot binary"),
    27: Text("远程船位", "Long-range position"),
}
