"""Whether a source can be reached and read as it is set up: its first piece is looked at, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from kouan.base.ingest import store
from kouan.base.ingest.readers import Piece, Unreadable
from kouan.base.ingest.records import Source
from kouan.base.ingest.secrets import opened
from kouan.base.ingest.service import BUSY, described, own, tried, working
from kouan.base.ingest.sources import Away, Context, items
from kouan.base.quality.api import ROW
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Failure, Refused
from kouan.kernel.ids import uuid7
from kouan.kernel.keepable import validated
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

LONGEST = 30.0
HEARD = ("mqtt", "nats")
"""Kinds whose broker knows one listener of a source: looking in beside a run would end it."""
ENTERED = ("kind", "address", "host_key")
"""What a kept credential was given for: with any of them changed it would be shown to somebody else."""
UPLOADS = Text("上传类数据源没有可检查的地址", "A source of uploads has no place to be reached")
LATE = Text("{seconds} 秒内没有读到数据", "Nothing was read within {seconds} seconds")


async def check(port: Port, who: Principal, source: UUID) -> dict[str, Any]:
    """Reach a source of the caller's own. Its position is not moved; messages of streams stay with their broker."""
    working(who)
    mine = await own(port, who, source)
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        last = await store.runs(conn, source, 1)
    if mine.kind in HEARD and last and last[0]["state"] in ("running", "stopping"):
        raise Conflict(BUSY, rule="run", code="run.busy")
    context = await _context(port, who, mine, source.hex)
    user, password = await _credential(port, source)
    told, _ = await _reached(replace(context, user=user, password=password))
    return told


async def look(
    port: Port, who: Principal, definition: Mapping[str, Any], kept: UUID | None, user: str, password: str
) -> dict[str, Any]:
    """Reach a source as it would be filed: what its first rows are, a mapping, and what its own mapping would make of them.

    Nothing is kept, neither rows nor credential; a broker keeps no session of it. Raises Refused for a definition that is none,
    NotFound for a kept source of somebody else.
    """
    working(who)
    source = validated(Source, definition)
    context = await _context(port, who, source, uuid7().hex)
    if kept is not None and not user and not password:
        former = await own(port, who, kept)
        if all(getattr(former, name) == getattr(source, name) for name in ENTERED):
            user, password = await _credential(port, kept)
    told, piece = await _reached(replace(context, user=user, password=password, once=True))
    found = await asyncio.to_thread(described, piece, source.target) if piece else None
    trial = await tried(port, who, source, piece) if piece and source.columns else None
    return {**told, "found": found, "trial": trial}


async def _context(port: Port, who: Principal, source: Source, key: str) -> Context:
    if source.kind == "upload":
        raise Refused(UPLOADS, field="kind", rule="kind")
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        allowed = {row["place"] for row in await store.allowed(conn)}
    return Context(source, key, allowed=allowed, port=port, who=who)


async def _credential(port: Port, source: UUID) -> tuple[str, str]:
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        sealed = await store.secret(conn, source)
    return opened(port.vault, str(source), sealed) if sealed else ("", "")


async def _reached(context: Context) -> tuple[dict[str, Any], Piece | None]:
    began, piece = time.monotonic(), None
    told: dict[str, Any] = {"ok": True, "item": "", "rows": 0, "columns": [], "reason": None}
    with tempfile.TemporaryDirectory(prefix="kouan-check-") as folder:
        try:
            async with asyncio.timeout(LONGEST):
                told["item"], piece = await _first(replace(context, folder=Path(folder)))
        except (Away, Unreadable, Failure) as wrong:
            told |= {"ok": False, "reason": wrong.reason.out()}
        except TimeoutError:
            told |= {"ok": False, "reason": LATE.fill(seconds=int(LONGEST)).out()}
    if piece is not None:
        told["rows"] = piece.table.num_rows + len(piece.broken)
        told["columns"] = [column for column in piece.table.column_names if column != ROW]
    return {**told, "took_ms": round((time.monotonic() - began) * 1000)}, piece


async def _first(context: Context) -> tuple[str, Piece | None]:
    async with aclosing(items(context)) as found:  # type: ignore[type-var]  # they are generators, which can be closed
        async for item in found:
            async with aclosing(item.pieces(0)) as pieces:  # type: ignore[type-var]  # as above
                async for piece in pieces:
                    return item.name, piece
            return item.name, None
    return "", None
