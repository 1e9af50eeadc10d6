"""What a loaded figure must be: of a known indicator, of a day that has come, divided as the indicator is, a possible value."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from kouan.kernel.indicators import ADDED, DIMENSIONS, Indicator
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.monitoring.records import STATED, Figure

FIGURE = Figure.facts.name
FIRST = date(1990, 1, 1)
CLAUSE = "HS/T 82 8.4.1 b)"
UNKNOWN = Text("没有代码为“{code}”的指标", "There is no indicator with the code “{code}”")
FUTURE = Text("{day} 尚未到来", "{day} has not come yet")
PAST = Text("{day} 早于可装载的最早日期 {first}", "{day} is before the first day that can be loaded, {first}")
UNDIVIDED = Text("指标“{code}”不按“{dimension}”划分", "The indicator “{code}” is not divided by {dimension}")
SHARE = Text("占比以百分数表示，应在 0 到 100 之间", "A share is given in per cent, from 0 to 100")
WHOLE = Text("件数应为整数", "A count is a whole number")


def indicator(code: str) -> type[Indicator] | None:
    """The indicator of a code."""
    return next((one for one in every(Indicator) if one.code == code), None)


class KnownIndicator(Rule):
    """The figure is one of a declared indicator."""

    code = "FIG-INDICATOR"
    at = "filing"
    of = FIGURE
    title = Text("指标已定义", "Known indicator")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Figure, found: Found) -> Unmet | None:
        """Its code is declared."""
        return None if indicator(record.indicator) else Unmet(UNKNOWN.fill(code=record.indicator), "indicator")


class DayHasCome(Rule):
    """The day is today's or an earlier one, in the port's own zone."""

    code = "FIG-DAY"
    at = "filing"
    of = FIGURE
    title = Text("日期已到", "A day that has come")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Figure, found: Found) -> Unmet | None:
        """Neither in the future nor before figures begin."""
        today = found.at.astimezone(ZoneInfo(found.site.get("zone") or "UTC")).date()
        if record.day > today:
            return Unmet(FUTURE.fill(day=record.day), "day")
        return Unmet(PAST.fill(day=record.day, first=FIRST), "day") if record.day < FIRST else None


class Divided(Rule):
    """The figure is divided only by dimensions of its indicator."""

    code = "FIG-DIMENSION"
    at = "filing"
    of = FIGURE
    title = Text("维度相符", "Dimensions of the indicator")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Figure, found: Found) -> Unmet | None:
        """Each dimension that it states is one of the indicator's."""
        of = indicator(record.indicator)
        for name in STATED:
            if of and getattr(record, name) is not None and name not in of.dimensions():
                title = DIMENSIONS[name]
                reason = Text(UNDIVIDED.zh.format(code=of.code, dimension=title.zh), UNDIVIDED.en.format(code=of.code, dimension=title.en))
                return Unmet(reason, name)
        return None


class PossibleValue(Rule):
    """The value is one that the indicator can have."""

    code = "FIG-VALUE"
    at = "filing"
    of = FIGURE
    title = Text("数值可能", "A possible value")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Figure, found: Found) -> Unmet | None:
        """A share is at most 100 per cent, a count a whole number."""
        of = indicator(record.indicator)
        if of and of.how == "share" and record.value > 100:
            return Unmet(SHARE, "value")
        if of and of.how in ADDED and of.how != "sum" and record.value % 1:
            return Unmet(WHOLE, "value")
        return None
