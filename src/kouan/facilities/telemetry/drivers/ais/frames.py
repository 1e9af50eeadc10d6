"""Columns of AIS as frames of the platform's signals: positions and vessel particulars; the rest as single rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from kouan.facilities.telemetry.drivers.ais.applications import APPLICATIONS, areas
from kouan.facilities.telemetry.drivers.ais.columns import absent_of
from kouan.facilities.telemetry.drivers.ais.decoder import Columns
from kouan.facilities.telemetry.drivers.ais.fields import Field
from kouan.facilities.telemetry.drivers.ais.layouts import LAYOUTS
from kouan.facilities.telemetry.drivers.ais.sixbit import Array
from kouan.facilities.telemetry.signals import BY_MMSI, KIND_BITS, KINDS, SIMULATED, Position, VesselStatic
from kouan.kernel.signals import Frame, join

_SHIP = np.uint64(KINDS.index("ship") << KIND_BITS)
_STATION, _AIRCRAFT = (np.uint64(KINDS.index(kind) << KIND_BITS | BY_MMSI) for kind in ("station", "aircraft"))
_POSITIONS = {"1": _SHIP, "4": _STATION, "9": _AIRCRAFT, "18": _SHIP, "19": _SHIP, "21": _STATION, "27": _SHIP}
_STATICS = {"5": _SHIP, "19": _SHIP, "21": _STATION, "24A": _SHIP, "24B": _SHIP, "24C": _SHIP}
_TIME_RESPONSE = 11
_UNDEFINED_STATUS = 15
_HIGH_ACCURACY = 10.0  # metres: what the flag promises (ITU-R M.1371-5, annex 8, table 48)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Family = Mapping[str, Array]


def frames(found: Columns) -> list[Frame]:
    """Positions and particulars, rows in the order in which their messages came."""
    positions = [_position(found.families[code], kind) for code, kind in _POSITIONS.items() if code in found.families]
    statics = [_static(found.families[code], kind) for code, kind in _STATICS.items() if code in found.families]
    return [_ordered(made) for made in (positions, statics) if made]


def _ordered(made: list[tuple[Frame, Array]]) -> Frame:
    if len(made) == 1:
        return made[0][0]
    order = np.argsort(np.concatenate([line for _, line in made]), kind="stable")
    return join([frame for frame, _ in made]).pick(order)


def _position(family: Family, kind: np.uint64) -> tuple[Frame, Array]:
    columns = _common(family, kind)
    if kind == _STATION and "year" in family:
        columns["key"][family["type"] == _TIME_RESPONSE] -= _STATION - _SHIP
    columns |= {name: family[name] for name in ("lon", "lat", "speed", "course", "turn") if name in family}
    accuracy = np.full(len(family["mmsi"]), np.nan, np.float32)
    accuracy[family["accuracy"] == 1] = _HIGH_ACCURACY
    columns["accuracy"] = accuracy
    status = family.get("status")
    columns["status"] = (
        np.full(len(accuracy), _UNDEFINED_STATUS, np.uint8) if status is None else np.minimum(status, 15)
    )
    if "heading" in family:
        columns["heading"] = _known(family["heading"])
    if "altitude" in family:
        columns["altitude"] = _known(family["altitude"])
    located = ~np.isnan(family["lon"]) & ~np.isnan(family["lat"])
    frame = Frame(Position.code, columns).complete(Position.columns)
    return (frame, family["line"]) if located.all() else (frame.pick(located), family["line"][located])


def _common(family: Family, kind: np.uint64) -> dict[str, Array]:
    return {
        "key": family["mmsi"].astype(np.uint64) | kind, "at": family["at"], "source": family["source"],
        "flags": family["simulated"].astype(np.uint8) * np.uint8(SIMULATED),
    }  # fmt: skip


def _known(column: Array) -> Array:
    found = column.astype(np.float32)
    found[column == np.iinfo(column.dtype).max] = np.nan
    return found


def _static(family: Family, kind: np.uint64) -> tuple[Frame, Array]:
    columns = _common(family, kind)
    for name in ("name", "call_sign", "destination"):
        if name in family:
            columns[name] = family[name]
    for name in ("imo", "ship_type", "to_bow", "to_stern", "to_port", "to_starboard"):
        if name in family:
            columns[name] = np.where(family[name] == np.iinfo(family[name].dtype).max, 0, family[name])
    if "draught" in family:
        columns["draught"] = np.where(family["draught"] > 0, family["draught"], np.float32(np.nan))
        columns["eta"] = _etas(family)
    if "name" in family:
        said = np.char.startswith(family["name"], b"SIM ")
        columns["flags"] |= said.astype(np.uint8) * np.uint8(SIMULATED)
    return Frame(VesselStatic.code, columns).complete(VesselStatic.columns), family["line"]


_TWO = np.array([f"{n:02d}".encode() for n in range(100)], "S2")


def _etas(family: Family) -> Array:
    """Month, day, hour and minute (UTC) as MM-DDThh:mm; empty unless month and day are known."""
    month, day, hour, minute = (family[name] for name in ("month", "day", "hour", "minute"))
    text = np.zeros((len(month), 11), np.uint8)
    for place, part in ((0, month), (3, day), (6, hour), (9, minute)):
        text[:, place : place + 2] = _TWO[np.minimum(part, 99)].view(np.uint8).reshape(-1, 2)
    text[:, (2, 5, 8)] = np.frombuffer(b"-T:", np.uint8)
    text[(hour > 23) | (minute > 59), 5:] = 0
    text[(month > 12) | (day > 31)] = 0
    found: Array = text.view("S11")[:, 0]
    return found


def others(found: Columns) -> list[dict[str, Any]]:
    """Messages that are neither positions nor particulars, a plain JSON object each, in order of arrival."""
    rows = [
        row for code, family in found.families.items()
        if code in LAYOUTS and code not in _POSITIONS and code not in _STATICS
        for row in _rows(code, family)
    ]  # fmt: skip
    inner = {
        row.pop("line"): {name: value for name, value in row.items() if name not in _CARRIED}
        for code, family in found.families.items() if code not in LAYOUTS
        for row in _rows(code, family)
    }  # fmt: skip
    for row in rows:
        if row["line"] in inner:
            row["application"] = inner[row["line"]]
    return [
        {name: value for name, value in row.items() if name != "line"} for row in sorted(rows, key=lambda r: r["line"])
    ]


_CARRIED = frozenset({"mmsi", "at", "simulated", "source", "own"})
_LAYOUTS = {**LAYOUTS, **{layout.code: layout for layout in APPLICATIONS.values()}}


def _rows(code: str, family: Family) -> Iterator[dict[str, Any]]:
    fields = {field.name: field for field in _LAYOUTS[code].fields}
    names = [name for name in family if name not in {"source", "own"}]
    for values in zip(*(family[name].tolist() for name in names), strict=True):
        row = {name: _plain(value, fields.get(name)) for name, value in zip(names, values, strict=True)}
        row["mmsi"] = f"{row['mmsi']:09d}"
        row["at"] = (_EPOCH + timedelta(microseconds=row["at"])).isoformat() if row["at"] else None
        if "areas" in row:
            row["areas"] = areas(bytes.fromhex(row["areas"]), row.pop("areas_bits"))
        yield row


def _plain(value: Any, field: Field | None) -> Any:
    if field is None:
        return value
    if field.kind == "data":
        return value.hex()
    if field.kind == "text":
        return value.decode("ascii")
    if value == absent_of(field) or (isinstance(value, float) and math.isnan(value)):
        return None
    return bool(value) if field.width == 1 else value
