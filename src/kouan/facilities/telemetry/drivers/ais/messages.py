"""Messages as plain observations, one object each: for doors that answer single lines in JSON.

"Not available" is None. Longitude and latitude in degrees (WGS 84), speed in knots, course and heading in degrees true.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kouan.facilities.telemetry.drivers.ais.single import Heard

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KIND = {4: "base_station", 9: "aircraft", 21: "aid"}
_MOVING = {"sog": "speed", "cog": "course", "heading": "heading", "status": "status"}
_TOLD = ("name", "call_sign", "ship_type", "destination")
_LOCATED = frozenset({1, 2, 3, 4, 9, 11, 18, 19, 21, 27})

Observation = dict[str, Any]


def observation(heard: Heard) -> Observation:
    """What a message says of its sender: place and motion, name and size. Other types: type, sender and all fields."""
    fields = heard.fields
    kind = fields["type"]
    found: Observation = {"type": kind, "mmsi": f"{fields['mmsi']:09d}", "kind": _KIND.get(kind, "ship")}
    if kind in _LOCATED:
        found |= _located(fields)
    elif kind not in {5, 24}:
        found |= {"kind": "other", "fields": _plain(fields)}
    found |= {name: fields[name] for name in _TOLD if fields.get(name) not in {None, ""}}
    found |= _sizes(fields)
    if heard.at:
        found["at"] = _EPOCH + timedelta(microseconds=heard.at)
    if heard.simulated or str(fields.get("name", "")).startswith("SIM "):
        found["simulated"] = True
    return found


def _located(fields: Observation) -> Observation:
    lon, lat = fields["lon"], fields["lat"]
    known = lon is not None and lat is not None
    found: Observation = {"lon": round(lon, 7) if known else None, "lat": round(lat, 7) if known else None}
    return found | {name: fields[field] for name, field in _MOVING.items() if field in fields}


def _sizes(fields: Observation) -> Observation:
    found: Observation = {}
    if fields.get("to_bow") is not None and fields.get("to_starboard") is not None:
        found["length_m"] = fields["to_bow"] + fields["to_stern"]
        found["beam_m"] = fields["to_port"] + fields["to_starboard"]
    if fields.get("draught"):
        found["draught_m"] = fields["draught"]
    if fields.get("imo"):
        found["imo"] = str(fields["imo"])
    return found


def _plain(fields: Observation) -> Observation:
    return {
        name: value.hex() if isinstance(value, bytes) else _plain(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }  # fmt: skip
