"""Places: loitering, a dragging anchor, entry into restricted waters, speed and direction in a fairway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import numpy as np

from kouan.facilities.telemetry.api import KINDS, micros
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text
from kouan.operations.traffic import geo
from kouan.operations.traffic.alerts.showing import WATERS, shown, simulated, subject, token, where
from kouan.operations.traffic.contacts import WORKS
from kouan.operations.traffic.fairways import Fairway
from kouan.operations.traffic.past import TrafficPast
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import moment
from kouan.operations.traffic.stays import Stay
from kouan.operations.traffic.watching import traffic_of

LINGERS = Text("{ship} 在半海里范围内徘徊 {minutes} 分钟", "{ship} has stayed within half a mile for {minutes} min")
DRAGS = Text("{ship} 偏离锚位 {metres} 米，允许 {limit} 米，疑似走锚", "{ship} is {metres} m from her anchor, {limit} m is allowed: she may be dragging")
ENTERED = Text("{ship} 进入{place}", "{ship} entered {place}")
FAST = Text("{ship} 在{place}航速 {speed} 节，限速 {limit} 节", "{ship} makes {speed} kn in {place}, the limit is {limit} kn")
AGAINST = Text("{ship} 在{place}逆向航行", "{ship} sails against the direction of {place}")
MACHINE = KINDS.index("equipment")
FISHING = 7
"""AIS navigational status: engaged in fishing."""


class Loitering(Alert):
    """A ship that stays in one part of watched waters, neither at berth nor in an anchorage."""

    code = "operations.traffic.loitering"
    title = Text("船舶徘徊", "Loitering")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "notice"
    owner = "maritime"
    respond = timedelta(minutes=30)
    clears_after = timedelta(minutes=2)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "minutes": Parameter(Text("徘徊时长", "Time in one place"), 60, "min", 1, 1440),
        "speed_kn": Parameter(Text("最高航速", "Speed, at most"), 4, "kn", 0, 20),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Those who have hovered for long; working craft and fishing boats at work are left alone."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        seen = traffic.seen
        minutes = (seen.at - seen.hover_at) / 60e6
        long = seen.ships() & (minutes >= settings["minutes"]) & (seen.speed <= settings["speed_kn"]) & traffic.within("zone")
        long &= ~(traffic.within("anchorage") | traffic.within("berth") | WORKS[seen.ship_type] | (seen.status == FISHING))
        for place in np.flatnonzero(long & (seen.at > seen.now - 600_000_000)).tolist():
            said = LINGERS.fill(ship=traffic.name(place), minutes=f"{minutes[place]:.0f}")
            lon, lat = where(traffic, place)
            yield Raised(
                token(traffic, place), said, moment(int(seen.hover_at[place])), subject(traffic, place),
                {"ships": [shown(traffic, place)]}, lon, lat, round(float(minutes[place]), 1), settings["minutes"], WATERS,
                simulated=simulated(traffic, place),
            )  # fmt: skip


class Dragging(Alert):
    """An anchored ship that is further from her anchor than she can swing (锚泊监护)."""

    code = "operations.traffic.dragging"
    title = Text("疑似走锚", "Anchor may be dragging")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "serious"
    owner = "maritime"
    respond = timedelta(minutes=5)
    clears_after = timedelta(minutes=2)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "chain_m": Parameter(Text("锚链与旋回余量", "Chain and margin"), 250, "m", 20, 2000),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """A ship swings about her anchor by chain and length."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        for number, anchor in traffic.anchors.lying.items():
            place = int(traffic.seen.places(np.array([number], np.uint64))[0])
            if place >= len(traffic.seen) or int(traffic.seen.number[place]) != number:
                continue
            limit = settings["chain_m"] + float(traffic.seen.length[place])
            if anchor.away > limit:
                said = DRAGS.fill(ship=traffic.name(place), metres=f"{anchor.away:.0f}", limit=f"{limit:.0f}")
                lon, lat = where(traffic, place)
                yield Raised(
                    token(traffic, place), said, moment(int(traffic.seen.at[place])), subject(traffic, place),
                    {"ships": [shown(traffic, place)], "anchor": [anchor.lon, anchor.lat]}, lon, lat, round(anchor.away, 1), limit,
                    ("maritime", "portoffice"), simulated=simulated(traffic, place),
                )  # fmt: skip


class RestrictedEntry(Alert):
    """A ship or vehicle in a restricted area; craft of the services and the port's own machines are at work there."""

    code = "operations.traffic.restricted_entry"
    title = Text("进入限制区", "Entry into a restricted area")
    clause = "HS/T 82 9.1.3 h)"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=5)
    clears_after = timedelta(seconds=30)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "seconds": Parameter(Text("停留超过", "Inside for"), 0, "s", 0, 3600),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Each mover in each such area, once."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        for place, stay in _inside(traffic, "restricted_area"):
            inside = (int(traffic.seen.at[place]) - stay.entered) / 1e6
            at_work = WORKS[traffic.seen.ship_type[place]] or traffic.seen.kind[place] == MACHINE
            if inside < settings["seconds"] or at_work:
                continue
            zone = traffic.zones.zones[stay.zone]
            ship = traffic.name(place)
            said = Text(ENTERED.zh.format(ship=ship, place=zone.name_zh), ENTERED.en.format(ship=ship, place=zone.name_en))
            lon, lat = where(traffic, place)
            yield Raised(
                f"{token(traffic, place)}@{zone.code}", said, moment(stay.entered), (*subject(traffic, place), zone.ref),
                {"ships": [shown(traffic, place)]}, lon, lat, orgs=WATERS, simulated=simulated(traffic, place),
            )  # fmt: skip


