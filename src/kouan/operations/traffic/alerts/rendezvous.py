"""Rendezvous: two ships that stay slow beside each other where no ship has business with another (海上会合)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import numpy as np

from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.clock import stamp
from kouan.kernel.text import Text
from kouan.operations.traffic.alerts.showing import WATERS, shown, simulated, subject, token, where
from kouan.operations.traffic.meetings import Meeting, Meetings
from kouan.operations.traffic.past import TrafficPast
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import moment
from kouan.operations.traffic.watching import traffic_of

MEETS = Text(
    "{one} 与 {other} 低速相伴 {minutes} 分钟，最近相距 {metres} 米，不在泊位或锚地",
    "{one} and {other} have stayed slow beside each other for {minutes} min, {metres} m at the nearest, away from berths and anchorages",
)


class Rendezvous(Alert):
    """Two ships near each other and slow for long, neither at berth nor in an anchorage; craft whose work it is do not count."""

    code = "operations.traffic.rendezvous"
    title = Text("疑似海上会合", "Rendezvous of two ships")
    clause = "HS/T 82 9.1.3 h)"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=15)
    clears_after = timedelta(minutes=2)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "distance_m": Parameter(Text("两船距离不超过", "Distance, at most"), 500, "m", 50, 5000),
        "speed_kn": Parameter(Text("两船航速均不超过", "Speed of both, at most"), 2, "kn", 0.1, 10),
        "minutes": Parameter(Text("持续时长", "For"), 30, "min", 0.1, 1440),
    }

    past = TrafficPast

    def __init__(self) -> None:
        self._meetings = Meetings()

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Each pair once; an anchorage is where bunkers and stores are given, and contact there is judged by `alongside`."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        lies = traffic.within("berth") | traffic.within("anchorage")
        self._meetings.look(traffic.seen, lies, settings["distance_m"], settings["speed_kn"])
        for meeting in self._meetings.open.values():
            places = traffic.seen.places(np.array([meeting.first, meeting.second], np.uint64)).tolist()
            if meeting.minutes >= settings["minutes"] and _there(traffic, meeting, places):
                yield _raised(traffic, meeting, places, settings["minutes"])


def _there(traffic: Traffic, meeting: Meeting, places: list[int]) -> bool:
    numbers = traffic.seen.number
    pairs = zip(places, (meeting.first, meeting.second), strict=True)
    return all(place < len(numbers) and int(numbers[place]) == number for place, number in pairs)


def _raised(traffic: Traffic, meeting: Meeting, places: list[int], limit: float) -> Raised:
    one, other = places
    said = MEETS.fill(
        one=traffic.name(one), other=traffic.name(other), minutes=f"{meeting.minutes:.0f}", metres=f"{meeting.nearest:.0f}"
    )
    tracks = {token(traffic, place): [[stamp(moment(at)), lon, lat] for at, lon, lat in track]
              for place, track in zip(places, meeting.tracks, strict=True)}  # fmt: skip
    evidence = {"ships": [shown(traffic, one), shown(traffic, other)], "tracks": tracks, "nearest_m": round(meeting.nearest, 1)}
    return Raised(
        "-".join(sorted(tracks)), said, moment(meeting.since), (*subject(traffic, one), *subject(traffic, other)), evidence,
        *where(traffic, one), round(meeting.minutes, 1), limit, WATERS, simulated=simulated(traffic, one, other),
    )  # fmt: skip
