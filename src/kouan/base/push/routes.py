"""The doors of pushing, beside those of the subscription's own record: messages by number, test, replay, key, live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Path, Query, Request, WebSocket
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocketDisconnect

from kouan.base.push.service import asking
from kouan.base.push.service.asking import Own
from kouan.base.push.service.live import MOST, Live, Page
from kouan.base.push.service.queueing import STUCK_AFTER, Left, Queues
from kouan.kernel.database import scope
from kouan.kernel.errors import Failure
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import Port

router = APIRouter(tags=["base.push"], responses=RESPONSES)
AT = "/api/push/subscriptions/{id}"
Id = Annotated[UUID, Path()]
MOST_SEQ = 2**62
RECHECK, ANEW = 5.0, 15.0
"""Seconds between two looks at the credential, and at the subscription."""


class StandingOut(BaseModel):
    """How a subscription does. `told`, `waiting`: of a webhook or a queue; `latest` without content, `fate` being told, waiting, dead
    (set aside), again (was set aside and has a new number), withheld (not the subscriber's to read any more) or empty; `dead`: how many
    are set aside."""

    subscription: str
    channel: str
    state: str
    last: int
    oldest: int | None
    told: int | None
    waiting: int | None
    failures: int
    away_since: str | None
    next_try: str | None
    last_ok: str | None
    dead: int
    error: str | None
    keyed_at: str | None
    latest: list[dict[str, Any]]


class EventsOut(BaseModel):
    """Messages in order. `last`: number of the newest; `next`: behind what to ask next; `withheld`: numbers not told."""

    items: list[dict[str, Any]]
    withheld: list[int]
    last: int
    next: int


class ReplayIn(BaseModel):
    """Behind which number to begin; 0 for all that is kept."""

    model_config = ConfigDict(extra="forbid")
    after: int = Field(ge=0, le=MOST_SEQ)


class ReplayOut(BaseModel):
    """The newest number, and how many go out again."""

    last: int
    again: int


class DeadOut(BaseModel):
    """What was set aside, in order: `why`, how often its takers left it (`tries`), and `message` as it would be told now (null where
    it is not the subscriber's to read any more). `count`: of all."""

    items: list[dict[str, Any]]
    count: int
    next: int


class ReviveIn(BaseModel):
    """Which numbers; without them all that is set aside."""

    model_config = ConfigDict(extra="forbid")
    seqs: list[Annotated[int, Field(ge=1, le=MOST_SEQ)]] | None = Field(default=None, min_length=1, max_length=500)


class ReviveOut(BaseModel):
    """How many go out again, and under which new numbers."""

    again: int
    seqs: list[int]


class TestOut(BaseModel):
    """The number of the test message."""

    seq: int


class KeyOut(BaseModel):
    """The signing key of a webhook, the password of a queue; shown once (Standard Webhooks: `whsec_` and base64)."""

    secret: str


@router.get(AT, response_model=StandingOut, operation_id="push_standing", summary="How a subscription does")
async def standing(id: Id, who: Caller, port: ThePort) -> Response:
    """Of the caller's organisation: how far it was told, how its system does, the latest messages."""
    business(who)
    return reply(await asking.standing(port, who, id))


@router.get(f"{AT}/events", response_model=EventsOut, operation_id="push_events", summary="Messages by number")
async def events(
    id: Id, who: Caller, port: ThePort, after: Annotated[int, Query(ge=0, le=MOST_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """What was numbered behind `after`, whatever the channel, as the caller's organisation may read it now. Kept for 7 days."""
    business(who)
    return reply(await asking.events(port, who, id, after, limit))


@router.post(f"{AT}/replay", response_model=ReplayOut, operation_id="push_replay", summary="Tell a webhook or a queue again")
async def replay(id: Id, asked: ReplayIn, who: Caller, port: ThePort) -> Response:
    """Everything behind a number goes out again, each message under its own id."""
    business(who)
    return reply(await asking.replay(port, who, id, asked.after))


@router.get(f"{AT}/dead", response_model=DeadOut, operation_id="push_dead", summary="What was set aside")
async def dead(
    id: Id, who: Caller, port: ThePort, after: Annotated[int, Query(ge=0, le=MOST_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """Messages that a webhook refused for good, that takers of a queue left eight times, or that were too old. Kept for 30 days."""
    business(who)
    return reply(await asking.dead(port, who, id, after, limit))


@router.post(f"{AT}/dead/again", response_model=ReviveOut, operation_id="push_dead_again", summary="Tell what was set aside again")
async def dead_again(id: Id, asked: ReviveIn, who: Caller, port: ThePort) -> Response:
    """Each goes out under its own id and a new number, behind what waits."""
    business(who)
    return reply(await asking.revive(port, who, id, asked.seqs))


@router.post(f"{AT}/test", response_model=TestOut, operation_id="push_test", summary="Send a test message")
async def test(id: Id, who: Caller, port: ThePort) -> Response:
    """A message `what: test` without content, by the subscription's channel."""
    business(who)
    return reply(await asking.test(port, who, id))


@router.post(f"{AT}/secret", status_code=201, response_model=KeyOut, operation_id="push_secret", summary="A new key")
async def secret(id: Id, who: Caller, port: ThePort) -> Response:
    """What goes to the webhook is signed by it from now on (HMAC-SHA256), a queue entered with it; the former key does for a day more."""
    business(who)
    return reply({"secret": await asking.secret(port, who, id)}, 201)


@router.get("/api/live/push/{id}", operation_id="push_live", response_class=StreamingResponse, responses={200: {
    "content": {"text/event-stream": {}}, "description": "Messages, their numbers as event ids"}})  # fmt: skip
async def live(
    id: Id, request: Request, who: Caller, port: ThePort, after: Annotated[int | None, Query(ge=0, le=MOST_SEQ)] = None,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> Response:  # fmt: skip
    """Messages as they happen, and first those behind Last-Event-ID (or `after`), for as long as the credential holds."""
    business(who)
    found = await asking.connected(port, who, id)
    begin = int(last_event_id) if last_event_id.isdecimal() else after
    told = found.line["last"] if begin is None else min(begin, MOST_SEQ)
    return StreamingResponse(_stream(request, port, found, told), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.websocket("/api/live/queue")
async def queue(socket: WebSocket) -> None:
    """MQTT 3.1.1 over a WebSocket (its chapter 6): one queue, named by user and entered by password."""
    await socket.accept(subprotocol="mqtt" if "mqtt" in socket.scope.get("subprotocols", ()) else None)

    async def receive() -> bytes:
        event = await socket.receive()
        if event["type"] == "websocket.disconnect" or event.get("bytes") is None:
            raise Left
        return bytes(event["bytes"])

    async def send(content: bytes) -> None:
        try:
            await asyncio.wait_for(socket.send_bytes(content), STUCK_AFTER)
        except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError) as gone:
            raise Left from gone

    await Queues.of(socket.app.state.port).serve(receive, send)
    with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        await asyncio.wait_for(socket.close(), RECHECK)


async def _stream(request: Request, port: Port, found: Own, behind: int) -> AsyncIterator[bytes]:
    hub, loop = Live.of(port), asyncio.get_running_loop()
    seat = hub.join(found.wish, behind)
    checked = looked = loop.time()
    yield f": behind {behind}\n\n".encode()
    try:
        while True:
            if await seat.wait(max(0.1, checked + RECHECK - loop.time())):
                if page := seat.take():
                    yield _written(page)
                else:
                    while (page := await _behind(port, found, seat.told))[1] > seat.told:
                        seat.told = page[1]
                        yield _written(page)
            if loop.time() - checked >= RECHECK:
                who, checked = await request.app.state.authenticate(request), loop.time()
                if checked - looked >= ANEW:
                    found, looked = await asking.connected(port, who, found.wish.id), checked
                    seat.wish = found.wish
                yield b": still here\n\n"
    except Failure:
        return
    finally:
        hub.leave(seat)


async def _behind(port: Port, found: Own, after: int) -> Page:
    async with scope(port.pool, (0, found.row.org)) as conn:
        page = await asking.page(conn, found, after, MOST)
    return page["items"], page["next"]


def _written(page: Page) -> bytes:
    return b"".join(b"id: %d\ndata: %s\n\n" % (one["seq"], orjson.dumps(one)) for one in page[0])
