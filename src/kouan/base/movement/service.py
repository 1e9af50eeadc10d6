"""Moves in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.movement.records import ACTIVITIES, FUNCTIONS
from kouan.kernel.text import Text


def tell(data: Mapping[str, Any]) -> Text:
    """What a move reports, as far as the caller may see it: activity, box, position, voyage."""
    what = ACTIVITIES.get(str(data.get("activity")), Text("作业", "Handled"))
    zh, en = what.zh, what.en
    if unit := str(data.get("equipment") or data.get("bill") or data.get("vehicle") or "").partition(":")[2]:
        zh, en = f"{zh} {unit}", f"{en} {unit}"
    if position := data.get("position"):
        zh, en = f"{zh} {position}", f"{en} at {position}"
    if data.get("activity") in ("discharge", "load") and (voyage := data.get("voyage")):
        zh, en = f"{zh}（航次 {voyage}）", f"{en} (voyage {voyage})"
    if (function := str(data.get("function") or "original")) != "original":
        said = FUNCTIONS[function]
        zh, en = f"{said.zh}：{zh}", f"{said.en}: {en}"
    return Text(zh, en)


def tell_status(data: Mapping[str, Any]) -> Text:
    """What a carrier's status says: the activity that it means where known, else its own words or code."""
    known = ACTIVITIES.get(str(data.get("activity")))
    words = str(data.get("text") or data.get("code") or "")
    box = str(data.get("equipment") or data.get("bill") or "").partition(":")[2]
    zh, en = (known.zh, known.en) if known else (words, words)
    return Text(f"物流动态 {box}:{zh}", f"Status of {box}: {en}")


def tell_plan(data: Mapping[str, Any]) -> Text:
    """What a stowage plan holds, in numbers."""
    boxes, dangerous, cold = (data.get(name) or 0 for name in ("boxes", "dangerous_boxes", "reefers"))
    return Text(
        f"积载图 {boxes} 箱（危险货物 {dangerous}，控温 {cold}）",
        f"Stowage plan of {boxes} boxes (dangerous {dangerous}, with temperature {cold})",
    )
