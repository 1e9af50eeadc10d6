"""What an incident must be, and how far it rises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kouan.cooperation.levels.records import SEVERITIES, UPWARD, Incident, LevelRule, Up
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text

AHEAD = timedelta(minutes=10)


class SaidByPlatform(Rule):
    """How far an incident rises, under which case and from where, is the platform's word."""

    code = "LEVEL-PLATFORM"
    at = "filing"
    of = Incident.facts.name
    title = Text("上报级别由规则确定", "The rules say how far it rises")
    clause = "HS/T 82 7.2.5 a) 3)"
    severity = "refuse"
    owner = "@filer"

    def judge(self, record: Incident, found: Found) -> Unmet | None:
        """Refuses these fields from any filer; they are left out."""
        stated = next((name for name in ("rises_to", "case", "from_platform") if getattr(record, name)), "")
        if not stated or found.filer == PLATFORM.slug:
            return None
        return Unmet(Text("此项由平台按规则填写，请留空", "The platform states this by its rules: leave it out"), stated)


class NotAhead(Rule):
    """An incident has happened when it is reported; it is kept all the same, and flagged."""

    code = "LEVEL-TIME"
    at = "filing"
    of = Incident.facts.name
    title = Text("事件已经发生", "It has happened")
    clause = "HS/T 82 7.2.5 a) 3)"
    severity = "warn"
    owner = "@filer"

    def judge(self, record: Incident, found: Found) -> Unmet | None:
        """Flags a time that is still to come."""
        if record.at <= found.at + AHEAD:
            return None
        return Unmet(Text("发生时间在将来", "It is said to happen in the future"), "at")


def rises(incident: Incident, rules: Iterable[LevelRule]) -> tuple[Up, ...]:
    """The levels to which an incident rises, lowest first: up to the highest that a rule, or the level below, says."""
    severities, levels = list(SEVERITIES), list(UPWARD)
    grave = severities.index(incident.severity)
    named = {
        rule.to for rule in rules
        if rule.active and rule.kind in ("any", incident.kind) and grave >= severities.index(rule.severity)
    } | set(incident.rises_to)  # fmt: skip
    highest = max((levels.index(name) for name in named), default=-1)
    ups: tuple[Up, ...] = ("province", "centre")
    return ups[: highest + 1]
