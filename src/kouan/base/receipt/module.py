"""Receipts: every submission has an ordered chain of answers, and a signed proof (审核回执)."""

from __future__ import annotations

from kouan.base.receipt import records, routes, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.receipt",
        title=Text("回执", "Receipts"),
        summary=Text("提交凭证、各部门审核回执与可验证的证明", "Receipts of submissions, the agencies' answers, verifiable proofs"),
        lasting=True,
        clauses=("7.2.1 a) 5)",),
        routes=(routes.router,),
    )
)
