"""Whose certificates are believed: those that the machine's authorities signed, wherever the platform calls."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kouan.base.push.service.outward import Outward
from kouan.base.push.service.wire import Away
from kouan.kernel import authorities
from kouan.kernel.outgoing import client
from kouan.kernel.ways import Ways
from tests.certificates import certified

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    """A process reads its authorities once; each of these tests has others."""
    authorities.trusted.cache_clear()
    yield
    authorities.trusted.cache_clear()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


async def _called(url: str) -> tuple[int, int]:
    """How it answered two of our clients: the guarded one, and the one for systems that a record names."""
    ways = Ways(demo=True)
    async with client(ways, timeout=10) as guarded:
        first = (await guarded.get(url)).status_code
    return first, (await Outward(ways).call("GET", url, {}, wait=10)).status


async def test_a_port_s_own_authority_is_believed_by_all_that_call_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    its = certified(tmp_path)
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(its.certificate, its.key)
    async with await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=secure) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        async with client(Ways(demo=True), timeout=10) as stranger:
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await stranger.get(url)
        with pytest.raises(Away):
            await Outward(Ways(demo=True)).call("GET", url, {}, wait=10)
        monkeypatch.setenv("SSL_CERT_FILE", str(its.certificate))
        authorities.trusted.cache_clear()
        assert await _called(url) == (200, 200)
        name = url.replace("127.0.0.1", "localhost")
        async with client(Ways(demo=True), timeout=10) as guarded:
            with pytest.raises(httpx.ConnectError, match=r"mismatch|not valid"):
                await guarded.get(name)


def test_the_public_authorities_stay_beside_a_port_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = authorities.trusted().cert_store_stats()["x509_ca"]
    monkeypatch.setenv("SSL_CERT_FILE", str(certified(tmp_path).certificate))
    authorities.trusted.cache_clear()
    both = authorities.trusted()
    assert both is authorities.trusted()
    assert public > 50
    assert both.cert_store_stats()["x509_ca"] > 50
    assert any(dict(rdn[0] for rdn in one["subject"]).get("commonName") == "test" for one in both.get_ca_certs())
