"""Customs logistics: each cargo of a call from its manifest to the gate, computed from what was told, never typed again."""

from __future__ import annotations

from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.supervision.logistics.routes import router

MODULE = declare(
    Module(
        name="supervision.logistics",
        title=Text("海关物流", "Customs logistics"),
        summary=Text("按航次跟踪每票货、每个箱，从舱单到离场，并提示不符", "Follows each bill and box of a call from manifest to gate-out"),
        modes=("water",),
        clauses=("W01", "9.1.2"),
        pages=(Page("/supervision/logistics", Text("海关物流", "Customs logistics")),),
        routes=(router,),
    )
)
