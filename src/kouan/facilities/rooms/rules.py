"""What an asset's entry must be."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.place.api import Place
from kouan.facilities.rooms.records import Asset, Service
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

CLAUSE = "HS/T 82 6.1"
ROOMS = ("room", "floor", "building")


class DrawnRoom(Rule):
    """An asset stands in a room that is drawn, does not depend on itself, and uses no more than it has."""

    code = "ROOM-ASSET"
    at = "filing"
    of = Asset.facts.name
    title = Text("机房与容量有效", "Valid room and capacity")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def needs(self, record: Asset, filer: str) -> Iterable[Need]:
        """The room."""
        return (Need(Place.facts.name, ref=record.room),)

    def judge(self, record: Asset, found: Found) -> Unmet | None:
        """Refuses an unknown room, one's own dependency, an empty range, and an overfull asset."""
        places = [kept.data for kept in found.of(Need(Place.facts.name, ref=record.room)) if kept.ref == record.room]
        if not any(isinstance(place, Place) and place.kind in ROOMS for place in places):
            return Unmet(Text("没有绘制该机房", "The room is not drawn"), "room")
        if f"asset:{record.code}" in record.depends_on:
            return Unmet(Text("资产不能依赖自身", "An asset does not depend on itself"), "depends_on")
        if any(one.low is not None and one.high is not None and one.low >= one.high for one in record.sensors):
            return Unmet(Text("下限应小于上限", "The lowest is below the highest"), "sensors")
        if any(one.used > one.total for one in record.capacity):
            return Unmet(Text("已用不得超过总量", "No more is used than there is"), "capacity")
        return None


class OtherService(Rule):
    """A service does not depend on itself."""

    code = "ROOM-SERVICE"
    at = "filing"
    of = Service.facts.name
    title = Text("服务依赖有效", "Valid dependencies")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Service, found: Found) -> Unmet | None:
        """Refuses its own name."""
        if f"itservice:{record.code}" in record.needs:
            return Unmet(Text("服务不能依赖自身", "A service does not depend on itself"), "needs")
        return None
