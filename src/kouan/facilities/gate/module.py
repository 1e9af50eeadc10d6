"""The smart gate: lanes, passages, and the decision by all rules at the gate."""

from __future__ import annotations

from kouan.facilities.gate import records
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="facilities.gate",
        title=Text("智能卡口", "Smart gate"),
        summary=Text("车道、过卡与判定", "Lanes, passages and decisions"),
        clauses=("H6.3-1",),
    )
)
RECORDS = (records.Lane, records.Passage)
