"""Streams: an MQTT topic or a JetStream subject, one JSON object a message; told as taken only when it is kept.

A run takes what waits, and ends when nothing has come for a while; between runs the broker keeps what comes, under a
session or consumer of the source's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import nats
import orjson
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from paho.mqtt import client as mqtt_client
from paho.mqtt.enums import CallbackAPIVersion

from kouan.base.ingest.readers import Broken, Piece
from kouan.base.ingest.readers.piece import of_rows, unique
from kouan.base.ingest.sources.common import Away, Context, Item, endpoint, place_of
from kouan.kernel.text import Text

MOST, IDLE, LONGEST = 2_000, 2.0, 300.0
"""Messages of one piece; seconds without one after which a run ends; seconds that a run takes at most."""
TIMEOUT = 10.0
OBJECT = Text("消息应为 JSON 对象", "A message must be a JSON object")


def _piece(messages: Sequence[bytes], first: int) -> tuple[Any, list[Broken]]:
    rows, broken = [], []
    for number, body in enumerate(messages, first):
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            found = None
        if isinstance(found, dict):
            rows.append((number, dict(zip(unique(found), found.values(), strict=True))))
        else:
            broken.append(Broken(number, body[:2000].decode("utf-8", "replace"), OBJECT))
    return of_rows(rows), broken


async def nats_subject(context: Context) -> AsyncIterator[Item]:
    """Messages of a subject that a stream of JetStream keeps."""
    yield Item(f"nats/{context.source.query}", "", lambda start: _from_nats(context, start))


async def _from_nats(context: Context, start: int) -> AsyncIterator[Piece]:
    _, host, port = endpoint(context.source.address or "", 4222)
    context.check(place_of(host, port))
    entry = {"user": context.user, "password": context.password} if context.user else {}
    try:
        link = await nats.connect(
            f"nats://{host}:{port}", connect_timeout=TIMEOUT, allow_reconnect=False, max_reconnect_attempts=0, **entry
        )
    except (NatsError, OSError, TimeoutError) as wrong:
        raise Away.of(wrong) from None
    waiting: list[Any] = []
    try:
        durable = None if context.once else f"kouan-{context.key}"
        consumer = await link.jetstream().pull_subscribe(context.source.query or ">", durable=durable)
        number, ends = start, time.monotonic() + LONGEST
        while time.monotonic() < ends:
            try:
                messages = await consumer.fetch(MOST, timeout=IDLE)
            except (NatsTimeout, TimeoutError):
                return
            table, broken = _piece([message.data for message in messages], number + 1)
            number += len(messages)
            waiting[:] = messages

            async def settle(messages: Sequence[Any] = messages) -> None:
                for message in messages:
                    await message.ack()
                await link.flush()
                waiting.clear()

            yield Piece(table, broken, settle=settle)
    except (NatsError, OSError) as wrong:
        raise Away.of(wrong) from None
    finally:
        await _back(link, waiting)
        await link.close()


async def _back(link: Any, messages: Sequence[Any]) -> None:
    """Messages that were not kept go back at once; else the broker would hold them for the next run until their time is over."""
    with contextlib.suppress(NatsError, OSError):
        for message in messages:
            await message.nak()
        if messages:
            await link.flush()


async def mqtt_topic(context: Context) -> AsyncIterator[Item]:
    """Messages of a topic of an MQTT broker (3.1.1, QoS 1)."""
    yield Item(f"mqtt/{context.source.query}", "", lambda start: _from_mqtt(context, start))


async def _from_mqtt(context: Context, start: int) -> AsyncIterator[Piece]:
    _, host, port = endpoint(context.source.address or "", 1883)
    context.check(place_of(host, port))
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue[Any]()
    client = mqtt_client.Client(CallbackAPIVersion.VERSION2, client_id=f"kouan-{context.key}", clean_session=context.once, manual_ack=True)
    if context.user:
        client.username_pw_set(context.user, context.password)

    def arrived(_client: Any, _data: Any, message: Any) -> None:
        loop.call_soon_threadsafe(waiting.put_nowait, message)

    def connected(*_: Any) -> None:
        client.subscribe(context.source.query or "#", qos=1)

    client.on_message, client.on_connect = arrived, connected
    client.connect_timeout = TIMEOUT
    try:
        await asyncio.to_thread(client.connect, host, port)
    except (OSError, ValueError) as wrong:
        raise Away.of(wrong) from None
    client.loop_start()
    number, ends = start, time.monotonic() + LONGEST
    try:
        while time.monotonic() < ends and (messages := await _gathered(waiting)):
            table, broken = _piece([message.payload for message in messages], number + 1)
            number += len(messages)

            async def settle(messages: Sequence[Any] = messages) -> None:
                for message in messages:
                    client.ack(message.mid, message.qos)

            yield Piece(table, broken, settle=settle)
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


async def _gathered(waiting: asyncio.Queue[Any]) -> list[Any]:
    """What comes, until nothing has come for a while or a piece is full."""
    found: list[Any] = []
    while len(found) < MOST:
        try:
            found.append(await asyncio.wait_for(waiting.get(), IDLE if not found else 0.2))
        except TimeoutError:
            break
    return found
