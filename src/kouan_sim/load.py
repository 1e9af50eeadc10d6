"""Open-loop load: filings at a fixed rate over keep-alive HTTP/1.1, latency from the intended send time.

A request that waits for a free connection counts from the moment at which it should have been sent, so that a
slow platform cannot hide by slowing the client (no coordinated omission). Loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import math
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from kouan_sim.doors import Door

_MOST_REQUESTS = 200_000
_DRAIN = 15.0
_STALE = 10.0


class NotLoopback(ValueError):
    """Load is only for a platform on this machine."""


@dataclass(frozen=True, slots=True)
class Filing:
    """One request body with its functional reference; `path` and `media` say which door it goes through."""

    reference: str
    path: str
    media: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard: `rate` filings a second for `seconds`, over so many connections."""

    rate: float
    seconds: float
    connections: int

    @property
    def count(self) -> int:
        return max(math.ceil(self.rate * self.seconds), 1)

    def __post_init__(self) -> None:
        if self.rate <= 0 or self.seconds <= 0 or not 1 <= self.connections <= 256:
            raise ValueError("rate and seconds are positive, connections 1 to 256")
        if self.count > _MOST_REQUESTS:
            raise ValueError(f"at most {_MOST_REQUESTS} filings in one run")


@dataclass(slots=True)
class Tally:
    """What came back. Latencies are seconds from the intended send time, of answered requests."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    busy: int = 0
    errors: int = 0
    latencies: list[float] = field(default_factory=list)
    problems: dict[str, int] = field(default_factory=dict)

    def problem(self, what: str) -> None:
        self.problems[what] = self.problems.get(what, 0) + 1


def target(url: str) -> tuple[str, int]:
    """Host and port of a plain HTTP address on the loopback; raises NotLoopback for every other."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if parts.scheme != "http" or not inside:
        raise NotLoopback(f"load goes to http on the loopback only, not to {url}")
    return host, parts.port or 80


class Keeper:
    """Writes one line for each acknowledged filing (reference, receipt), synced to disk in small batches."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lines: list[bytes] = []

    def keep(self, reference: str, receipt: str) -> None:
        self._lines.append(f"{reference} {receipt}\n".encode())

    def sync(self) -> None:
        """Write and fsync what has gathered."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())

    async def keep_syncing(self) -> None:
        """Sync every 50 ms in a thread until cancelled."""
        while True:
            await asyncio.sleep(0.05)
            await asyncio.to_thread(self.sync)

    def close(self) -> None:
        self.sync()
        self._file.close()


