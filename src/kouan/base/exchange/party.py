"""The transport of connectors that speak JSON over HTTP: deliveries are posted, the party answers its reference.

POST {address}/deliveries with {"id","event","connector","record","ref","version","data"} and header X-Kouan-Event
→ 2xx {"reference"}; GET {address}/check → 2xx. The event is the same on every try.
"""

from __future__ import annotations

from typing import Any, ClassVar

import httpx
import orjson

from kouan.kernel.connectors import Connector, Delivery
from kouan.kernel.text import Text
from kouan.kernel.topics import listen

TELLER = "base.exchange.tell_parties"
MOMENTS = ("filed", "amend")
EVENT = "X-Kouan-Event"
MOST_ANSWER = 64 << 10
NOT_NOW = frozenset({408, 425, 429, 502, 503, 504})


class PartyAway(Exception):
    """The party's system cannot be reached, or says that it cannot take anything now. It is no fault of the delivery."""


class PartyRefused(Exception):
    """The party's system answered, and did not take this delivery."""


class Party(Connector):
    """Base of the exchange's connectors. `clearance`: the highest data level that the party's system is told."""

    abstract = True
    clearance: ClassVar[int] = 2

    @classmethod
    def _register(cls) -> None:
        super()._register()
        listen(TELLER, tuple(f"{record}:{moment}" for record in cls.tells for moment in MOMENTS))


class HttpParty(Party):
    """Base of connectors to parties that take JSON over HTTP."""

    abstract = True

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def deliver(self, delivery: Delivery, address: str) -> str:
        """Post the fact; answers the party's reference. Raises PartyAway or PartyRefused."""
        body = {
            "id": delivery.id, "event": delivery.event, "connector": delivery.connector, "record": delivery.record,
            "ref": delivery.ref, "version": delivery.version, "data": delivery.data,
        }  # fmt: skip
        headers = {"Content-Type": "application/json", EVENT: delivery.event}
        status, content = await self._call("POST", f"{address}/deliveries", orjson.dumps(body), headers)
        if not 200 <= status < 300:
            raise PartyRefused(f"HTTP {status}")
        return _reference(content)

    async def check(self, address: str) -> Text | None:
        """None when the party's system answers its check door; else what is wrong."""
        try:
            status, _ = await self._call("GET", f"{address}/check", b"", {})
        except PartyAway as away:
            return Text(f"对方系统无法连接:{away}", f"The party's system cannot be reached: {away}")
        if 200 <= status < 300:
            return None
        return Text(f"对方系统自检应答 HTTP {status}", f"The party's system answers its check with HTTP {status}")

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _call(self, method: str, url: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._client is None:
            limits = httpx.Limits(max_connections=32, max_keepalive_connections=16)
            self._client = httpx.AsyncClient(timeout=self.timeout, limits=limits, trust_env=False, follow_redirects=False)
        try:
            async with self._client.stream(method, url, content=content, headers=headers) as answer:
                if answer.status_code in NOT_NOW:
                    raise PartyAway(f"HTTP {answer.status_code}")
                return answer.status_code, await _limited(answer)
        except (httpx.TransportError, httpx.InvalidURL) as trouble:
            raise PartyAway(type(trouble).__name__) from trouble


async def _limited(answer: httpx.Response) -> bytes:
    found = b""
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > MOST_ANSWER:
            raise PartyRefused("the answer is too long")
    return found


def _reference(content: bytes) -> str:
    try:
        found: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise PartyRefused("the answer is no JSON") from None
    reference = found.get("reference") if isinstance(found, dict) else None
    if not isinstance(reference, str | int):
        raise PartyRefused("the answer names no reference")
    return "".join(char for char in str(reference) if char.isprintable())[:64]
