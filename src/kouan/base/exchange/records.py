"""Instruction: what one authority asks of another organisation about something at the port (协查/处置指令; HS/T 82 7.2.5 a) 1))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import AnyRef, OrgRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

Measure = Literal["inform", "assist", "inspect", "hold", "escort", "deny-gate", "dispose"]
MEASURES: dict[str, Text] = {
    "inform": Text("通报情况", "Information"),
    "assist": Text("协助核查", "Assistance with a check"),
    "inspect": Text("协同查验", "Inspection together"),
    "hold": Text("暂扣", "Hold"),
    "escort": Text("押运监管", "Escort"),
    "deny-gate": Text("禁止过卡", "No passage at the gate"),
    "dispose": Text("联合处置", "Disposal together"),
}
Outcome = Literal["done", "partly", "nothing-found"]
OUTCOMES: dict[str, Text] = {
    "done": Text("已执行", "Done"),
    "partly": Text("部分执行", "Done in part"),
    "nothing-found": Text("未发现异常", "Nothing found"),
}


class Instruction(Record):
    """One authority asks one organisation for something, until a time; the reply stands in the same record.

    What was seen is not altered: an instruction is withdrawn and given anew. Several organisations get one each under
    the same `case`.
    """

    facts: ClassVar[Facts] = Facts(
        name="base.exchange.instruction",
        title=Text("协同指令", "Instruction"),
        summary=Text("一部门发给另一单位的协查、处置指令及其答复", "What one authority asks of another organisation, with the reply"),
        clause="7.2.5 a) 1)",
        kind="filing",
        ref="instruction",
        key=("@filer", "number"),
        parties=(Party.filer("issuer"), Party.field("addressee", "to")),
        filers=("customs", "border", "maritime", "transport", "portoffice"),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("指令编号", "Number", filter=True, min_length=1, max_length=40, example="XC-2611-0001")
    to: OrgRef = field("收件单位（简称）", "To (short name)", filter=True, example="org:border")
    measure: Measure = field("措施", "Measure", filter=True, example="assist", values=MEASURES)
    about: AnyRef | None = field("关于", "About", filter=True, default=None, example="container:MSKU9070323")
    case: str | None = field("案件编号", "Case", filter=True, default=None, max_length=40)
    subject: str = field("事由", "Subject", min_length=1, max_length=200, example="Check the crew's luggage")
    text: str | None = field("内容", "Text", level=2, default=None, max_length=4000)
    due: datetime | None = field("答复期限", "Reply due", filter=True, default=None)
    urgent: bool = field("紧急", "Urgent", filter=True, default=False)
    outcome: Outcome | None = field("办理结果", "Outcome", filter=True, default=None, values=OUTCOMES)
    reply: str | None = field("答复", "Reply", level=2, default=None, max_length=4000)
    replied_at: datetime | None = field("答复时间", "Replied at", default=None)
