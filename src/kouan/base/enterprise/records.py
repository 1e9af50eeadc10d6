"""Enterprise: a firm by its unified social credit code (统一社会信用代码, GB 32100; HS/T 82 7.2.1 c))."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import field_validator

from kouan.base.reference.api import EnterpriseRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

GRADES: dict[str, Text] = {
    "aeo": Text("高级认证企业（AEO）", "Authorised economic operator, advanced"),
    "regular": Text("常规管理企业", "Regular"),
    "dishonest": Text("失信企业", "Dishonest"),
}
KINDS: dict[str, Text] = {
    "declarant": Text("报关备案", "Customs declarant"), "carrier": Text("国际运输", "International carriage"),
    "agency": Text("船舶代理", "Ship's agency"), "dangerous": Text("危险货物运输", "Carriage of dangerous goods"),
    "warehouse": Text("监管作业场所", "Supervised place"), "food": Text("食品进出口", "Food trade"),
    "business": Text("营业执照", "Business licence"), "other": Text("其他", "Other"),
}  # fmt: skip
PUBLIC = ("code", "name_zh", "name_en", "status", "grade", "grade_since", "aeo_code", "qualifications", "simulated")


class Qualification(Part):
    """A licence or registration that a firm holds."""

    kind: Literal["declarant", "carrier", "agency", "dangerous", "warehouse", "food", "business", "other"] = field(
        "资质", "Qualification", values=KINDS, example="declarant"
    )
    number: str = field("编号", "Number", default="", max_length=60, example="SIM-Q-001")
    authority: str = field("颁发机关", "Authority", default="", max_length=100)
    since: date | None = field("有效期自", "Valid from", default=None)
    until: date | None = field("有效期至", "Valid until", default=None)


class Violation(Part):
    """A finding of an authority against a firm."""

    number: str = field("文书编号", "Number of the decision", max_length=60, example="SIM-V-001")
    authority: str = field("作出机关", "Authority", default="", max_length=100)
    on: date | None = field("日期", "Date", default=None)
    kind: str = field("违法违规类型", "Kind of violation", default="", max_length=100, example="misdeclared goods")
    penalty: str = field("处理结果", "Outcome", default="", max_length=400)
    closed: bool = field("已结案", "Closed", default=False)


class Enterprise(Record):
    """What authorities know of a firm. Everybody sees its name and credit; violations are for authorities and the firm."""

    facts: ClassVar[Facts] = Facts(
        name="base.enterprise.enterprise",
        title=Text("企业", "Enterprise"),
        summary=Text("以统一社会信用代码为主键的企业身份、信用、资质和违法违规信息", "A firm's identity, credit, qualifications and violations, by its credit code"),
        clause="7.2.1 c)",
        kind="filing",
        ref="enterprise",
        key=("code",),
        parties=(
            Party.filer("registrar"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.kind("maritime", *PUBLIC, "violations", "address"),
            Party.kind("border", *PUBLIC, "violations", "address"),
            Party.kind("transport", *PUBLIC, "violations", "address"),
            Party.field("firm", "code"),
            Party.everyone(*PUBLIC),
        ),
        filers=("customs", "portoffice"),
        retention=30,
        label="name_zh",
        subject="code",
    )
    code: str = field("统一社会信用代码", "Unified social credit code", filter=True, example="91379999MA0WHH048N", min_length=1, max_length=60)
    name_zh: str = field("企业名称", "Name in Chinese", filter=True, example="亡是贸易（虚构）", min_length=1, max_length=200)
    name_en: str | None = field("英文名称", "Name in English", filter=True, default=None, example="Wangshi Trading (fictional)", max_length=200)
    status: Literal["active", "revoked", "dissolved"] = field(
        "登记状态", "Registration", filter=True, default="active",
        values={"active": Text("存续", "Active"), "revoked": Text("吊销", "Revoked"), "dissolved": Text("注销", "Dissolved")},
    )  # fmt: skip
    grade: Literal["aeo", "regular", "dishonest"] = field("海关信用等级", "Customs credit level", filter=True, values=GRADES, default="regular")
    grade_since: date | None = field("信用等级自", "Credit level since", default=None)
    aeo_code: str | None = field("AEO 编码", "AEO code", filter=True, default=None, max_length=30)
    established: date | None = field("成立日期", "Established", default=None)
    address: str | None = field("住所", "Address", level=2, default=None, max_length=400)
    representative: str | None = field("法定代表人", "Legal representative", level=3, default=None, max_length=80)
    representative_phone: str | None = field("法定代表人电话", "Legal representative's telephone", level=3, default=None, max_length=40)
    capital: str | None = field("注册资本", "Registered capital", level=2, default=None, max_length=60)
    qualifications: tuple[Qualification, ...] = field("资质", "Qualifications", default=(), max_length=200)
    violations: tuple[Violation, ...] = field("违法违规", "Violations", level=2, default=(), max_length=1000)
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)

    @field_validator("code")
    @classmethod
    def _one_spelling(cls, value: str) -> str:
        return check("uscc", value).value or value


class Product(Part):
    """What a firm made in a month of one kind of goods."""

    description: str = field("产品", "Product", max_length=200, example="Numerically controlled lathes")
    hs: str = field("税则号列", "Commodity code", default="", max_length=13, example="84581100", codes="hs")
    quantity: Decimal | None = field("产量", "Quantity made", default=None, ge=0, max_digits=18, decimal_places=4)
    unit: str = field("计量单位", "Unit", default="", max_length=10, codes="unit")


class Production(Record):
    """What a firm tells of its production and business in a month; told again, it is the next version (生产经营)."""

    facts: ClassVar[Facts] = Facts(
        name="base.enterprise.production",
        title=Text("企业生产经营月报", "Monthly production report"),
        summary=Text("企业按月报送的产值、营业收入与主要产品产量", "A firm's output, revenue and main products of a month"),
        clause="7.2.4 a) 1)",
        kind="filing",
        ref="production",
        key=("@filer", "firm", "month"),
        parties=(Party.filer("filer"), Party.field("firm", "firm"), Party.kind("customs"), Party.kind("portoffice")),
        filers=("trader", "agent", "carrier", "terminal", "trucker", "portoffice"),
        retention=10,
        label="month",
        renews=True,
    )
    firm: EnterpriseRef = field("企业", "Firm", filter=True, max_length=60, example="enterprise:91379999MA0WHH048N")
    month: str = field("月份", "Month", filter=True, pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", example="2026-10")
    output_cny: Decimal | None = field("工业总产值", "Output", unit="CNY", level=2, default=None, ge=0, max_digits=18, decimal_places=2)
    revenue_cny: Decimal | None = field("营业收入", "Revenue", unit="CNY", level=2, default=None, ge=0, max_digits=18, decimal_places=2)
    employees: int | None = field("从业人数", "Employees", default=None, ge=0, le=10_000_000)
    products: tuple[Product, ...] = field("主要产品", "Main products", default=(), max_length=200)
