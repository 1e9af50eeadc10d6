"""Turn times: the stays of a conveyance that follow each other are one turn in the port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

GAP = timedelta(hours=6)
"""Hours out of every place after which a conveyance that comes again makes a new turn."""


def turns_of(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Turns out of stays as the caller sees them, by conveyance and time; a turn that goes on has no end."""
    by: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        by.setdefault(item["data"]["conveyance"], []).append(item)
    found = [turn for ref in sorted(by) for turn in _turns(ref, by[ref])]
    return sorted(found, key=lambda turn: str(turn["arrived"]), reverse=True)


def _turns(ref: str, items: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for item in sorted(items, key=lambda one: str(one["data"]["arrived"])):
        data = item["data"]
        arrived, left = _moment(data["arrived"]), _moment(data["left"]) if data.get("left") else None
        last = turns[-1] if turns else None
        if last is None or (last["_until"] is not None and arrived - last["_until"] > GAP):
            last = {
                "conveyance": ref, "name": data.get("name", ""), "mover": data.get("mover"), "arrived": arrived, "_until": arrived,
                "simulated": bool(data.get("simulated")), "stays": [],
            }  # fmt: skip
            turns.append(last)
        last["stays"].append({
            "place": data["place"], "arrived": arrived, "left": left, "duration_s": data.get("duration_s"), "ref": item["ref"],
        })  # fmt: skip
        last["_until"] = None if left is None or last["_until"] is None else max(last["_until"], left)
    return [_told(turn) for turn in turns]


def _told(turn: dict[str, Any]) -> dict[str, Any]:
    until = turn.pop("_until")
    return {**turn, "left": until, "turn_s": int((until - turn["arrived"]).total_seconds()) if until else None}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
