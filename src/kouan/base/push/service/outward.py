"""One call to an outside system and its whole answer: it goes to the very address that was looked at, or nowhere."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from kouan.base.push.service.wire import Away
from kouan.kernel import authorities
from kouan.kernel.calls import passed_on
from kouan.kernel.meters import measured
from kouan.kernel.settings import Settings
from kouan.kernel.ways import Place, Ways

LONGEST = 64 << 10


@dataclass(frozen=True, slots=True)
class Answered:
    """What a system answered. Header names in lower case; `ms`: milliseconds from the call to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ms: float


class Outward:
    """Calls of this process to systems that a record names. What may be called, `Ways` says of each call anew."""

    def __init__(self, ways: Ways | None = None) -> None:
        self._ways = ways or Ways.of(Settings.read())

    async def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, wait: float = 5.0) -> Answered:
        """One request; a redirect is not followed.

        Raises Forbidden for an address that may not be called, Away when it cannot be reached, breaks off, takes longer
        than `wait` seconds or answers more than 64 KiB.
        """
        began = time.perf_counter()
        try:
            async with asyncio.timeout(wait), measured("outward", metered=False) as work:
                return await self._called(method, await self._ways.to(url), {**headers, **passed_on(work.span)}, body, began)
        except TimeoutError:
            raise Away(f"no answer within {wait:g} s") from None
        except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as trouble:
            raise Away(type(trouble).__name__) from trouble

    async def _called(self, method: str, place: Place, headers: Mapping[str, str], body: bytes, began: float) -> Answered:
        named = f"[{place.host}]" if ":" in place.host else place.host
        usual = {"https": 443, "http": 80}[place.scheme] == place.port
        sent = {**headers, "Host": named if usual else f"{named}:{place.port}", "Accept-Encoding": "identity", "User-Agent": "Kouan"}
        ip = f"[{place.ip}]" if ":" in place.ip else place.ip
        address = f"{place.scheme}://{ip}:{place.port}{place.path}"
        extensions = {"sni_hostname": place.host} if place.scheme == "https" else {}
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=60, verify=self._verified(place)) as client,
            client.stream(method, address, headers=sent, content=body, extensions=extensions) as answer,
        ):
            read = bytearray()
            async for part in answer.aiter_raw():
                read += part
                if len(read) > LONGEST:
                    raise Away("the answer is too long")
            said = {name.lower(): value for name, value in answer.headers.items()}
            return Answered(answer.status_code, said, bytes(read), (time.perf_counter() - began) * 1000)

    def _verified(self, place: Place) -> ssl.SSLContext | bool:
        """What a secure connection's certificate is checked against; elsewhere there is nothing to check."""
        if place.scheme != "https":
            return False
        return authorities.trusted()
