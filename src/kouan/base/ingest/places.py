"""The places that sources may reach, as the system administrator allows them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kouan.base.exchange.api import is_local
from kouan.base.ingest import store
from kouan.kernel.audit import Entry
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.settings import Settings
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

ROLE = "system-admin"
ONLY = Text("仅系统管理员可以允许抽取地址", "Only the system administrator says which places may be reached")
LOCAL = Text("本机与链路本地地址只能用于演示", "Addresses of this machine or link are for demos only")
OWN = Text("平台自己的数据目录不能作为来源", "The platform's own data folder is no source")
NONE = Text("没有允许过该地址", "That place was not allowed")


def only(who: Principal) -> None:
    """Raises Denied for all but the system administrator."""
    if ROLE not in who.roles:
        raise Denied(ONLY, rule="role")


async def listed(port: Port, who: Principal) -> list[dict[str, Any]]:
    """All places that are allowed."""
    only(who)
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        return [{**dict(row), "at": stamp(row["at"])} for row in await store.allowed(conn)]


async def allow(port: Port, who: Principal, place: str, reason: str, *, demo: bool) -> None:
    """Let sources reach a place; the audit trail tells."""
    only(who)
    place = _folder(place) if place.startswith("/") else _host(place, demo=demo)
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        await store.allow(conn, place, reason, who.user)
    await port.audit.write(Entry.of(who, "ingest.allow", "allowed", ref=place[:200], level=3))


async def forbid(port: Port, who: Principal, place: str) -> None:
    """Let sources reach a place no longer."""
    only(who)
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        if not await store.forbid(conn, place):
            raise NotFound(NONE, field="place")
    await port.audit.write(Entry.of(who, "ingest.forbid", "allowed", ref=place[:200], level=3))


def _folder(place: str) -> str:
    found, home = Path(os.path.realpath(place)), Path(os.path.realpath(Settings.read().home))
    if found == home or home in found.parents or found in home.parents:
        raise Refused(OWN, field="place", rule="place")
    return str(found)


def _host(place: str, *, demo: bool) -> str:
    if is_local(place.rpartition(":")[0].strip("[]")) and not demo:
        raise Refused(LOCAL, field="place", rule="place")
    return place.lower()
