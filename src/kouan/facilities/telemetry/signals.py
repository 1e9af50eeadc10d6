"""The signals of telemetry. They are streamed, not filed: what may not be lost is a Record.

Two shapes carry what a port observes: where something is (`position`) and what a device measures (`reading`).
`key` of a position: its kind in the highest byte (KINDS), below it the MMSI, the ICAO address or the entity's number (a station's
or aircraft's MMSI with the bit BY_MMSI, because a coast station's is as small as a number of the platform's own);
`key` of a reading: the number of its stream (one metric of one device).
"""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.signals import AT, KEY, Column, Signal
from kouan.kernel.text import Text

KINDS = ("ship", "radar", "truck", "tag", "aircraft", "train", "person", "station", "equipment", "container")
KIND_NAMES = {
    "ship": Text("船舶", "Ship"), "radar": Text("雷达目标", "Radar target"), "truck": Text("车辆", "Vehicle"),
    "tag": Text("货物标签", "Cargo tag"), "aircraft": Text("航空器", "Aircraft"), "train": Text("列车", "Train"),
    "person": Text("人员标签", "Person tag"), "station": Text("岸站与航标", "Station or aid to navigation"),
    "equipment": Text("作业机械", "Handling equipment"), "container": Text("集装箱", "Container"),
}  # fmt: skip
KIND_BITS = 56
BY_MMSI = 1 << 48
SIMULATED, LATE, ESTIMATED = 1, 2, 4  # bits of `flags`
GOOD, UNCERTAIN, BAD = 0, 1, 2  # `quality`, after OPC UA's severity of a status code
FLAGS = Column("flags", "u1", "", Text("标志", "Flags"))


class Position(Signal):
    """Where a mover is (WGS 84), as it or a sensor reports it."""

    code = "position"
    title = Text("位置", "Position")
    columns = (
        KEY, AT,
        Column("lon", "f8", "deg", Text("经度", "Longitude")), Column("lat", "f8", "deg", Text("纬度", "Latitude")),
        Column("speed", "f4", "kn", Text("对地速度", "Speed over ground")),
        Column("course", "f4", "deg", Text("对地航向", "Course over ground")),
        Column("heading", "f4", "deg", Text("艏向", "Heading")), Column("turn", "f4", "deg/min", Text("转向率", "Rate of turn")),
        Column("altitude", "f4", "m", Text("高度", "Altitude")), Column("accuracy", "f4", "m", Text("定位精度", "Accuracy")),
        Column("status", "u1", "", Text("航行状态", "Navigational status")),
        Column("source", "u2", "", Text("来源", "Source")), FLAGS,
    )  # fmt: skip
    level = 1
    kept = timedelta(days=90)


class Reading(Signal):
    """What a device measures: one number of one metric at one time, with its quality."""

    code = "reading"
    title = Text("读数", "Reading")
    columns = (
        KEY, AT, Column("value", "f8", "", Text("值", "Value")), Column("quality", "u1", "", Text("质量", "Quality")), FLAGS,
    )  # fmt: skip
    level = 2
    kept = timedelta(days=365)


class VesselStatic(Signal):
    """What a ship says of itself by AIS (types 5, 19, 24): identity, type, dimensions, voyage."""

    code = "vessel_static"
    title = Text("船舶静态信息", "Vessel particulars")
    columns = (
        KEY, AT, Column("name", "S20", "", Text("船名", "Name")), Column("imo", "u4", "", Text("IMO 编号", "IMO number")),
        Column("call_sign", "S7", "", Text("呼号", "Call sign")), Column("ship_type", "u1", "", Text("船型", "Ship type")),
        Column("to_bow", "u2", "m", Text("至船首", "To bow")), Column("to_stern", "u2", "m", Text("至船尾", "To stern")),
        Column("to_port", "u2", "m", Text("至左舷", "To port")), Column("to_starboard", "u2", "m", Text("至右舷", "To starboard")),
        Column("draught", "f4", "m", Text("吃水", "Draught")), Column("destination", "S20", "", Text("目的港", "Destination")),
        Column("eta", "S11", "", Text("预计到港", "Estimated time of arrival")), FLAGS,
    )  # fmt: skip
    level = 1
    kept = timedelta(days=90)


CAUSES = ("", "range", "rate", "stuck", "not_a_number", "old", "duplicate")
CAUSE_NAMES = {
    "range": Text("超出量程", "Out of range"), "rate": Text("变化过快", "Changes too fast"),
    "stuck": Text("读数不变", "Stuck at one value"), "not_a_number": Text("不是数值", "Not a number"),
    "old": Text("过时", "Too old"), "duplicate": Text("重复", "Duplicate"),
}  # fmt: skip


class Rejected(Signal):
    """A reading that was screened out, with the cause (CAUSES): it is counted here and nowhere else."""

    code = "rejected"
    title = Text("剔除的读数", "Reading screened out")
    columns = (
        KEY, AT, Column("value", "f8", "", Text("值", "Value")), Column("cause", "u1", "", Text("原因", "Cause")), FLAGS,
    )  # fmt: skip
    level = 2
    kept = timedelta(days=30)


LEVELS = {Rejected.code: Rejected.level, Position.code: Position.level, Reading.code: Reading.level, VesselStatic.code: VesselStatic.level}
KIND_LEVELS = {"person": 3}
"""Kinds whose positions are of a higher level than positions are."""
