"""What a radiation portal counted, and the case that an alarm opens (核辐射探测; GB/T 24246 portals; IAEA Nuclear Security Series 1)."""

from __future__ import annotations

import math
from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import AnyRef, ContainerRef, LaneRef, PersonRef, VehicleRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

SIGMAS = 5.0
"""How many standard deviations of the background's count (Poisson) a count stands above it to be an alarm."""
MOST_COUNTS = 2_000
RADIATIONS = {"gamma": Text("伽马", "Gamma"), "neutron": Text("中子", "Neutron")}
OUTCOMES = {
    "natural": Text("天然放射性货物", "Naturally radioactive goods"), "medical": Text("医用同位素（人员）", "Medical isotope in a person"),
    "licensed": Text("持证放射性货物", "Licensed radioactive goods"), "false": Text("误报", "False alarm"),
    "found": Text("查获放射源，移交处置", "Source found and handed over"),
}  # fmt: skip
KEEPERS = ("customs", "border")


class Counts(Part):
    """A count curve: so many counts a second, sampled each `step_s` seconds from `at`."""

    at: datetime = field("开始时间", "From")
    step_s: float = field("采样间隔", "Sampled each", unit="s", gt=0, le=60)
    cps: tuple[float, ...] = field("计数率", "Count rates", unit="1/s", min_length=1, max_length=MOST_COUNTS)
    background_cps: float = field("本底计数率", "Background", unit="1/s", ge=0, le=1e9)

    @property
    def peak(self) -> float:
        """The highest count rate."""
        return max(self.cps)

    @property
    def threshold(self) -> float:
        """The count rate above which the curve is an alarm."""
        return self.background_cps + SIGMAS * math.sqrt(max(self.background_cps, 1.0) / self.step_s)

    @property
    def alarm(self) -> bool:
        """Whether the curve stands out of its background."""
        return self.peak > self.threshold


class Second(Part):
    """The second reading, taken near the goods or the person by another instrument."""

    at: datetime = field("复测时间", "Taken at")
    instrument: str = field("复测仪器", "Instrument", min_length=1, max_length=64)
    peak_cps: float = field("最大计数率", "Highest count rate", unit="1/s", ge=0, le=1e9)
    background_cps: float = field("本底计数率", "Background", unit="1/s", ge=0, le=1e9)
    nuclide: str | None = field("核素", "Nuclide", default=None, max_length=20)


class Measurement(Record):
    """What a portal counted while a vehicle or a person went through it, told by the portal's controller."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.radiation.measurement",
        title=Text("辐射探测记录", "Radiation measurement"),
        summary=Text("车辆或人员通过辐射探测门时的计数曲线", "The count curve of a vehicle or person going through a portal"),
        clause="6.3",
        kind="report",
        ref="radiationscan",
        key=("portal", "number"),
        parties=(Party.filer("keeper"), Party.kind("customs"), Party.kind("border"), Party.kind("portoffice")),
        filers=("terminal", "border", "customs", "portoffice"),
        retention=10,
        label="number",
        subject="person",
        amendable=False,
    )
    number: str = field("测量编号", "Measurement number", filter=True, example="M-000123", min_length=1, max_length=64)
    portal: str = field("探测门", "Portal", filter=True, example="rpm-1", min_length=1, max_length=64)
    lane: LaneRef = field("通道", "Lane", filter=True, example="lane:in-1")
    radiation: Literal["gamma", "neutron"] = field("射线", "Radiation", default="gamma", values=RADIATIONS)
    vehicle: VehicleRef | None = field("车牌", "Vehicle", filter=True, default=None, example="vehicle:鲁B12345")
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=4)
    person: PersonRef | None = field("人员（证件）", "Person (document)", level=2, default=None)
    curve: Counts = field("计数曲线", "Count curve")
    nuclide: str | None = field("核素提示", "Nuclide hint", default=None, max_length=20, example="K-40")


class RadiationCase(Record):
    """An alarm and what was done about it. While it is open its lane stays shut."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.radiation.case",
        title=Text("辐射报警处置", "Radiation case"),
        summary=Text("辐射报警的计数曲线、隔离、复测与结论；结案前通道关闭", "An alarm's curve, isolation, second reading and outcome; its lane stays shut"),
        clause="6.3",
        kind="filing",
        ref="radiationcase",
        key=("measurement",),
        parties=(
            Party.kind("customs"),
            Party.kind("border"),
            Party.kind("portoffice"),
            Party.kind("terminal", "measurement", "lane", "at", "radiation", "vehicle", "containers", "peak_cps", "outcome"),
        ),
        filers=("platform",),
        retention=10,
        label="lane",
        subject="person",
        amendable=False,
    )
    measurement: AnyRef = field("探测记录", "Measurement", filter=True, example="radiationscan:RPM-1/M-000123")
    lane: LaneRef = field("通道", "Lane", filter=True, example="lane:in-1")
    at: datetime = field("报警时间", "Alarm at", filter=True, example="2026-11-22T02:00:00Z")
    radiation: Literal["gamma", "neutron"] = field("射线", "Radiation", values=RADIATIONS)
    vehicle: VehicleRef | None = field("车牌", "Vehicle", filter=True, default=None)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=4)
    person: PersonRef | None = field("人员（证件）", "Person (document)", level=2, default=None)
    peak_cps: float = field("最大计数率", "Highest count rate", unit="1/s", ge=0)
    threshold_cps: float = field("报警阈值", "Threshold", unit="1/s", ge=0)
    curve: Counts = field("计数曲线", "Count curve")
    nuclide: str | None = field("核素提示", "Nuclide hint", default=None, max_length=20)
    second: Second | None = field("复测", "Second reading", default=None, read_only=True)
    outcome: Literal["natural", "medical", "licensed", "false", "found"] | None = field(
        "结论", "Outcome", filter=True, default=None, read_only=True, values=OUTCOMES
    )
