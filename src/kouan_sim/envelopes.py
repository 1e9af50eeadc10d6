"""What a party's system makes of a delivery: is it signed by our key, is it fresh, and what does it say.

Signatures are those of Standard Webhooks 1.0 (HMAC-SHA256 over `{id}.{timestamp}.{body}`). A delivery is a JSON envelope,
or a message of another standard alone whose facts stand in X-Kouan-* headers: WCO XML, EDIFACT, a FAL data set.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import orjson

from kouan_sim.httpd import Request

TOLERANCE = 300.0
"""Seconds by which a signature may be old or early."""
_FACTS = ("id", "event", "record", "record_id", "ref", "version", "what", "state", "reason")
_PREFIX = "whsec_"


class Forged(Exception):
    """No valid signature: not from the platform, altered, or too old."""


class Unreadable(Exception):
    """The bytes are no delivery."""


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery as it was understood. `form`: json, xml, edifact or fal; `data`: its content, flat where it is no JSON.

    `state`: the record's after what happened; `reason`: what was noted with it.
    """

    id: str
    event: str
    record: str
    record_id: str
    ref: str
    what: str
    form: str
    data: Mapping[str, Any]
    state: str = ""
    reason: str = ""


def key_of(secret: str) -> bytes:
    """The bytes of a key as the platform tells it; ValueError when it is none."""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("no signing key") from None


def signature(key: bytes, event: str, stamp: str, body: bytes) -> str:
    """The signature of a body under an event and a time."""
    text = b".".join((event.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()


def verify(request: Request, keys: Iterable[bytes], now: float | None = None) -> None:
    """Raises Forged unless one of our keys signed exactly this, lately, for the event that it names."""
    headers = request.headers
    event, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not stamp.isdecimal() or abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE:
        raise Forged("no fresh timestamp")
    signed = given.split()
    if not any(hmac.compare_digest(signature(key, event, stamp, request.body), one) for key in keys for one in signed):
        raise Forged("no valid signature")
    if headers.get("x-kouan-event", event) != event:
        raise Forged("signed for another event")


def opened(request: Request) -> Told:
    """What a delivery says. Raises Unreadable."""
    media = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        if media == "application/json" and "x-kouan-record" not in request.headers:
            facts = orjson.loads(request.body)
            return _told(facts, "json", facts["data"])
        facts = {name: unquote(request.headers.get(f"x-kouan-{name.replace('_', '-')}", "")) for name in _FACTS}
        form, read = {
            "application/xml": ("xml", _xml), "application/edifact": ("edifact", _edifact), "application/json": ("fal", orjson.loads),
        }[media]  # fmt: skip
        return _told(facts, form, read(request.body))
    except (ValueError, KeyError, TypeError, AttributeError, ET.ParseError) as trouble:
        raise Unreadable(f"no delivery: {trouble}") from trouble


def _told(facts: Mapping[str, Any], form: str, data: Any) -> Told:
    if not isinstance(data, dict) or not facts["event"] or not facts["ref"]:
        raise ValueError("facts are missing")
    told = {name: str(facts.get(name) or "") for name in ("record_id", "what", "state", "reason")}
    return Told(str(facts["id"]), str(facts["event"]), facts["record"], told["record_id"], facts["ref"],
                told["what"] or "filed", form, data, told["state"], told["reason"])  # fmt: skip


def _xml(body: bytes) -> dict[str, str]:
    """The first text of each element by its bare name. A document with a DTD is not read."""
    if b"<!" in body:
        raise ValueError("a document type is not taken")
    root = ET.fromstring(body)  # noqa: S314 - no document type, hence no entities, is let through
    found: dict[str, str] = {}
    for element in root.iter():
        text = (element.text or "").strip()
        if text:
            found.setdefault(element.tag.rpartition("}")[2], text)
    return found


def _edifact(body: bytes) -> dict[str, Any]:
    """Message type, document number, boxes, and how many segments of each tag there are; standard separators are expected."""
    text = body.decode("utf-8", "replace")
    text = text[9:] if text.startswith("UNA:+.?") else text
    segments = [one.strip() for one in re.split(r"(?<!\?)'", text) if one.strip()]
    tags = [one.partition("+")[0] for one in segments]
    if tags[:1] != ["UNB"] or tags[-1:] != ["UNZ"]:
        raise ValueError("no interchange")
    head = next(one for one in segments if one.startswith("UNH+")).split("+")
    document = next((one.split("+") for one in segments if one.startswith("BGM+")), ["", "", ""])
    counts = {tag: tags.count(tag) for tag in dict.fromkeys(tags)}
    boxes = [parts[2] for one in segments if one.startswith("EQD+CN+") and len(parts := one.split("+")) > 2]
    return {
        "message": head[2].partition(":")[0], "document": document[2] if len(document) > 2 else "", "segments": counts, "boxes": boxes,
    }  # fmt: skip
