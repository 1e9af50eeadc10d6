"""Maritime supervision: orders about a ship's call bind the berth plan; berths keep free of some dangerous goods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.supervision.maritime import handlers, lifecycle, records, rules


def _tell(data: Mapping[str, Any]) -> Text:
    kind = records.KINDS[str(data["kind"])]
    return Text(f"海事指令 {data.get('number', '')}：{kind.zh}", f"Maritime order {data.get('number', '')}: {kind.en}")


PARTS = (records, lifecycle, rules, handlers)
tells(records.MaritimeOrder.facts.name, _tell)
MODULE = declare(
    Module(
        name="supervision.maritime",
        title=Text("海事监管", "Maritime supervision"),
        summary=Text("海事对到港船舶的指令与泊位危险品限制", "Maritime orders about calls, and limits of berths for dangerous goods"),
        modes=("water",),
        clauses=("9.1.4 e)",),
    )
)
