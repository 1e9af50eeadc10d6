"""A listener: many senders over TCP and UDP, decoded once a beat, each with its fair share of the work.

What came since the last beat is decoded as one piece, because decoders work on columns. A TCP sender who sends more than
his share is read no further until the next beat (he waits, nobody else does); of UDP what is too much is dropped and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, Protocol, cast, runtime_checkable

from kouan.kernel.drivers import Decoded

log = logging.getLogger(__name__)
BEAT = 0.05
SENDERS = 256
SHARE = 256 * 1024
"""Bytes of one sender that wait at most for one beat."""
BUDGET = 1024 * 1024
"""Bytes that are decoded in one beat; with many busy senders each one's share is smaller."""
Take = Callable[[Decoded, str], None]


class Decoder(Protocol):
    """What reads one sender's bytes."""

    def decode(self, chunk: bytes) -> Decoded:
        """The next bytes; never raises for what they are."""


@runtime_checkable
class Answering(Protocol):
    """A decoder whose protocol asks for answers."""

    def answers(self) -> bytes:
        """What is to be sent back since the last call."""


class Listener:
    """Takes bytes from anyone who connects. `driver` makes a sender's own decoder by his name; `take` is given what it held."""

    def __init__(self, driver: Callable[[str], Decoder], take: Take, *, senders: int = SENDERS, datagrams: bool = True) -> None:
        self._driver, self._take = driver, take
        self._most, self._by_datagrams = senders, datagrams
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._senders: set[_Sender] = set()
        self._by_address: OrderedDict[str, _Sender] = OrderedDict()
        self._beating: asyncio.Task[None] | None = None
        self._fresh = asyncio.Event()
        self.counts: Counter[str] = Counter()

    async def start(self, host: str, port: int) -> None:
        """Listen; OSError when the port is taken by another kind of process. Several of ours share one port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Stream(self), host, port, reuse_port=True)
        if self._by_datagrams:
            with contextlib.suppress(OSError):
                self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), (host, port), reuse_port=True)
        self._beating = asyncio.create_task(self._beat(), name="listener")

    @property
    def listens(self) -> bool:
        """Whether it was started and its port was free."""
        return self._server is not None

    async def stop(self) -> None:
        """Stop listening, decode what came, let go of the senders."""
        if self._datagrams:
            self._datagrams.close()
        if self._server:
            self._server.close()
        if self._beating:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        self.decode()
        for sender in list(self._senders):
            sender.close()

    async def _beat(self) -> None:
        while True:
            await self._fresh.wait()
            await asyncio.sleep(BEAT)
            self._fresh.clear()
            self.decode()
            if any(sender.waiting for sender in (*self._senders, *self._by_address.values())):
                self._fresh.set()

    def decode(self) -> None:
        """Decode what waits of each sender, up to his share."""
        busy = [sender for sender in (*self._senders, *self._by_address.values()) if sender.waiting]
        share = max(BUDGET // len(busy), 4096) if busy else BUDGET
        for sender in busy:
            self._hand_on(sender, sender.take(share))

    def _hand_on(self, sender: _Sender, chunk: bytes) -> None:
        self.counts["bytes"] += len(chunk)
        decoded = sender.driver.decode(chunk)
        self.counts["refused"] += sum(decoded.refused.values())
        self._take(decoded, sender.name)
        if isinstance(sender.driver, Answering) and (said := sender.driver.answers()):
            sender.say(said)

    def connected(self, transport: asyncio.Transport) -> _Sender | None:
        """A sender connects; None when there are too many of them."""
        if len(self._senders) >= self._most:
            self.counts["turned_away"] += 1
            return None
        name = _name(transport.get_extra_info("peername"))
        sender = _Sender(self._driver(name), name, self._fresh, transport)
        self._senders.add(sender)
        self.counts["connections"] += 1
        return sender

    def gone(self, sender: _Sender) -> None:
        """A sender goes; an unfinished last line of his is decoded as it is."""
        while sender.waiting:
            self._hand_on(sender, sender.take(SHARE))
        self._hand_on(sender, b"\n")
        self._senders.discard(sender)

    def datagram(self, data: bytes, address: Any) -> None:
        """One datagram: whole lines."""
        name = _name(address)
        sender = self._by_address.get(name)
        if sender is None:
            sender = self._by_address[name] = _Sender(self._driver(name), name, self._fresh)
            while len(self._by_address) > SENDERS:
                self._by_address.popitem(last=False)
        self._by_address.move_to_end(name)
        if sender.size + len(data) > SHARE:
            self.counts["dropped.datagrams"] += 1
        else:
            sender.put(data + b"\n")


class _Sender:
    """One sender: his driver, and his bytes that wait for the next beat. `fresh` is set when some come."""

    def __init__(self, driver: Decoder, name: str, fresh: asyncio.Event, transport: asyncio.Transport | None = None) -> None:
        self.driver, self.name, self._fresh = driver, name, fresh
        self._transport = transport
        self._chunks: list[bytes] = []
        self.size = 0
        self._paused = False

    @property
    def waiting(self) -> bool:
        """Whether anything waits."""
        return bool(self._chunks)

    def put(self, data: bytes) -> None:
        """Bytes came; when his share is full he is read no further for now."""
        self._chunks.append(data)
        self.size += len(data)
        self._fresh.set()
        if self._transport is not None and self.size >= SHARE and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def take(self, most: int) -> bytes:
        """The next bytes to decode."""
        whole = b"".join(self._chunks)
        chunk, rest = whole[:most], whole[most:]
        self._chunks, self.size = [rest] if rest else [], len(rest)
        if self._paused and self._transport is not None and self.size < SHARE:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()
        return chunk

    def say(self, data: bytes) -> None:
        """Answer; one who does not read his answers is left."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > SHARE:
            self._transport.abort()
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class _Stream(asyncio.Protocol):
    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._sender: _Sender | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A sender connects."""
        self._sender = self._listener.connected(cast("asyncio.Transport", transport))
        if self._sender is None:
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Bytes of this sender."""
        if self._sender is not None:
            self._sender.put(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The sender went away."""
        if self._sender is not None:
            self._listener.gone(self._sender)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One datagram."""
        self._listener.datagram(data, addr)


def _name(address: Any) -> str:
    return str(address[0]) if isinstance(address, tuple) and address else "local"
