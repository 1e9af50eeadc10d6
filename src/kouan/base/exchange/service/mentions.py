"""Refused bodies that tell of a subject, and erasing them: the refusal stays with its reason, its content goes."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

from kouan.base.exchange.store import quarantine as store
from kouan.kernel.database import Connection
from kouan.kernel.mention import Looked, Sought
from kouan.kernel.port import Port

MOST, STRETCH = 20, 1.0
"""Bodies that one transaction looks through at most, one after another in memory, and seconds after which it takes no further one."""


async def look(port: Port, conn: Connection, sought: Sought, after: str, *, destroy: bool) -> Looked:
    """Look through the next refused bodies of all organisations behind a number; `destroy` those that tell of the subject.

    A broken archive that nobody can read counts as unread and stays: it tells its sender no more than it tells us.
    """
    numbers = await store.behind(conn, UUID(after or "0" * 32), MOST)
    told = unread = looked = 0
    until = time.monotonic() + STRETCH
    for number in numbers:
        if looked and time.monotonic() > until:
            break
        looked += 1
        found = await store.whole(conn, port.vault, number)
        if found is None:
            continue
        body, problem = found
        within = await asyncio.to_thread(sought.within, body) if body else False
        unread += within is None
        cleaned = sought.scrubbed(problem)
        if within or cleaned != problem:
            told += 1
            if destroy:
                await store.erase(conn, number, cleaned)
    more = looked < len(numbers) or len(numbers) == MOST
    return Looked(str(numbers[looked - 1]) if more else "", looked, told, unread)
