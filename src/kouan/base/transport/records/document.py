"""Transport document: bill of lading, air waybill, rail and road consignment note in one model (HS/T 82 7.2.1 b))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from kouan.base.reference.api import (
    BillRef,
    ContainerRef,
    OrgRef,
    ShipmentRef,
    VehicleRef,
    VesselRef,
    WagonRef,
    WaybillRef,
)
from kouan.base.transport.records.parts import (
    MODES,
    Charge,
    Contact,
    CustomsNote,
    Goods,
    Instruction,
    Mode,
    Stage,
    Stated,
    TradeParty,
    Unit,
)
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import make
from kouan.kernel.text import Text

Form = Literal["bill", "seaway-bill", "awb", "cim", "smgs", "cim-smgs", "cmr", "fbl"]
FORMS: dict[str, Text] = {
    "bill": Text("海运提单", "Bill of lading"), "seaway-bill": Text("海运单", "Sea waybill"),
    "awb": Text("航空运单", "Air waybill"), "cim": Text("铁路运单（国际货约 CIM）", "Rail consignment note CIM"),
    "smgs": Text("铁路运单（国际货协 SMGS）", "Rail consignment note SMGS"),
    "cim-smgs": Text("铁路统一运单（CIM/SMGS）", "Common consignment note CIM/SMGS"),
    "cmr": Text("公路运单（CMR）", "Road consignment note CMR"), "fbl": Text("多式联运提单", "Multimodal bill of lading"),
}  # fmt: skip
MODE_OF: dict[str, Mode] = {
    "bill": "sea", "seaway-bill": "sea", "awb": "air", "cim": "rail", "smgs": "rail", "cim-smgs": "rail", "cmr": "road",
    "fbl": "multimodal",
}  # fmt: skip
TITLES: dict[str, Text] = {
    "order": Text("指示提单", "To order"), "bearer": Text("不记名提单", "To bearer"), "straight": Text("记名提单", "Straight"),
    "none": Text("不是物权凭证", "No document of title"),
}  # fmt: skip
LEVELS: dict[str, Text] = {
    "direct": Text("直单", "Direct"), "master": Text("主单", "Master"), "house": Text("分单", "House"),
}  # fmt: skip
OF_TITLE = frozenset({"bill", "fbl"})
LOGISTIC = (
    "number", "form", "mode", "level", "waybill", "master", "houses", "shipment", "leg", "issuer_code", "issued_on", "origin",
    "destination", "receipt", "delivery", "departs", "arrives", "stages", "vessel", "voyage", "vehicles", "wagons", "containers",
    "units", "seals", "pieces", "gross_kg", "volume_m3",
)  # fmt: skip


class Document(Record):
    """One transport document of any mode. A bill of title is one record by its number, so that it has one holder."""

    facts: ClassVar[Facts] = Facts(
        name="base.transport.document",
        title=Text("运输单证", "Transport document"),
        summary=Text("提单、航空运单、铁路和公路运单，主分单相连", "Bills of lading, air waybills, rail and road notes, house to master"),
        clause="7.2.1 b)",
        kind="filing",
        ref="transportdoc",
        key=("identity",),
        parties=(
            Party.filer("issuer"),
            Party.kind("customs"),
            Party.kind("portoffice", *LOGISTIC),
            Party.kind("terminal", *LOGISTIC),
            Party.kind("border", *LOGISTIC),
            Party.kind("maritime", *LOGISTIC, "goods"),
            Party.field("holder", "holder"),
            Party.field("former", "holders", *LOGISTIC, "holders"),
            Party.field("shipper", "shipper_code"),
            Party.field("consignee", "consignee_code"),
            Party.field("agent", "agent"),
        ),
        filers=("carrier", "agent"),
        retention=10,
        label="number",
        subject="number",
    )
    number: BillRef = field("单证号", "Document number", filter=True, example="bill:WHBL2611001")
    form: Form = field("单证类型", "Kind of document", filter=True, values=FORMS, example="bill")
    mode: Mode = field("运输方式", "Mode", filter=True, values=MODES, default="sea")
    level: Literal["direct", "master", "house"] = field("主分单", "Level", filter=True, values=LEVELS, default="direct")
    title: Literal["order", "bearer", "straight", "none"] = field("物权属性", "Title", values=TITLES, default="none")
    identity: str = field("唯一标识", "Identity", default="", max_length=260)
    waybill: WaybillRef | None = field("运单号", "Waybill", filter=True, default=None)
    master: BillRef | None = field("主单号", "Master document", filter=True, default=None)
    houses: tuple[BillRef, ...] = field("分单号", "House documents", default=(), max_length=999)
    shipment: ShipmentRef | None = field("托运委托", "Shipment", filter=True, default=None, example="shipment:SO-2611-001")
    leg: int | None = field("运程序号", "Leg", default=None, ge=1, le=99)
    issuer: str | None = field("签发人", "Issuer", default=None, max_length=200)
    issuer_code: str | None = field("签发人代码", "Issuer's code", filter=True, default=None, max_length=35)
    issued_on: date | None = field("签发日期", "Issued on", filter=True, default=None, example="2026-11-20")
    issued_at: str | None = field("签发地", "Issued at", default=None, max_length=100)
    originals: int | None = field("正本份数", "Originals", default=None, ge=0, le=9)
    holder: OrgRef | None = field("提单持有人", "Holder of the bill", filter=True, default=None, example="org:trader")
    holders: tuple[OrgRef, ...] = field("前手持有人", "Former holders", default=(), max_length=200)
    agent: OrgRef | None = field("放货代理", "Delivery agent", default=None)
    shipper: str | None = field("托运人", "Shipper", default=None, max_length=400)
    shipper_code: str | None = field("托运人代码", "Shipper's code", default=None, max_length=70)
    consignee: str | None = field("收货人", "Consignee", default=None, max_length=400)
    consignee_code: str | None = field("收货人代码", "Consignee's code", filter=True, default=None, max_length=70)
    parties: tuple[TradeParty, ...] = field("当事人", "Parties", default=(), max_length=50)
    contacts: tuple[Contact, ...] | None = field("联系人", "Contacts", level=3, default=None, max_length=50)
    signatories: tuple[str, ...] | None = field("签字人", "Signatories", level=3, default=None, max_length=10)
    origin: str | None = field("起运地", "Origin", filter=True, default=None, max_length=35, example="NLRTM")
    destination: str | None = field("目的地", "Destination", filter=True, default=None, max_length=35, example="CNWHH")
    receipt: str | None = field("收货地", "Place of receipt", default=None, max_length=70)
    delivery: str | None = field("交货地", "Place of delivery", default=None, max_length=70)
    departs: datetime | None = field("起运时间", "Departs", filter=True, default=None)
    arrives: datetime | None = field("到达时间", "Arrives", filter=True, default=None)
    stages: tuple[Stage, ...] = field("运输区段", "Stages", default=(), max_length=50)
    vessel: VesselRef | None = field("船舶", "Vessel", filter=True, default=None)
    voyage: str | None = field("航次", "Voyage", filter=True, default=None, max_length=35)
    vehicles: tuple[VehicleRef, ...] = field("车辆", "Vehicles", default=(), max_length=20)
    wagons: tuple[WagonRef, ...] = field("车皮", "Wagons", filter=True, default=(), max_length=200)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=2000)
    units: tuple[Unit, ...] = field("集装器", "Unit load devices", default=(), max_length=500)
    seals: tuple[str, ...] = field("封志", "Seals", default=(), max_length=2000)
    goods: tuple[Goods, ...] = field("货物", "Goods", default=(), max_length=5000)
    pieces: int | None = field("总件数", "Total pieces", default=None, ge=0)
    packages: int | None = field("内装总件数", "Packages within", default=None, ge=0)
    gross_kg: float | None = field("总毛重", "Total gross mass", unit="kg", default=None, ge=0)
    volume_m3: float | None = field("总体积", "Total volume", unit="m³", default=None, ge=0)
    master_pieces: int | None = field("主单总件数", "Pieces of the master", default=None, ge=0)
    master_gross_kg: float | None = field("主单总毛重", "Gross mass of the master", unit="kg", default=None, ge=0)
    prepaid: bool | None = field("运费预付", "Freight prepaid", default=None)
    charges: tuple[Charge, ...] | None = field("费用", "Charges", level=2, default=None, max_length=200)
    instructions: tuple[Instruction, ...] = field("操作说明", "Handling instructions", default=(), max_length=200)
    customs_notes: tuple[CustomsNote, ...] | None = field("海关信息", "Customs notes", level=3, default=None, max_length=500)
    message: str | None = field("报文编号", "Message", default=None, max_length=120)
    stated: tuple[Stated, ...] | None = field("其他内容", "Stated besides", level=3, default=None, max_length=5000)

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, data: Any) -> Any:
        """Mode, title, waybill and identity follow from what is stated, unless a mode or title is stated too."""
        return derived(data) if isinstance(data, Mapping) else data


def derived(data: Mapping[str, Any]) -> dict[str, Any]:
    """The stated fields with those that follow from them; anything of a wrong type is left for the model to refuse."""
    out = dict(data)
    form, number = out.get("form"), out.get("number")
    if not isinstance(form, str) or form not in FORMS or not isinstance(number, str):
        return out
    out.setdefault("mode", MODE_OF[form])
    out.setdefault("title", "order" if form in OF_TITLE else "none")
    try:
        bare = make("bill", number).partition(":")[2]
        written = make("waybill", bare).partition(":")[2]
    except ValueError:
        return out
    if form not in ("bill", "fbl"):
        out["number"] = f"bill:{written}"
        if out.get("waybill") is None:
            out["waybill"] = f"waybill:{written}"
    # A bill of title is there once; waybill numbers are used again after a time.
    out["identity"] = bare if out["title"] != "none" else f"{written}/{out.get('issued_on') or '-'}"
    return out
