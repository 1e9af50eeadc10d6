"""Reads what a device publishes under its own topic. Bad bytes are counted by cause and never raise.

`devices/<code>/<metric>`: a plain number, `true`/`false`, or `{"value": …, "at": …, "quality": …}`;
`devices/<code>/readings`: `{"at": …, "<metric>": number, …}`, or an array of `{"metric", "value", "at", "quality"}`;
`devices/<code>/status`: `online`/`offline` or `{"online": true}`, also as last will; `devices/<code>/ack`: `{"command", "ok", "text"}`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from kouan.facilities.devices.telling import STATED_QUALITY, Answer, Told, Value

BATCH, STATUS, ACK, COMMAND = "readings", "status", "ack", "command"
RESERVED = frozenset({BATCH, STATUS, ACK, COMMAND})
LONGEST, MOST = 256 * 1024, 5000
_HEAD = frozenset({"at", "ts", "quality", "simulated"})
_WORDS = {b"online": "birth", b"1": "birth", b"offline": "death", b"0": "death"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(path: str, payload: bytes) -> Told:
    """What a message under a device's topic says; `path`: the topic behind `devices/<code>/`."""
    told = Told()
    if len(payload) > LONGEST:
        told.refuse("too_long")
    elif path == STATUS:
        _status(told, payload)
    elif path == COMMAND:
        return told
    else:
        _content(told, path, payload)
    return told


def _content(told: Told, path: str, payload: bytes) -> None:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        told.refuse("not_json")
        return
    if path == ACK:
        _answer(told, found)
    elif path == BATCH:
        _batch(told, found)
    elif isinstance(found, dict):
        _one(told, path, found)
    else:
        _value(told, path, found, 0, 0)


def _status(told: Told, payload: bytes) -> None:
    word = _WORDS.get(payload.strip().lower())
    if word is None:
        try:
            found = orjson.loads(payload)
        except orjson.JSONDecodeError:
            found = None
        stated = found.get("online") if isinstance(found, dict) else found
        word = {True: "birth", False: "death"}.get(stated) if isinstance(stated, bool) else None
    if word is None:
        told.refuse("status")
    else:
        told.life = "birth" if word == "birth" else "death"


def _answer(told: Told, found: Any) -> None:
    if not isinstance(found, dict) or not isinstance(found.get("command"), str):
        told.refuse("answer")
        return
    text = found.get("text")
    told.answers.append(Answer(found["command"][:64], found.get("ok", True) is True, text[:400] if isinstance(text, str) else ""))


def _batch(told: Told, found: Any) -> None:
    if isinstance(found, dict):
        at, quality = moment(found), _quality(found)
        for metric, value in list(found.items())[:MOST]:
            if metric not in _HEAD:
                _value(told, metric, value, at, quality)
    elif isinstance(found, list):
        for one in found[:MOST]:
            if isinstance(one, dict) and isinstance(one.get("metric"), str):
                _one(told, one["metric"], one)
            else:
                told.refuse("shape")
        if len(found) > MOST:
            told.refuse("too_many", len(found) - MOST)
    else:
        told.refuse("shape")


def _one(told: Told, metric: str, found: Mapping[str, Any]) -> None:
    if "value" not in found:
        told.refuse("shape")
    else:
        _value(told, metric, found["value"], moment(found), _quality(found))


def _value(told: Told, metric: str, value: Any, at: int, quality: int) -> None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if not isinstance(value, int | float) or abs(value) > 1e300 or not math.isfinite(value):
        told.refuse("not_a_number")
    elif at < 0:
        told.refuse("time")
    else:
        told.values.append(Value(metric, float(value), at, quality))


def moment(found: Mapping[str, Any]) -> int:
    """The event time that an object states (`at` or `ts`: ISO 8601 with a zone, or milliseconds since 1970); 0 none, -1 unreadable."""
    stated = found.get("at", found.get("ts"))
    if stated is None:
        return 0
    if isinstance(stated, str):
        try:
            at = datetime.fromisoformat(stated)
        except ValueError:
            return -1
        return -1 if at.tzinfo is None or at < _EPOCH else int((at - _EPOCH).total_seconds() * 1_000_000)
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not 0 < stated < 1e14:
        return -1
    return int(stated * 1000)


def _quality(found: Mapping[str, Any]) -> int:
    stated = found.get("quality")
    if isinstance(stated, str):
        return STATED_QUALITY.get(stated.lower(), 1)
    return stated if isinstance(stated, int) and stated in (0, 1, 2) else 0
