"""What a running parameter must be."""

from __future__ import annotations

from typing import ClassVar

from kouan.assurance.running.records import PARAMETERS, Parameter
from kouan.kernel.rules import Found, Rule, Severity, Unmet
from kouan.kernel.text import Text

BOUNDS = Text("“{name}”应在 {lowest} 至 {highest} 之间", "“{name}” lies between {lowest} and {highest}")


class _OfParameter(Rule):
    """Base of rules for running parameters."""

    abstract = True
    at = "filing"
    of = Parameter.facts.name
    clause = "HS/T 82 7.2.2 d)"
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"


class WithinBounds(_OfParameter):
    """A number beyond what it can sensibly be would silence a warning, or let evidence go too early."""

    code = "RUN-BOUNDS"
    title = Text("数值在界限内", "The number is within its bounds")

    def judge(self, record: Parameter, found: Found) -> Unmet | None:
        """Refuses a number beyond the bounds of its name."""
        own = PARAMETERS[record.name]
        if own.lowest <= record.value <= own.highest:
            return None
        limits = {"lowest": f"{own.lowest:g}", "highest": f"{own.highest:g}"}
        return Unmet(Text(BOUNDS.zh.format(name=own.title.zh, **limits), BOUNDS.en.format(name=own.title.en, **limits)), "value")


class DatesInOrder(_OfParameter):
    """A number stands for some time, or not at all."""

    code = "RUN-DATES"
    title = Text("生效日期早于失效日期", "Dates in order")

    def judge(self, record: Parameter, found: Found) -> Unmet | None:
        """Refuses an end before the beginning."""
        if record.until is None or record.since <= record.until:
            return None
        return Unmet(Text("失效日期早于生效日期", "It ends before it begins"), "until")
