"""The yard: which box stands where, out of the moves that are told in any order; and what the terminal is asked to move."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.facilities.yard import handlers, lifecycle, records, service
from kouan.facilities.yard.routes import router
from kouan.facilities.yard.store import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, handlers)
tells(records.Instruction.facts.name, service.tell)
MODULE = declare(
    Module(
        name="facilities.yard",
        title=Text("堆场", "Yard"),
        summary=Text("堆场库存与箱位，由作业动态推定；查验调箱指令", "Stock and slots out of moves; move instructions for inspections"),
        clauses=("9.1.2 b)",),
        pages=(Page("/facilities/yard", Text("堆场", "Yard")),),
        routes=(router,),
        ddl=DDL,
    )
)
