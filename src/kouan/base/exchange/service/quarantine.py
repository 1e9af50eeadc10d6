"""The sender's quarantine: refused bodies, sealed, to look at, fetch back and drop."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.store import quarantine as store
from kouan.base.exchange.store.quarantine import Refusal
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

MOST_BODIES = 200
MOST_BYTES = 64 << 20
STAYS = timedelta(days=30)
SWEEP = 500
UNKNOWN = Text("隔离区中没有这份报文", "There is no such body in your quarantine")
ERASED = Text("报文提及的个人信息已依法删除，报文内容不再保存", "It told of a person whose data were erased by law; its content is kept no more")
log = logging.getLogger(__name__)


async def set_aside(port: Port, who: Principal, format_: str, body: bytes, problem: Mapping[str, Any]) -> str:
    """Keep a refused body for its sender for 30 days; answers its number, or "" when it could not be kept now.

    An organisation holds at most 200 bodies and 64 MiB; the oldest go first.
    """
    at = now()
    refusal = Refusal(uuid7(), who.org, at, at + STAYS, format_, body, problem)
    try:
        async with scope(port.pool, scope_of(who)) as conn:
            await store.keep(conn, port.vault, refusal)
            await store.drop(conn, await store.surplus(conn, who.org, MOST_BODIES, MOST_BYTES))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as problem_:
        log.warning("a refused body could not be set aside: %s", type(problem_).__name__)
        return ""
    return str(refusal.id)


async def held(port: Port, who: Principal) -> list[dict[str, Any]]:
    """What is set aside for the caller's organisation, newest first."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await store.held(conn, who.org, MOST_BODIES)
    return [
        {
            "id": str(row["id"]),
            "at": stamp(row["at"]),
            "format": row["format"],
            "size": row["size"],
            "problem": row["problem"],
            "expires": stamp(row["expires"]),
            "erased": row["erased"],
        }
        for row in rows
    ]


async def body_of(port: Port, who: Principal, refusal: UUID) -> tuple[str, bytes]:
    """Format and body as posted; NotFound for anyone but its sender's organisation."""
    async with scope(port.pool, scope_of(who)) as conn:
        found = await store.body(conn, port.vault, who.org, refusal)
        erased = found is None and await store.is_erased(conn, who.org, refusal)
    if found is None:
        raise NotFound(ERASED if erased else UNKNOWN)
    return found


async def drop(port: Port, who: Principal, refusal: UUID) -> None:
    """Forget a refused body; NotFound for anyone but its sender's organisation."""
    async with scope(port.pool, (who.org,)) as conn:
        if not await store.drop(conn, [refusal]):
            raise NotFound(UNKNOWN)


async def sweep(port: Port) -> int:
    """Forget what has stood for its time; answers how many."""
    gone = 0
    while True:
        async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
            found = await store.expired(conn, now(), SWEEP)
            gone += await store.drop(conn, found)
        if len(found) < SWEEP:
            return gone
