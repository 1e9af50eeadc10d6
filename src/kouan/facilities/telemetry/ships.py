"""Ships as documents, for the doors that answer JSON: made of the columns of positions and particulars, and read back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from kouan.facilities.telemetry.numbers import mmsi_key, mmsi_of
from kouan.facilities.telemetry.signals import BY_MMSI, KIND_BITS, KINDS, SIMULATED, Position, VesselStatic
from kouan.kernel.signals import Array, Frame, Signal

Ship = dict[str, Any]
_KIND = {"ship": "ship", "base_station": "station", "aid": "station", "station": "station", "aircraft": "aircraft"}
_MOVING = {"lon": "lon", "lat": "lat", "sog": "speed", "cog": "course", "heading": "heading"}
_TEXTS = {"name": "name", "call_sign": "call_sign", "destination": "destination"}
_SHIP = KINDS.index("ship")
_MOST_MMSI = 999_999_999
_NUMBER = np.uint64((1 << KIND_BITS) - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970, UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """Microseconds since 1970 as a moment in UTC."""
    return EPOCH + timedelta(microseconds=int(at))


def frames_of(observations: Iterable[Mapping[str, Any]]) -> list[Frame]:
    """Single observations of ships as frames: their positions, and what they say of themselves. Others are left out."""
    positions: list[Ship] = []
    statics: list[Ship] = []
    for seen in observations:
        kind = _KIND.get(seen.get("kind", ""))
        if kind is None:
            continue
        common = {
            "key": mmsi_key(kind, int(seen["mmsi"])),
            "at": _at(seen.get("at")), "flags": SIMULATED if seen.get("simulated") else 0,
        }  # fmt: skip
        if seen.get("lon") is not None and seen.get("lat") is not None:
            moving = {column: seen[name] for name, column in _MOVING.items() if seen.get(name) is not None}
            status = seen.get("status")
            positions.append({**common, **moving, "status": 15 if status is None else status})
        told = {column: str(seen[name]).encode()[:20] for name, column in _TEXTS.items() if seen.get(name)}
        told |= {column: seen[name] for name, column in _SIZES if seen.get(name)}
        if told:
            statics.append({**common, **told, "imo": int(seen.get("imo") or 0)})
    made = [_frame(Position, positions), _frame(VesselStatic, statics)]
    return [frame for frame in made if len(frame)]


_SIZES = (("ship_type", "ship_type"), ("length_m", "to_bow"), ("beam_m", "to_port"), ("draught_m", "draught"))


def _at(value: Any) -> int:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return 0
    return micros(value) if isinstance(value, datetime) and value.tzinfo is not None else 0


def _frame(signal: type[Signal], rows: list[Ship]) -> Frame:
    columns = {}
    for column in signal.columns:
        values = column.absent(len(rows))
        for place, row in enumerate(rows):
            if column.name in row:
                values[place] = row[column.name]
        columns[column.name] = values
    return Frame(signal.code, columns)


def mmsi_rows(keys: Array) -> Array:
    """Which keys of positions are of those that report by AIS and so have an MMSI."""
    number = keys & _NUMBER
    told = np.where(keys >> np.uint64(KIND_BITS) == _SHIP, number, number - np.uint64(BY_MMSI))
    chosen: Array = told <= _MOST_MMSI
    return chosen


def documents(positions: Frame, particulars: Frame) -> list[Ship]:
    """Ships with what is known of them; one document for each key of either frame."""
    moving = positions.pick(mmsi_rows(positions["key"]))
    keys, status = moving["key"].tolist(), moving["status"]
    told = {
        **{name: _rounded(moving[column]) for name, column in _MOVING.items()},
        "status": [None if one > 14 else one for one in status.tolist()], "at": _texts_of(moving["at"]),
        "simulated": ((moving["flags"] & SIMULATED) > 0).tolist(),
    }  # fmt: skip
    names = ("mmsi", "kind", *told)
    own = [f"{key & (BY_MMSI - 1):09d}" for key in keys], [KINDS[key >> KIND_BITS] for key in keys]
    ships: dict[int, Ship] = {
        key: dict(zip(names, values, strict=True)) for key, *values in zip(keys, *own, *told.values(), strict=True)
    }
    for row in particulars.pick(mmsi_rows(particulars["key"])).columns["key"].tolist():
        ships.setdefault(row, _ship(row))
    _describe(ships, particulars)
    return list(ships.values())


def _ship(key: int) -> Ship:
    return {"mmsi": f"{mmsi_of(key):09d}", "kind": KINDS[key >> KIND_BITS], "simulated": False}


def _rounded(values: Array) -> list[float | None]:
    """Numbers to seven digits; None where nothing is known."""
    plain = np.round(values.astype(np.float64), 7)
    found: list[float | None] = plain.tolist()
    for place in np.flatnonzero(np.isnan(plain)).tolist():
        found[place] = None
    return found


def _texts_of(at: Array) -> list[str]:
    """Microseconds as ISO 8601 in UTC."""
    return [f"{text}+00:00" for text in np.datetime_as_string(at.astype("datetime64[us]"), unit="us").tolist()]


def _round(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 7)


def _describe(ships: dict[int, Ship], told: Frame) -> None:
    names = ("key", "flags", "imo", "ship_type", "to_bow", "to_stern", "to_port", "to_starboard", "draught")
    for place, row in enumerate(zip(*(told[name].tolist() for name in names), strict=True)):
        key, flags, imo, kind, bow, stern, port, starboard, draught = row
        ship = ships.get(key)
        if ship is None:
            continue
        ship["simulated"] = ship["simulated"] or bool(flags & SIMULATED)
        found = {
            "imo": str(imo) if imo else "", "ship_type": kind, "length_m": bow + stern, "beam_m": port + starboard,
            "draught_m": _round(draught),
            **{name: told[column][place].decode("ascii", "replace").rstrip() for name, column in _TEXTS.items()},
        }  # fmt: skip
        ship.update({name: value for name, value in found.items() if value})
