"""Parcels and their papers: e-commerce order, payment, logistics and list (三单与清单), postal declarations CN 22 and CN 23.

HS/T 82 7.2.1 a) 4); the three papers and the list after China's announcements on cross-border e-commerce retail (GACC 2018
no. 194); postal forms after the Universal Postal Convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from kouan.base.reference.api import BillRef, ContainerRef, DeclarationRef, ParcelRef, PersonRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import tidy
from kouan.kernel.text import Text

FILERS = ("trader", "agent", "carrier")
Mode = Literal["9610", "1210", "9710", "9810"]
MODES: Mapping[str, Text] = {
    "9610": Text("跨境电商零售直购", "Retail, direct purchase (9610)"),
    "1210": Text("跨境电商网购保税", "Retail, bonded (1210)"),
    "9710": Text("跨境电商企业对企业出口", "Business to business export (9710)"),
    "9810": Text("跨境电商出口海外仓", "Export to a warehouse abroad (9810)"),
}
Carriage = Literal["express", "post"]
CARRIAGES: Mapping[str, Text] = {"express": Text("快件", "Express"), "post": Text("邮件", "Post")}
Form = Literal["CN22", "CN23"]
FORMS: Mapping[str, Text] = {"CN22": Text("CN22 报关单", "CN 22"), "CN23": Text("CN23 报关单", "CN 23")}
Category = Literal["goods", "gift", "sample", "documents", "returned", "other"]
CATEGORIES: Mapping[str, Text] = {
    "goods": Text("商品", "Sale of goods"), "gift": Text("礼品", "Gift"), "sample": Text("货样", "Commercial sample"),
    "documents": Text("文件", "Documents"), "returned": Text("退货", "Returned goods"), "other": Text("其他", "Other"),
}  # fmt: skip
PLAIN = r"^[^\s|\\\x00-\x1f\x7f]+$"


def _label(value: object) -> object:
    return tidy(value).replace("-", "") if isinstance(value, str) else value


Label = Annotated[str, BeforeValidator(_label)]


class ParcelGoods(Part):
    """One kind of goods in a parcel."""

    description: str = field("品名", "Description", min_length=1, max_length=200, example="Vitamins")
    hs: str = field("税则号列", "Commodity code", default="", max_length=13, codes="hs")
    quantity: Decimal = field("数量", "Quantity", gt=0, max_digits=18, decimal_places=4)
    unit: str = field("计量单位", "Unit", default="", max_length=3, codes="unit")
    value: Decimal | None = field("金额", "Value", default=None, ge=0, max_digits=18, decimal_places=4)
    origin: str = field("原产国", "Country of origin", default="", max_length=4, codes="country")
    net_kg: float | None = field("净重", "Net mass", unit="kg", default=None, ge=0)


class ParcelOrder(Record):
    """What a buyer ordered on an e-commerce platform, as the platform tells it (订单)."""

    facts: ClassVar[Facts] = Facts(
        name="base.parcel.order",
        title=Text("跨境电商订单", "E-commerce order"),
        summary=Text("电商平台推送的订单", "An order, told by the e-commerce platform"),
        clause="7.2.1 a) 4)",
        kind="filing",
        ref="parcelorder",
        key=("@filer", "number"),
        parties=(Party.filer("platform"), Party.kind("customs")),
        filers=FILERS,
        retention=5,
        label="number",
        subject="buyer",
    )
    number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="OD-2611-0001")
    platform: str = field("电商平台", "E-commerce platform", filter=True, min_length=1, max_length=80, example="SIM Mall")
    seller: str | None = field("电商企业", "Seller", default=None, max_length=80)
    buyer: PersonRef | None = field("订购人（证件）", "Buyer (document)", level=2, default=None, max_length=120)
    buyer_name: str | None = field("订购人姓名", "Buyer's name", level=3, default=None, max_length=80)
    amount: Decimal = field("金额", "Amount", ge=0, max_digits=18, decimal_places=4, example="128.50")
    currency: str = field("币制", "Currency", max_length=3, example="CNY", codes="currency")
    goods: tuple[ParcelGoods, ...] = field("商品", "Goods", default=(), max_length=200)
    at: datetime | None = field("下单时间", "Ordered at", default=None)


class ParcelPayment(Record):
    """How an order was paid, as the payment firm tells it (支付单)."""

    facts: ClassVar[Facts] = Facts(
        name="base.parcel.payment",
        title=Text("跨境电商支付单", "E-commerce payment"),
        summary=Text("支付企业推送的支付信息", "A payment, told by the payment firm"),
        clause="7.2.1 a) 4)",
        kind="filing",
        ref="parcelpayment",
        key=("@filer", "number"),
        parties=(Party.filer("payment_firm"), Party.kind("customs")),
        filers=FILERS,
        retention=5,
        label="number",
        subject="payer_id",
    )
    number: str = field("支付流水号", "Payment number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="PAY-0001")
    order_number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, example="OD-2611-0001")
    payer_id: PersonRef | None = field("支付人（证件）", "Payer (document)", level=2, default=None, max_length=120)
    payer: str | None = field("支付人姓名", "Payer's name", level=3, default=None, max_length=80)
    amount: Decimal = field("金额", "Amount", ge=0, max_digits=18, decimal_places=4, example="128.50")
    currency: str = field("币制", "Currency", max_length=3, example="CNY", codes="currency")
    firm: str | None = field("支付企业", "Payment firm", default=None, max_length=80)
    at: datetime | None = field("支付时间", "Paid at", default=None)


class Parcel(Record):
    """A parcel as its express firm or post tells it (物流单; for post the customs declaration CN 22 or CN 23)."""

    facts: ClassVar[Facts] = Facts(
        name="base.parcel.parcel",
        title=Text("包裹", "Parcel"),
        summary=Text("快件与邮件的物流信息及 CN22、CN23 邮递报关单", "Express and postal items, with postal declarations CN 22 and CN 23"),
        clause="7.2.1 a) 4)",
        kind="filing",
        ref="parcel",
        key=("number",),
        parties=(Party.filer("carrier"), Party.kind("customs")),
        filers=FILERS,
        retention=5,
        label="number",
        subject="addressee_id",
    )
    number: Label = field(
        "物流单号", "Logistics number", filter=True, min_length=1, max_length=40, pattern=PLAIN, example="RR123456785CN"
    )
    carriage: Carriage = field("承运方式", "Carriage", filter=True, default="express", example="post", values=CARRIAGES)
    firm: str | None = field("物流企业", "Express firm or post", default=None, max_length=80)
    form: Form | None = field("邮递报关单", "Postal declaration", default=None, example="CN22", values=FORMS)
    category: Category | None = field("类别", "Category", default=None, example="gift", values=CATEGORIES)
    sender: str | None = field("寄件人", "Sender", level=3, default=None, max_length=200)
    addressee_id: PersonRef | None = field("收件人（证件）", "Addressee (document)", level=2, default=None, max_length=120)
    addressee: str | None = field("收件人", "Addressee", level=3, default=None, max_length=200)
    address: str | None = field("收件地址", "Address", level=3, default=None, max_length=300)
    origin: str | None = field("寄出国家", "Country of posting", default=None, max_length=2, example="KR", codes="country")
    destination: str | None = field("寄达国家", "Country of destination", default=None, max_length=2, example="CN")
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0, example=0.8)
    amount: Decimal | None = field("价值", "Value", default=None, ge=0, max_digits=18, decimal_places=4, example="30")
    currency: str | None = field("币制", "Currency", default=None, max_length=3, example="USD", codes="currency")
    postage: Decimal | None = field("邮资", "Postage", default=None, ge=0, max_digits=18, decimal_places=4)
    goods: tuple[ParcelGoods, ...] = field(
        "内件", "Contents", default=(), max_length=200, example=[{"description": "Toy", "quantity": "1", "value": "30"}]
    )
    bill: BillRef | None = field("总运单", "Master transport document", filter=True, default=None)
    container: ContainerRef | None = field("集装箱", "Container", filter=True, default=None)
    declaration: DeclarationRef | None = field("报关单", "Declaration", filter=True, default=None)


class ParcelList(Record):
    """The customs list of one parcel of cross-border e-commerce: it joins order, payment and logistics (清单)."""

    facts: ClassVar[Facts] = Facts(
        name="base.parcel.list",
        title=Text("跨境电商清单", "E-commerce list"),
        summary=Text(
            "跨境电商进出口商品清单，关联订单、支付单与物流单", "A parcel's customs list, which joins its order, payment and logistics"
        ),
        clause="7.2.1 a) 4)",
        kind="filing",
        ref="parcellist",
        key=("@filer", "number"),
        parties=(Party.filer("declarant"), Party.kind("customs")),
        filers=FILERS,
        retention=5,
        label="number",
        subject="buyer",
    )
    number: str = field("清单编号", "List number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="QD-2611-0001")
    mode: Mode = field("监管方式", "Customs mode", filter=True, default="9610", example="9610", values=MODES)
    platform: str = field("电商平台", "E-commerce platform", min_length=1, max_length=80, example="SIM Mall")
    seller: str | None = field("电商企业", "Seller", default=None, max_length=80)
    order_number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, example="OD-2611-0001")
    payment_number: str | None = field(
        "支付流水号", "Payment number", filter=True, default=None, max_length=60, example="PAY-0001"
    )
    parcel: ParcelRef = field("物流单号", "Logistics number", filter=True, max_length=60, example="parcel:SF0001")
    firm: str | None = field("物流企业", "Logistics firm", default=None, max_length=80)
    buyer: PersonRef | None = field("订购人（证件）", "Buyer (document)", level=2, default=None, max_length=120)
    payer: str | None = field("支付人姓名", "Payer's name", level=3, default=None, max_length=80)
    phone: str | None = field("电话", "Telephone", level=3, default=None, max_length=40)
    address: str | None = field("收件地址", "Address", level=3, default=None, max_length=300)
    goods: tuple[ParcelGoods, ...] = field("商品", "Goods", default=(), max_length=200)
    amount: Decimal = field("金额", "Amount", ge=0, max_digits=18, decimal_places=4, example="128.50")
    currency: str = field("币制", "Currency", max_length=3, example="CNY", codes="currency")
    tax: Decimal | None = field("税款", "Tax", default=None, ge=0, max_digits=18, decimal_places=4)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    bill: BillRef | None = field("总运单", "Master transport document", filter=True, default=None)
    declaration: DeclarationRef | None = field("报关单", "Declaration", filter=True, default=None)
    at: datetime | None = field("申报时间", "Declared at", default=None)
