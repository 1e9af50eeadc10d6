"""Trade papers: order, payment, commercial invoice, insurance policy (HS/T 82 7.2.2 c), 7.2.4 a) 5)).

Whoever files one names the firm of this side of the border and that firm's order number. Both together are one reference
(`trade:<credit code>/<order number>`), which joins the papers of a bank, an insurer and a trader without any of them
knowing the others' numbers. The bill and the declaration that a paper names lead on to transport and clearance.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from kouan.base.reference.api import BillRef, DeclarationRef, EnterpriseRef, TradeRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import make
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

FILERS = ("trader", "agent", "bank")
PLAIN = r"^[^\s|\\\x00-\x1f\x7f]+$"
Way = Literal["in", "out"]
WAYS: Mapping[str, Text] = {"in": Text("进口", "Import"), "out": Text("出口", "Export")}
Method = Literal["transfer", "credit", "collection", "open", "other"]
METHODS: Mapping[str, Text] = {
    "transfer": Text("汇付", "Remittance"), "credit": Text("信用证", "Documentary credit"), "collection": Text("托收", "Collection"),
    "open": Text("赊销", "Open account"), "other": Text("其他", "Other"),
}  # fmt: skip
Terms = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP", "other"]
TERMS: Mapping[str, Text] = {
    "EXW": Text("工厂交货 EXW", "EXW ex works"), "FCA": Text("货交承运人 FCA", "FCA free carrier"),
    "FAS": Text("船边交货 FAS", "FAS free alongside ship"), "FOB": Text("船上交货 FOB", "FOB free on board"),
    "CFR": Text("成本加运费 CFR", "CFR cost and freight"), "CIF": Text("成本、保险费加运费 CIF", "CIF cost, insurance and freight"),
    "CPT": Text("运费付至 CPT", "CPT carriage paid to"), "CIP": Text("运费、保险费付至 CIP", "CIP carriage and insurance paid to"),
    "DAP": Text("目的地交货 DAP", "DAP delivered at place"), "DPU": Text("目的地卸货后交货 DPU", "DPU delivered at place unloaded"),
    "DDP": Text("完税后交货 DDP", "DDP delivered duty paid"), "other": Text("其他", "Other"),
}  # fmt: skip
READERS = (Party.filer("filer"), Party.field("firm", "firm"), Party.kind("customs"))


class TradeGoods(Part):
    """One line of an order or invoice."""

    description: str = field("品名", "Description of goods", max_length=2000, example="Numerically controlled lathes")
    hs: str = field("税则号列", "Commodity code", default="", max_length=13, example="84581100", codes="hs")
    quantity: Decimal | None = field("数量", "Quantity", default=None, gt=0, max_digits=18, decimal_places=6)
    unit: str = field("计量单位", "Unit", default="", max_length=10, codes="unit")
    price: Decimal | None = field("单价", "Price", default=None, ge=0, max_digits=18, decimal_places=6)
    amount: Decimal | None = field("金额", "Amount", default=None, ge=0, max_digits=18, decimal_places=4)
    origin: str = field("原产国", "Country of origin", default="", max_length=4, example="DE", codes="country")


def joined(data: Any) -> Any:
    """The stated fields, the firm in its one spelling, with the reference that firm and order number make.

    What makes none is left for the model to refuse.
    """
    if not isinstance(data, Mapping):
        return data
    firm, number = data.get("firm"), data.get("order_number", data.get("number"))
    if not (isinstance(firm, str) and isinstance(number, str) and number.strip()):
        return {**data, "order": None}
    bare = firm.strip().rpartition(":")[2]
    code = check("uscc", bare).value or bare
    try:
        return {**data, "firm": make("enterprise", code), "order": make("trade", f"{code}/{number}")}
    except ValueError:
        return {**data, "order": None}


class PurchaseOrder(Record):
    """What was agreed to be bought or sold: goods, price, terms (订单; the contract of sale)."""

    facts: ClassVar[Facts] = Facts(
        name="base.trade.order",
        title=Text("贸易订单", "Trade order"),
        summary=Text("进出口买卖的订单（合同）", "An order (contract of sale) of imported or exported goods"),
        clause="7.2.2 c)",
        kind="filing",
        ref="tradeorder",
        key=("@filer", "number"),
        parties=READERS,
        filers=FILERS,
        retention=10,
        label="number",
    )
    number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="PO-2611-0001")
    firm: EnterpriseRef = field("境内企业", "Domestic firm", filter=True, max_length=60, example="enterprise:91379999MA0WHH048N")
    way: Way = field("进出口", "Import or export", filter=True, values=WAYS, example="in")
    partner: str | None = field("境外交易方", "Foreign party", default=None, max_length=200, example="SIM Werkzeug GmbH (fictional)")
    country: str | None = field("贸易国别", "Trading country", filter=True, default=None, max_length=2, example="DE", codes="country")
    terms: Terms | None = field("成交方式", "Terms of delivery", values=TERMS, default=None, example="CIF")
    goods: tuple[TradeGoods, ...] = field("商品", "Goods", default=(), max_length=2000)
    amount: Decimal = field("金额", "Amount", level=2, ge=0, max_digits=18, decimal_places=4, example="210000")
    currency: str = field("币制", "Currency", max_length=3, example="USD", codes="currency")
    ordered_on: date | None = field("订立日期", "Ordered on", filter=True, default=None, example="2026-10-08")
    deliver_by: date | None = field("交货期限", "Deliver by", default=None)
    bills: tuple[BillRef, ...] = field("提运单", "Transport documents", filter=True, default=(), max_length=200)
    declarations: tuple[DeclarationRef, ...] = field("报关单", "Declarations", filter=True, default=(), max_length=200)
    order: TradeRef | None = field("订单", "Order", filter=True, default=None, read_only=True)

    @model_validator(mode="before")
    @classmethod
    def _joined(cls, data: Any) -> Any:
        return joined(data)


class Payment(Record):
    """Money that was paid or received for an order (付款)."""

    facts: ClassVar[Facts] = Facts(
        name="base.trade.payment",
        title=Text("贸易付款", "Trade payment"),
        summary=Text("就一份订单收付的货款，由企业或金融机构提交", "Money paid or received for an order, told by the firm or its bank"),
        clause="7.2.2 c)",
        kind="filing",
        ref="tradepayment",
        key=("@filer", "number"),
        parties=READERS,
        filers=FILERS,
        retention=10,
        label="number",
    )
    number: str = field("付款编号", "Payment number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="TT-2611-0001")
    firm: EnterpriseRef = field("境内企业", "Domestic firm", filter=True, max_length=60, example="enterprise:91379999MA0WHH048N")
    order_number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="PO-2611-0001")
    way: Literal["paid", "received"] = field(
        "收付方向", "Paid or received", filter=True, default="paid", example="paid",
        values={"paid": Text("付款", "Paid"), "received": Text("收款", "Received")},
    )  # fmt: skip
    method: Method = field("结算方式", "Method", filter=True, values=METHODS, default="transfer", example="transfer")
    partner: str | None = field("境外交易方", "Foreign party", default=None, max_length=200)
    bank: str | None = field("经办金融机构", "Financial institution", default=None, max_length=200)
    amount: Decimal = field("金额", "Amount", level=2, ge=0, max_digits=18, decimal_places=4, example="210000")
    currency: str = field("币制", "Currency", max_length=3, example="USD", codes="currency")
    paid_on: date | None = field("收付日期", "Paid on", filter=True, default=None, example="2026-10-20")
    order: TradeRef | None = field("订单", "Order", filter=True, default=None, read_only=True)

    @model_validator(mode="before")
    @classmethod
    def _joined(cls, data: Any) -> Any:
        return joined(data)


class Invoice(Record):
    """The seller's bill for the goods of an order (商业发票)."""

    facts: ClassVar[Facts] = Facts(
        name="base.trade.invoice",
        title=Text("商业发票", "Commercial invoice"),
        summary=Text("卖方就订单货物开具的发票，与提运单、报关单相连", "The seller's bill for ordered goods, joined to bills and declarations"),
        clause="7.2.4 a) 5)",
        kind="filing",
        ref="invoice",
        key=("@filer", "number"),
        parties=READERS,
        filers=FILERS,
        retention=10,
        label="number",
    )
    number: str = field("发票号", "Invoice number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="INV-2611-0001")
    firm: EnterpriseRef = field("境内企业", "Domestic firm", filter=True, max_length=60, example="enterprise:91379999MA0WHH048N")
    order_number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="PO-2611-0001")
    seller: str | None = field("卖方", "Seller", default=None, max_length=200)
    buyer: str | None = field("买方", "Buyer", default=None, max_length=200)
    country: str | None = field("贸易国别", "Trading country", filter=True, default=None, max_length=2, example="DE", codes="country")
    terms: Terms | None = field("成交方式", "Terms of delivery", values=TERMS, default=None, example="CIF")
    goods: tuple[TradeGoods, ...] = field("商品", "Goods", default=(), max_length=2000)
    amount: Decimal = field("金额", "Amount", level=2, ge=0, max_digits=18, decimal_places=4, example="210000")
    currency: str = field("币制", "Currency", max_length=3, example="USD", codes="currency")
    issued_on: date | None = field("开票日期", "Issued on", filter=True, default=None, example="2026-10-28")
    bills: tuple[BillRef, ...] = field("提运单", "Transport documents", filter=True, default=(), max_length=200, example=["bill:WHBL2611001"])
    declarations: tuple[DeclarationRef, ...] = field("报关单", "Declarations", filter=True, default=(), max_length=200)
    order: TradeRef | None = field("订单", "Order", filter=True, default=None, read_only=True)

    @model_validator(mode="before")
    @classmethod
    def _joined(cls, data: Any) -> Any:
        return joined(data)


