"""What is filed beside a port call: FAL forms 2 to 4, health, security, waste, each a record that its readers alone see.

The call itself is FAL form 1 with the dangerous goods of form 7; persons (forms 5 and 6) are records of their own.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from kouan.base.reference.api import BillRef, ContainerRef, PersonRef, PortCallRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CALL_EXAMPLE = "portcall:CNWHH/VESSEL:IMO:9321483/2611E"
LOCODE = r"^[A-Z]{2}[A-Z0-9]{3}$"
DELIVERY = {"all": Text("全部交付", "All"), "some": Text("部分交付", "Some"), "none": Text("不交付", "None")}
LEVELS = {"1": Text("一级", "Level 1"), "2": Text("二级", "Level 2"), "3": Text("三级", "Level 3")}


def _facts(name: str, title: Text, summary: Text, ref: str, *parties: Party, clause: str = "7.2.1 a) 2)", years: int = 5) -> Facts:
    return Facts(
        name=f"base.portcall.{name}", title=title, summary=summary, clause=clause, kind="filing", ref=ref, key=("call",),
        parties=(Party.filer("agent"), *parties), filers=("agent", "carrier"), retention=years, label="call",
    )  # fmt: skip


class CargoLine(Part):
    """A line of the cargo declaration (FAL form 2)."""

    bill: BillRef | None = field("提运单号", "Transport document", default=None, example="bill:WHBL2611001")
    container: ContainerRef | None = field("集装箱", "Container", default=None)
    marks: str = field("标记唛码", "Marks and numbers", default="", max_length=512)
    packages: int | None = field("件数", "Number of packages", default=None, ge=0, le=99_999_999)
    package_type: str = field("包装种类", "Kind of package", default="", max_length=35)
    description: str = field("货物名称", "Description of goods", example="GARMENTS", min_length=1, max_length=512)
    hs: str = field("税则号列", "HS code", default="", max_length=18)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    volume_m3: float | None = field("体积", "Measurement", unit="m³", default=None, ge=0)
    loading: str | None = field("装货港", "Port of loading", default=None, pattern=LOCODE)
    discharge: str | None = field("卸货港", "Port of discharge", default=None, pattern=LOCODE)


class CargoDeclaration(Record):
    """The cargo declaration of a call (FAL form 2), where its cargo is not told by a manifest."""

    facts: ClassVar[Facts] = _facts(
        "cargo_declaration", Text("货物申报单", "Cargo declaration"),
        Text("船载货物申报（FAL 2）", "Cargo aboard a ship (FAL form 2)"), "cargolist",
        Party.kind("customs"), Party.kind("maritime"), Party.kind("portoffice"), Party.kind("terminal"), years=10,
    )  # fmt: skip
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    lines: tuple[CargoLine, ...] = field("货物", "Cargo", min_length=1, max_length=9_999)


class StoreLine(Part):
    """An article of the ship's stores (FAL form 3). `unit` is of UNECE Recommendation 20."""

    article: str = field("物品名称", "Name of article", example="Spirits", min_length=1, max_length=70)
    quantity: float = field("数量", "Quantity", ge=0, example=24.0)
    unit: str = field("单位", "Unit", example="LTR", pattern=r"^[A-Z0-9]{2,3}$")
    location: str = field("存放位置", "Location on board", default="", max_length=256)


class ShipStores(Record):
    """The ship's stores declaration of a call (FAL form 3)."""

    facts: ClassVar[Facts] = _facts(
        "ship_stores", Text("船用物品申报单", "Ship's stores declaration"),
        Text("船用物品申报（FAL 3）", "Stores aboard a ship (FAL form 3)"), "shipstores", Party.kind("customs"),
    )  # fmt: skip
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    lines: tuple[StoreLine, ...] = field("物品", "Articles", min_length=1, max_length=9_999)


class EffectLine(Part):
    """A crew member's dutiable article (FAL form 4); who it is stands on the crew list, and is not typed again."""

    person: PersonRef = field("证件（种类/签发国/号码）", "Document (kind/issuer/number)", level=2, example="person:P/CN/E00000001")
    rank: str = field("职务", "Rank", default="", max_length=60)
    article: str = field("物品名称", "Name of article", example="Camera", min_length=1, max_length=70)
    quantity: float = field("数量", "Quantity", ge=0, example=1.0)
    unit: str = field("单位", "Unit", example="C62", pattern=r"^[A-Z0-9]{2,3}$")


class CrewEffects(Record):
    """The crew's effects declaration of a call (FAL form 4)."""

    facts: ClassVar[Facts] = _facts(
        "crew_effects", Text("船员物品申报单", "Crew's effects declaration"),
        Text("船员应税物品申报（FAL 4）", "Dutiable effects of the crew (FAL form 4)"), "creweffects", Party.kind("customs"),
    )  # fmt: skip
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    lines: tuple[EffectLine, ...] = field("物品", "Articles", level=2, min_length=1, max_length=9_999)


