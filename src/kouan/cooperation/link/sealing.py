"""Signed messages between platforms: Standard Webhooks 1.0, its asymmetric scheme `v1a` (Ed25519, RFC 8032).

The signed text is `{id}.{timestamp}.{body}`: `id` is the message, the same on every try, `timestamp` seconds since 1970 of this
try. Keys are written `whpk_` and base64 of the 32 bytes. A receipt signs its own text, without these headers.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PUBLIC, SCHEME = "whpk_", "v1a,"
BYTES = 32
TOLERANCE = 600
"""Seconds by which the clocks of two platforms may differ, and a try may be late."""


def private_of(seed: bytes) -> Ed25519PrivateKey:
    """The signing key of a seed of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def written(key: Ed25519PublicKey) -> str:
    """A public key as people hand it over."""
    return PUBLIC + base64.b64encode(key.public_bytes_raw()).decode()


def public_of(text: str) -> Ed25519PublicKey:
    """The key that a text writes; ValueError when it is none."""
    if not text.startswith(PUBLIC):
        raise ValueError("no public key: it begins with whpk_")
    try:
        raw = base64.b64decode(text[len(PUBLIC) :], validate=True)
    except binascii.Error:
        raise ValueError("no public key: it is no base64") from None
    if len(raw) != BYTES:
        raise ValueError("no public key: it has not 32 bytes")
    return Ed25519PublicKey.from_public_bytes(raw)


def signed(private: Ed25519PrivateKey, text: bytes) -> str:
    """The signature of a text."""
    return SCHEME + base64.b64encode(private.sign(text)).decode()


def holds(public: Ed25519PublicKey, text: bytes, signature: str) -> bool:
    """Whether a signature is that key's of that text."""
    if not signature.startswith(SCHEME):
        return False
    try:
        public.verify(base64.b64decode(signature[len(SCHEME) :], validate=True), text)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def headers(private: Ed25519PrivateKey, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that go with a body."""
    stamp = str(int(at.timestamp()))
    return {ID: message, TIMESTAMP: stamp, SIGNATURE: signed(private, _text(message, stamp, body))}


def sender(stated: Mapping[str, str], body: bytes, at: datetime, keys: Iterable[str]) -> str:
    """Which of some pinned keys signed a body under its headers (names in lower case), an empty text when none did.

    A try that is older, or further ahead, than the tolerance is nobody's: what was overheard is not sent again later.
    """
    message, stamp = stated.get(ID, ""), stated.get(TIMESTAMP, "")
    timely = stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(at.timestamp() - int(stamp)) <= TOLERANCE
    if not timely or not 0 < len(message) <= 64:
        return ""
    text, signatures = _text(message, stamp, body), stated.get(SIGNATURE, "").split()[:4]
    return next((key for key in keys if any(holds(public_of(key), text, one) for one in signatures)), "")


def _text(message: str, stamp: str, body: bytes) -> bytes:
    return b".".join((message.encode(), stamp.encode(), body))
