"""The guard below all calls: what a name resolves to decides, at the moment of connecting, and a redirect is only an answer."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kouan.kernel import ways as rules
from kouan.kernel.outgoing import NotAllowed, client
from kouan.kernel.ways import Forbidden, Ways
from kouan_sim.httpd import Reply, Request, Server

HERE = ipaddress.ip_network("127.0.0.1/32")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, list[str]]]:
    """A system of this machine, and the names by which it was called."""
    seen: list[str] = []

    async def handle(request: Request) -> Reply:
        seen.append(request.headers["host"])
        return Reply(200, {})

    server = Server(handle)
    await server.open()
    yield server, seen
    await server.close()


def resolving(monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> None:
    """Let names resolve as stated: each time to the next answer, and then to the last one."""

    async def resolved(host: str, port: int, **_: Any) -> list[Any]:
        ips = answers.get(host, [host])
        ip = ips.pop(0) if len(ips) > 1 else ips[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)


async def test_a_name_that_resolves_to_an_inside_address_is_not_called(
    server: tuple[Server, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    its, seen = server
    resolving(monkeypatch, {"party.example": ["127.0.0.1"]})
    address = f"http://party.example:{its.port}/x"
    async with client(Ways(demo=False), timeout=30, plain=True) as outside:
        with pytest.raises(NotAllowed):
            await outside.get(address)
        with pytest.raises(NotAllowed):
            await outside.get(f"http://127.0.0.1:{its.port}/x")
    async with client(Ways(demo=True, own=frozenset({its.port})), timeout=30) as own:
        with pytest.raises(NotAllowed):
            await own.get(address)
    assert seen == []
    async with client(Ways(demo=True), timeout=30) as demo, client(Ways(False, (HERE,)), timeout=30, plain=True) as allowed:
        assert [(await one.get(address)).status_code for one in (demo, allowed)] == [200, 200]
    assert seen == [f"party.example:{its.port}"] * 2, "it is called by its name"
    async with client(Ways(False, (HERE,)), timeout=30) as secure:
        with pytest.raises(NotAllowed):
            await secure.get(address)


async def test_a_name_that_changes_its_answer_between_look_and_connection_gains_nothing(
    server: tuple[Server, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    its, seen = server
    monkeypatch.setattr(rules, "REMEMBERED", -1.0)
    allowed = ipaddress.ip_network("192.0.2.7/32")
    resolving(monkeypatch, {"turning.example": ["192.0.2.7", "127.0.0.1"]})
    async with client(Ways(False, (allowed,)), timeout=30, plain=True) as caller:
        with pytest.raises(httpx.ConnectError):
            await caller.get(f"http://turning.example:{its.port}/x")
    assert seen == []


async def test_a_redirect_is_not_followed(server: tuple[Server, list[str]]) -> None:
    its, seen = server

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 302 X\r\nLocation: {its.url}/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    pointing = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
    async with client(Ways(demo=True), timeout=30) as caller:
        answer = await caller.get(f"http://127.0.0.1:{pointing.sockets[0].getsockname()[1]}/x")
    assert (answer.status_code, answer.headers["location"], seen) == (302, f"{its.url}/x", [])
    pointing.close()


async def test_leave_for_an_address_that_was_written_out_is_none_for_a_name() -> None:
    strict = Ways(demo=False)
    assert (await strict.and_of("10.1.2.3").to("http://10.1.2.3/x", plain=True)).ip == "10.1.2.3"
    with pytest.raises(Forbidden):
        await strict.and_of("inside.example").to("http://10.1.2.3/x", plain=True)
    with pytest.raises(Forbidden):
        await strict.to("http://10.1.2.3/x", plain=True)
