"""Interfaces that are submitted for verification, and what was found each time (数据验证; HS/T 82 7.2.5 b) 10))."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from kouan.base.identity.api import KINDS
from kouan.base.reference.api import OrgRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.text import Text

reference_kind("interface", Text("待验证接口", "Interface under verification"))
reference_kind("interfacereport", Text("接口验证报告", "Report on an interface"))
InterfaceRef: TypeAlias = Annotated[str, Reference("interface")]
MOST_BODY = 20_000
OUTCOMES = {"accepted": Text("受理（2xx）", "Accepted (2xx)"), "refused": Text("拒绝（4xx）", "Refused (4xx)")}


class Expected(Part):
    """A value that an answer must hold. `path`: names with points between, from the top of the answer."""

    path: str = field("路径", "Path", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$", max_length=120, example="status")
    value: str = field("应为", "Value", max_length=200, example="taken")


class Case(Part):
    """A message, and how it must end."""

    name: str = field("用例", "Case", min_length=1, max_length=80, example="good")
    body: str = field("报文（JSON）", "Message (JSON)", min_length=2, max_length=MOST_BODY, example='{"container": "MSKU9070323"}')
    outcome: Literal["accepted", "refused"] = field("预期", "Expected", default="accepted", values=OUTCOMES)
    expected: tuple[Expected, ...] = field("预期返回值", "Values of the answer", default=(), max_length=20)


class Interface(Record):
    """An application service's receiving interface with its cases; it takes signed JSON messages by POST."""

    facts: ClassVar[Facts] = Facts(
        name="base.verification.interface",
        title=Text("待验证接口", "Interface under verification"),
        summary=Text("提交验证环境按一致性规则检查的应用服务接口", "Interfaces of application services, checked by conformance rules"),
        clause="7.2.5 b) 10)",
        kind="filing",
        ref="interface",
        key=("@filer", "number"),
        parties=(Party.filer("owner"), Party.kind("portoffice")),
        filers=tuple(KINDS),
        retention=3,
        label="number",
    )
    number: str = field("接口代码", "Code", filter=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60, example="tracking-1")
    title: str = field("名称", "Name", default="", max_length=120, example="Tracking service")
    address: str = field("接口地址", "Address", max_length=300, pattern=r"^https?://[!-~]+$", example="https://service.example/kouan")
    within_ms: int = field("应答时限", "Answers within", unit="ms", default=2000, ge=50, le=5000)
    cases: tuple[Case, ...] = field("用例", "Cases", min_length=1, max_length=10)
    report: str | None = field("最近报告", "Latest report", default=None, max_length=200, read_only=True)


class Finding(Part):
    """One rule as it was found, with the evidence."""

    rule: str = field("规则", "Rule", max_length=40)
    title_zh: str = field("规则名称（中文）", "Rule (Chinese)", max_length=120)
    title_en: str = field("规则名称（英文）", "Rule (English)", max_length=120)
    passed: bool = field("通过", "Passed")
    zh: str = field("依据（中文）", "Found (Chinese)", max_length=400)
    en: str = field("依据（英文）", "Found (English)", max_length=400)
    sent: str = field("发送", "Sent", default="", max_length=400)
    status: int | None = field("应答状态码", "Status answered", default=None)
    answer: str = field("应答内容", "Answer", default="", max_length=400)
    ms: float | None = field("耗时", "Time taken", unit="ms", default=None)


class Report(Record):
    """What one verification found, rule by rule. It says how the interface did then, and is not changed afterwards."""

    facts: ClassVar[Facts] = Facts(
        name="base.verification.report",
        title=Text("接口验证报告", "Report on an interface"),
        summary=Text("一次验证中各一致性规则的通过情况及依据", "Pass or fail of each conformance rule in one verification, with evidence"),
        clause="7.2.5 b) 10)",
        kind="report",
        ref="interfacereport",
        key=("interface", "run"),
        parties=(Party.filer("keeper"), Party.kind("portoffice"), Party.field("owner", "owner")),
        filers=("platform",),
        retention=10,
        label="interface",
        amendable=False,
    )
    interface: InterfaceRef = field("接口", "Interface", filter=True, max_length=160)
    owner: OrgRef = field("接口单位", "Owner of the interface")
    run: int = field("次数", "Run", ge=1)
    address: str = field("接口地址", "Address", max_length=300)
    at: datetime = field("时间", "At", filter=True)
    passed: bool = field("全部通过", "All passed", filter=True)
    failed: int = field("未通过规则数", "Rules failed", ge=0)
    findings: tuple[Finding, ...] = field("各规则结果", "Rule by rule", level=2, max_length=40)
