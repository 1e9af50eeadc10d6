"""A reading of a lane's device, as it comes by MQTT: devices/lane/{lane}/{kind}/{device} with a JSON object.

`{"id": "…", "at": "RFC 3339", "value": …, "confidence": 0.98, "visit": "…", "image": "…"}`; `image` says where the picture
lies that the device took. The value is a text for plate, container,
seal and card, kilograms for the scale, `{"cps": …, "alarm": …}` for the radiation portal. `visit` is the number that the
lane's controller gives the vehicle; without it readings are put together by their time. `{"away": true}` is a device's
last will. What is read is kept as it was read: nothing is put right here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import orjson

from kouan.facilities.gate import tokens
from kouan.facilities.gate.records import Device

PERMIT = "permit"
"""A reader of offline permits: its value is the permit's token. The lane's own computer hears it; the platform needs none."""
KINDS: frozenset[str] = frozenset({*get_args(Device), PERMIT})
LONGEST, LONGEST_IMAGE = 64, 200
MOST_BYTES = 8192


class Unreadable(Exception):
    """A message that is no reading; its argument is the cause."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One reading. `text`: plate, box, seal or card; `number`: kilograms or counts a second; `alarm`: of the portal."""

    kind: str
    device: str
    id: str
    at: datetime
    text: str = ""
    number: float | None = None
    alarm: bool | None = None
    confidence: float | None = None
    visit: str = ""
    image: str = ""

    @property
    def mark(self) -> tuple[str, str, str]:
        """What makes two tellings the same reading."""
        return (self.kind, self.device, self.id)

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        if self.kind == "radiation":
            return f"{self.number or 0:g} cps{' alarm' if self.alarm else ''}"
        return f"{self.number:g}" if self.number is not None else self.text


@dataclass(frozen=True, slots=True)
class Beat:
    """A device says that it lives, or its last will says that it does not."""

    kind: str
    device: str
    away: bool


def parse(kind: str, device: str, body: bytes) -> Observed | Beat:
    """A device's message. Raises Unreadable for whatever is none; never anything else."""
    if kind not in KINDS or not 0 < len(device) <= 40:
        raise Unreadable("topic")
    if len(body) > MOST_BYTES:
        raise Unreadable("too_long")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("json") from None
    if not isinstance(found, dict):
        raise Unreadable("json")
    if "value" not in found:
        if isinstance(found.get("away"), bool):
            return Beat(kind, device, found["away"])
        raise Unreadable("value")
    return _observed(kind, device, found)


def _observed(kind: str, device: str, found: dict[str, Any]) -> Observed:
    at = _moment(found.get("at"))
    number = _text(found.get("id"), "id")
    visit = _text(found["visit"], "visit") if found.get("visit") else ""
    text, value, alarm = _value(kind, found["value"])
    image = _text(found["image"], "image", LONGEST_IMAGE) if found.get("image") else ""
    return Observed(kind, device, number, at, text, value, alarm, _share(found.get("confidence")), visit, image)


def _value(kind: str, value: Any) -> tuple[str, float | None, bool | None]:
    if kind == "scale":
        return "", _number(value, 500_000), None
    if kind == "radiation":
        if not isinstance(value, dict) or not isinstance(value.get("alarm"), bool):
            raise Unreadable("value")
        return "", _number(value.get("cps"), 1e9), value["alarm"]
    return _text(value, "value", tokens.LONGEST if kind == PERMIT else LONGEST), None, None


def _text(value: Any, what: str, most: int = LONGEST) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Unreadable(what)
    clean = value.strip()
    if not clean or len(clean) > most or not clean.isprintable():
        raise Unreadable(what)
    return clean


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Unreadable("value")
    return float(value)


def _share(value: Any) -> float | None:
    if value is None:
        return None
    return _number(value, 1.0)


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise Unreadable("at")
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise Unreadable("at")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("at") from None
