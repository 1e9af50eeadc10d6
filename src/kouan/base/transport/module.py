"""Transport papers: documents of all modes, packing lists, interchange receipts, delivery orders (运输单证)."""

from __future__ import annotations

from kouan.base.transport import lifecycle, routes
from kouan.base.transport.formats.cargo_xml import format as cargo_xml
from kouan.base.transport.records import document, papers
from kouan.base.transport.rules import documents as document_rules
from kouan.base.transport.rules import papers as paper_rules
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (cargo_xml, document, document_rules, lifecycle, paper_rules, papers)
MODULE = declare(
    Module(
        name="base.transport",
        title=Text("运输单证", "Transport papers"),
        summary=Text(
            "提单、空运单、铁路和公路运单同一模型，主分单相连；装箱单、设备交接单、提货单",
            "Bills of lading, air, rail and road notes in one model, house to master; packing lists, interchange receipts, delivery orders",
        ),
        clauses=("7.2.1 b)", "H7.2.1b1", "H7.2.1b2"),
        pages=(Page("/base/shipments", Text("托运全程", "Shipments")),),
        routes=(routes.router,),
    )
)
