"""Where the platform's own calls may lead: to the world, and to nothing of the port's own unless its administrator said so.

Webhooks, deliveries to parties, links to other platforms, registers, issuing authorities and files that are fetched all ask
here. A name is resolved here and the connection goes to the very address that was looked at, so that a name that changes its
answer gains nothing. Outside a demo folder only public addresses are allowed, and those of KOUAN_PUSH_NETWORKS (CIDR,
comma-separated). The platform's own sockets are refused everywhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kouan.kernel.settings import Settings, servers

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
REMEMBERED = 30.0
MOST_REMEMBERED = 4096
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(Exception):
    """The address is not one that may be called."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call leads: the address that was looked at, and the name that it goes by."""

    scheme: str
    host: str
    ip: str
    port: int
    path: str

    @property
    def line(self) -> tuple[str, str, str, int]:
        """What connections to it share."""
        return self.scheme, self.host, self.ip, self.port


@dataclass(slots=True)
class Ways:
    """The rules of a site. `own`: ports of the platform's own sockets; `networks`: allowed though not public."""

    demo: bool
    networks: tuple[Network, ...] = ()
    own: frozenset[int] = frozenset()
    _known: dict[tuple[str, int], tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    _places: dict[tuple[str, bool], tuple[float, Place]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Ways:
        """The rules that a process was told; ValueError when a network is none."""
        networks = tuple(ipaddress.ip_network(one.strip()) for one in settings.push_networks.split(",") if one.strip())
        return cls(settings.demo, networks, _own(settings))

    def and_of(self, host: str) -> Ways:
        """These rules, and leave for one address that an administrator wrote out; a name is no leave for what it resolves to."""
        try:
            return Ways(self.demo, (*self.networks, ipaddress.ip_network(host)), self.own)
        except ValueError:
            return self

    async def to(self, url: str, *, plain: bool = False) -> Place:
        """Where a URL leads, looked at again with its name; `plain`: by http, too, beyond a demo's own machine.

        Raises Forbidden, or OSError when its name cannot be resolved.
        """
        looked = self._places.get((url, plain))
        if looked and looked[0] > asyncio.get_running_loop().time():
            return looked[1]
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        allowed = await self.addresses(host, port)
        if parts.scheme != "https" and not plain and not (self.demo and ipaddress.ip_address(allowed[0]).is_loopback):
            raise Forbidden(f"{host}: https")
        if len(self._places) >= MOST_REMEMBERED:
            self._places.clear()
        place = Place(parts.scheme, host, allowed[0], port, parts.path or "/")
        self._places[url, plain] = self._known[host, port][0], place
        return place

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a name that may be connected to. Raises Forbidden when none may be, OSError when it has none."""
        allowed = [ip for ip in await self._resolved(host, port) if self.allows(ipaddress.ip_address(ip), port)]
        if not allowed:
            raise Forbidden(host)
        return allowed

    def allows(self, ip: Address, port: int) -> bool:
        """Whether an address may be connected to."""
        bare = plain(ip)
        if port in self.own and not bare.is_global:
            return False
        if bare.is_global and not (bare.is_multicast or bare.is_reserved or getattr(bare, "is_site_local", False)):
            return True
        return (self.demo and not bare.is_multicast) or any(bare in network for network in self.networks)

    async def _resolved(self, host: str, port: int) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        known = self._known.get((host, port))
        if known and known[0] > loop.time():
            return known[1]
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[host, port] = (loop.time() + REMEMBERED, addresses)
        return addresses


def plain(ip: Address) -> Address:
    """The address behind one that only wraps an IPv4 address (mapped, 6to4, NAT64)."""
    if isinstance(ip, ipaddress.IPv6Address):
        if inner := ip.ipv4_mapped or ip.sixtofour:
            return inner
        if ip in _TRANSLATED:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _own(settings: Settings) -> frozenset[int]:
    ports: Iterable[int] = (
        settings.port, settings.nmea_port, settings.mqtt_port, settings.radar_port, settings.gnss_port,
        settings.jt808_port, settings.adsb_port, settings.metar_port, *(urlsplit(one).port or 0 for one in servers(settings.nats_url)),
        urlsplit(settings.database_url).port or 0,
    )  # fmt: skip
    return frozenset(port for port in ports if port)
