"""The functions of the hub in four groups: clearance, logistics, trade and data (国家级“单一窗口”的通关、物流、贸易、数据)."""

from __future__ import annotations

from dataclasses import dataclass

from kouan.kernel.text import Text

GROUPS: dict[str, tuple[Text, Text]] = {
    "clearance": (
        Text("通关", "Clearance"),
        Text("申报、查验、放行，面向海关、海事、边检", "Declaring, inspection and release, with customs, maritime and border inspection"),
    ),
    "logistics": (
        Text("物流", "Logistics"),
        Text("运输单证、作业动态、预约与过卡", "Transport documents, handling, bookings and the gate"),
    ),
    "trade": (
        Text("贸易", "Trade"),
        Text("许可证件、原产地证、跨境电商与企业信息", "Permits, certificates of origin, e-commerce and enterprises"),
    ),
    "data": (
        Text("数据", "Data"),
        Text("查询、跟踪、回执、参数与开放接口", "Queries, traces, receipts, parameters and open interfaces"),
    ),
}
"""Each group's name and what it is for."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the hub: a record type that is filed and read, or a page."""

    group: str
    record: str = ""
    page: str = ""
    title: Text | None = None


RECORDS: dict[str, tuple[str, ...]] = {
    "clearance": (
        "base.portcall.port_call",
        "base.conveyance.conveyance",
        "base.manifest.manifest",
        "base.declaration.declaration",
        "supervision.inspection.order",
    ),
    "logistics": (
        "base.manifest.consignment",
        "base.transport.document",
        "base.transport.delivery_order",
        "base.movement.move",
        "services.booking.booking",
        "facilities.gate.passage",
    ),
    "trade": ("base.permit.permit", "base.permit.certificate", "base.parcel.list", "base.enterprise.enterprise"),
    "data": ("base.receipt.response",),
}
PAGES: tuple[Function, ...] = (
    Function("clearance", page="/base/intake", title=Text("提交报文", "File messages")),
    Function("data", page="/base/trace", title=Text("一键跟踪", "Trace")),
    Function("data", page="/base/inbox", title=Text("收件箱", "Inbox")),
    Function("data", page="/base/meter", title=Text("一次填报计量", "Once-only meter")),
)
_offered: list[Function] = []


def offers(*functions: Function) -> None:
    """Let a higher board add functions to the hub."""
    _offered.extend(functions)


def functions() -> tuple[Function, ...]:
    """All functions, in the order in which the hub shows them."""
    records = (Function(group, record) for group, names in RECORDS.items() for record in names)
    return (*records, *PAGES, *_offered)