class _Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._wanted = -1
        self._status = 0
        self._close = False
        self.item: tuple[Filing, float] | None = None
        self.since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._run.free(self)

    def send(self, filing: Filing, intended: float, head: bytes) -> None:
        assert self._transport is not None
        self.item, self.since = (filing, intended), time.perf_counter()
        self._transport.write(head + filing.body)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._wanted < 0 and not self._head():
            return
        if len(self._data) < self._wanted:
            return
        body, self._data = self._data[: self._wanted], self._data[self._wanted :]
        item, self.item, self._wanted = self.item, None, -1
        if item is None:
            self.abort()
            return
        self._run.answered(*item, self._status, body)
        if self._close:
            self.abort()
        else:
            self._run.free(self)

    def _head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines = self._data[:end].split(b"\r\n")
        self._status = int(lines[0].split(b" ", 2)[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        self._close = headers.get(b"connection", b"").lower() == b"close"
        self._data = self._data[end + 4 :]
        if b"content-length" not in headers:
            self._run.tally.problem("answer without a length")
            self.abort()
            return False
        self._wanted = int(headers[b"content-length"])
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost(self)


class Run:
    """One run of load against one platform."""

    def __init__(self, plan: Plan, url: str, token: str, filings: Iterator[Filing]) -> None:
        self.plan = plan
        self.tally = Tally()
        self._where = target(url)
        self._filings = filings
        self._keeper: Keeper | None = None
        self._common = f"Host: {self._where[0]}:{self._where[1]}\r\nAuthorization: Bearer {token}\r\n".encode()
        self._waiting: deque[tuple[Filing, float]] = deque()
        self._idle: deque[_Connection] = deque()
        self._all: set[_Connection] = set()
        self._started = self._ended = 0.0
        self._running = True

    async def run(self, keeper: Keeper | None = None) -> dict[str, Any]:
        """Connect, send at the planned moments, wait for the rest, and report. OSError when nobody listens."""
        cpu, self._keeper = time.process_time(), keeper
        for _ in range(self.plan.connections):
            await self._connect()
        helpers = [asyncio.create_task(self._watch())]
        if self._keeper is not None:
            helpers.append(asyncio.create_task(self._keeper.keep_syncing()))
        try:
            await self._send_all()
            await self._drain()
        finally:
            self._running = False
            await _stop(helpers)
            for connection in list(self._all):
                connection.abort()
        return self._report(time.process_time() - cpu)

    async def _send_all(self) -> None:
        self._started = time.perf_counter()
        for number in range(self.plan.count):
            intended = self._started + number / self.plan.rate
            while (early := intended - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            self._waiting.append((next(self._filings), intended))
            self._move()
            if number % 64 == 63:
                await asyncio.sleep(0)

    async def _drain(self) -> None:
        end = time.perf_counter() + _DRAIN
        while time.perf_counter() < end and (self._waiting or any(c.item for c in self._all)):
            await asyncio.sleep(0.01)
        self._ended = time.perf_counter()
        unanswered = len(self._waiting) + sum(1 for connection in self._all if connection.item)
        for _ in range(unanswered):
            self.tally.errors += 1
            self.tally.problem("unanswered at the end")

    def _move(self) -> None:
        while self._waiting and self._idle:
            filing, intended = self._waiting.popleft()
            self.tally.sent += 1
            self._idle.popleft().send(filing, intended, self._head(filing))

    def _head(self, filing: Filing) -> bytes:
        first = (
            f"POST {filing.path} HTTP/1.1\r\nContent-Type: {filing.media}\r\n"
            f"Content-Length: {len(filing.body)}\r\nIdempotency-Key: {filing.reference}\r\n"
        )
        return first.encode("ascii") + self._common + b"\r\n"

    def free(self, connection: _Connection) -> None:
        """A connection can take the next filing."""
        self._all.add(connection)
        self._idle.append(connection)
        self._move()

    def lost(self, connection: _Connection) -> None:
        """A connection broke: its filing is unacknowledged; another connection takes its place."""
        self._all.discard(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)
        if connection.item is not None and self._running:
            self.tally.errors += 1
            self.tally.problem("connection lost")
            connection.item = None

    def answered(self, filing: Filing, intended: float, status: int, body: bytes) -> None:
        """Count one answer."""
        tally = self.tally
        tally.latencies.append(time.perf_counter() - intended)
        if 200 <= status < 300:
            tally.accepted += 1
            if self._keeper is not None:
                self._keeper.keep(filing.reference, str(orjson.loads(body)["receipt"]["id"]))
            return
        tally.problem(_problem(status, body))
        if status in {429, 503}:
            tally.busy += 1
        elif status < 500:
            tally.refused += 1
        else:
            tally.errors += 1

    async def _watch(self) -> None:
        """Replace broken connections and drop those that have not answered for long."""
        while True:
            await asyncio.sleep(0.1)
            for connection in list(self._all):
                if connection.item is not None and time.perf_counter() - connection.since > _STALE:
                    connection.abort()
            while len(self._all) < self.plan.connections:
                try:
                    await self._connect()
                except OSError:
                    break

    async def _connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: _Connection(self), *self._where)

    def _report(self, cpu: float) -> dict[str, Any]:
        tally, lasted = self.tally, self._ended - self._started
        ordered = sorted(tally.latencies)
        return {
            "rate": self.plan.rate, "seconds": round(lasted, 3), "connections": self.plan.connections,
            "sent": tally.sent, "accepted": tally.accepted, "refused": tally.refused, "busy": tally.busy,
            "errors": tally.errors, "per_s": round(tally.accepted / lasted, 2),
            "p50_ms": quantile(ordered, 0.5), "p99_ms": quantile(ordered, 0.99),
            "p999_ms": quantile(ordered, 0.999), "max_ms": quantile(ordered, 1.0),
            "client_cpu_s": round(cpu, 3), "problems": tally.problems,
        }  # fmt: skip


async def prepare(url: str, token: str, filings: Sequence[Filing]) -> None:
    """File what the load will refer to, one by one; ValueError when it is not taken."""
    target(url)
    async with Door(url, token, wait=60.0) as door:
        for filing in filings:
            answer = await door.call("POST", filing.path, filing.body, key=filing.reference, media=filing.media)
            if not answer.ok:
                raise ValueError(f"{filing.reference} not taken: {answer.reason}")


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank quantile of ordered seconds, in milliseconds; None without any."""
    if not ordered:
        return None
    return round(ordered[max(math.ceil(share * len(ordered)) - 1, 0)] * 1000, 2)


def _problem(status: int, body: bytes) -> str:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    code = document.get("code", "") if isinstance(document, dict) else ""
    return f"{status} {code}".strip()


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
