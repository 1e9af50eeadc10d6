"""What a permit must be, what lets a person in, and what a passage is warned of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from kouan.base.place.api import Place
from kouan.facilities.access.lifecycle import ISSUED
from kouan.facilities.access.records import AreaPassage, AreaPermit
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text

PERMIT, PASSAGE = AreaPermit.facts.name, AreaPassage.facts.name
CLAUSE = "HS/T 82 8.1.2 c)"
LONGEST = timedelta(days=366)
CLOSED_KINDS = ("restricted_area", "room", "floor")
NONE = Text("没有通行证", "There is no permit")
ELSEWHERE = Text("通行证不含该区域", "No permit names this area")
STATES = {
    "applied": Text("通行证尚未签发", "The permit is not issued yet"), "refused": Text("通行证未获签发", "The permit was refused"),
    "suspended": Text("通行证已暂停", "The permit is suspended"), "revoked": Text("通行证已吊销", "The permit was revoked"),
}  # fmt: skip
EARLY = Text("通行证尚未生效", "The permit is not valid yet")
LATE = Text("通行证已过期", "The permit has expired")


def standing(permits: Sequence[Kept], area: str, at: datetime) -> tuple[Kept | None, Text | None]:
    """The permit that decides and why it does not let its person into an area at a moment; None: it does.

    Of several permits any good one serves; where none is good the one that was made last gives the reason.
    """
    reason, last = NONE, None
    for kept in permits:
        permit = kept.data
        assert isinstance(permit, AreaPermit)
        if area not in permit.areas:
            why: Text | None = ELSEWHERE
        elif kept.state != ISSUED:
            why = STATES[kept.state]
        elif at < permit.opens:
            why = EARLY
        else:
            why = LATE if at > permit.closes else None
        if why is None:
            return kept, None
        if last is None or (reason is ELSEWHERE and why is not ELSEWHERE):
            reason, last = why, kept
    return last, reason


class SaneValidity(Rule):
    """A permit ends after it begins, and lasts a year at most."""

    code = "AREA-VALIDITY"
    at = "filing"
    of = PERMIT
    title = Text("有效期合理", "Sane validity")
    clause = CLAUSE
    severity = "refuse"
    owner = "agent"

    def judge(self, record: AreaPermit, found: Found) -> Unmet | None:
        """Refuses an end before the beginning and more than a year."""
        if record.closes <= record.opens:
            return Unmet(Text("有效期止应晚于有效期始", "The permit must end after it begins"), "closes")
        if record.closes - record.opens > LONGEST:
            return Unmet(Text("有效期不得超过一年", "A permit lasts a year at most"), "closes")
        return None


class RestrictedPlaces(Rule):
    """Permits are for places that the port keeps closed."""

    code = "AREA-PLACE"
    at = "filing"
    of = PERMIT
    title = Text("区域为限定区域", "The places are restricted areas")
    clause = CLAUSE
    severity = "refuse"
    owner = "agent"

    def needs(self, record: AreaPermit, filer: str) -> Iterable[Need]:
        """The places named."""
        return tuple(_place(area) for area in record.areas)

    def judge(self, record: AreaPermit, found: Found) -> Unmet | None:
        """Refuses a place that is not known or not closed."""
        for area in record.areas:
            kinds = {kept.data.kind for kept in found.of(_place(area)) if kept.ref == area and isinstance(kept.data, Place)}
            if not kinds & set(CLOSED_KINDS):
                shown = area.partition(":")[2]
                return Unmet(Text(f"{shown} 不是限定区域", f"{shown} is no restricted area"), "areas", area)
        return None


class PassedWithPermit(Rule):
    """Who went in without a good permit is kept, and flagged."""

    code = "AREA-PERMIT"
    at = "filing"
    of = PASSAGE
    title = Text("进入须持有效通行证", "Entry needs a valid permit")
    clause = CLAUSE
    severity = "warn"
    owner = "border"

    def needs(self, record: AreaPassage, filer: str) -> Iterable[Need]:
        """The person's permits."""
        return (Need(PERMIT, ref=record.person),)

    def judge(self, record: AreaPassage, found: Found) -> Unmet | None:
        """Warns of an entry that no permit allows."""
        if record.direction == "out":
            return None
        kept, why = standing(found.of(Need(PERMIT, ref=record.person)), record.area, record.at)
        return Unmet(why, "person", kept.ref if kept else "") if why else None


class PassedInTurn(Rule):
    """In follows out and out follows in; anything else is a tailgate, a lent card or a missed report."""

    code = "AREA-TURN"
    at = "filing"
    of = PASSAGE
    title = Text("进出交替", "In and out in turn")
    clause = CLAUSE
    severity = "warn"
    owner = "border"

    def needs(self, record: AreaPassage, filer: str) -> Iterable[Need]:
        """The person's passages."""
        return (Need(PASSAGE, ref=record.person),)

    def judge(self, record: AreaPassage, found: Found) -> Unmet | None:
        """Warns when the person's passage before this one, by event time, was in the same direction."""
        before = [kept.data for kept in found.of(Need(PASSAGE, ref=record.person)) if isinstance(kept.data, AreaPassage)]
        mine = [one for one in before if one.area == record.area and one.at < record.at]
        last = max(mine, key=lambda one: one.at).direction if mine else "out"
        if last != record.direction:
            return None
        inside = Text("此人已在区域内", "This person is inside already")
        outside = Text("此人不在区域内", "This person is not inside")
        return Unmet(inside if last == "in" else outside, "direction")


def _place(area: str) -> Need:
    return Need(Place.facts.name, ref=area)