class HealthDeclaration(Record):
    """The maritime declaration of health of a call (IHR 2005, annex 8). In China health quarantine is done by customs."""

    facts: ClassVar[Facts] = _facts(
        "health_declaration", Text("航海健康申报书", "Maritime declaration of health"),
        Text("《国际卫生条例（2005）》附件8", "International Health Regulations (2005), annex 8"), "shiphealth",
        Party.kind("customs"), Party.kind("border"),
    )  # fmt: skip
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    sanitation_certificate: bool = field("持有有效的免予卫生控制/卫生控制证书", "Valid sanitation certificate aboard", example=True)
    reinspection_required: bool = field("需要复查", "Re-inspection required", default=False)
    infected_area: bool = field("到过受染地区", "Affected area visited", filter=True, example=False)
    died: bool = field("航程中有人死亡（非意外）", "Any death other than by accident", filter=True, example=False)
    deaths: int = field("死亡人数", "Number of deaths", default=0, ge=0, le=99_999)
    infection_suspected: bool = field("怀疑有传染病", "Disease of infectious nature suspected", filter=True, example=False)
    more_ill_than_expected: bool = field("患病人数超过正常", "More ill than usual", default=False)
    ill: int = field("患病人数", "Number of ill persons", default=0, ge=0, le=99_999)
    ill_now: bool = field("目前有病人", "Any ill person aboard now", default=False)
    doctor_consulted: bool = field("咨询过医生", "Medical practitioner consulted", default=False)
    spread_condition: bool = field("知悉可致传染或疾病传播的情况", "Condition that may lead to infection", default=False)
    measures_applied: bool = field("采取过卫生措施", "Sanitary measure applied", default=False)
    stowaways: bool = field("发现偷渡者", "Stowaways found", example=False)
    sick_animal: bool = field("有患病动物", "Sick animal aboard", example=False)
    remarks: str | None = field("备注", "Remarks", level=2, default=None, max_length=512)


class EarlierPort(Part):
    """One of the last calls at port facilities (SOLAS XI-2/9.2.1: the last ten)."""

    port: str = field("港口", "Port", example="KRPUS", pattern=LOCODE)
    facility: str = field("港口设施", "Port facility", default="", max_length=70)
    arrived: date | None = field("抵达", "Arrived", default=None)
    left: date | None = field("离开", "Left", default=None)
    level: Literal[1, 2, 3] = field("保安等级", "Security level", default=1, values=LEVELS)
    measures: str = field("特别保安措施", "Special security measures", default="", max_length=512)


class ShipToShip(Part):
    """A ship-to-ship activity of that period."""

    place: str = field("地点", "Place", example="31.10N 122.30E", min_length=1, max_length=120)
    begun: date | None = field("开始", "From", default=None)
    ended: date | None = field("结束", "To", default=None)
    activity: str = field("活动", "Activity", default="", max_length=256)
    measures: str = field("保安措施", "Security measures", default="", max_length=512)


class SecurityDeclaration(Record):
    """Ship security information before arrival (SOLAS XI-2 regulation 9, ISPS Code)."""

    facts: ClassVar[Facts] = _facts(
        "security_declaration", Text("船舶保安信息", "Ship security information"),
        Text("抵港前保安信息，含最近十个港口", "Security information before arrival, with the last ten ports"), "shipsecurity",
        Party.kind("maritime"), Party.kind("border"), Party.kind("portoffice", "call", "level"),
    )  # fmt: skip
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    level: Literal[1, 2, 3] = field("当前保安等级", "Current security level", filter=True, values=LEVELS, example=1)
    has_plan: bool | None = field("有经批准的保安计划", "Approved security plan aboard", default=None)
    certificate: str | None = field("国际船舶保安证书号", "ISSC number", level=2, default=None, max_length=35)
    certificate_expires: date | None = field("证书有效期", "ISSC expires", level=2, default=None)
    officer: str | None = field("公司保安员联系方式", "Company security officer", level=2, default=None, max_length=140)
    last_ports: tuple[EarlierPort, ...] = field("最近港口", "Last ports of call", level=2, default=(), max_length=10)
    ship_to_ship: tuple[ShipToShip, ...] = field("船对船活动", "Ship-to-ship activities", level=2, default=(), max_length=100)
    matters: str | None = field("其他保安事项", "Other security matters", level=2, default=None, max_length=512)


class WasteLine(Part):
    """A kind of waste and what becomes of it (MEPC.1/Circ.834). Amounts in m³."""

    kind: str = field("种类", "Kind", example="Oily bilge water", min_length=1, max_length=70)
    delivered_m3: float = field("本港交付量", "To be delivered", unit="m³", ge=0, example=4.5)
    capacity_m3: float | None = field("最大存储能力", "Maximum storage capacity", unit="m³", default=None, ge=0)
    retained_m3: float | None = field("留存量", "Retained on board", unit="m³", default=None, ge=0)
    next_port: str | None = field("余量交付港", "Port for the rest", default=None, pattern=LOCODE)


class WasteDeclaration(Record):
    """Advance notification of waste delivery (MARPOL; IMO MEPC.1/Circ.834)."""

    facts: ClassVar[Facts] = _facts(
        "waste_declaration", Text("船舶污染物交付通知", "Waste delivery notification"),
        Text("抵港前船舶污染物接收通知", "Advance notification of waste delivery"), "shipwaste",
        Party.kind("maritime"), Party.kind("customs"), Party.kind("portoffice"), Party.kind("terminal"),
    )  # fmt: skip
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    delivery: Literal["all", "some", "none"] = field("交付", "Delivery", filter=True, values=DELIVERY, example="some")
    last_port: str | None = field("上次交付港", "Last delivered at", default=None, pattern=LOCODE)
    last_date: date | None = field("上次交付日期", "Last delivered on", default=None)
    lines: tuple[WasteLine, ...] = field("污染物", "Waste", default=(), max_length=200)


LISTS: tuple[type[Record], ...] = (
    CargoDeclaration, ShipStores, CrewEffects, HealthDeclaration, SecurityDeclaration, WasteDeclaration,
)  # fmt: skip
