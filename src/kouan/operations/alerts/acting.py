"""Actions that the platform itself takes on rules, warnings and notices."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.kernel.errors import Conflict
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM


async def act(port: Port, record: str, id_: str, action: str, changes: Mapping[str, object]) -> None:
    """Take an action for the platform; one that was taken already is left alone."""
    try:
        await port.act(PLATFORM, record, id_, action, changes=changes)
    except Conflict as already:
        if already.code != "not_in_state":
            raise