class _InFairway(Alert):
    """Base of what is asked of ships in a fairway: a condition that must hold for a while."""

    abstract = True

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def _lasting(self, held: Mapping[str, Raised], seconds: float, now: int) -> Iterator[Raised]:
        self._since = {key: self._since.get(key, now) for key in held}
        yield from (one for key, one in held.items() if now - self._since[key] >= seconds * 1e6)


class Speeding(_InFairway):
    """A ship faster than a fairway or zone allows."""

    code = "operations.traffic.speeding"
    title = Text("航道超速", "Over the speed limit")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "notice"
    owner = "maritime"
    respond = timedelta(minutes=15)
    clears_after = timedelta(minutes=1)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "over_kn": Parameter(Text("超过限速", "Over the limit by"), 1, "kn", 0, 20),
        "seconds": Parameter(Text("持续", "For"), 30, "s", 0, 600),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Ships that are over it, and stay so."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        held: dict[str, Raised] = {}
        for place, stay in [*_inside(traffic, "fairway"), *_inside(traffic, "zone")]:
            zone, speed = traffic.zones.zones[stay.zone], float(traffic.seen.speed[place])
            if zone.speed_limit and speed > zone.speed_limit + settings["over_kn"] and bool(traffic.seen.ships()[place]):
                key = f"{token(traffic, place)}@{zone.code}"
                facts = {"ship": traffic.name(place), "speed": f"{speed:.1f}", "limit": f"{zone.speed_limit:g}"}
                said = Text(FAST.zh.format(**facts, place=zone.name_zh), FAST.en.format(**facts, place=zone.name_en))
                lon, lat = where(traffic, place)
                held[key] = Raised(
                    key, said, moment(int(traffic.seen.at[place])), (*subject(traffic, place), zone.ref),
                    {"ships": [shown(traffic, place)]}, lon, lat, round(speed, 1), zone.speed_limit, ("maritime", "portoffice"),
                    simulated=simulated(traffic, place),
                )  # fmt: skip
        yield from self._lasting(held, settings["seconds"], micros(now))


class WrongWay(_InFairway):
    """A ship that sails against the direction of a fairway that has one."""

    code = "operations.traffic.wrong_way"
    title = Text("航道逆行", "Against the direction of a fairway")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=5)
    clears_after = timedelta(minutes=1)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "degrees": Parameter(Text("与规定方向夹角", "Off the direction by"), 120, "deg", 60, 180),
        "seconds": Parameter(Text("持续", "For"), 30, "s", 0, 600),
        "speed_kn": Parameter(Text("最低航速", "Speed, at least"), 2, "kn", 0, 20),
    }

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[str, tuple[Any, Fairway]] = {}

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """The course against the line's bearing where the ship is."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        held: dict[str, Raised] = {}
        for place, stay in _inside(traffic, "fairway"):
            zone, seen = traffic.zones.zones[stay.zone], traffic.seen
            if zone.direction not in ("along", "against") or zone.line is None or seen.speed[place] < settings["speed_kn"]:
                continue
            _, _, bearing = self._line(zone.code, zone.line).project(seen.lon[place : place + 1], seen.lat[place : place + 1])
            off = float(geo.apart(seen.course[place : place + 1], (bearing + (180.0 if zone.direction == "against" else 0.0)) % 360.0)[0])
            if off >= settings["degrees"]:
                key = f"{token(traffic, place)}@{zone.code}"
                said = Text(
                    AGAINST.zh.format(ship=traffic.name(place), place=zone.name_zh),
                    AGAINST.en.format(ship=traffic.name(place), place=zone.name_en),
                )
                lon, lat = where(traffic, place)
                held[key] = Raised(
                    key, said, moment(int(seen.at[place])), (*subject(traffic, place), zone.ref), {"ships": [shown(traffic, place)]},
                    lon, lat, round(off, 1), settings["degrees"], ("maritime", "portoffice"), simulated=simulated(traffic, place),
                )  # fmt: skip
        yield from self._lasting(held, settings["seconds"], micros(now))

    def _line(self, code: str, line: Any) -> Fairway:
        known = self._lines.get(code)
        if known is None or known[0] is not line:
            points = line.coords if line.geom_type == "LineString" else line.geoms[0].coords
            known = self._lines[code] = line, Fairway(list(points))
        return known[1]


def _inside(traffic: Traffic, kind: str) -> Iterator[tuple[int, Stay]]:
    """The movers in places of a kind that are seen now: their place among the tracks, and since when."""
    seen = traffic.seen
    for stay in traffic.stays.open.values():
        if traffic.zones.zones[stay.zone].kind == kind:
            place = int(seen.places(np.array([stay.mover], np.uint64))[0])
            if place < len(seen) and int(seen.number[place]) == stay.mover and seen.at[place] > seen.now - 180_000_000:
                yield place, stay
