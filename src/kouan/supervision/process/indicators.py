"""Approval cases in figures: how many end, how long they take, how many agencies worked at the same time (HS/T 82 9.1.6 b))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from kouan.kernel.indicators import FILED, Indicator, Seen, Span, Tally, done
from kouan.kernel.text import Text
from kouan.supervision.process.records import Case

CASE = Case.facts.name
CLAUSE = "HS/T 82 9.1.6 b)"
READERS = ("customs", "border", "maritime", "transport", "portoffice", "terminal")
ENDED = done("grant", "refuse")


def parallel(seen: Seen) -> bool:
    """Whether two agencies had a step of the case before them at the same time."""
    spans = sorted(span for step in seen.doc.get("steps") or () if (span := _span(step)) is not None)
    return any(later[0] < earlier[1] for earlier, later in pairwise(spans))


def _span(step: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    since, until = step.get("ready_at"), step.get("decided_at")
    return (datetime.fromisoformat(since), datetime.fromisoformat(until)) if since and until else None


class CasesEnded(Indicator):
    """How many applications are decided."""

    code = "clearance.cases"
    title = Text("办结审批事项", "Approval cases decided")
    unit = Text("件", "cases")
    clause = CLAUSE
    formula = Text("当日许可或不予许可的审批事项，每件一次", "Cases granted or refused on that day, each once")
    good, how, group, owner, readers = "up", "count", "clearance", "portoffice", READERS
    tally = Tally(record=CASE, at=ENDED)


class CaseTime(Indicator):
    """How long an application takes."""

    code = "clearance.case_time"
    title = Text("审批办理时间（中位数）", "Time of an approval (median)")
    unit = Text("小时", "h")
    digits = 1
    clause = CLAUSE
    formula = Text("受理至许可或不予许可的时间，当日办结者的中位数，误差 0.5% 以内", "From filing to the decision: the median of that day, within 0.5 %")
    good, how, group, owner, readers = "down", "median", "clearance", "portoffice", READERS
    tally = Tally(record=CASE, at=ENDED, value=Span(FILED, ENDED))


class ParallelShare(Indicator):
    """How many applications did not go from one counter to the next."""

    code = "clearance.parallel"
    title = Text("并联审批率", "Approvals in parallel")
    unit = Text("%", "%")
    digits = 1
    clause = CLAUSE
    formula = Text(
        "至少两个部门的步骤在同一时间办理的审批事项，占当日办结事项的百分比", "Cases in which two agencies' steps were open at the same time, of all decided on that day"
    )
    good, how, group, owner, readers = "up", "share", "clearance", "portoffice", READERS
    tally = Tally(record=CASE, at=ENDED, hit=parallel, hit_uses=("steps",))