class Policy(Record):
    """What insures the goods of an order on their way (货物运输保险单)."""

    facts: ClassVar[Facts] = Facts(
        name="base.trade.policy",
        title=Text("保险单", "Insurance policy"),
        summary=Text("订单货物的运输保险", "The insurance of ordered goods on their way"),
        clause="7.2.4 a) 5)",
        kind="filing",
        ref="policy",
        key=("@filer", "number"),
        parties=READERS,
        filers=FILERS,
        retention=10,
        label="number",
    )
    number: str = field("保险单号", "Policy number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="POL-2611-0001")
    firm: EnterpriseRef = field("境内企业", "Domestic firm", filter=True, max_length=60, example="enterprise:91379999MA0WHH048N")
    order_number: str = field("订单编号", "Order number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="PO-2611-0001")
    insurer: str | None = field("保险人", "Insurer", default=None, max_length=200, example="SIM Marine Insurance (fictional)")
    insured: str | None = field("被保险人", "Insured", default=None, max_length=200)
    conditions: str | None = field("承保条件", "Conditions", default=None, max_length=200, example="ICC (A)")
    amount: Decimal = field("保险金额", "Amount insured", level=2, ge=0, max_digits=18, decimal_places=4, example="231000")
    premium: Decimal | None = field("保险费", "Premium", level=2, default=None, ge=0, max_digits=18, decimal_places=4)
    currency: str = field("币制", "Currency", max_length=3, example="USD", codes="currency")
    issued_on: date | None = field("签发日期", "Issued on", filter=True, default=None, example="2026-10-29")
    bills: tuple[BillRef, ...] = field("提运单", "Transport documents", filter=True, default=(), max_length=200)
    order: TradeRef | None = field("订单", "Order", filter=True, default=None, read_only=True)

    @model_validator(mode="before")
    @classmethod
    def _joined(cls, data: Any) -> Any:
        return joined(data)
