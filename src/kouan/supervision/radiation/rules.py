"""What shuts a lane and what opens it again."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.facilities.gate.api import GateRule, Passage
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.supervision.radiation.lifecycle import OPEN
from kouan.supervision.radiation.records import RadiationCase

CASE = RadiationCase.facts.name
FEW = 20


class LaneShut(GateRule):
    """While a radiation case of a lane is open, nobody goes through that lane."""

    code = "GATE-RADIATION-CASE"
    title = Text("通道无未结辐射报警", "No radiation case is open at the lane")
    clause = "HS/T 82 6.3"
    severity = "refuse"
    owner = "customs"

    def applies(self, record: Passage, found: Found) -> bool:
        """Lanes where a portal has ever alarmed."""
        return bool(found.of(_cases(record)))

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The lane's last cases."""
        return (_cases(record),)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses while one is open."""
        open_ = next((kept for kept in found.of(_cases(record)) if kept.state in OPEN), None)
        if open_ is None:
            return None
        return Unmet(Text("本通道辐射报警处置中，暂停通行", "A radiation alarm at this lane is being dealt with: it stays shut"), "lane", open_.ref)


class MeasuredAgain(Rule):
    """A case is closed on a second reading, not on the portal's word alone."""

    code = "RAD-SECOND"
    at = "close"
    of = CASE
    title = Text("结案须有复测", "A second reading before the end")
    clause = "HS/T 82 6.3"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: RadiationCase, found: Found) -> Unmet | None:
        """Refuses without a second reading."""
        if record.second is not None:
            return None
        return Unmet(Text("尚无复测结果，不能结案", "There is no second reading: the case stays open"), "second")


class LaterReading(Rule):
    """The second reading is taken after the alarm and by another instrument."""

    code = "RAD-LATER"
    at = "close"
    of = CASE
    title = Text("复测晚于报警", "The second reading is later")
    clause = "HS/T 82 6.3"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: RadiationCase, found: Found) -> Unmet | None:
        """Refuses a reading from before the alarm."""
        if record.second is None or record.second.at >= record.at:
            return None
        return Unmet(Text("复测早于报警", "The second reading is from before the alarm"), "second")


def _cases(record: Passage) -> Need:
    return Need(CASE, ref=f"lane:{record.lane}", most=FEW)
