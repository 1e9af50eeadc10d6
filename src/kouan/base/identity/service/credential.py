"""What a call shows of itself: the digest of a random secret, and what follows from that secret."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Literal

from kouan.kernel.suites.known import DEFAULT
from kouan.kernel.suites.suite import Suite

MARK = "kouan_"


@dataclass(frozen=True, slots=True)
class Credential:
    """The digest of a shown secret, and the CSRF token that a session's changes must carry."""

    kind: Literal["token", "session"]
    digest: bytes
    csrf: str = ""


def digest(secret: str, suite: Suite = DEFAULT) -> bytes:
    """What is kept of a random secret, by the port's suite; 256 random bits need no slow hash."""
    return suite.hash(secret.encode())


def new_token() -> str:
    """A new API token: 256 random bits behind a mark that secret scanners can know."""
    return MARK + secrets.token_urlsafe(32)


def new_secret() -> str:
    """A new secret for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def csrf_of(secret: str, suite: Suite = DEFAULT) -> str:
    """The CSRF token of a session: known to whoever holds its secret, and telling nothing of it."""
    made = suite.mac(secret.encode(), b"kouan csrf")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def token_credential(secret: str, suite: Suite = DEFAULT) -> Credential:
    """What an API token amounts to."""
    return Credential("token", digest(secret, suite))


def session_credential(secret: str, suite: Suite = DEFAULT) -> Credential:
    """What a session's secret amounts to."""
    return Credential("session", digest(secret, suite), csrf_of(secret, suite))
