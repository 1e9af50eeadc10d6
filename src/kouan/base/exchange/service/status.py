"""The public picture: who is away now and was in the last seven days. No message, no address, no error is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from kouan.base.exchange.store import addresses, outages
from kouan.kernel.clock import stamp
from kouan.kernel.connectors import Connector
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.kernel.words import every

DAYS = 7
GAP = timedelta(seconds=20)
"""A silence of the platform's worker that counts as an outage; it gives a sign of life every five seconds."""
HELD = 2.0
EXTRA = "exchange.status"
SELF = Text("本平台（后台处理与投递）", "This platform (processing and delivery)")
Span = tuple[datetime, datetime]


async def beat(port: Port) -> None:
    """Give a sign of life; a silence before it is kept as an outage of the platform."""
    async with scope(port.pool, (PLATFORM.org,)) as conn:
        await outages.beat(conn, GAP)


async def status(port: Port) -> dict[str, Any]:
    """State and outages of the platform and of parties' systems; asked of the database at most every two seconds."""
    held = port.extras.get(EXTRA)
    moment = asyncio.get_running_loop().time()
    if held is None or held[0] < moment:
        held = port.extras[EXTRA] = (moment + HELD, await _status(port))
    found: dict[str, Any] = held[1]
    return found


async def _status(port: Port) -> dict[str, Any]:
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        at = await outages.present(conn)
        since = at - timedelta(days=DAYS)
        lines = await addresses.states(conn)
        found = await outages.since(conn, since)
        beats = await outages.beats(conn)
    first, last = beats or (None, None)
    silent = last is None or at - last > GAP
    titles = {connector.code: connector.title for connector in every(Connector)}
    known = [row for row in lines if row["connector"] in titles]
    parties = [_party(port, titles, row, found, since, at) for row in known]
    start = max(since, first or since)
    own = _spans((row for row in found if row["connector"] == outages.PLATFORM), start, at)
    own += [(last, at)] if silent and last else []
    shown = [_outage(port, titles, row, at) for row in found if row["connector"] in (*titles, outages.PLATFORM)]
    return {
        "at": stamp(at), "days": DAYS, "since": stamp(since),
        "platform": {"title": SELF.out(), "status": "down" if silent else "up", "since": stamp(last) if silent and last else None,
                     "available_percent": _percent(own, start, at)},
        "parties": sorted(parties, key=lambda party: (party["name"], party["org"])),
        "outages": shown,
    }  # fmt: skip


def _party(
    port: Port, titles: Mapping[str, Text], row: asyncpg.Record, found: Sequence[asyncpg.Record], since: datetime, at: datetime
) -> dict[str, Any]:
    mine = [one for one in found if (one["connector"], one["org"]) == (row["connector"], row["org"])]
    start = max(since, row["set_at"])
    out = row["outage_since"]
    return {
        "name": row["connector"], "title": titles[row["connector"]].out(), "org": port.orgs.slug(row["org"]),
        "status": "down" if out else "up", "since": stamp(out) if out else None,
        "available_percent": _percent(_spans(mine, start, at), start, at),
    }  # fmt: skip


def _outage(port: Port, titles: Mapping[str, Text], row: asyncpg.Record, at: datetime) -> dict[str, Any]:
    platform = row["connector"] == outages.PLATFORM
    ended = row["ended"]
    return {
        "name": row["connector"], "title": (SELF if platform else titles[row["connector"]]).out(),
        "org": PLATFORM.slug if platform else port.orgs.slug(row["org"]), "began": stamp(row["began"]),
        "ended": stamp(ended) if ended else None, "seconds": max(0, round(((ended or at) - row["began"]).total_seconds())),
    }  # fmt: skip


def _spans(rows: Iterable[asyncpg.Record], since: datetime, at: datetime) -> list[Span]:
    return [(max(row["began"], since), min(row["ended"] or at, at)) for row in rows]


def _percent(spans: Iterable[Span], since: datetime, at: datetime) -> float:
    """The share of a time without outage, in percent; overlapping outages count once, rounded so that one is never 100."""
    whole = (at - since).total_seconds()
    away, reached = 0.0, since
    for began, ended in sorted(spans):
        away += max(0.0, (ended - max(began, reached)).total_seconds())
        reached = max(reached, ended)
    if whole <= 0 or away <= 0:
        return 100.0
    return max(0.0, min(99.999, round(100 * (1 - away / whole), 3)))
