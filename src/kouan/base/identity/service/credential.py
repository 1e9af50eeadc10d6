"""What a call shows of itself: the digest of a random secret, and what follows from that secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

MARK = "kouan_"


@dataclass(frozen=True, slots=True)
class Credential:
    """The digest of a shown secret, and the CSRF token that a session's changes must carry."""

    kind: Literal["token", "session"]
    digest: bytes
    csrf: str = ""


def digest(secret: str) -> bytes:
    """What is kept of a random secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def new_token() -> str:
    """A new API token: 256 random bits behind a mark that secret scanners can know."""
    return MARK + secrets.token_urlsafe(32)


def new_secret() -> str:
    """A new secret for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def csrf_of(secret: str) -> str:
    """The CSRF token of a session: known to whoever holds its secret, and telling nothing of it."""
    made = hmac.digest(secret.encode(), b"kouan csrf", hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def token_credential(secret: str) -> Credential:
    """What an API token amounts to."""
    return Credential("token", digest(secret))


def session_credential(secret: str) -> Credential:
    """What a session's secret amounts to."""
    return Credential("session", digest(secret), csrf_of(secret))
