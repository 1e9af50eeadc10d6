"""The door of machine rooms: how each room does, its assets, and the services that something wrong there would reach."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.facilities.devices.api import live
from kouan.facilities.rooms import store
from kouan.facilities.rooms.health import Web, breaches, web
from kouan.facilities.rooms.records import KINDS, MEASURES, Asset, Sensor
from kouan.kernel.database import scope
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.store.entitle import scope_of

router = APIRouter(prefix="/api/rooms", tags=["facilities.rooms"], responses=RESPONSES)
Live = dict[str, dict[str, Any]]


class AssetOut(BaseModel):
    """An asset: `state` is ok, beyond (a limit), down (its device is silent) or unknown (nothing is measured)."""

    ref: str
    name: dict[str, str]
    kind: str
    kind_title: dict[str, str]
    rack: str
    state: str
    simulated: bool
    measured: list[dict[str, Any]]
    capacity: list[dict[str, Any]]
    assets: list[str]
    services: list[str]


class RoomOut(BaseModel):
    """A room: its worst state, and its assets."""

    room: str
    state: str
    assets: list[AssetOut]


class RoomsOut(BaseModel):
    """Rooms, and the services with what stands wrong beneath each (references of assets)."""

    rooms: list[RoomOut]
    services: list[dict[str, Any]]


WORST = ("down", "beyond", "unknown", "ok")


@router.get("/health", response_model=RoomsOut, operation_id="rooms_health", summary="How the machine rooms do")
async def health(who: Caller, port: ThePort) -> Response:
    """The rooms that the caller may see, rolled up: each room is as its worst asset, each service as what it depends on."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = web((asset for asset, _ in await store.assets(conn)), await store.services(conn))
    codes = {s.device for a in found.assets.values() for s in a.sensors} | {a.device for a in found.assets.values() if a.device}
    now = await live(port, who, sorted(code.partition(":")[2] for code in codes))
    shown = {ref: _asset(found, ref, asset, now) for ref, asset in found.assets.items()}
    rooms: dict[str, list[dict[str, Any]]] = {}
    for ref, asset in found.assets.items():
        rooms.setdefault(asset.room, []).append(shown[ref])
    listed = [{"room": room, "state": _worst(assets), "assets": assets} for room, assets in sorted(rooms.items())]
    return reply({"rooms": listed, "services": _services(found, shown)})


def _asset(found: Web, ref: str, asset: Asset, now: Live) -> dict[str, Any]:
    assets, services = found.depending(ref)
    return {
        "ref": ref, "name": {"zh": asset.name_zh, "en": asset.name_en}, "kind": asset.kind, "kind_title": KINDS[asset.kind].out(),
        "rack": asset.rack, "state": _state(asset, now), "simulated": asset.simulated,
        "measured": [_measured(sensor, now) for sensor in asset.sensors], "capacity": [one.model_dump() for one in asset.capacity],
        "assets": assets, "services": services,
    }  # fmt: skip


def _value(sensor: Sensor, now: Live) -> float | None:
    last = now.get(sensor.device.partition(":")[2], {}).get("last", {}).get(sensor.metric)
    return float(last) if last is not None else None


def _measured(sensor: Sensor, now: Live) -> dict[str, Any]:
    return {
        "measure": sensor.measure, "title": MEASURES[sensor.measure].out(), "value": _value(sensor, now), "low": sensor.low,
        "high": sensor.high, "unit": sensor.unit, "device": sensor.device,
        "online": bool(now.get(sensor.device.partition(":")[2], {}).get("online")),
    }  # fmt: skip


def _state(asset: Asset, now: Live) -> str:
    own = now.get(asset.device.partition(":")[2]) if asset.device else None
    if own is not None and not own["online"]:
        return "down"
    if breaches([asset], lambda sensor: _value(sensor, now)):
        return "beyond"
    known = own is not None or any(_value(sensor, now) is not None for sensor in asset.sensors)
    return "ok" if known else "unknown"


def _worst(assets: list[dict[str, Any]]) -> str:
    return min((str(one["state"]) for one in assets), key=WORST.index)


def _services(found: Web, shown: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    wrong: dict[str, list[str]] = {ref: [] for ref in found.services}
    for ref, asset in shown.items():
        if asset["state"] in ("down", "beyond"):
            for service in asset["services"]:
                wrong[service].append(ref)
    return [
        {"ref": ref, "name": {"zh": one.name_zh, "en": one.name_en}, "state": "at_risk" if wrong[ref] else "ok", "because": wrong[ref]}
        for ref, one in found.services.items()
    ]
