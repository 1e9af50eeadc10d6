"""Moves in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.movement.records import ACTIVITIES, FUNCTIONS
from kouan.kernel.text import Text


def tell(data: Mapping[str, Any]) -> Text:
    """What a move reports, as far as the caller may see it: activity, place or position, ship or truck."""
    what = ACTIVITIES.get(str(data.get("activity")), Text("作业", "Handled"))
    zh, en = what.zh, what.en
    if position := data.get("position"):
        zh, en = f"{zh} {position}", f"{en} {position}"
    if data.get("activity") in ("discharge", "load") and (voyage := data.get("voyage")):
        zh, en = f"{zh}(航次 {voyage})", f"{en} (voyage {voyage})"
    if (function := str(data.get("function") or "original")) != "original":
        said = FUNCTIONS[function]
        zh, en = f"{said.zh}:{zh}", f"{said.en}: {en}"
    return Text(zh, en)
