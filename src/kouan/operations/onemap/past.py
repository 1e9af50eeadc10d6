"""An hour of the past for the map's playback: what was where, as far as the caller may see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from kouan.facilities.telemetry.api import ESTIMATED, KIND_BITS, SIMULATED, Entity, Numbers, history_of
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.signals import Array, Frame
from kouan.operations.onemap.scene import Scene

LONGEST = timedelta(hours=3)
STEPS = (timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=60), timedelta(seconds=180))
MOST = 120_000
Box = tuple[float, float, float, float]


async def past(port: Port, scene: Scene, who: Principal, since: datetime, until: datetime, box: Box) -> dict[str, Any]:
    """Objects and their reports in columns, by object and time; thinned to one report in so many seconds where there are many."""
    for step in STEPS:
        frame = await history_of(port).range("position", None, since, until, box, every=step)
        if len(frame) <= MOST or step == STEPS[-1]:
            break
    keys, first, number = np.unique(frame["key"], return_index=True, return_inverse=True)
    entities = await Numbers(port.pool).entity_of(keys.tolist())
    shown = np.array([seen(entities.get(key), who) for key in keys.tolist()], bool)
    rows = np.flatnonzero(shown[number]) if len(keys) else np.zeros(0, int)
    rows = rows[np.lexsort((frame["at"][rows], number[rows]))][:MOST]
    place = np.cumsum(shown) - 1
    objects = [
        _object(scene, entities[key], key, int(frame["flags"][first[n]]))
        for n, key in enumerate(keys.tolist()) if shown[n]
    ]  # fmt: skip
    return {"thinned_s": step.total_seconds(), "objects": objects, **_columns(frame, rows, place[number[rows]], since)}


def seen(entity: Entity | None, who: Principal) -> bool:
    """Whether a caller may see an entity: by level, and by organisation where it names some; what nobody numbered, nobody sees."""
    return entity is not None and entity.level <= who.clearance and (not entity.orgs or who.slug in entity.orgs)


def _object(scene: Scene, entity: Entity, key: int, flags: int) -> list[Any]:
    slot = scene.slot_of(key)
    card = scene.cards.get(slot) if slot is not None else None
    hull = list(card.hull) if card else [0, 0, 0, 0]
    return [entity.name or (card.name if card else ""), entity.ref, key >> KIND_BITS, flags & (SIMULATED | ESTIMATED), hull]


def _columns(frame: Frame, rows: Array, number: Array, since: datetime) -> dict[str, Any]:
    begin = since.timestamp() * 1e6
    measured = {name: _known(frame[name][rows]) for name in ("speed", "course", "heading")}
    return {
        "object": number.tolist(), "at_s": np.round((frame["at"][rows] - begin) / 1e6, 1).tolist(),
        "lon": np.round(frame["lon"][rows], 6).tolist(), "lat": np.round(frame["lat"][rows], 6).tolist(), **measured,
    }  # fmt: skip


def _known(column: Array) -> list[float | None]:
    return [None if value != value else round(value, 1) for value in column.tolist()]
