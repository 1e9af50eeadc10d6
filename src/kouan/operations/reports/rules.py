"""What a definition must be: lines that are there and can be divided as asked."""

from __future__ import annotations

from kouan.kernel.records import record_types
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.operations.monitoring.api import divisions, indicator
from kouan.operations.reports.records import BY, Definition, Line

ONE = Text("每行应为一个指标或一种记录，二者取其一", "A line is either an indicator or a record type")
NO_INDICATOR = Text("没有代码为“{code}”的指标", "There is no indicator with the code “{code}”")
NO_RECORD = Text("没有记录类型“{code}”", "There is no record type “{code}”")
UNDIVIDED = Text("“{code}”不能{by}划分", "“{code}” cannot be divided: {by}")


class Lines(Rule):
    """Each line of a definition can be made."""

    code = "REPORT-LINE"
    at = "filing"
    of = Definition.facts.name
    title = Text("报表内容可生成", "Lines that can be made")
    clause = "HS/T 82 7.2.2 g) 1)"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Definition, found: Found) -> Unmet | None:
        """Refuses lines of unknown indicators or record types, and divisions that these do not have."""
        for at, line in enumerate(record.lines):
            if unmet := _line(line, f"lines.{at}"):
                return unmet
        return None


def _line(line: Line, place: str) -> Unmet | None:
    if bool(line.indicator) is bool(line.record):
        return Unmet(ONE, place)
    if line.indicator:
        of = indicator(line.indicator)
        if of is None:
            return Unmet(NO_INDICATOR.fill(code=line.indicator), f"{place}.indicator")
        ways = divisions(of)
    else:
        if not any(cls.facts.name == line.record and cls.facts.http for cls in record_types()):
            return Unmet(NO_RECORD.fill(code=line.record), f"{place}.record")
        ways = ("day", "hour")
    if line.by != "whole" and line.by not in ways:
        said, what = BY[line.by], line.indicator or line.record
        return Unmet(Text(UNDIVIDED.zh.format(code=what, by=said.zh), UNDIVIDED.en.format(code=what, by=said.en.lower())), f"{place}.by")
    return None
