"""Approval process and case: who decides what, after whom, until when (业务流程再造,串联变并联; HS/T 82 9.1.6 b))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import AnyRef, PortCallRef, ProcessRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

Agency = Literal["customs", "maritime", "border", "transport", "portoffice", "terminal"]
AGENCIES: dict[str, Text] = {
    "customs": Text("海关", "Customs"),
    "maritime": Text("海事", "Maritime administration"),
    "border": Text("边检", "Border inspection"),
    "transport": Text("交通运输部门", "Transport authority"),
    "portoffice": Text("口岸管理部门", "Port office"),
    "terminal": Text("码头", "Terminal"),
}
StepState = Literal["waiting", "ready", "granted", "refused"]
STATES: dict[str, Text] = {
    "waiting": Text("等待前置步骤", "Waits for earlier steps"),
    "ready": Text("办理中", "With the agency"),
    "granted": Text("同意", "Granted"),
    "refused": Text("不同意", "Refused"),
}
KEY = r"^[a-z][a-z0-9-]{0,29}$"


class Step(Part):
    """One agency's part of a process: it begins when all steps of `after` are granted; none means at once."""

    key: str = field("步骤代码", "Step's code", pattern=KEY, example="maritime")
    name_zh: str = field("名称（中文）", "Name in Chinese", min_length=1, max_length=60, example="海事作业审批")
    name_en: str = field("名称（英文）", "Name in English", min_length=1, max_length=60, example="Maritime approval of the operation")
    agency: Agency = field("办理单位", "Agency", example="maritime", values=AGENCIES)
    after: tuple[str, ...] = field("前置步骤", "After these steps", default=(), max_length=20, example=["customs"])
    within_minutes: int = field("办理时限", "Time limit", unit="min", default=1440, ge=1, le=525_600, example=240)
    visit: bool = field("需预约现场核查", "Needs a booked visit", default=False)


class ProcessDefinition(Record):
    """How cases of a kind are decided. The port office edits it; cases under way keep the version they began with."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.process.definition",
        title=Text("审批流程", "Approval process"),
        summary=Text("审批事项由谁办理、先后次序与时限", "Who decides on a kind of case, in which order and within what time"),
        clause="9.1.6 b)",
        kind="state",
        ref="process",
        key=("code",),
        parties=(Party.filer("owner"), Party.everyone()),
        filers=("portoffice",),
        retention=30,
        label="name_zh",
    )
    code: str = field("流程代码", "Process's code", filter=True, pattern=KEY, example="dg-operation")
    name_zh: str = field("名称（中文）", "Name in Chinese", min_length=1, max_length=80, example="危险货物港口作业许可")
    name_en: str = field("名称（英文）", "Name in English", min_length=1, max_length=80, example="Dangerous goods operation permit")
    steps: tuple[Step, ...] = field("步骤", "Steps", min_length=1, max_length=20)


class CaseStep(Step):
    """A step as it goes in one case. Times are the platform's own."""

    state: StepState = field("状态", "State", default="waiting", values=STATES)
    ready_at: datetime | None = field("可办理时间", "Ready at", default=None)
    booked_at: datetime | None = field("预约时间", "Visit booked for", default=None)
    decided_at: datetime | None = field("办结时间", "Decided at", default=None)
    by: str = field("办理机构", "Decided by", named="org", default="", max_length=40)
    note: str = field("意见", "Opinion", default="", max_length=1000)


class Case(Record):
    """One application and how each agency has decided on it."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.process.case",
        title=Text("审批事项", "Approval case"),
        summary=Text("一次申请、多部门办理的审批事项", "An application on which several agencies decide"),
        clause="9.1.6 b)",
        kind="filing",
        ref="case",
        key=("@filer", "number"),
        parties=(
            Party.filer("applicant"),
            Party.kind("customs"),
            Party.kind("maritime"),
            Party.kind("border"),
            Party.kind("transport"),
            Party.kind("portoffice"),
            Party.kind("terminal"),
        ),
        filers=("agent", "trader", "carrier", "terminal", "trucker"),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("申请编号", "Application number", filter=True, min_length=1, max_length=60, example="DG-2611-0001")
    process: ProcessRef = field("审批流程", "Process", filter=True, example="process:DG-OPERATION")
    about: str = field("申请事项", "What is applied for", min_length=1, max_length=1000, example="UN 1203，20尺罐箱2个，直装直取")
    call: PortCallRef | None = field("船舶口岸动态", "Port call", filter=True, default=None)
    concerns: AnyRef | None = field("相关单证", "Concerns", default=None)
    version: int | None = field("流程版本", "Version of the process", default=None, ge=1)
    steps: tuple[CaseStep, ...] = field("步骤", "Steps", default=(), max_length=20)
    ended_at: datetime | None = field("办结时间", "Ended at", default=None)
