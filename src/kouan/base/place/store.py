"""Places as the database holds them."""

from __future__ import annotations

from kouan.base.place.records import Place
from kouan.kernel.database import Connection
from kouan.kernel.store.schema import table


async def any_place(conn: Connection) -> bool:
    """Whether there is any place that the connection's scope sees."""
    return bool(await conn.fetchval(f"select exists (select 1 from {table(Place)})"))  # noqa: S608 - a name of the registry
