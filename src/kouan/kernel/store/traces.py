"""The traces (W3C Trace Context) of the calls that events come from, for whoever tells another system of these events."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kouan.kernel.database import Connection

_TRACES = "select id, trace from event where record_id = any($1) and id = any($2) and trace is not null"


async def traces(conn: Connection, records: Sequence[UUID], events: Sequence[UUID]) -> dict[UUID, str]:
    """Some events of some records, each with its call as `traceparent` says it, in the connection's scope; those without are left out."""
    if not events:
        return {}
    return {row["id"]: str(row["trace"]) for row in await conn.fetch(_TRACES, list(records), list(events))}
