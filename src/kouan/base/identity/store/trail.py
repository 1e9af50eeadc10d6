"""Reading the security audit, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kouan.kernel.database import Connection, Pool

_PAGE = """select id, at, org, account, action, ref, level, outcome, reason, request from audit
    where ($1::bigint is null or id < $1) and ($2::int is null or org = $2) and ($3::text is null or account = $3)
        and ($4::text is null or action = $4) and ($5::text is null or outcome = $5) and ($6::text is null or ref = $6)
        and ($7::smallint is null or level >= $7) and ($8::timestamptz is null or at >= $8)
        and ($9::timestamptz is null or at < $9)
    order by id desc limit $10"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to read; None does not filter. `after` is the number of the last entry seen. Times are UTC."""

    after: int | None = None
    org: int | None = None
    account: str | None = None
    action: str | None = None
    outcome: str | None = None
    ref: str | None = None
    level: int | None = None
    since: datetime | None = None
    until: datetime | None = None


async def page(source: Connection | Pool, wanted: Wanted, limit: int) -> Sequence[asyncpg.Record]:
    """Up to `limit` entries, newest first."""
    w = wanted
    return await source.fetch(
        _PAGE, w.after, w.org, w.account, w.action, w.outcome, w.ref, w.level, w.since, w.until, limit
    )
