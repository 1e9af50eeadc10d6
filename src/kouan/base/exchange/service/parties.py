"""The parties' systems: their addresses, and how they do."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import asyncpg

from kouan.base.exchange.service import signing
from kouan.base.exchange.store import addresses, credentials, outages
from kouan.kernel.clock import now, stamp
from kouan.kernel.connectors import Connector
from kouan.kernel.database import scope
from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.kernel.words import every

UNKNOWN = Text("没有这个连接器", "There is no such connector")
NOT_YOURS = Text(
    "只有收件单位的业务人员可以设置其系统地址", "Only who works in the receiving organisation sets its address"
)
SHAPE = Text("地址应为 http(s)://主机[:端口][/路径]", "An address is http(s)://host[:port][/path]")
SECURE = Text("正式站点的地址须用 https", "Outside a demo an address must be https")
LOOPBACK = Text(
    "本机与链路本地地址只能用于演示", "Addresses of this machine or link are for demos only"
)
ANYONE = "*"
SETTERS = frozenset({"officer", "operator"})
FIRMS = frozenset({"carrier", "agent", "trader", "trucker"})
"""Kinds that have clerks in the place of officers and operators."""
LONGEST = 300


def named(name: str) -> type[Connector]:
    """The connector of that name; NotFound when there is none."""
    found = next((connector for connector in every(Connector) if connector.code == name), None)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def address_of(text: str, *, demo: bool) -> str:
    """The address in its one spelling; Refused when it is none or may not be used here."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(SHAPE) from None
    if not _is_plain(parts, text) or not host or port == 0:
        raise _wrong(SHAPE)
    local = is_local(host)
    if local and not demo:
        raise _wrong(LOOPBACK)
    if parts.scheme != "https" and not local:
        raise _wrong(SECURE)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _is_plain(parts: SplitResult, text: str) -> bool:
    bare = parts.scheme in ("http", "https") and not (parts.query or parts.fragment or parts.username or parts.password)
    return bare and len(text) <= LONGEST and text.isascii() and text.isprintable() and " " not in text.strip()


def is_local(host: str) -> bool:
    """Whether a host is this machine or its link, as far as its spelling tells: also `127.1`, `0x7f000001`, `::ffff:127.0.0.1`."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        bare = host.lower().rstrip(".")
        if bare == "localhost" or bare.endswith(".localhost") or bare.isdigit():
            return True
        try:  # What the system's resolver takes for an address of four numbers, however it is written.
            found = ipaddress.ip_address(socket.inet_aton(bare))
        except (OSError, ValueError):
            return False
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return found.is_loopback or found.is_link_local or found.is_unspecified


def _wrong(reason: Text) -> Refused:
    return Refused(reason, field="address", rule="address", code="connector.address")


async def set_address(port: Port, who: Principal, name: str, address: str, *, demo: bool) -> dict[str, Any]:
    """Set where the caller's organisation's system is reached; what waits is sent at once."""
    connector = settable(who, name)
    bare = address_of(address, demo=demo)
    readers = [PLATFORM.org, who.org, *port.orgs.of_kind("portoffice")]
    async with scope(port.pool, scope_of(who)) as conn:
        await addresses.put(conn, connector.code, who.org, bare, who.user, readers)
        await outages.end(conn, connector.code, who.org)
    return next(one for one in await states(port, who) if one["name"] == name and one["org"] == who.slug)


async def reach(port: Port, connector: str, org: int, address: str, by: str) -> None:
    """Set where an organisation without people here (another platform) is reached; what waits for it is sent at once.

    The same address again changes nothing: an outage that is going on is not forgotten.
    """
    readers = [PLATFORM.org, org, *port.orgs.of_kind("portoffice")]
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        if not any(row["address"] == address for row in await addresses.of(conn, connector, org)):
            await addresses.put(conn, connector, org, address, by, readers)
            await outages.end(conn, connector, org)


async def forget(port: Port, who: Principal, name: str) -> None:
    """Forget the address: deliveries stand in the inbox and are answered there. NotFound when there was none."""
    connector = settable(who, name)
    async with scope(port.pool, scope_of(who)) as conn:
        if not await addresses.drop(conn, connector.code, who.org):
            raise NotFound(UNKNOWN)
        await outages.end(conn, connector.code, who.org)


async def new_secret(port: Port, who: Principal, name: str) -> str:
    """A new key by which what goes to the caller's system is signed; told this once. The former signs for a day more."""
    connector = settable(who, name)
    key = signing.new_key()
    async with scope(port.pool, scope_of(who)) as conn:
        await credentials.put(conn, port.vault, connector.code, who.org, key, who.user)
    return signing.written(key)


def settable(who: Principal, name: str) -> type[Connector]:
    """The connector of that name; Denied unless the caller sets up its organisation's system."""
    connector = named(name)
    setters = SETTERS | {"clerk"} if who.kind in FIRMS else SETTERS
    if connector.org not in (who.kind, ANYONE) or not who.roles & setters:
        raise Denied(NOT_YOURS, rule=f"connector:{name}")
    return connector


async def states(port: Port, who: Principal) -> list[dict[str, Any]]:
    """How the systems do that the caller may know of: its own, and all for the port office; addresses only its own."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = {(row["connector"], row["org"]): row for row in await addresses.states(conn)}
        waiting = await addresses.waiting(conn)
        signed = await credentials.known(conn)
    out = []
    for connector in every(Connector):
        for org in _reached(port, connector, who, rows):
            mark = (connector.code, org)
            state = _state(port, connector, org, rows.get(mark), waiting.get(mark, (0, 0)), org == who.org)
            out.append({**state, "signed": mark in signed if org == who.org else None})
    return out


def _reached(port: Port, connector: type[Connector], who: Principal, rows: Mapping[tuple[str, int], Any]) -> list[int]:
    """The organisations whose line of a connector the caller may know of; open connectors show those that use them."""
    if connector.org == ANYONE:
        return [org for code, org in rows if code == connector.code and (who.kind == "portoffice" or org == who.org)]
    return [org for org in port.orgs.of_kind(connector.org) if who.kind == "portoffice" or org == who.org]


def _breaker(row: Any) -> str:
    """closed: deliveries go; open: nothing is tried until the next probe; half-open: a probe is due."""
    if row["outage_since"] is None:
        return "closed"
    return "open" if row["next_probe"] and row["next_probe"] > now() else "half-open"


def _state(
    port: Port, connector: type[Connector], org: int, row: Any, waiting: tuple[int, int], own: bool
) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "name": connector.code,
        "title": connector.title.out(),
        "org": port.orgs.slug(org),
        "tells": sorted(connector.tells),
        "status": "none",
        "breaker": "none",
        "next_probe": None,
        "address": None,
        "outage_since": None,
        "last_ok": None,
        "error": None,
        "check": None,
        "waiting": waiting[0],
        "dead": waiting[1],
    }
    if row is None:
        return shape
    return {
        **shape,
        "status": "down" if row["outage_since"] else "up",
        "breaker": _breaker(row),
        "next_probe": stamp(row["next_probe"]) if row["next_probe"] else None,
        "address": row["address"] if own else None,
        "outage_since": stamp(row["outage_since"]) if row["outage_since"] else None,
        "last_ok": stamp(row["last_ok"]) if row["last_ok"] else None,
        "error": row["last_error"],
        "check": _checked(row) if row["checked_at"] else None,
    }


def _checked(row: asyncpg.Record) -> dict[str, Any]:
    return {"at": stamp(row["checked_at"]), "ok": row["check_failed"] is None, "reason": row["check_failed"]}
