"""The door at low water: what would change facts is refused before it is read (503, `disk_low`); who only asks is served."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from kouan.app.http.bulkheads import ASKING, WRITES
from kouan.kernel.http.problems import answer
from kouan.kernel.room import Room, refusal

ASKED = ("conveyances/persons", "parcels/resolve")
"""Doors of services that also take facts, whose POST only asks."""
SAFETY = frozenset({"session", "identity"})
"""Signing in and out, and taking rights away, go on until there is next to nothing left."""


class LowWater:
    """Refuses what changes facts while storage is low."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self._app, self._room = app, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if stops(scope, self._room):
            await answer(refusal())(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def stops(scope: Scope, room: Room) -> bool:
    """Whether a request has to wait for room."""
    if scope["type"] != "http" or scope["method"] not in WRITES:
        return False
    door = str(scope["path"]).removeprefix("/api/")
    name = door.partition("/")[0]
    if name in ASKING or door in ASKED:
        return False
    return room.scarce() if name in SAFETY else room.low()
