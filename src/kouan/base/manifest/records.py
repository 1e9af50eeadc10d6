"""Manifest: what a conveyance carries, line by line (舱单; UN/EDIFACT CUSCAR, IMO FAL form 2; HS/T 82 7.2.1 a) 1))."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Literal

from pydantic import field_validator

from kouan.base.reference.api import BillRef, ContainerRef, ManifestRef, VesselRef, WagonRef, WaybillRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

FUNCTIONS = {"original": Text("首次", "Original"), "change": Text("变更", "Change"), "cancel": Text("撤销", "Cancellation")}


class Manifest(Record):
    """The head of a ship's cargo report; its consignments are records of their own."""

    facts: ClassVar[Facts] = Facts(
        name="base.manifest.manifest",
        title=Text("舱单", "Manifest"),
        summary=Text("承运人申报的舱单表头", "Head of the carrier's cargo report"),
        clause="7.2.1 a) 1)",
        kind="filing",
        ref="manifest",
        key=("@filer", "number"),
        parties=(
            Party.filer("carrier"),
            Party.kind("customs"),
            Party.kind("maritime"),
            Party.kind("portoffice"),
            Party.kind("terminal"),
        ),
        filers=("carrier", "agent"),
        retention=10,
        label="number",
    )
    number: str = field(
        "舱单编号", "Manifest number", filter=True, example="WHS2611E-01", min_length=1, max_length=70
    )
    function: Literal["original", "change", "cancel"] = field("报文功能", "Function", default="original", values=FUNCTIONS)
    vessel: VesselRef | None = field(
        "船舶", "Vessel", filter=True, default=None, example="vessel:imo:9321483"
    )
    ship_name: str | None = field("船名", "Ship's name", default=None, max_length=70)
    voyage: str | None = field("航次", "Voyage", filter=True, default=None, max_length=35)
    carrier_code: str | None = field("承运人代码", "Carrier code", default=None, max_length=35)
    port: str | None = field("卸货港", "Port of discharge", filter=True, default=None, max_length=25)
    arrival: datetime | None = field("抵港时间", "Arrival", filter=True, default=None)
    consignments: int = field("提单数", "Consignments", ge=0, default=0)


class GoodsLine(Part):
    """One line of goods in a consignment."""

    sequence: int = field("序号", "Sequence", ge=0, default=1)
    description: str = field("货名", "Description of goods", default="", max_length=2000)
    packages: int | None = field("件数", "Packages", default=None, ge=0)
    package_type: str = field("包装", "Kind of package", default="", max_length=35, codes="package")
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    volume_m3: float | None = field("体积", "Volume", unit="m³", default=None, ge=0)
    hs: str = field("税则号列", "HS code", default="", max_length=18, codes="hs")
    un_number: str = field("联合国编号", "UN number", default="", max_length=4, codes="un_number")
    marks: str = field("唛头", "Marks", default="", max_length=2000)


WITHDRAWN = "withdrawn"
STATUSES = {"declared": Text("已申报", "Declared"), WITHDRAWN: Text("已撤回", "Withdrawn")}


class Consignment(Record):
    """One bill of lading of a manifest, with its goods and containers."""

    facts: ClassVar[Facts] = Facts(
        name="base.manifest.consignment",
        title=Text("舱单分单", "Manifest consignment"),
        summary=Text("舱单下的一票提运单", "One transport document of a manifest"),
        clause="7.2.1 a) 1)",
        kind="filing",
        ref="consignment",
        key=("manifest", "bill"),
        parties=(
            Party.filer("carrier"),
            Party.kind("customs"),
            Party.kind("maritime", "manifest", "bill", "containers", "goods", "loading", "discharge"),
            Party.kind(
                "portoffice", "manifest", "bill", "containers", "packages", "gross_kg", "loading", "discharge"
            ),
            Party.kind(
                "terminal",
                "manifest",
                "bill",
                "containers",
                "packages",
                "gross_kg",
                "loading",
                "discharge",
                "delivery",
            ),
            Party.field("consignee", "consignee_code"),
        ),
        filers=("carrier", "agent"),
        retention=10,
        label="bill",
    )
    manifest: ManifestRef = field("舱单", "Manifest", filter=True, example="manifest:CARRIER/WHS2611E-01")
    bill: BillRef = field("提运单号", "Transport document", filter=True, example="bill:WHBL2611001")
    master_bill: BillRef | None = field("总提单", "Master bill", default=None)
    loading: str | None = field("装货港", "Port of loading", default=None, max_length=25)
    discharge: str | None = field("卸货港", "Port of discharge", filter=True, default=None, max_length=25)
    delivery: str | None = field("目的地", "Place of delivery", default=None, max_length=25)
    consignor: str | None = field("发货人", "Consignor", default=None, max_length=400)
    consignee: str | None = field("收货人", "Consignee", default=None, max_length=400)
    consignee_code: str | None = field(
        "收货人代码", "Consignee's code", default=None, filter=True, max_length=35
    )
    notify: str | None = field("通知人", "Notify party", default=None, max_length=400)
    containers: tuple[ContainerRef, ...] = field(
        "集装箱", "Containers", default=(), filter=True, max_length=5000
    )
    goods: tuple[GoodsLine, ...] = field("货物", "Goods", default=(), max_length=5000)
    packages: int | None = field("总件数", "Total packages", default=None, ge=0)
    gross_kg: float | None = field("总毛重", "Total gross mass", unit="kg", default=None, ge=0)
    status: Literal["declared", "withdrawn"] = field("状态", "Status", filter=True, default="declared", values=STATUSES)

    @property
    def stands(self) -> bool:
        """Whether its carrier still reports it; a withdrawn line is kept for its history alone."""
        return self.status != WITHDRAWN


class RailManifest(Record):
    """A wagon's line of a rail manifest. Waybill and wagon numbers are reused, so the entry time is part of the key (M14c)."""

    facts: ClassVar[Facts] = Facts(
        name="base.manifest.rail_manifest",
        title=Text("铁路舱单", "Rail manifest"),
        summary=Text(
            "铁路运单与车皮的舱单，货物入境时间为唯一性关键字段之一",
            "Waybill and wagon of a train; the goods' entry time is part of the unique key",
        ),
        clause="M14c",
        kind="filing",
        ref="railmanifest",
        key=("waybill", "wagon", "entered_at"),
        parties=(
            Party.filer("carrier"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.kind("terminal"),
        ),
        filers=("carrier", "agent"),
        retention=10,
        label="waybill",
        modes=("rail",),
    )
    waybill: WaybillRef = field("运单号", "Waybill", filter=True, example="waybill:SMGS0012345")
    wagon: WagonRef = field("车皮号", "Wagon", filter=True, example="wagon:52839471")
    entered_at: datetime = field(
        "货物入境时间", "Goods entry time", filter=True, example="2026-11-22T03:20:00Z"
    )
    train: str | None = field("车次", "Train", filter=True, default=None, max_length=20)
    containers: tuple[ContainerRef, ...] = field(
        "集装箱", "Containers", default=(), filter=True, max_length=20
    )
    description: str | None = field("货名", "Description of goods", default=None, max_length=400)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    consignee: str | None = field("收货人", "Consignee", default=None, max_length=200)

    @field_validator("entered_at")
    @classmethod
    def _in_one_zone(cls, value: datetime) -> datetime:
        # The moment is part of the natural key: the same moment said in another zone is the same entry.
        return value.astimezone(UTC) if value.tzinfo else value
