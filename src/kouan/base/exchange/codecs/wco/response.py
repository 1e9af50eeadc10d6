"""A response of customs to a declaration, in neutral terms: what it says, of which declaration and version, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kouan.base.exchange.codecs.problem import Problem
from kouan.base.exchange.codecs.wco.model import Amount, Change, Duty, GoodsDeclaration, Statement
from kouan.kernel.text import Text

APPROVED, DECLINED = "39", "41"
"""Status name codes (UNTDID 4405) of the answer to a request: approved, declined."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a function code of a response means: its short name, and in words."""

    name: str
    title: Text


NOTICES: Mapping[str, Notice] = {
    "01": Notice("DMSACC", Text("申报已接受", "Declaration accepted")),
    "02": Notice("DMSRCV", Text("申报或请求已收到", "Declaration or request received")),
    "03": Notice("DMSREJ", Text("申报被退回", "Declaration rejected")),
    "05": Notice("DMSCTL", Text("货物被布控", "Goods under control")),
    "06": Notice("DMSDOC", Text("需补交单证", "Documents wanted")),
    "07": Notice("DMSRES", Text("申报内容已更改", "Declaration amended")),
    "08": Notice("DMSROG", Text("货物已放行", "Goods released")),
    "09": Notice("DMSCLE", Text("已结关", "Cleared")),
    "10": Notice("DMSINV", Text("申报已撤销", "Declaration invalidated")),
    "11": Notice("DMSREQ", Text("请求已答复", "Request answered")),
    "13": Notice("DMSTAX", Text("税费计核", "Duties and taxes calculated")),
    "14": Notice("DMSCPI", Text("税费余额不足", "Funds not sufficient")),
    "15": Notice("DMSCPR", Text("缴款提醒", "Reminder to pay")),
    "16": Notice("DMSEOG", Text("货物已离境", "Goods have left")),
    "17": Notice("DMSEXT", Text("转由系统外办理", "Handled outside the system")),
    "18": Notice("DMSGER", Text("要求提供离境证明", "Proof of exit wanted")),
    "50": Notice("DMSALV", Text("货物抵达已核实", "Arrival confirmed")),
    "51": Notice("DMSQRY", Text("海关询问", "Query of customs")),
}
"""Function codes of a response (data element 017) in the DMS profile; facts of the published service guides."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An Error: its code, its text if any, and the path it points to as (sequence, section, tag)."""

    code: str
    text: str = ""
    pointers: tuple[tuple[int | None, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A Status: a code (UNTDID 4405), since when, released when."""

    code: str
    at: datetime | None = None
    released: datetime | None = None


@dataclass(frozen=True, slots=True)
class Debt:
    """What is to be paid for a declaration, until when, under which reference."""

    reference: str = ""
    assessed: Amount | None = None
    payable: Amount | None = None
    due: datetime | None = None
    guarantees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """One response. `function` has two digits. `answered` and `id` name the declaration: the declarant's reference and
    customs' number; `version` counts its amendments, from 1."""

    function: str
    reference: str = ""
    issued: datetime | None = None
    answered: str = ""
    id: str = ""
    version: int | None = None
    accepted: datetime | None = None
    cancelled: datetime | None = None
    rejected: datetime | None = None
    errors: tuple[Fault, ...] = ()
    states: tuple[State, ...] = ()
    statements: tuple[Statement, ...] = ()
    changes: tuple[Change, ...] = ()
    bank: tuple[str, str] | None = None
    offices: tuple[str, ...] = ()
    appeal_office: str = ""
    debts: tuple[Debt, ...] = ()
    duties: tuple[tuple[int, tuple[Duty, ...]], ...] = ()
    became: GoodsDeclaration | None = None

    @property
    def name(self) -> str:
        """The notice's short name, e.g. DMSACC; "" for a function that is not known."""
        notice = NOTICES.get(self.function)
        return notice.name if notice else ""

    @property
    def payable(self) -> Amount | None:
        """What is to be paid in all: as stated for the declaration, or else the sum of the items' duties in one
        currency; None where nothing is stated, or in several currencies."""
        stated = [debt.payable for debt in self.debts if debt.payable]
        if not stated:
            stated = [duty.payable for _, duties in self.duties for duty in duties if duty.payable]
        currencies = {amount.currency for amount in stated}
        if len(currencies) != 1:
            return None
        return Amount(sum((amount.value for amount in stated), Decimal(0)), currencies.pop())


@dataclass(frozen=True, slots=True)
class Reading:
    """The responses of a message, and slips in its structure by which nothing of them was lost."""

    responses: tuple[Response, ...]
    slips: tuple[Problem, ...] = ()
