"""Feedback: what a visit found is told of whatever had selected it, and counted as a hit rate with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from kouan.base.declaration.api import Declaration
from kouan.kernel.clock import now
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.supervision.inspection.api import InspectionOrder
from kouan.supervision.targeting.profiles import Result
from kouan.supervision.targeting.records import Assessment

Z = 1.959964
"""Quantile of the normal distribution for an interval that holds the true rate in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often inspections of a selection found something. `low` and `high`: Wilson's interval at 95 %; None without visits."""

    selected: int
    inspected: int
    hits: int
    rate: float | None
    low: float | None
    high: float | None


def rate(selected: int, inspected: int, hits: int) -> Rate:
    """A hit rate with Wilson's score interval (Wilson 1927), which also holds for few visits and for rates near 0 and 1."""
    if not inspected:
        return Rate(selected, 0, 0, None, None, None)
    share, n = hits / inspected, inspected
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return Rate(selected, n, hits, share, max(0.0, middle - half), min(1.0, middle + half))


async def feed_back(port: Port, order: Kept) -> None:
    """Keep the result of a finished visit under what had selected the goods; a later visit of the same selection adds none."""
    assert isinstance(order.data, InspectionOrder)
    if order.data.result is None:
        return
    about = await port.find(PLATFORM, Declaration.facts.name, ref=order.data.declaration)
    declared = next((one for one in about if one.ref == order.data.declaration), None)
    assessed = await port.find(PLATFORM, Assessment.facts.name, ref=order.data.declaration)
    data = result_of(order, declared, before(assessed, order.filed_at))
    try:
        await port.file(PLATFORM, [Draft(Result.facts.name, data)])
    except Conflict as known:
        if known.code != "natural_key_kept":
            raise


def before(assessed: Sequence[Kept], moment: datetime) -> Kept | None:
    """The assessment that stood when a visit was ordered."""
    return max((one for one in assessed if one.filed_at <= moment), key=lambda one: one.filed_at, default=None)


def result_of(order: Kept, declared: Kept | None, assessed: Kept | None) -> Mapping[str, object]:
    """What is kept of a finished visit."""
    assert isinstance(order.data, InspectionOrder)
    said = assessed.data if assessed and isinstance(assessed.data, Assessment) else None
    selecting = said if said is not None and said.outcome == "targeted" else None
    return {
        "selection": assessed.ref if assessed and selecting else order.ref,
        "declaration": order.data.declaration,
        "order": order.ref,
        "chosen": selecting.chosen if selecting else "officer",
        "rules": [reason.rule for reason in said.reasons] if said else [],
        "score": said.score if said else 0.0,
        "outcome": order.data.result,
        "hit": order.data.result != "release",
        "found_by": [one.agency for one in order.data.findings if one.outcome != "release"],
        "declarant": declared.data.declarant if declared and isinstance(declared.data, Declaration) else None,
        "at": now(),
    }
