"""Encounters: ships that may collide, and craft alongside a ship that lies away from any berth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import numpy as np

from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text
from kouan.operations.traffic import geo
from kouan.operations.traffic.alerts.showing import WATERS, shown, simulated, subject, token, where
from kouan.operations.traffic.contacts import Contact
from kouan.operations.traffic.past import TrafficPast
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import moment
from kouan.operations.traffic.watching import traffic_of

MEET = Text(
    "{one} 与 {other} 预计 {minutes} 分钟后最近会遇距离 {cpa} 海里", "{one} and {other} will pass at {cpa} nmi in {minutes} min"
)
BESIDE = Text(
    "{boat} 搭靠 {ship}，已 {minutes} 分钟，不在泊位内", "{boat} has been alongside {ship} for {minutes} min, away from any berth"
)
SOON = 180.0
MOST = 1000
"""Encounters of which one look warns: the soonest; no watch can follow more. The others are counted."""


class CollisionRisk(Alert):
    """Two ships whose closest point of approach is near and soon; in a fairway, where ships meet, only when nearer still."""

    code = "operations.traffic.collision_risk"
    title = Text("碰撞危险", "Risk of collision")
    clause = "HS/T 82 9.1.4 b)"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=3)
    clears_after = timedelta(seconds=20)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "cpa_nm": Parameter(Text("最近会遇距离", "Closest point of approach"), 0.2, "nmi", 0.01, 1),
        "tcpa_min": Parameter(Text("最近会遇时间", "Time to it"), 8, "min", 1, 30),
        "fairway_cpa_nm": Parameter(Text("航道内最近会遇距离", "Closest point of approach in a fairway"), 0.05, "nmi", 0.0, 1),
        "speed_kn": Parameter(Text("较快一船的最低航速", "Speed of the faster ship, at least"), 3, "kn", 0, 30),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Every pair of the last look that is nearer and sooner than the port allows."""
        traffic = traffic_of(view)
        if traffic is None or not len(traffic.near):
            return
        seen, near = traffic.seen, traffic.near
        first, second = near.first.astype(int), near.second.astype(int)
        fairway = traffic.within("fairway")
        limit = np.where(fairway[first] & fairway[second], settings["fairway_cpa_nm"], settings["cpa_nm"])
        fast = np.maximum(seen.speed[first], seen.speed[second]) >= settings["speed_kn"]
        beside = near.away <= (seen.length[first] + seen.length[second]) / 2 + 50
        bad = (near.cpa / geo.MILE < limit) & (near.tcpa <= settings["tcpa_min"] * 60) & fast & ~beside
        found = np.flatnonzero(bad)
        soonest = found[np.argsort(near.tcpa[found], kind="stable")[:MOST]]
        traffic.encounters.unsaid += len(found) - len(soonest)
        for place in soonest.tolist():
            yield self._raised(traffic, place, float(limit[place]), now)

    def _raised(self, traffic: Traffic, place: int, limit: float, now: datetime) -> Raised:
        near = traffic.near
        one, other = int(near.first[place]), int(near.second[place])
        cpa, tcpa = float(near.cpa[place]) / geo.MILE, float(near.tcpa[place])
        said = MEET.fill(one=traffic.name(one), other=traffic.name(other), minutes=f"{tcpa / 60:.1f}", cpa=f"{cpa:.2f}")
        lon, lat = where(traffic, one)
        grave: Severity | None = "serious" if tcpa < SOON and cpa < limit / 2 else None
        evidence = {"ships": [shown(traffic, one), shown(traffic, other)], "cpa_nm": round(cpa, 3), "tcpa_s": round(tcpa, 1),
                    "away_nm": round(float(near.away[place]) / geo.MILE, 3)}  # fmt: skip
        return Raised(
            "-".join(sorted((token(traffic, one), token(traffic, other)))), said, now, (*subject(traffic, one), *subject(traffic, other)),
            evidence, lon, lat, round(cpa, 3), limit, ("maritime", "portoffice"), grave, simulated(traffic, one, other),
        )  # fmt: skip


class Alongside(Alert):
    """A craft beside a ship that lies away from any berth: contact that nobody announced (海上非法搭靠)."""

    code = "operations.traffic.alongside"
    title = Text("疑似非法搭靠", "Unannounced contact alongside")
    clause = "HS/T 82 9.1.3 h)"
    severity: ClassVar[Severity] = "serious"
    owner = "maritime"
    respond = timedelta(minutes=5)
    clears_after = timedelta(minutes=1)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "minutes": Parameter(Text("并靠时长", "Time alongside"), 2, "min", 0.1, 120),
        "ship_m": Parameter(Text("被搭靠船舶的最小船长", "Length of the ship, at least"), 50, "m", 0, 400),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Contacts that last; of a ship, or of one that lies at anchor whatever her length."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        for contact in traffic.contacts.open.values():
            minutes = (contact.last - contact.since) / 60e6
            if minutes < settings["minutes"]:
                continue
            pair = _pair(traffic, contact)
            if pair is None:
                continue
            lies = int(traffic.seen.number[pair[0]]) in traffic.anchors.lying
            if lies or traffic.seen.length[pair[0]] >= settings["ship_m"]:
                yield self._raised(traffic, contact, pair, settings["minutes"])

    def _raised(self, traffic: Traffic, contact: Contact, pair: tuple[int, int], limit: float) -> Raised:
        ship, boat = pair
        minutes = (contact.last - contact.since) / 60e6
        said = BESIDE.fill(boat=traffic.name(boat), ship=traffic.name(ship), minutes=f"{minutes:.1f}")
        lon, lat = where(traffic, boat)
        evidence = {"ships": [shown(traffic, ship), shown(traffic, boat)], "nearest_m": round(contact.nearest, 1)}
        return Raised(
            "-".join(sorted((token(traffic, ship), token(traffic, boat)))), said, moment(contact.since),
            (*subject(traffic, ship), *subject(traffic, boat)), evidence, lon, lat, round(minutes, 1), limit, WATERS,
            simulated=simulated(traffic, ship, boat),
        )  # fmt: skip


def _pair(traffic: Traffic, contact: Contact) -> tuple[int, int] | None:
    """The longer ship and the other, as places of the last look; None when one is gone."""
    numbers = np.array([contact.first, contact.second], np.uint64)
    places = [int(place) for place in traffic.seen.places(numbers)]
    if any(place >= len(traffic.seen) or traffic.seen.number[place] != number for place, number in zip(places, numbers, strict=True)):
        return None
    lying = [int(number) in traffic.anchors.lying for number in numbers]
    order = sorted((0, 1), key=lambda n: (float(traffic.seen.length[places[n]]), lying[n]), reverse=True)
    return places[order[0]], places[order[1]]
