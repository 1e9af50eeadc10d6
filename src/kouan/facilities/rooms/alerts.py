"""Alerts of machine rooms: each names the asset, its room and everything that depends on it (HS/T 82 6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.facilities.devices.api import HUB, Hub
from kouan.facilities.rooms.health import Breach, Web, breach
from kouan.facilities.rooms.records import KINDS, MEASURES, Asset
from kouan.facilities.rooms.watching import CODE as ROOMS
from kouan.facilities.rooms.watching import Rooms
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.clock import stamp
from kouan.kernel.text import Text

BEYOND = Text(
    "{room}的{kind}“{name}”{measure} {value} {unit}，{side} {limit} {unit}；{services}",
    "{measure} of {kind} “{name}” in {room} is {value} {unit}, {side} {limit} {unit}; {services}",
)
DOWN = Text("{room}的{kind}“{name}”离线；{services}", "{kind} “{name}” in {room} does not answer; {services}")
ABOVE, BELOW = Text("高于上限", "above its limit"), Text("低于下限", "below its limit")
AFFECTED, NOTHING = Text("受影响的服务：", "services that depend on it: "), Text("没有服务依赖它", "no service depends on it")
NAMED = 8


class Environment(Alert):
    """A rack's temperature, humidity, power or leak is beyond the limit that holds for the asset."""

    code = "facilities.rooms.environment"
    title = Text("机房环境超限", "Machine room beyond its limits")
    clause = "HS/T 82 6.1"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=15)
    clears_after = timedelta(seconds=30)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "fresh": Parameter(Text("读数有效时间", "Readings count for"), 600, "s", 10, 86_400),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each sensor of each asset; serious where services depend on it."""
        rooms = view.watchers[ROOMS]
        assert isinstance(rooms, Rooms)
        fresh = timedelta(seconds=settings["fresh"])
        for ref, asset in rooms.web.assets.items():
            for sensor in asset.sensors:
                said = rooms.latest(sensor, now, fresh)
                found = breach(asset, sensor, said[0]) if said else None
                if said and found:
                    yield _beyond(rooms, ref, found, said[1], said[2] or asset.simulated)


class Down(Alert):
    """An asset that is itself a device fell silent."""

    code = "facilities.rooms.down"
    title = Text("机房设备离线", "Machine-room asset down")
    clause = "HS/T 82 6.1"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=15)
    clears_after = timedelta(seconds=5)
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each asset whose device was heard and is not any more."""
        rooms, hub = view.watchers[ROOMS], view.watchers[HUB]
        assert isinstance(rooms, Rooms)
        assert isinstance(hub, Hub)
        for ref, asset in rooms.web.assets.items():
            life = hub.lives.of.get(asset.device.partition(":")[2]) if asset.device else None
            if life is None or life.online or life.since is None:
                continue
            words, evidence, subjects, severity = _depending(rooms.web, ref, asset)
            named = {"kind": KINDS[asset.kind], "name": Text(asset.name_zh, asset.name_en), "room": _room(asset), "services": words}
            evidence |= {"device": life.code, "since": stamp(life.since)}
            yield Raised(ref, _fill(DOWN, named), life.since, subjects, evidence, orgs=rooms.orgs.get(ref, ()), severity=severity,
                         simulated=asset.simulated)  # fmt: skip


def _beyond(rooms: Rooms, ref: str, found: Breach, at: datetime, simulated: bool) -> Raised:
    asset, sensor = found.asset, found.sensor
    words, evidence, subjects, severity = _depending(rooms.web, ref, asset)
    value, limit, unit = (Text(text, text) for text in (f"{found.value:g}", f"{found.limit:g}", sensor.unit or "-"))
    named = {
        "kind": KINDS[asset.kind], "name": Text(asset.name_zh, asset.name_en), "room": _room(asset), "services": words,
        "measure": MEASURES[sensor.measure], "value": value, "limit": limit, "unit": unit, "side": ABOVE if found.above else BELOW,
    }  # fmt: skip
    evidence |= {"measure": sensor.measure, "device": sensor.device, "metric": sensor.metric, "value": found.value,
                 "limit": found.limit, "at": stamp(at)}  # fmt: skip
    return Raised(
        f"{ref}/{sensor.device}/{sensor.metric}", _fill(BEYOND, named), at, (*subjects, sensor.device), evidence, value=found.value,
        threshold=found.limit, orgs=rooms.orgs.get(ref, ()), severity=severity, simulated=simulated,
    )  # fmt: skip


def _depending(web: Web, ref: str, asset: Asset) -> tuple[Text, dict[str, Any], tuple[str, ...], Severity]:
    """What depends on an asset: in words, as evidence, as subjects; and how grave that makes its failure."""
    assets, services = web.depending(ref)
    evidence = {"asset": ref, "room": asset.room, "rack": asset.rack, "assets": assets, "services": services}
    subjects = (ref, asset.room, *services[:NAMED])
    if not services:
        return NOTHING, evidence, subjects, "warning"
    named = [web.services[one] for one in services[:NAMED]]
    zh = AFFECTED.zh + "、".join(one.name_zh for one in named)
    return Text(zh, AFFECTED.en + ", ".join(one.name_en for one in named)), evidence, subjects, "serious"


def _room(asset: Asset) -> Text:
    name = asset.room.partition(":")[2]
    return Text(name, name)


def _fill(words: Text, named: Mapping[str, Text]) -> Text:
    zh = words.fill(**{name: text.zh for name, text in named.items()}).zh
    return Text(zh, words.fill(**{name: text.en for name, text in named.items()}).en)
