"""Conveyance: an aircraft's, train's or vehicle's entry or exit, and the persons on it (HS/T 82 7.2.1 a) 2)).

A ship's call is `base.portcall.port_call`; all four together are listed by `/api/conveyances`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from kouan.base.portcall.api import DOCUMENTS, GENDERS, DocumentType, Gender
from kouan.base.reference.api import ConveyanceRef, OrgRef, PersonRef, VehicleRef, WagonRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

PLACE = r"^[A-Z0-9]{3,10}$"
MODES = {"air": Text("航空", "Air"), "rail": Text("铁路", "Rail"), "road": Text("公路", "Road")}
WAYS = {"entry": Text("进境", "Entry"), "exit": Text("出境", "Exit"), "transit": Text("过境", "Transit")}
ROLES = {
    "crew": Text("机组或乘务人员", "Crew"), "passenger": Text("旅客", "Passenger"), "driver": Text("驾驶员", "Driver"),
    "transit": Text("过境旅客", "Transit passenger"),
}  # fmt: skip
STATUS = {"aboard": Text("在册", "On the list"), "removed": Text("已从名单移除", "No longer on the list")}
HANDLING = (
    "mode", "number", "day", "trip", "direction", "port", "scheduled", "estimated", "actual", "carrier", "carrier_code",
    "registration", "aircraft_type", "vehicle", "trailers", "wagons", "last_place", "next_place", "route", "crew_count",
    "passenger_count", "cargo_summary", "dangerous",
)  # fmt: skip


class Stop(Part):
    """A place on the route (IATA or ICAO airport, UN/LOCODE, station), with its times where they are stated."""

    place: str = field("地点", "Place", example="ICN", pattern=PLACE)
    arrives: datetime | None = field("到达", "Arrives", default=None)
    departs: datetime | None = field("离开", "Departs", default=None)


class Conveyance(Record):
    """One journey of an aircraft, train or vehicle into or out of the port.

    Flight and train numbers are used again every day, a plate several times a day: day of operation and trip tell them apart.
    """

    facts: ClassVar[Facts] = Facts(
        name="base.conveyance.conveyance",
        title=Text("运输工具进出境申报", "Conveyance declaration"),
        summary=Text(
            "航空器、列车、车辆进出境（港）申报单，含班次、线路、人数",
            "Entry or exit of an aircraft, train or vehicle, with its number, route and counts of persons",
        ),
        clause="7.2.1 a) 2)",
        kind="filing",
        ref="conveyance",
        key=("mode", "number", "day", "trip", "direction", "port"),
        parties=(
            Party.filer("declarant"),
            Party.kind("customs"),
            Party.kind("border"),
            Party.kind("transport", *HANDLING),
            Party.kind("portoffice", *HANDLING),
            Party.kind("terminal", *HANDLING),
            Party.field("carrier", "carrier", *HANDLING),
        ),
        filers=("carrier", "agent", "trucker"),
        retention=10,
        label="number",
    )
    mode: Literal["air", "rail", "road"] = field("运输方式", "Mode", filter=True, example="air", values=MODES)
    number: str = field("航班号/车次/车牌", "Flight, train or plate", filter=True, example="CA124", min_length=1, max_length=20)
    day: date = field("运行日期", "Day of operation", filter=True, example="2026-11-23")
    trip: int = field("当日班次", "Trip of that day", default=1, ge=1, le=200)
    direction: Literal["entry", "exit", "transit"] = field("进出境", "Direction", filter=True, example="entry", values=WAYS)
    port: str = field("口岸", "Port", filter=True, example="CNWHH", pattern=PLACE)
    scheduled: datetime = field("计划时间", "Scheduled at the port", filter=True, example="2026-11-23T06:00:00Z")
    estimated: datetime | None = field("预计时间", "Estimated at the port", default=None)
    actual: datetime | None = field("实际时间", "Actual at the port", default=None)
    carrier: OrgRef | None = field("承运人", "Carrier", default=None, filter=True, example="org:carrier")
    carrier_code: str | None = field("承运人代码", "Carrier's code", default=None, max_length=35, example="CA")
    registration: str | None = field("注册号/机车号", "Registration or locomotive", default=None, max_length=20, example="B6075")
    aircraft_type: str | None = field("机型", "Type of aircraft", default=None, max_length=10)
    vehicle: VehicleRef | None = field("牵引车/车辆", "Vehicle", default=None, filter=True)
    trailers: tuple[VehicleRef, ...] = field("挂车", "Trailers", default=(), max_length=4)
    wagons: tuple[WagonRef, ...] = field("车皮", "Wagons", default=(), filter=True, max_length=200)
    last_place: str | None = field("上一站", "Last place", default=None, pattern=PLACE, example="ICN")
    next_place: str | None = field("下一站", "Next place", default=None, pattern=PLACE)
    route: tuple[Stop, ...] = field("线路", "Route", default=(), max_length=40)
    crew_count: int | None = field("机组/乘务人数", "Number of crew", default=None, ge=0, le=1000, example=8)
    passenger_count: int | None = field("旅客人数", "Number of passengers", default=None, ge=0, le=20_000, example=162)
    cargo_summary: str | None = field("货物概况", "Brief description of cargo", default=None, max_length=400)
    dangerous: bool | None = field("载有危险货物", "Dangerous goods aboard", default=None)
    stores: str | None = field("机供品/物料", "Stores", default=None, max_length=2000)
    health: str | None = field("卫生检疫申报", "Health declaration", level=2, default=None, max_length=2000)
    source: str | None = field("来源报文", "Source message", default=None, max_length=70)


class Traveller(Record):
    """A person on a conveyance, with booking (PNR) and advance passenger (API) data. Names and dates are of level 3."""

    facts: ClassVar[Facts] = Facts(
        name="base.conveyance.person_aboard",
        title=Text("运输工具载运人员", "Person on a conveyance"),
        summary=Text("机组、乘务、驾驶员与旅客名单及订票信息", "Crew, drivers and passengers with their bookings"),
        clause="7.2.1 a) 2)",
        kind="filing",
        ref="traveller",
        key=("conveyance", "person"),
        parties=(
            Party.filer("declarant"),
            Party.kind("border"),
            Party.kind("customs"),
        ),
        filers=("carrier", "agent", "trucker"),
        retention=5,
        label="role",
        subject="person",
    )
    conveyance: ConveyanceRef = field(
        "运输工具", "Conveyance", filter=True, example="conveyance:AIR/CA124/2026-11-23/1/ENTRY/CNWHH"
    )
    person: PersonRef = field(
        "证件（种类/签发国/号码）", "Document (kind/issuer/number)", level=2, filter=True, example="person:P/CN/E00000002"
    )
    role: Literal["crew", "passenger", "driver", "transit"] = field(
        "身份", "Role", filter=True, example="passenger", values=ROLES
    )
    status: Literal["aboard", "removed"] = field("名单状态", "On the list", default="aboard", filter=True, values=STATUS)
    nationality: str | None = field("国籍", "Nationality", filter=True, default=None, example="CN", pattern=r"^[A-Z]{2,3}$", codes="country")
    family_name: str | None = field("姓", "Family name", level=3, default=None, max_length=80)
    given_names: str | None = field("名", "Given names", level=3, default=None, max_length=80)
    gender: Gender | None = field("性别", "Gender", level=3, default=None, values=GENDERS)
    birth_date: date | None = field("出生日期", "Date of birth", level=3, default=None)
    document_type: DocumentType | None = field("证件种类", "Kind of document", level=2, default=None, values=DOCUMENTS)
    document_number: str | None = field("证件号码", "Document number", level=4, default=None, filter=True, max_length=40)
    document_issuer: str | None = field("签发国", "Issuing country", level=2, default=None, pattern=r"^[A-Z]{2,3}$", codes="country")
    document_expires: date | None = field("证件有效期", "Document expires", level=3, default=None)
    visa: str | None = field("签证号", "Visa number", level=4, default=None, max_length=40)
    embarked: str | None = field("登乘地", "Embarked at", default=None, pattern=PLACE)
    disembarks: str | None = field("离乘地", "Disembarks at", default=None, pattern=PLACE)
    booking: str | None = field("订票记录号", "Booking reference", level=3, filter=True, default=None, max_length=35)
    ticket: str | None = field("客票号", "Ticket number", level=3, default=None, max_length=35)
    seat: str | None = field("座位", "Seat", level=2, default=None, max_length=10)
    bags: int | None = field("行李件数", "Pieces of baggage", level=2, default=None, ge=0, le=999)
