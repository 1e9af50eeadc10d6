"""Goods declaration (报关单; WCO Data Model 3.6 DEC; HS/T 82 7.2.1 a) 1))."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from kouan.base.reference.api import BillRef, ContainerRef, PermitRef, VesselRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

LOGISTIC = (
    "functional_reference",
    "type_code",
    "office",
    "containers",
    "bills",
    "vessel",
    "gross_kg",
    "packages",
)


class PermitUse(Part):
    """A permit or certificate under which goods are declared, and how much of it they take (WCO AdditionalDocument/WriteOff).

    `permit` is its kind and number (`7/26-AA-000123`); no paper comes with it: it is verified where it was issued.
    """

    permit: PermitRef = field("许可证件", "Permit", max_length=120, example="permit:7/26-AA-000123")
    quantity: Decimal | None = field("核销数量", "Quantity written off", default=None, gt=0, max_digits=20, decimal_places=6)
    unit: str = field("计量单位", "Unit", default="", max_length=3, codes="unit")


class GoodsItem(Part):
    """One line of a declaration (WCO GovernmentAgencyGoodsItem)."""

    sequence: int = field("项号", "Sequence", ge=0, le=99999, example=1)
    description: str = field("品名", "Description of goods", default="", max_length=2000, example="Electric kettles")
    hs: str = field("税则号列", "Commodity code", default="", max_length=22, example="851679", codes="hs")
    origin: str = field("原产国", "Country of origin", default="", max_length=4, example="KR", codes="country")
    destination: str = field("运抵国（地区）", "Country of destination", default="", max_length=4, example="DE", codes="country")
    value: Decimal | None = field("货值", "Value", default=None)
    currency: str = field("币制", "Currency", default="", max_length=3, codes="currency")
    net_kg: float | None = field("净重", "Net mass", unit="kg", default=None)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None)
    packages: int | None = field("件数", "Packages", default=None)
    package_type: str = field("包装", "Kind of package", default="", max_length=4, codes="package")
    procedure: str = field("监管方式", "Procedure", default="", max_length=20, codes="procedure")
    documents: tuple[str, ...] = field("随附单证", "Documents", default=(), max_length=200)
    permits: tuple[PermitUse, ...] = field("监管证件", "Permits", default=(), max_length=99)


class Declaration(Record):
    """A goods declaration as its declarant states it."""

    facts: ClassVar[Facts] = Facts(
        name="base.declaration.declaration",
        title=Text("报关单", "Goods declaration"),
        summary=Text("进出口货物申报", "Declaration of goods for import or export"),
        clause="7.2.1 a) 1)",
        kind="filing",
        ref="declaration",
        key=("@filer", "functional_reference"),
        parties=(
            Party.filer("declarant"),
            Party.kind("customs"),
            Party.kind("portoffice", *LOGISTIC),
            Party.kind("terminal", *LOGISTIC),
            Party.kind("border", *LOGISTIC),
            Party.kind("maritime", *LOGISTIC),
        ),
        filers=("trader", "agent"),
        retention=10,
        label="functional_reference",
    )
    functional_reference: str = field(
        "申报人编号", "Functional reference", filter=True, example="WH2611-0001", min_length=1, max_length=35
    )
    function_code: str = field("报文功能", "Function code", example="9", max_length=4, codes="message_function")
    type_code: str | None = field("申报类型", "Type", filter=True, default=None, example="IMA", max_length=8, codes="declaration_type")
    office: str | None = field(
        "申报海关", "Customs office", filter=True, default=None, example="9901", max_length=17
    )
    declarant: str | None = field("申报单位", "Declarant", filter=True, default=None, named="org", max_length=80)
    importer: str | None = field("收货人", "Importer", filter=True, default=None, named="org", max_length=80)
    exporter: str | None = field("发货人", "Exporter", default=None, max_length=80)
    agent: str | None = field("代理报关单位", "Agent", default=None, named="org", max_length=80)
    vessel: VesselRef | None = field("运输工具", "Means of transport", filter=True, default=None)
    transport_mode: str | None = field("运输方式", "Mode of transport", default=None, max_length=4, codes="transport_mode")
    voyage: str | None = field("航次", "Voyage", default=None, max_length=35)
    containers: tuple[ContainerRef, ...] = field(
        "集装箱", "Containers", default=(), filter=True, max_length=999
    )
    bills: tuple[BillRef, ...] = field(
        "提运单", "Transport documents", default=(), filter=True, max_length=999
    )
    items: tuple[GoodsItem, ...] = field("商品", "Goods items", default=(), max_length=9999)
    invoice_amount: Decimal | None = field("发票金额", "Invoice amount", level=2, default=None)
    invoice_currency: str | None = field("发票币制", "Invoice currency", level=2, default=None, max_length=3, codes="currency")
    origin: str | None = field(
        "原产国（首项）", "Origin of the first item", filter=True, default=None, max_length=4, codes="country"
    )
    hs: str | None = field(
        "税则号列（首项）", "Commodity code of the first item", filter=True, default=None, max_length=22, codes="hs"
    )
    destination: str | None = field("运抵国（地区）", "Country of destination", default=None, max_length=4, example="DE", codes="country")
    gross_kg: float | None = field("总毛重", "Total gross mass", unit="kg", default=None)
    packages: int | None = field("总件数", "Total packages", default=None)
    goods_location: str | None = field("货物存放地", "Location of goods", default=None, max_length=80)
    accepted_at: datetime | None = field("申报时间", "Declared at", default=None)
