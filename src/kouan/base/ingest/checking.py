"""Whether a source can be reached and read as it is set up: its first piece is looked at, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

from kouan.base.ingest import store
from kouan.base.ingest.readers import Piece, Unreadable
from kouan.base.ingest.secrets import opened
from kouan.base.ingest.service import BUSY, own, working
from kouan.base.ingest.sources import Away, Context, items
from kouan.base.quality.api import ROW
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Failure, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

LONGEST = 30.0
HEARD = ("mqtt", "nats")
"""Kinds whose broker knows one listener of a source: looking in beside a run would end it."""
UPLOADS = Text("上传类数据源没有可检查的地址", "A source of uploads has no place to be reached")
LATE = Text("{seconds} 秒内没有读到数据", "Nothing was read within {seconds} seconds")


async def check(port: Port, who: Principal, source: UUID) -> dict[str, Any]:
    """Reach a source of the caller's own. Its position is not moved; messages of streams stay with their broker."""
    working(who)
    mine = await own(port, who, source)
    if mine.kind == "upload":
        raise Refused(UPLOADS, field="kind", rule="kind")
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        sealed = await store.secret(conn, source)
        allowed = {row["place"] for row in await store.allowed(conn)}
        last = await store.runs(conn, source, 1)
    if mine.kind in HEARD and last and last[0]["state"] in ("running", "stopping"):
        raise Conflict(BUSY, rule="run", code="run.busy")
    user, password = opened(port.vault, str(source), sealed) if sealed else ("", "")
    began, told = time.monotonic(), {"ok": True, "item": "", "rows": 0, "columns": [], "reason": None}
    with tempfile.TemporaryDirectory(prefix="kouan-check-") as folder:
        context = Context(mine, source.hex, user, password, allowed, folder=Path(folder), port=port, who=who)
        try:
            async with asyncio.timeout(LONGEST):
                name, piece = await _first(context)
            told |= {"item": name, "rows": piece.table.num_rows + len(piece.broken)} if piece else {"item": name}
            told["columns"] = [column for column in piece.table.column_names if column != ROW] if piece else []
        except (Away, Unreadable, Failure) as wrong:
            told |= {"ok": False, "reason": wrong.reason.out()}
        except TimeoutError:
            told |= {"ok": False, "reason": LATE.fill(seconds=int(LONGEST)).out()}
    return {**told, "took_ms": round((time.monotonic() - began) * 1000)}


async def _first(context: Context) -> tuple[str, Piece | None]:
    async with aclosing(items(context)) as found:  # type: ignore[type-var]  # they are generators, which can be closed
        async for item in found:
            async with aclosing(item.pieces(0)) as pieces:  # type: ignore[type-var]  # as above
                async for piece in pieces:
                    return item.name, piece
            return item.name, None
    return "", None
