"""Looking things up on the map: what moves, or moved, by name or reference, a box by where it stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from kouan.base.place.api import Place
from kouan.facilities.telemetry.api import KINDS, Numbers, mirror_of
from kouan.facilities.yard.api import stays_of
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.references import make
from kouan.kernel.store.entitle import scope_of
from kouan.operations.onemap.past import seen
from kouan.operations.onemap.scene import Scene
from kouan.operations.onemap.wire import DEGREE

MOST = 20


async def find(port: Port, scene: Scene, who: Principal, text: str) -> list[dict[str, Any]]:
    """What a caller may see of that name, number or plate: movers first, then the box of that number."""
    found: list[dict[str, Any]] = []
    for slot in scene.find(text, scene.allowed(who), MOST):
        row, card = scene.rows[slot], scene.cards[slot]
        found.append({
            "slot": slot, "ref": card.ref, "name": card.name, "kind": int(row["kind"]), "lon": int(row["lon"]) / DEGREE,
            "lat": int(row["lat"]) / DEGREE, "simulated": bool(row["flags"] & 1), "place": None,
        })  # fmt: skip
    silent = [] if len(found) >= MOST else await _silent(port, who, text, {one["ref"] for one in found})
    return (found + silent)[:MOST] or await _box(port, who, text)


async def _silent(port: Port, who: Principal, text: str, known: set[str]) -> list[dict[str, Any]]:
    """Movers that reported once and are not on the map now; where each was last, as far as it is remembered."""
    named = [one for one in await Numbers(port.pool).named(text, 2 * MOST) if one.ref not in known and seen(one, who)][:MOST]
    last = mirror_of(port).state.latest("position", np.array([one.key for one in named], np.uint64)) if named else None
    where = {} if last is None else {
        key: (lon, lat) for key, lon, lat in zip(*(last[name].tolist() for name in ("key", "lon", "lat")), strict=True) if lon == lon
    }  # fmt: skip
    return [
        {"slot": None, "ref": one.ref, "name": one.name, "kind": KINDS.index(one.kind), "lon": where.get(one.key, (None, None))[0],
         "lat": where.get(one.key, (None, None))[1], "simulated": one.simulated, "place": None} for one in named
    ]  # fmt: skip


async def _box(port: Port, who: Principal, text: str) -> list[dict[str, Any]]:
    try:
        ref = make("container", text)
    except ValueError:
        return []
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        stays = (await stays_of(conn, [ref])).get(ref)
    if not stays or not stays[-1].place or stays[-1].ended:
        return []
    places = await port.find(who, Place.facts.name, ref=stays[-1].place)
    drawn = [place.data.geometry for place in places if place.ref == stays[-1].place and isinstance(place.data, Place)]
    points = [point for geometry in drawn if (point := middle(geometry))]
    return [
        {"slot": None, "ref": ref, "name": ref.partition(":")[2], "kind": None, "lon": lon, "lat": lat, "simulated": False,
         "place": stays[-1].place} for lon, lat in points[:1]
    ]  # fmt: skip


def middle(geometry: dict[str, Any]) -> tuple[float, float] | None:
    """The middle of a GeoJSON geometry's extent (longitude, latitude); None for one without positions."""
    points = list(_positions(geometry.get("coordinates")))
    if not points:
        return None
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _positions(part: Any) -> Any:
    if isinstance(part, list | tuple) and part and isinstance(part[0], int | float):
        yield part
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _positions(inner)
