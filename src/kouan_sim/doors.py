"""The platform's public HTTP doors as simulators use them: bearer token, any body, bounded waits."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

log = logging.getLogger(__name__)

ROLES = ("officer", "operator", "clerk")


class Unreachable(Exception):
    """The platform does not answer: down, restarting, or another address."""


class NoAccount(Exception):
    """The demo has no account of that organisation with a token."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said. `body` is the JSON document, or None when there was none."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def passing(self) -> bool:
        """Worth another try with the same key: overloaded, starting, broken."""
        return self.status in {408, 425, 429} or self.status >= 500

    @property
    def reason(self) -> str:
        """One line for a log."""
        body = self.body if isinstance(self.body, dict) else {}
        reason = body.get("reason")
        words = reason.get("en", "") if isinstance(reason, dict) else ""
        return f"{self.status} {body.get('code', '')} {words}".strip()


class Door:
    """One caller's way in. `token` may be empty for what needs no sign-in."""

    def __init__(self, url: str, token: str = "", wait: float = 10.0) -> None:
        """`wait`: seconds after which a call counts as unreachable."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        # Certificates are read from disk for each client: only where there is something to verify.
        secure = url.startswith("https:")
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=wait, trust_env=False, verify=secure)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", media: str = "application/json"
    ) -> Answer:
        """One request; `body`: bytes or something for JSON; `key`: Idempotency-Key. Raises Unreachable."""
        headers = {"Idempotency-Key": key} if key else {}
        content: bytes | None = None
        if body is not None:
            content = body if isinstance(body, bytes) else orjson.dumps(body)
            headers["Content-Type"] = media
        try:
            response = await self._client.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as trouble:
            raise Unreachable(str(trouble) or type(trouble).__name__) from trouble
        return Answer(response.status_code, _json(response))

    async def get(self, path: str) -> Answer:
        """GET a path."""
        return await self.call("GET", path)

    async def persistently(
        self, method: str, path: str, body: Any = None, *, key: str = "", media: str = "application/json",
        seconds: float = 60.0,
    ) -> Answer:  # fmt: skip
        """The call, tried again while the platform is away or busy, for at most so many seconds.

        With a key the platform keeps it once, however often it is tried. Raises Unreachable at the end.
        """
        end, pause = time.monotonic() + seconds, 0.3
        while True:
            try:
                answer = await self.call(method, path, body, key=key, media=media)
                if not answer.passing or time.monotonic() + pause > end:
                    return answer
            except Unreachable:
                if time.monotonic() + pause > end:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, 4.0)


def _json(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content) if response.content else None
    except orjson.JSONDecodeError:
        return None


async def healthy(url: str, seconds: float) -> dict[str, Any]:
    """The health document once the platform is ready (200). Raises Unreachable after so many seconds."""
    end = time.monotonic() + seconds
    async with Door(url, wait=3.0) as door:
        while time.monotonic() < end:
            try:
                answer = await door.get("/api/health")
            except Unreachable:
                await asyncio.sleep(0.5)
                continue
            if answer.ok and isinstance(answer.body, dict):
                return answer.body
            await asyncio.sleep(0.5)
    raise Unreachable(f"{url} is not ready after {seconds:.0f} s")


class Accounts:
    """The sign-ins of the demo, as the platform writes them beside its data (demo.json)."""

    def __init__(self, accounts: Sequence[Mapping[str, Any]]) -> None:
        self._accounts = accounts

    @classmethod
    def of(cls, home: Path) -> Accounts:
        """The accounts of a data folder; OSError or ValueError when none can be read."""
        document = orjson.loads((home / "demo.json").read_bytes())
        return cls([account for account in document["accounts"] if account.get("token")])

    def token(self, org: str, roles: Sequence[str] = ROLES, user: str = "") -> str:
        """The token of an organisation's officer, operator or clerk, in that order, or of the account named. Raises NoAccount."""
        for role in roles:
            for account in self._accounts:
                if account["org"] == org and account["role"] == role and user in ("", account.get("user")):
                    return str(account["token"])
        raise NoAccount(f"no account of {org} with a token")


def running(home: Path) -> Mapping[str, Any]:
    """What the platform that uses a data folder says of itself (run/ports.json); empty when none runs there."""
    try:
        ports = orjson.loads((home / "run" / "ports.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return ports if isinstance(ports, dict) else {}


def address(url: str, home: Path) -> str:
    """Where the platform is: the given URL, KOUAN_URL, KOUAN_PORT on this machine, or as the data folder says.

    Raises Unreachable when nothing says it.
    """
    port = os.environ.get("KOUAN_PORT", "0")
    found = url or os.environ.get("KOUAN_URL", "")
    if not found and port != "0":
        found = f"http://127.0.0.1:{port}"
    found = found or str(running(home).get("url", ""))
    if not found:
        raise Unreachable("no platform is known: give --url, KOUAN_URL, KOUAN_PORT or KOUAN_HOME")
    return found.rstrip("/")
