"""The exporter of a process: gathers spans and log records in bounded memory and posts them in batches; tells all meters now and then.

Who is measured never waits for it. While the collector is away one batch of each signal is tried again with growing pauses; what
does not fit behind it is dropped and counted (`otlp.traces.dropped` and so on, among what the process counts).
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import os
import random
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import httpx
import orjson

from kouan.assurance.running.otlp import encoding
from kouan.assurance.running.otlp.logs import Hook, Said
from kouan.assurance.running.otlp.stated import Collector, Endpoint
from kouan.kernel import calls, meters
from kouan.kernel.meters import METERS, Span

T = TypeVar("T")
log = logging.getLogger(__name__)
AGAIN = frozenset({429, 502, 503, 504})
"""The collector may take the same later (OTLP specification, OTLP/HTTP Response)."""
TRIES, FIRST_PAUSE, LONGEST_PAUSE, LAST_WORD = 5, 1.0, 30.0, 1.5
"""How often a batch is tried, and the pauses between (seconds); how long the end of a process waits for what is left."""


class Line(Generic[T]):
    """One signal on its way: what waits, at most `queue`."""

    def __init__(self, name: str, queue: int, batch: int) -> None:
        self.name, self._queue, self.batch = name, queue, max(1, min(batch, queue))
        self.waiting: deque[T] = deque()
        self.woken = asyncio.Event()

    def put(self, one: T) -> None:
        """One more; dropped and counted when too much waits."""
        if len(self.waiting) >= self._queue:
            METERS.count(f"otlp.{self.name}.dropped")
            return
        self.waiting.append(one)

    def take(self) -> list[T]:
        """What goes next."""
        found: list[T] = []
        with contextlib.suppress(IndexError):
            while len(found) < self.batch:
                found.append(self.waiting.popleft())
        return found


class Exporter:
    """Tells a collector what this process does, from `start` to `stop`."""

    def __init__(self, told: Collector, process: str) -> None:
        self._told, self._began = told, time.time_ns()
        self._resource: dict[str, str | int] = {
            **told.resource, "kouan.process": process, "process.pid": os.getpid(), "host.name": socket.gethostname(),
            "service.instance.id": secrets.token_hex(8),
        }  # fmt: skip
        self._spans: Line[Span] = Line("traces", told.queue["traces"], told.batch["traces"])
        self._said: Line[Said] = Line("logs", told.queue["logs"], told.batch["logs"])
        self._hook = Hook(self._said.put)
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._away: set[str] = set()

    def start(self) -> None:
        """Begin to gather and to tell. Raises OSError when a stated certificate cannot be read."""
        secure = any(one.url.startswith("https") for one in self._told.endpoints.values())
        verify = self._told.context() if secure else False
        for signal, endpoint in self._told.endpoints.items():
            headers = {**endpoint.headers, "Content-Type": "application/json"}
            self._clients[signal] = httpx.AsyncClient(headers=headers, timeout=endpoint.timeout, trust_env=False, verify=verify)
        if "traces" in self._clients:
            calls.sample_by(self._told.sampler)
            meters.spans_to(self._span)
            self._go("traces", self._run(self._spans, encoding.traces))
        if "logs" in self._clients:
            logging.getLogger().addHandler(self._hook)
            self._go("logs", self._run(self._said, encoding.logs))
        if "metrics" in self._clients:
            self._go("metrics", self._measure())

    def _go(self, name: str, work: Any) -> None:
        self._tasks.append(asyncio.create_task(work, name=f"otlp-{name}"))

    async def stop(self) -> None:
        """Gather no more; what is left goes out if the collector takes it at once."""
        meters.spans_to(None)
        calls.sample_by(None)
        logging.getLogger().removeHandler(self._hook)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD):
                await asyncio.gather(
                    self._rest(self._spans, encoding.traces), self._rest(self._said, encoding.logs), self._meters_once(last=True)
                )
        for client in self._clients.values():
            await client.aclose()

    def _span(self, one: Span) -> None:
        self._spans.put(one)
        if len(self._spans.waiting) >= self._spans.batch:
            self._spans.woken.set()

    async def _run(self, line: Line[T], written: Callable[[Any, Sequence[T]], dict[str, Any]]) -> None:
        """Tell a signal, batch by batch; each when it is full or has waited long enough."""
        delay = self._told.delay[line.name]
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(line.woken.wait(), delay)
            line.woken.clear()
            while batch := line.take():
                try:
                    await self._deliver(line.name, written(self._resource, batch), len(batch))
                except asyncio.CancelledError:
                    # Not told, so it goes with the last word.
                    line.waiting.extendleft(reversed(batch))
                    raise

    async def _rest(self, line: Line[T], written: Callable[[Any, Sequence[T]], dict[str, Any]]) -> None:
        while line.name in self._clients and line.name not in self._away and (batch := line.take()):
            await self._deliver(line.name, written(self._resource, batch), len(batch), tries=1)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(self._told.interval)
            await self._meters_once()

    async def _meters_once(self, *, last: bool = False) -> None:
        if "metrics" not in self._clients or (last and "metrics" in self._away):
            return
        body = encoding.metrics(self._resource, METERS.total, self._began, time.time_ns())
        # Totals are told again with the next: one that was not taken is not worth a second try.
        await self._deliver("metrics", body, 1, tries=1)

    async def _deliver(self, signal: str, document: dict[str, Any], items: int, tries: int = TRIES) -> None:
        """Post a batch until it is taken, refused for good or tried often enough; what becomes of it is counted."""
        endpoint, pause = self._told.endpoints[signal], FIRST_PAUSE
        body, headers = _body(endpoint, document)
        for n in range(tries):
            status, wait = await self._post(signal, endpoint, body, headers)
            if 200 <= status < 300:
                METERS.count(f"otlp.{signal}.sent", items)
                self._back(signal)
                return
            if status and status not in AGAIN:
                log.warning("the collector does not take %s: HTTP %d", signal, status)
                break
            self._gone(signal)
            if n + 1 < tries:
                await asyncio.sleep(max(wait, pause * random.uniform(0.75, 1.25)))  # noqa: S311 - spreads load, guards nothing
                pause = min(2 * pause, LONGEST_PAUSE)
        METERS.count(f"otlp.{signal}.dropped", items)

    async def _post(self, signal: str, endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> tuple[int, float]:
        """The status, 0 where nobody answers; and for how many seconds the collector asks us to wait."""
        try:
            answer = await self._clients[signal].post(endpoint.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return 0, 0.0
        asked = answer.headers.get("retry-after", "")
        return answer.status_code, min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else 0.0

    def _gone(self, signal: str) -> None:
        if signal not in self._away:
            self._away.add(signal)
            log.warning("the collector of %s is away; what does not fit in memory is dropped and counted", signal)

    def _back(self, signal: str) -> None:
        if signal in self._away:
            self._away.discard(signal)
            log.info("the collector of %s is back", signal)


def _body(endpoint: Endpoint, document: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    body = orjson.dumps(document)
    return (gzip.compress(body, 1), {"Content-Encoding": "gzip"}) if endpoint.gzip else (body, {})
