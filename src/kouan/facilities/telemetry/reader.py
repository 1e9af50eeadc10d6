"""Reading the stream in order from a place on: whoever reads keeps his own place, so nothing need be acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from kouan.facilities.telemetry.bus import AWAY, STREAM, Bus

log = logging.getLogger(__name__)
AT_ONCE = 256
PATIENCE = 5.0
STATUS, MESSAGE_ID = "Status", "Nats-Msg-Id"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the stream: which stream it is (by the second of its making) and the number of a message in it."""

    stream: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """One message of the stream."""

    place: Place
    subject: str
    id: str
    content: bytes


class Reader:
    """Takes the messages of a subject in order, from the one after `place`; comes back by itself after any trouble."""

    def __init__(self, bus: Bus, name: str, place: Place, take: Callable[[Batch], None]) -> None:
        self._bus, self._name, self._take = bus, name, take
        self.place = place
        self.gaps = self.behind = 0
        """How often messages were gone before they were read; how many wait now."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read."""
        self._task = asyncio.create_task(self._run(), name=f"read {self._name}")

    async def stop(self) -> None:
        """Read no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._read()
            except AWAY as problem:
                log.debug("reading %s waits: %s", self._name, problem)
            await asyncio.sleep(0.3)

    async def _read(self) -> None:
        info = await self._bus.stream()
        made = int(datetime.fromisoformat(str(info.created)).astimezone(UTC).timestamp()) if info.created else 0
        client = self._bus.client
        if client is None:
            return
        if made != self.place.stream:
            self.place = Place(made, 0)
        elif self.place.number and info.state.first_seq > self.place.number + 1:
            # The stream keeps for a while and no longer: what nobody read in that time is gone, and that is told.
            self.gaps += 1
            log.error("reading %s: messages %d to %d are gone", self._name, self.place.number + 1, info.state.first_seq - 1)
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self.place.number + 1, ack_policy=AckPolicy.NONE,
            filter_subject=self._bus.subject(self._name), inactive_threshold=60.0, mem_storage=True, max_waiting=8,
        )  # fmt: skip
        consumer = await client.jetstream().add_consumer(STREAM, config)
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox)
        try:
            await self._pull(client, f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer.name}", inbox, subscription)
        finally:
            await subscription.unsubscribe()

    async def _pull(self, client: Client, next_: str, inbox: str, subscription: Subscription) -> None:
        wanted = orjson.dumps({"batch": AT_ONCE, "expires": 30_000_000_000, "idle_heartbeat": 2_000_000_000})
        left = 0
        while client is self._bus.client:
            if left <= 0:
                await client.publish(next_, wanted, inbox)
                left = AT_ONCE
            message = await subscription.next_msg(PATIENCE)
            status = (message.headers or {}).get(STATUS, "")
            if not status:
                left -= 1
                self._hand_on(message)
            elif status in ("404", "408"):
                left = 0
            elif status != "100":
                return

    def _hand_on(self, message: Any) -> None:
        # $JS.ACK.<stream>.<consumer>.<deliveries>.<number in the stream>.<number of the consumer>.<time>.<waiting>
        said = message.reply.split(".")
        number, self.behind = int(said[5]), int(said[8])
        place = Place(self.place.stream, number)
        self._take(Batch(place, message.subject, (message.headers or {}).get(MESSAGE_ID, ""), message.data))
        self.place = place
