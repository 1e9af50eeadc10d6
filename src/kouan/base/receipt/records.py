"""Response: one agency's answer to a filed document; with the signed receipt it forms the chain (H7.2.1 a) 5))."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from kouan.base.reference.api import AnyRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

Code = Literal[
    "received", "accepted", "rejected", "targeted", "inspected", "held", "released", "cancelled", "completed",
    "documents", "taxed", "amended", "replied", "noticed",
]
CODES: dict[str, Text] = {
    "filed": Text("已提交", "Submitted"),
    "received": Text("已收到", "Received"),
    "accepted": Text("已接受", "Accepted"),
    "rejected": Text("已退回", "Rejected"),
    "targeted": Text("已布控", "Targeted"),
    "inspected": Text("已查验", "Inspected"),
    "held": Text("已扣留", "Held"),
    "released": Text("已放行", "Released"),
    "cancelled": Text("已撤销", "Cancelled"),
    "completed": Text("已办结", "Completed"),
    "documents": Text("需补交单证", "Documents wanted"),
    "taxed": Text("税费已计核", "Duties calculated"),
    "amended": Text("更改已生效", "Amended"),
    "replied": Text("请求已答复", "Request answered"),
    "noticed": Text("其他通知", "Other notice"),
}


class Response(Record):
    """An agency's answer about a record: received, accepted, rejected, inspected, released … with its time and reason."""

    facts: ClassVar[Facts] = Facts(
        name="base.receipt.response",
        title=Text("审核回执", "Response"),
        summary=Text("主管部门对单证的审核回执", "An agency's answer to a filed document"),
        clause="7.2.1 a) 5)",
        kind="report",
        ref="receipt",
        key=("@filer", "about", "code", "reference"),
        parties=(Party.filer("agency"), Party.like("concerned", "about")),
        filers=("customs", "border", "maritime", "transport", "portoffice", "terminal"),
        retention=10,
        label="code",
        amendable=False,
    )
    about: AnyRef = field("关于", "About", filter=True, example="portcall:CNWHH/VESSEL:IMO:9321483/2611E")
    code: Code = field("回执代码", "Code", filter=True, example="accepted", values=CODES)
    reference: str = field(
        "主管部门编号", "Agency's reference", default="", max_length=64, example="CUS-2611-1"
    )
    at: datetime = field("时间", "At", filter=True, example="2026-11-22T03:20:00Z")
    reason_zh: str | None = field("原因（中文）", "Reason in Chinese", default=None, max_length=400)
    reason_en: str | None = field("原因（英文）", "Reason in English", default=None, max_length=400)
    delivery: str | None = field("对应投递", "Delivery answered", default=None, max_length=64)
    notice: str | None = field("通知类型", "Notice", filter=True, default=None, max_length=8, example="DMSACC")
    number: str | None = field(
        "主管部门单证号", "Agency's number of the document", filter=True, default=None, max_length=70, example="26CN9901A00001"
    )
    document_version: int | None = field("单证版本", "Version of the document", default=None, ge=0, le=10**9)
    payable: Decimal | None = field("应缴金额", "Amount payable", level=2, default=None, max_digits=20, decimal_places=3)
    currency: str | None = field("币制", "Currency", level=2, default=None, max_length=3, codes="currency")
