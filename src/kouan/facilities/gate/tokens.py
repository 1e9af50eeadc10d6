"""Offline permits as texts that a lane verifies alone: a payload and its signature, in base64url.

The signature is that of the port's suite: Ed25519 (RFC 8032) or SM2 (GB/T 32918.2), told by the key that the payload names.

`KP1.<payload>.<signature>` is a permit, `KR1.<payload>.<signature>` the list of those revoked. The payload is a JSON array;
what is signed is the prefix, a zero byte and the payload, so that a list never passes for a permit. Pure, but for the key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from kouan.kernel.suites.known import fingerprint, is_signed
from kouan.kernel.suites.suite import Private

PERMIT, REVOKED = "KP1", "KR1"
LONGEST = 2048
LONGEST_LIST = 4 << 20


class BadToken(Exception):
    """A text that is no token of ours; its argument is the cause: form, key or signature."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a permit says. `containers` are bare numbers, `vehicle` a bare plate; the window is in UTC, both ends within it."""

    number: str
    site: str
    vehicle: str
    containers: tuple[str, ...]
    direction: str
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Revocations:
    """The permits revoked that are not past yet, as of a moment."""

    at: datetime
    numbers: frozenset[str]


def key_id(public: bytes) -> str:
    """The short name of a public key (32 bytes of Ed25519, 65 of SM2): eight signs of its hash."""
    return fingerprint(public)[:8]


def sign_permit(key: Private, claims: Claims) -> str:
    """A permit's token."""
    window = [int(claims.opens.timestamp()), int(claims.closes.timestamp())]
    body = [claims.number, claims.site, claims.vehicle, list(claims.containers), claims.direction, *window]
    return _signed(PERMIT, key, body)


def read_permit(token: str, keys: Mapping[str, bytes]) -> Claims:
    """What a permit says, once its signature is verified by one of the public keys. Raises BadToken, nothing else."""
    body = _verified(PERMIT, token, keys, LONGEST)
    try:
        number, site, vehicle, boxes, direction, opens, closes = body
        texts = (number, site, vehicle, direction, *boxes)
        if not all(isinstance(one, str) for one in texts) or direction not in ("in", "out"):
            raise BadToken("form")
        window = (datetime.fromtimestamp(opens, UTC), datetime.fromtimestamp(closes, UTC))
    except (ValueError, TypeError, OverflowError, OSError):
        raise BadToken("form") from None
    return Claims(number, site, vehicle, tuple(boxes), direction, *window)


def sign_revocations(key: Private, at: datetime, numbers: Sequence[str]) -> str:
    """The list of revoked permits as a token."""
    return _signed(REVOKED, key, [int(at.timestamp()), sorted(numbers)])


def read_revocations(token: str, keys: Mapping[str, bytes]) -> Revocations:
    """The list, once its signature is verified. Raises BadToken, nothing else."""
    body = _verified(REVOKED, token, keys, LONGEST_LIST)
    try:
        at, numbers = body
        return Revocations(datetime.fromtimestamp(at, UTC), frozenset(str(one) for one in numbers))
    except (ValueError, TypeError, OverflowError, OSError):
        raise BadToken("form") from None


def _signed(prefix: str, key: Private, body: Sequence[Any]) -> str:
    payload = orjson.dumps([key_id(key.public), *body])
    signature = key.sign(prefix.encode() + b"\0" + payload)
    return f"{prefix}.{_text(payload)}.{_text(signature)}"


def _verified(prefix: str, token: str, keys: Mapping[str, bytes], longest: int) -> list[Any]:
    parts = token.strip().split(".") if len(token) <= longest else []
    if len(parts) != 3 or parts[0] != prefix:
        raise BadToken("form")
    payload, signature = _bytes(parts[1]), _bytes(parts[2])
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise BadToken("form") from None
    if not isinstance(found, list) or not found or not isinstance(found[0], str):
        raise BadToken("form")
    if found[0] not in keys:
        raise BadToken("key")
    if not is_signed(keys[found[0]], prefix.encode() + b"\0" + payload, signature):
        raise BadToken("signature")
    return found[1:]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken("form") from None
    if _text(raw) != text:
        raise BadToken("form")
    return raw
