"""The map's WebSocket: `/api/live/map`. Rows come as binary messages (wire.py), everything else as JSON text.

A browser shows its session cookie (only from a page of this host), a system its bearer token in the Authorization
header or in the first message, `{"token": …}`; never in the address. Then the client says what it looks at,
`{"view": [west, south, east, north]}`, and asks what objects are called, `{"names": [slot, …]}`. What cannot be read
as one of these is passed over.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from kouan.base.identity.api import Credential, bearer, credential_of, same_site
from kouan.kernel.errors import Denied, Failure, NotSignedIn
from kouan.kernel.text import Text
from kouan.operations.onemap.feed import Feed
from kouan.operations.onemap.rights import entitled
from kouan.operations.onemap.viewing import MOST_VIEWERS, TICK, Hub, Viewer, as_box, as_slots

router = APIRouter()
SIGN_IN_WITHIN = 5.0
STUCK_AFTER = 30.0
PACE = 0.02
"""Seconds between two messages of a client that are read: nobody's flood takes the process."""
NOTHING_SHOWN = Text("没有出示有效凭证", "No usable credential was shown")
SIGNED_OUT, REFUSED, FULL, STUCK = 4401, 4403, 1013, 4408


@router.websocket("/api/live/map")
async def live_map(socket: WebSocket) -> None:
    """Snapshot and changes of what a viewer looks at, for as long as its credential holds."""
    feed: Feed = socket.app.state.feed
    await socket.accept()
    try:
        credential = await _credential(socket)
        who = await entitled(socket.app.state.directory, credential)
    except (Failure, TimeoutError) as problem:
        await _end(socket, REFUSED if isinstance(problem, Denied) else SIGNED_OUT)
        return
    except WebSocketDisconnect:
        return
    if len(feed.hub.viewers) >= MOST_VIEWERS:
        await _end(socket, FULL)
        return
    viewer = Viewer(who, credential)
    viewer.put(orjson.dumps({"type": "hello", **feed.greeting(), "tick_ms": int(TICK * 1000)}).decode())
    feed.hub.viewers.add(viewer)
    try:
        await _both(socket, feed.hub, viewer)
    finally:
        feed.hub.viewers.discard(viewer)


async def _both(socket: WebSocket, hub: Hub, viewer: Viewer) -> None:
    reading = asyncio.create_task(_read(socket, hub, viewer))
    writing = asyncio.create_task(_write(socket, viewer))
    done, left = await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    code = next((task.result() for task in done if task is writing and not task.exception()), 1000)
    await _end(socket, code or 1000)


async def _credential(socket: WebSocket) -> Credential:
    shown = credential_of(socket)
    if shown is None:
        first = _message(await asyncio.wait_for(socket.receive(), SIGN_IN_WITHIN))
        shown = bearer(socket, str(first.get("token", "")))
    elif shown.kind == "session":
        same_site(socket)
    if shown is None:
        raise NotSignedIn(NOTHING_SHOWN)
    return shown


async def _read(socket: WebSocket, hub: Hub, viewer: Viewer) -> None:
    while True:
        try:
            asked = _message(await socket.receive())
        except WebSocketDisconnect:
            return
        if "view" in asked:
            try:
                hub.look(viewer, as_box(asked["view"]))
            except ValueError:
                viewer.put('{"type":"refused","field":"view"}')
        if "names" in asked:
            viewer.put(hub.names(viewer, as_slots(asked["names"])))
        await asyncio.sleep(PACE)


async def _write(socket: WebSocket, viewer: Viewer) -> int:
    async def send(message: bytes | str) -> None:
        kind = "bytes" if isinstance(message, bytes) else "text"
        await asyncio.wait_for(socket.send({"type": "websocket.send", kind: message}), STUCK_AFTER)

    try:
        return await viewer.write(send)
    except TimeoutError:
        return STUCK
    except (WebSocketDisconnect, RuntimeError, OSError):
        return 1000  # It left while we spoke.


def _message(event: Any) -> dict[str, Any]:
    """A client's message; an empty one for what cannot be read. Raises WebSocketDisconnect when it has left."""
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code") or 1000)
    try:
        found = orjson.loads(event.get("text") or "{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


async def _end(socket: WebSocket, code: int) -> None:
    if socket.application_state == WebSocketState.CONNECTED and socket.client_state == WebSocketState.CONNECTED:
        try:
            await asyncio.wait_for(socket.close(code), 5)
        except (TimeoutError, RuntimeError, OSError):
            return
