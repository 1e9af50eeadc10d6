"""Signed envelopes: what a party gets can be trusted and deduplicated (Standard Webhooks 1.0, symmetric scheme `v1`).

The signed text is `{id}.{timestamp}.{body}`: `id` is the event, the same on every try; `timestamp` seconds since 1970 of
this try. While a key is being replaced both the new and the former one sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
BYTES = 32


def new_key() -> bytes:
    """A fresh shared key."""
    return secrets.token_bytes(BYTES)


def written(key: bytes) -> str:
    """A key as its party is told it, once."""
    return PREFIX + base64.b64encode(key).decode()


def headers(event: str, at: datetime, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The headers that go with a body; without a key there is no signature."""
    stamp = str(int(at.timestamp()))
    text = b".".join((event.encode(), stamp.encode(), body))
    signed = " ".join("v1," + base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode() for key in keys)
    found = {ID: event, TIMESTAMP: stamp}
    return found | {SIGNATURE: signed} if signed else found
