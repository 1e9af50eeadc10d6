"""Identity: ships that fall silent, positions that no ship can have sailed, and identities that do not agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import numpy as np

from kouan.facilities.telemetry.api import SIMULATED, micros
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.clock import stamp
from kouan.kernel.text import Text
from kouan.operations.traffic import geo
from kouan.operations.traffic.alerts.showing import WATERS, shown, simulated, subject, token, where
from kouan.operations.traffic.fusion import SHIP, Jump
from kouan.operations.traffic.identity import NUMBER, Identity
from kouan.operations.traffic.past import TrafficPast
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import moment
from kouan.operations.traffic.watching import calls_of, traffic_of
from kouan.standards.identifiers.api import check

SILENT = Text("{ship} 已 {minutes} 分钟没有 AIS 报告，最后航速 {speed} 节", "{ship} has sent no AIS for {minutes} min; her last speed was {speed} kn")
STILL_SEEN = Text("{ship} 已 {minutes} 分钟没有 AIS 报告，雷达仍在跟踪", "{ship} has sent no AIS for {minutes} min while radar still follows her")
JUMPED = Text("{ship} 的位置在 {seconds} 秒内相差 {miles} 海里", "{ship}: two positions {miles} nmi apart within {seconds} s")
BAD_IMO = Text("{ship} 播发的 IMO 编号 {imo} 校验位不符", "{ship} tells IMO number {imo}, whose check digit is wrong")
OTHER_IMO = Text("{ship} 播发的 IMO 编号由 {before} 变为 {after}", "{ship} changed the IMO number that she tells from {before} to {after}")
OTHER_CALL = Text(
    "{ship} 播发的身份与口岸动态不符：申报 {declared}，播发 {told}", "{ship} does not agree with her port call: declared {declared}, told {told}"
)
FEED = 60_000_000
"""Microseconds without any AIS after which the feed is what is silent, and no ship is blamed."""
WATCHED = ("zone", "anchorage", "fairway", "berth", "restricted_area")


def watched(traffic: Traffic) -> Any:
    """Which tracks are in a place that the port watches: elsewhere a ship may just be out of reach."""
    found = np.zeros(len(traffic.seen), bool)
    for kind in WATCHED:
        found |= traffic.within(kind)
    return found


class AisGap(Alert):
    """A ship that was under way in watched waters and sends no AIS any more (脱离 AIS 监控)."""

    code = "operations.traffic.ais_gap"
    title = Text("AIS 信号中断", "AIS silent")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=10)
    clears_after = timedelta(seconds=10)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "minutes": Parameter(Text("无报告时长", "Time without a report"), 10, "min", 1, 360),
        "speed_kn": Parameter(Text("中断前航速", "Speed before, at least"), 2, "kn", 0, 30),
        "most_min": Parameter(Text("预警最长保持", "The alarm stands for"), 120, "min", 5, 1440),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Silent ships, unless the whole feed is silent; one that radar still follows is the graver case."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        seen = traffic.seen
        ships = (seen.kind == SHIP) & (seen.own_at > 0)
        if not ships.any() or int(seen.own_at[ships].max()) < seen.now - FEED:
            return
        quiet = (seen.now - seen.own_at) / 60e6
        silent = ships & (quiet >= settings["minutes"]) & (quiet <= settings["most_min"])
        silent &= (seen.speed >= settings["speed_kn"]) & watched(traffic) & ~traffic.within("berth")
        for place in np.flatnonzero(silent).tolist():
            followed = bool(seen.radar_at[place] > seen.now - FEED)
            text = STILL_SEEN if followed else SILENT
            said = text.fill(ship=traffic.name(place), minutes=f"{quiet[place]:.0f}", speed=f"{seen.speed[place]:.1f}")
            lon, lat = where(traffic, place)
            grave: Severity | None = "serious" if followed else None
            evidence = {"ships": [shown(traffic, place)], "last_ais": stamp(moment(int(seen.own_at[place]))), "radar": followed}
            yield Raised(
                token(traffic, place), said, moment(int(seen.own_at[place])), subject(traffic, place), evidence, lon, lat,
                round(float(quiet[place]), 1), settings["minutes"], WATERS, grave, simulated(traffic, place),
            )  # fmt: skip


class ImpossibleJump(Alert):
    """Positions under one MMSI that no one ship can have sailed: a false position, or two stations with one number."""

    code = "operations.traffic.impossible_jump"
    title = Text("AIS 位置跳变", "Impossible jump of an AIS position")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=10)
    clears_after = timedelta(minutes=1)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "miles": Parameter(Text("跳变距离", "Distance jumped, at least"), 2, "nmi", 2, 1000),
        "speed_kn": Parameter(Text("所需航速", "Speed that it would need, at least"), 80, "kn", 80, 5000),
        "stands_min": Parameter(Text("预警保持时间", "The alarm stands for"), 10, "min", 1, 240),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """The last jump of each ship, for as long as it stands."""
        traffic = traffic_of(view)
        if traffic is None:
            return
        tracks, since = traffic.fusion.tracks, micros(now - timedelta(minutes=settings["stands_min"]))
        last: dict[int, tuple[Jump, int]] = {}
        for jump in traffic.fusion.jumps:
            knots = jump.metres / max(jump.seconds, 1.0) / geo.KNOT
            if jump.at >= since and jump.metres >= settings["miles"] * geo.MILE and knots >= settings["speed_kn"]:
                last[jump.key] = jump, last.get(jump.key, (jump, 0))[1] + 1
        for key, (jump, times) in last.items():
            name = traffic.identities.of(key).name
            ship = f"{name} ({key & NUMBER:09d})" if name else f"{key & NUMBER:09d}"
            said = JUMPED.fill(ship=ship, seconds=f"{jump.seconds:.0f}", miles=f"{jump.metres / geo.MILE:.1f}")
            evidence = {"before": list(jump.before), "after": list(jump.after), "seconds": jump.seconds, "times": times,
                        "track": tracks.ways.of(tracks.by_key[key]) if key in tracks.by_key else []}  # fmt: skip
            yield Raised(
                f"{key & NUMBER:09d}", said, moment(jump.at), (f"vessel:mmsi:{key & NUMBER:09d}",), evidence, *jump.after,
                round(jump.metres / geo.MILE, 2), settings["miles"], WATERS, simulated=bool(jump.flags & SIMULATED),
            )  # fmt: skip


class WrongIdentity(Alert):
    """A ship in watched waters whose identity does not hold: check digit, change of IMO number, or against her port call."""

    code = "operations.traffic.wrong_identity"
    title = Text("船舶身份不符", "A ship's identity does not agree")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "warning"
    owner = "maritime"
    respond = timedelta(minutes=30)
    clears_after = timedelta(minutes=1)
    past = TrafficPast
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "stands_min": Parameter(Text("身份变更预警保持", "The alarm of a change stands for"), 60, "min", 1, 1440),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """What a ship tells, against itself, against what she told before and against what was declared."""
        traffic, calls = traffic_of(view), calls_of(view)
        if traffic is None:
            return
        seen, since = traffic.seen, micros(now - timedelta(minutes=settings["stands_min"]))
        changed = {one.key: one for one in traffic.identities.changed if one.at >= since}
        for place in np.flatnonzero((seen.kind == SHIP) & watched(traffic)).tolist():
            key = int(seen.key[place])
            told, ship = traffic.identities.of(key), traffic.name(place)
            if told.imo and not told.sound_imo:
                yield self._raised(traffic, place, "check", BAD_IMO.fill(ship=ship, imo=str(told.imo)), told)
            elif key in changed:
                one = changed[key]
                said = OTHER_IMO.fill(ship=ship, before=str(one.before.imo), after=str(one.after.imo))
                yield self._raised(traffic, place, "change", said, told)
            elif calls is not None and (mismatch := _against(key, told, calls.by_mmsi, calls.by_imo)):
                declared, other = mismatch
                yield self._raised(traffic, place, "call", OTHER_CALL.fill(ship=ship, declared=declared, told=other), told)

    def _raised(self, traffic: Traffic, place: int, what: str, said: Text, told: Identity) -> Raised:
        lon, lat = where(traffic, place)
        evidence = {"ships": [shown(traffic, place)], "imo": told.imo, "call_sign": told.call_sign, "what": what}
        return Raised(
            f"{what}-{token(traffic, place)}", said, moment(told.at), subject(traffic, place), evidence, lon, lat, orgs=WATERS,
            simulated=simulated(traffic, place),
        )  # fmt: skip


def _against(key: int, told: Identity, by_mmsi: Mapping[str, Any], by_imo: Mapping[str, Any]) -> tuple[str, str] | None:
    """What the call of this ship declared, and what she tells instead; None where both agree or nothing is known."""
    mmsi, imo = f"{key & NUMBER:09d}", told.sound_imo
    call = by_mmsi.get(mmsi)
    if call is not None and call.imo and imo and call.imo != imo and check("imo", call.imo).ok:
        return f"IMO {call.imo}", f"IMO {imo}"
    call = by_imo.get(imo) if imo else None
    if call is not None and call.mmsi and call.mmsi != mmsi:
        return f"MMSI {call.mmsi}", f"MMSI {mmsi}"
    return None
