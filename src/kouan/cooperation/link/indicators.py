"""Links in figures: what partner platforms told, and how much of it in time (HS/T 82 7.2.5 a) 2))."""

from __future__ import annotations

from kouan.cooperation.link.records import AUTHORITIES, Copy
from kouan.kernel.indicators import By, Indicator, Seen, Tally, at
from kouan.kernel.text import Text

CLAUSE = "HS/T 82 7.2.5 a) 2)"


def timely(seen: Seen) -> bool:
    """Whether it came within the agreed delay."""
    return bool(seen.doc.get("within"))


class Told(Indicator):
    """How much partners tell."""

    code = "data.links_told"
    title = Text("互联收到数据", "Told by partner platforms")
    unit = Text("条", "records")
    clause = CLAUSE
    formula = Text("按收到时刻计数，同一原始记录以最新版本计一次", "Each original once, when its newest version came")
    good, how, group, owner, readers = "", "count", "data", "portoffice", AUTHORITIES
    tally = Tally(record=Copy.facts.name, at=at("received_at"), by={"kind": By("partner")})


class Within(Indicator):
    """How much of it came in time."""

    code = "data.links_within"
    title = Text("互联及时率", "Told within the agreed delay")
    unit = Text("%", "%")
    digits = 1
    clause = CLAUSE
    formula = Text("在协定时限内收到的互联数据，占当日收到的百分比", "What partners told within the agreed delay, of all that came on that day")
    good, how, group, owner, readers = "up", "share", "data", "portoffice", AUTHORITIES
    tally = Tally(record=Copy.facts.name, at=at("received_at"), hit=timely, hit_uses=("within",), by={"kind": By("partner")})
