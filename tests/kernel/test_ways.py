"""Webhooks lead into the world, not into the port's own networks, however their address is spelled or resolved."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from kouan.kernel.ways import Forbidden, Ways

INSIDE = ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",
          "fe80::1", "fd00::1", "fec0::1", "::127.0.0.1", "64:ff9b:1::a00:1", "240.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
          "64:ff9b::a00:1", "2002:a00:1::", "ff02::1"]  # fmt: skip


@pytest.mark.parametrize("ip", INSIDE)
def test_what_is_not_public_is_refused(ip: str) -> None:
    assert not Ways(demo=False).allows(ipaddress.ip_address(ip), 443)


def test_what_is_public_or_was_allowed_is_let_through() -> None:
    allowed = Ways(demo=False, networks=(ipaddress.ip_network("10.20.0.0/16"),))
    assert allowed.allows(ipaddress.ip_address("8.8.8.8"), 443)
    assert allowed.allows(ipaddress.ip_address("2001:4860:4860::8888"), 443)
    assert allowed.allows(ipaddress.ip_address("::ffff:10.20.3.4"), 443)
    assert not allowed.allows(ipaddress.ip_address("10.21.0.1"), 443)


def test_the_platforms_own_sockets_are_refused_in_a_demo_too() -> None:
    demo = Ways(demo=True, own=frozenset({8080}))
    assert demo.allows(ipaddress.ip_address("127.0.0.1"), 9000)
    assert not demo.allows(ipaddress.ip_address("127.0.0.1"), 8080)
    assert not demo.allows(ipaddress.ip_address("::1"), 8080)


async def test_a_name_counts_as_what_it_resolves_to_and_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"inner.example": ["10.0.0.5"], "mixed.example": ["10.0.0.5", "8.8.4.4"], "outer.example": ["8.8.8.8"]}

    async def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in answers[host]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    ways = Ways(demo=False)
    with pytest.raises(Forbidden):
        await ways.to("https://inner.example/x")
    assert (await ways.to("https://mixed.example/x")).ip == "8.8.4.4"
    answers["outer.example"] = ["8.8.8.8"]
    place = await ways.to("https://outer.example:8443/a")
    assert (place.host, place.ip, place.port, place.path) == ("outer.example", "8.8.8.8", 8443, "/a")
    with pytest.raises(Forbidden):
        await ways.to("http://outer.example/x")
