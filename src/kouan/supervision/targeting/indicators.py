"""Targeting in figures: how many of the declarations are selected (WCO Risk Management Compendium)."""

from __future__ import annotations

from kouan.kernel.indicators import FILED, Indicator, Seen, Tally
from kouan.kernel.text import Text
from kouan.supervision.targeting.records import Assessment


def targeted(seen: Seen) -> bool:
    """Whether the assessment selected the goods."""
    return seen.doc.get("outcome") == "targeted"


class TargetedShare(Indicator):
    """How many of the assessments select goods for a visit."""

    code = "inspection.targeted"
    title = Text("布控率", "Assessments that select for inspection")
    unit = Text("%", "%")
    digits = 1
    clause = "HS/T 82 9.1.7 d)"
    formula = Text("结论为布控的风险评估，占当日全部风险评估的百分比", "Risk assessments that select the goods, of all of that day")
    good, how, group, owner, readers = "down", "share", "inspection", "customs", ("customs",)
    tally = Tally(record=Assessment.facts.name, at=FILED, hit=targeted, hit_uses=("outcome",))
