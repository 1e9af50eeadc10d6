"""HTTP from the platform to systems that a record or a setting names: only where `Ways` lets it, each connection to an address looked at.

The connection itself is guarded, not the spelling of the address: the name keeps its place in the certificate's check, in the Host
header and among the kept connections, and whatever it resolves to is looked at before anything is sent. A redirect is an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httpcore
import httpx

from kouan.kernel import authorities
from kouan.kernel.ways import Forbidden, Ways

WAYS = "kernel.ways"
"""The port's own rules (`Port.extras`), where the settings of its process are not those to go by."""
USUAL = httpx.Limits(max_connections=32, max_keepalive_connections=16)
UNKNOWN_TIME = 30.0


class NotAllowed(httpx.ConnectError):
    """The address is none that the platform may call."""


def client(ways: Ways, *, timeout: httpx.Timeout | float, limits: httpx.Limits = USUAL, plain: bool = False) -> httpx.AsyncClient:
    """A client that calls only where `ways` let it, and follows no redirect. `plain`: http is allowed beyond a demo's machine.

    Its calls raise NotAllowed, a httpx.ConnectError, for an address that may not be called.
    """
    return httpx.AsyncClient(transport=_Guarded(ways, limits, plain), timeout=timeout, trust_env=False, follow_redirects=False)


class _Guarded(httpx.AsyncHTTPTransport):
    def __init__(self, ways: Ways, limits: httpx.Limits, plain: bool) -> None:
        context = authorities.trusted()
        super().__init__(verify=context, trust_env=False, limits=limits)
        self._ways, self._plain = ways, plain
        # No argument of the library's hands a way of connecting on to its pool.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=limits.max_connections, max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry, network_backend=_Looked(ways),
        )  # fmt: skip

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        wait = (request.extensions.get("timeout") or {}).get("connect") or UNKNOWN_TIME
        try:
            async with asyncio.timeout(wait):
                await self._ways.to(str(request.url), plain=self._plain)
        except Forbidden as forbidden:
            raise NotAllowed(f"an address that may not be called: {forbidden}", request=request) from None
        except TimeoutError:
            raise httpx.ConnectTimeout("its name is not resolved in time", request=request) from None
        except (OSError, ValueError) as unknown:
            raise httpx.ConnectError(type(unknown).__name__, request=request) from unknown
        return await super().handle_async_request(request)


class _Looked(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked at, never to a name."""

    def __init__(self, ways: Ways) -> None:
        self._ways, self._under = ways, httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's own signature
        local_address: str | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        try:
            async with asyncio.timeout(timeout):
                found = await self._ways.addresses(host, port)
        except Forbidden:
            raise httpcore.ConnectError("an address that may not be called") from None
        except TimeoutError:
            raise httpcore.ConnectTimeout("its name is not resolved in time") from None
        except OSError as unknown:
            raise httpcore.ConnectError(type(unknown).__name__) from unknown
        each = None if timeout is None else timeout / len(found)
        for ip in found[:-1]:
            try:
                return await self._under.connect_tcp(ip, port, each, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._under.connect_tcp(found[-1], port, each, local_address, socket_options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None,  # noqa: ASYNC109  # as above
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        raise httpcore.ConnectError("no socket of this machine is called")

    async def sleep(self, seconds: float) -> None:
        await self._under.sleep(seconds)
