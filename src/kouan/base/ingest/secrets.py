"""How sources are entered: sealed under the port's key, for one source alone, and shown to nobody again."""

from __future__ import annotations

import json

from kouan.kernel.suites.suite import Unopened
from kouan.kernel.vault import Vault


def sealed(vault: Vault, source: str, user: str, password: str) -> bytes:
    """User and password as they are kept."""
    return vault.wrap(json.dumps([user, password]).encode(), f"ingest:{source}")


def opened(vault: Vault, source: str, wrapped: bytes) -> tuple[str, str]:
    """User and password; both empty when they were changed, or belong to another source."""
    try:
        user, password = json.loads(vault.unwrap(wrapped, f"ingest:{source}"))
    except (Unopened, ValueError):
        return "", ""
    return str(user), str(password)
