"""Up to which level accounts read."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from kouan.base.identity.store import accounts
from kouan.kernel.database import Connection, Pool


async def clearances(source: Connection | Pool, wanted: Iterable[str]) -> dict[str, int]:
    """The clearance (1-4) of accounts as it is now, by the number under which records of use name them; unknown ones are left out."""
    numbers = [number for text in wanted if (number := _number(text))]
    return {str(one.id): one.clearance for one in await accounts.several(source, numbers)}


def _number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
