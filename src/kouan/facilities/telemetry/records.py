"""What is filed of telemetry: how a metric is measured and screened, whose a tracker is, what a day's analysis found."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.base.reference.api import OrgRef, PersonRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text


class Setting(Record):
    """One metric of one device: unit, level, calibration and the limits by which its readings are screened.

    Kept value = sent value x scale + offset. Each change is a version, so that what a reading was judged by is known later.
    """

    facts: ClassVar[Facts] = Facts(
        name="facilities.telemetry.setting",
        title=Text("测点设置", "Metric setting"),
        summary=Text(
            "设备测点的单位、等级、校准与筛选限值", "Unit, level, calibration and screening limits of a device's metric"
        ),
        clause="8.1.3 a)",
        kind="state",
        ref="metric",
        key=("device", "metric"),
        parties=(Party.filer("owner"), Party.kind("portoffice")),
        filers=("terminal", "portoffice", "carrier", "customs"),
        retention=10,
        label="device",
    )
    device: str = field(
        "设备",
        "Device",
        filter=True,
        example="D-RACK-1",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
    )
    metric: str = field(
        "测点",
        "Metric",
        filter=True,
        codes="metric",
        example="temperature",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$",
    )
    unit: str = field("单位", "Unit", default="", example="Cel", max_length=16)
    data_level: int = field("数据等级", "Data level", default=2, ge=1, le=4, example=2)
    low: float | None = field("量程下限", "Lowest plausible", default=None)
    high: float | None = field("量程上限", "Highest plausible", default=None)
    rate: float | None = field("最大变化率", "Fastest change", unit="1/s", default=None, gt=0)
    stuck_s: float | None = field("不变时限", "Stuck after", unit="s", default=None, gt=0)
    oldest_s: float | None = field("最大时延", "Oldest taken", unit="s", default=None, gt=0)
    offset: float = field("零点修正", "Offset", default=0.0)
    scale: float = field("系数修正", "Scale", default=1.0, gt=0)
    simulated: bool = field("模拟数据", "Simulated", default=False)
    readers: list[OrgRef] = field("可读单位", "Readers", default_factory=list, max_length=40)


PROTOCOLS = {
    "jt808": Text("JT/T 808 车载终端", "JT/T 808 vehicle terminal"), "nmea": Text("NMEA 0183 定位接收机", "NMEA 0183 receiver"),
}  # fmt: skip
MOVERS = {
    "truck": Text("车辆", "Vehicle"), "train": Text("列车", "Train"), "equipment": Text("作业机械", "Handling equipment"),
    "tag": Text("货物标签", "Cargo tag"), "container": Text("集装箱", "Container"),
}  # fmt: skip


class Tracker(Record):
    """A positioning terminal and the mover that carries it. Terminals that nobody registered are not admitted."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.telemetry.tracker",
        title=Text("定位终端", "Tracker"),
        summary=Text("准许接入的定位终端及其所在车辆、机械或箱货", "Positioning terminals that may report, and the mover that carries each"),
        clause="6.2",
        kind="state",
        ref="tracker",
        key=("protocol", "number"),
        parties=(Party.filer("owner"), Party.kind("portoffice"), Party.field("readers", "readers")),
        filers=("terminal", "portoffice", "carrier", "customs", "transport"),
        retention=10,
        label="code",
    )
    protocol: Literal["jt808", "nmea"] = field("接入方式", "Protocol", filter=True, example="jt808", values=PROTOCOLS)
    number: str = field(
        "终端号（JT/T 808 终端手机号，或 NMEA 标签块来源、发送地址）", "Number (JT/T 808 phone number, or NMEA tag block source or address)",
        filter=True, example="13912345678", min_length=1, max_length=39, pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_-]*$",
    )  # fmt: skip
    kind: Literal["truck", "train", "equipment", "tag", "container"] = field("移动目标类别", "Kind of mover", example="truck", values=MOVERS)
    code: str = field(
        "移动目标编号（车牌、机号、箱号）", "Mover (plate, machine or box number)", filter=True, example="鲁B12345", min_length=1,
        max_length=64, pattern=r"^[^\s\x00-\x1f\x7f:]+$",
    )  # fmt: skip
    data_level: int = field("位置数据等级", "Level of its positions", default=1, ge=1, le=4)
    holder: PersonRef | None = field("随车或随身人员（证件）", "Who goes with it (document)", level=2, default=None)
    readers: list[OrgRef] = field("可读单位", "Readers", default_factory=list, max_length=40)
    simulated: bool = field("模拟数据", "Simulated", default=False)


class Analysis(Record):
    """What a day's data say: counts, totals of each metric, hours, screened-out readings and their causes."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.telemetry.analysis",
        title=Text("采集数据日分析", "Daily analysis"),
        summary=Text("对一日采集数据的自动分析结果", "What the scheduled analysis of a day's data found"),
        clause="8.1.3 d)",
        kind="state",
        ref="analysis",
        key=("day",),
        parties=(Party.filer("platform"), Party.kind("portoffice"), Party.kind("terminal"), Party.kind("customs")),
        filers=("platform",),
        retention=10,
        label="day",
        amendable=False,
    )
    day: str = field("日期", "Day", filter=True, example="2026-11-21", pattern=r"^\d{4}-\d{2}-\d{2}$")
    since: datetime = field("起", "From")
    until: datetime = field("止", "Until")
    readings: int = field("合格读数", "Qualified readings", ge=0, example=1000)
    rejected: int = field("剔除读数", "Readings screened out", ge=0, example=10)
    causes: dict[str, int] = field("剔除原因", "Causes", default_factory=dict)
    positions: int = field("位置数", "Positions", ge=0, example=500)
    movers: int = field("移动目标数", "Movers", ge=0, example=20)
    simulated: int = field("其中模拟数据", "Of these simulated", ge=0, example=0)
    hours: list[int] = field("逐时读数", "Readings by hour", default_factory=list, max_length=25)
    metrics: list[dict[str, Any]] = field("各测点统计", "Metrics", default_factory=list, max_length=500)
