"""Port call: one ship's visit, filed once for all agencies (IMO FAL general declaration; ISO 28005; mission W04)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import ContainerRef, OrgRef, PersonRef, PlaceRef, PortCallRef, VesselRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CUSTOMS = (
    "vessel",
    "ship_name",
    "voyage",
    "flag",
    "port",
    "last_port",
    "next_port",
    "eta",
    "etd",
    "berth_wish",
    "cargo_summary",
    "dangerous",
    "stores",
    "crew_count",
    "passenger_count",
    "agent_name",
    "carrier",
)
MARITIME = (
    "vessel",
    "ship_name",
    "call_sign",
    "mmsi",
    "flag",
    "ship_type",
    "gross_tonnage",
    "length_m",
    "draught_m",
    "voyage",
    "port",
    "last_port",
    "next_port",
    "eta",
    "etd",
    "berth_wish",
    "dangerous",
    "security_level",
    "waste",
    "crew_count",
    "passenger_count",
    "agent_name",
    "master_name",
)
BORDER = (
    "vessel",
    "ship_name",
    "flag",
    "voyage",
    "port",
    "last_port",
    "next_port",
    "eta",
    "etd",
    "berth_wish",
    "crew_count",
    "passenger_count",
    "agent_name",
    "master_name",
    "master",
    "health",
)
PORTOFFICE = (
    "vessel",
    "ship_name",
    "call_sign",
    "mmsi",
    "flag",
    "ship_type",
    "gross_tonnage",
    "length_m",
    "draught_m",
    "voyage",
    "port",
    "last_port",
    "next_port",
    "eta",
    "etd",
    "berth_wish",
    "purpose",
    "cargo_summary",
    "dangerous",
    "agent_name",
    "carrier",
)
TERMINAL = (
    "vessel",
    "ship_name",
    "mmsi",
    "ship_type",
    "length_m",
    "draught_m",
    "voyage",
    "port",
    "last_port",
    "next_port",
    "eta",
    "etd",
    "berth_wish",
    "purpose",
    "cargo_summary",
    "dangerous",
    "carrier",
    "agent_name",
)
TRANSPORT = (
    "vessel",
    "ship_name",
    "mmsi",
    "flag",
    "ship_type",
    "gross_tonnage",
    "length_m",
    "voyage",
    "port",
    "last_port",
    "next_port",
    "eta",
    "etd",
    "berth_wish",
    "purpose",
    "cargo_summary",
    "dangerous",
    "passenger_count",
    "agent_name",
    "carrier",
)
ROLES = {"crew": Text("船员", "Crew"), "passenger": Text("旅客", "Passenger")}
PACKING = {"I": Text("Ⅰ类", "Group I"), "II": Text("Ⅱ类", "Group II"), "III": Text("Ⅲ类", "Group III")}
SECURITY = {"1": Text("一级", "Level 1"), "2": Text("二级", "Level 2"), "3": Text("三级", "Level 3")}


class DangerousCargo(Part):
    """One line of dangerous goods aboard (FAL form 7; IMDG Code)."""

    un_number: str = field("联合国编号", "UN number", example="1203", pattern=r"^[0-9]{4}$")
    imdg_class: str = field("类别", "Class", example="3", max_length=8)
    description: str = field("品名", "Proper shipping name", example="GASOLINE", max_length=200)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    position: str = field("位置", "Stowage position", default="", max_length=40)
    packing_group: Literal["I", "II", "III"] | None = field("包装类别", "Packing group", default=None, values=PACKING)
    subsidiary: tuple[str, ...] = field("次要危险性", "Subsidiary hazards", default=(), max_length=4)
    flash_point_c: float | None = field("闪点", "Flash point", unit="℃", default=None, ge=-100, le=400)
    marine_pollutant: bool | None = field("海洋污染物", "Marine pollutant", default=None)
    packages: int | None = field("件数", "Number of packages", default=None, ge=0, le=99_999)
    package_type: str | None = field("包装种类", "Kind of package", default=None, max_length=35, codes="package")
    container: ContainerRef | None = field("集装箱", "Container", default=None)
    loading: str | None = field("装货港", "Port of loading", default=None, pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")
    discharge: str | None = field("卸货港", "Port of discharge", default=None, pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")


class PortCall(Record):
    """A ship's call at the port. Its agent files it once; five parties judge it, each by its own part of it, and the transport
    authority takes note of its part."""

    facts: ClassVar[Facts] = Facts(
        name="base.portcall.port_call",
        title=Text("船舶口岸动态", "Port call"),
        summary=Text(
            "船舶进出口岸一次填报，分送海关、海事、边检、港务、码头与交通运输主管部门",
            "A ship's call, filed once and shared out to customs, maritime, border inspection, port office, terminal and transport",
        ),
        clause="7.2.1",
        kind="filing",
        ref="portcall",
        key=("port", "vessel", "voyage"),
        parties=(
            Party.filer("agent"),
            Party.kind("customs", *CUSTOMS),
            Party.kind("maritime", *MARITIME),
            Party.kind("border", *BORDER),
            Party.kind("portoffice", *PORTOFFICE),
            Party.kind("terminal", *TERMINAL),
            Party.kind("transport", *TRANSPORT),
            Party.field("carrier", "carrier", *PORTOFFICE),
        ),
        filers=("agent", "carrier"),
        retention=10,
        label="ship_name",
        subject="master",
    )
    vessel: VesselRef = field(
        "船舶（IMO编号）", "Vessel (IMO number)", filter=True, example="vessel:imo:9321483"
    )
    ship_name: str = field(
        "船名", "Ship's name", filter=True, example="WANGHAI STAR", min_length=1, max_length=70
    )
    call_sign: str | None = field("呼号", "Call sign", default=None, example="BWHS", max_length=10)
    mmsi: str | None = field(
        "MMSI", "MMSI", default=None, filter=True, example="414999001", pattern=r"^[0-9]{9}$"
    )
    flag: str = field("船旗国", "Flag state", example="CN", pattern=r"^[A-Z]{2}$", codes="country")
    ship_type: str | None = field(
        "船舶类型", "Type of ship", default=None, example="container", max_length=40
    )
    gross_tonnage: float | None = field("总吨", "Gross tonnage", unit="GT", default=None, ge=0, le=1_000_000)
    length_m: float | None = field("总长", "Length overall", unit="m", default=None, gt=0, le=600)
    draught_m: float | None = field("吃水", "Draught", unit="m", default=None, gt=0, le=40)
    voyage: str = field("航次", "Voyage", filter=True, example="2611E", min_length=1, max_length=35)
    port: str = field(
        "抵达口岸", "Port of arrival", filter=True, example="CNWHH", pattern=r"^[A-Z]{2}[A-Z0-9]{3}$"
    )
    last_port: str | None = field(
        "上一港", "Last port of call", default=None, example="KRPUS", pattern=r"^[A-Z]{2}[A-Z0-9]{3}$"
    )
    next_port: str | None = field(
        "下一港", "Next port of call", default=None, example="JPOSA", pattern=r"^[A-Z]{2}[A-Z0-9]{3}$"
    )
    eta: datetime = field("预抵时间", "Estimated arrival", filter=True, example="2026-11-23T06:00:00Z")
    etd: datetime | None = field(
        "预离时间", "Estimated departure", default=None, example="2026-11-24T06:00:00Z"
    )
    berth_wish: PlaceRef | None = field(
        "意向泊位", "Berth wished", default=None, example="place:CNWHH/BERTH/B1"
    )
    purpose: str | None = field("来港目的", "Purpose of call", default=None, example="cargo", max_length=80)
    cargo_summary: str | None = field("货物概况", "Brief description of cargo", default=None, max_length=400)
    dangerous: tuple[DangerousCargo, ...] = field("危险货物", "Dangerous goods", default=(), max_length=2000)
    crew_count: int = field("船员人数", "Number of crew", unit="人", ge=0, le=10_000, example=21)
    passenger_count: int = field("旅客人数", "Number of passengers", unit="人", default=0, ge=0, le=20_000)
    stores: str | None = field("船舶物料", "Ship's stores", default=None, max_length=2000)
    waste: str | None = field("船舶垃圾与污水", "Waste", default=None, max_length=2000)
    security_level: Literal[1, 2, 3] | None = field("保安等级", "Security level (ISPS)", default=None, values=SECURITY)
    health: str | None = field(
        "健康申报", "Maritime declaration of health", level=2, default=None, max_length=2000
    )
    agent_name: str | None = field("代理", "Agent", default=None, max_length=120)
    carrier: OrgRef | None = field("承运人", "Carrier", default=None, filter=True, example="org:carrier")
    master: PersonRef | None = field("船长（证件）", "Master (document)", level=2, default=None)
    master_name: str | None = field("船长姓名", "Master's name", level=3, default=None, max_length=80)


JOURNEY = ("call", "role", "status", "nationality", "rank", "embarked", "disembarks", "transit")
STATUS = {"aboard": Text("在船", "Aboard"), "removed": Text("已从名单移除", "No longer on the list")}
DOCUMENTS = {
    "passport": Text("护照", "Passport"), "seafarers-identity-document": Text("海员证", "Seafarer's identity document"),
    "identity-card": Text("身份证", "Identity card"), "travel-permit": Text("通行证", "Travel permit"),
    "other": Text("其他", "Other"),
}  # fmt: skip
GENDERS = {"male": Text("男", "Male"), "female": Text("女", "Female"), "unspecified": Text("未说明", "Unspecified")}
DocumentType = Literal["passport", "seafarers-identity-document", "identity-card", "travel-permit", "other"]
Gender = Literal["male", "female", "unspecified"]


class PersonAboard(Record):
    """A member of the crew or a passenger of a call (FAL forms 5 and 6). Names and birth dates are of level 3."""

    facts: ClassVar[Facts] = Facts(
        name="base.portcall.person_aboard",
        title=Text("船上人员", "Person aboard"),
        summary=Text("船员与旅客名单", "Crew and passenger list of a call"),
        clause="7.2.1 a) 2)",
        kind="filing",
        ref="aboard",
        key=("call", "person"),
        parties=(
            Party.filer("agent"),
            Party.kind("border"),
            Party.kind("maritime", *JOURNEY, "family_name", "given_names"),
            Party.kind("customs", *JOURNEY),
        ),
        filers=("agent", "carrier"),
        retention=5,
        label="rank",
        subject="person",
    )
    call: PortCallRef = field(
        "船舶口岸动态", "Port call", filter=True, example="portcall:CNWHH/VESSEL:IMO:9321483/2611E"
    )
    person: PersonRef = field(
        "证件（种类/签发国/号码）", "Document (kind/issuer/number)", level=2, filter=True, example="person:P/CN/E00000001"
    )
    role: Literal["crew", "passenger"] = field("身份", "Crew or passenger", filter=True, example="crew", values=ROLES)
    nationality: str = field("国籍", "Nationality", filter=True, example="CN", pattern=r"^[A-Z]{2,3}$", codes="country")
    rank: str | None = field("职务", "Rank", default=None, example="Bosun", max_length=60)
    family_name: str | None = field("姓", "Family name", level=3, default=None, max_length=80)
    given_names: str | None = field("名", "Given names", level=3, default=None, max_length=80)
    birth_date: date | None = field("出生日期", "Date of birth", level=3, default=None)
    document_number: str | None = field(
        "证件号码", "Document number", level=4, default=None, filter=True, max_length=40
    )
    status: Literal["aboard", "removed"] = field("名单状态", "On the list", default="aboard", filter=True, values=STATUS)
    gender: Gender | None = field("性别", "Gender", level=3, default=None, values=GENDERS)
    birth_place: str | None = field("出生地", "Place of birth", level=3, default=None, max_length=256)
    document_type: DocumentType | None = field("证件种类", "Kind of document", level=2, default=None, values=DOCUMENTS)
    document_issuer: str | None = field("签发国", "Issuing country", level=2, default=None, pattern=r"^[A-Z]{2,3}$", codes="country")
    document_expires: date | None = field("证件有效期", "Document expires", level=3, default=None)
    visa: str | None = field("签证号", "Visa number", level=4, default=None, max_length=40)
    embarked: str | None = field("登船港", "Port of embarkation", default=None, pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")
    disembarks: str | None = field("离船港", "Port of disembarkation", default=None, pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")
    transit: bool | None = field("过境", "In transit", default=None)
    booking: str | None = field("订票记录号", "Booking reference", level=3, filter=True, default=None, max_length=35)
