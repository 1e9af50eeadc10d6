"""What work lists count beside records: quarantine, dead tasks, attempts that were denied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from kouan.kernel.database import Connection

_REFUSED = "select id, format, expires from quarantine where org = $1 and expires > $2 order by at desc limit 5"
_DEAD = "select count(*) from task where dead"
_DENIED = "select count(*) from audit where at > $1 and outcome = 'denied'"


async def refused(conn: Connection, org: int, at: datetime) -> Sequence[asyncpg.Record]:
    """The last messages of an organisation that were not accepted."""
    return await conn.fetch(_REFUSED, org, at)


async def dead(conn: Connection) -> int:
    """Tasks that are not tried any more."""
    return int(await conn.fetchval(_DEAD))


async def denied(conn: Connection, since: datetime) -> int:
    """Attempts beyond entitlement since a moment."""
    return int(await conn.fetchval(_DENIED, since))
