"""Calls of the demo's organisations, each by one client as long as a file's tests run: to make a client takes longer than a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.conftest import Running

_clients: dict[tuple[str, str, str], httpx.Client] = {}


def call(platform: Running, org: str, method: str, path: str, status: int = 200, role: str = "", **more: Any) -> Any:
    """The answer to an organisation's call, which must have the status expected."""
    key = (platform.url, org, role)
    client = _clients.get(key) or _clients.setdefault(key, platform.client(org, role))
    answer = client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


def hang_up() -> None:
    """Close all clients."""
    while _clients:
        _clients.popitem()[1].close()


def until(days: float) -> str:
    """A moment from now."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
