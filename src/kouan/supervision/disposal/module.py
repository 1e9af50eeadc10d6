"""Joint disposal: one authority's instruction reaches another's desk and system, and the reply comes back (协同处置)."""

from __future__ import annotations

from kouan.base.exchange.api import Instruction
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.operations.worklist.api import works
from kouan.supervision.disposal import handlers, lifecycle, rules, work

PARTS = (handlers, lifecycle, rules)
works(Instruction.facts.name, work.waiting)
MODULE = declare(
    Module(
        name="supervision.disposal",
        title=Text("协同处置", "Joint disposal"),
        summary=Text(
            "部门之间的协查、处置指令，送达对方系统并收取答复", "Instructions between authorities, told to the other's system, with their replies"
        ),
        clauses=("7.2.5",),
    )
)
