"""Bulkheads: each service of the platform has its own share of the process, so that a surge on one is shed there alone.

A service is the first word of an address behind `/api/`; exports, which are heavy, are one of their own. Of each a few
requests are served at a time and a few wait. Whoever already waits most is shed first (503, Retry-After), so that one
caller's surge does not shut out others of the same service. What changes facts is not limited here: the group commit
has its own limit and is the last to be shed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from kouan.kernel.errors import Unavailable
from kouan.kernel.http.problems import answer
from kouan.kernel.meters import waiting
from kouan.kernel.text import Text

BUSY = Text("该服务请求过多，请稍后再试", "This service has too many requests now: try again shortly")
PATIENCE = 5.0
"""Seconds that a request waits for its turn."""
RETRY = 2
HOLD, HELD = 0.5, 1024
"""Seconds that a refusal is held back, so that a caller who asks again at once costs little; of so many at a time at most."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ASKING = frozenset({"trace", "hub", "query"})
"""Services whose POST only asks (keys stand in no address)."""
TRYING = frozenset({"/api/ingest/infer", "/api/ingest/try", "/api/ingest/look", "/api/quality/check"})
"""Doors that read, convert or check what is sent and keep nothing of it: heavy, and no change of facts."""
ENDLESS = frozenset({"live"})
EXPORTS = ("/export", "/download")
MOST, OTHER, QUEUE = 200, "other", "queue"


@dataclass(frozen=True, slots=True)
class Size:
    """How many requests of a service are served at a time, and how many wait."""

    served: int = 4
    waiting: int = 128


SIZES = {"export": Size(2, 16), "query": Size(2, 16), "trying": Size(4, 16)}
USUAL = Size()


@dataclass(slots=True)
class Bulkhead:
    """One service's share: who is served, and who waits, by caller, each caller in turn."""

    size: Size
    served: int = 0
    waiting: int = 0
    shed: int = 0
    queues: dict[bytes, deque[asyncio.Future[None]]] = field(default_factory=dict)

    async def enter(self, caller: bytes) -> bool:
        """Wait for a turn; False when the request is shed."""
        if self.served < self.size.served and not self.waiting:
            self.served += 1
            return True
        if not self._room(caller):
            self.shed += 1
            return False
        turn = asyncio.get_running_loop().create_future()
        self.queues.setdefault(caller, deque()).append(turn)
        self.waiting += 1
        try:
            await waiting(QUEUE, QUEUE, asyncio.wait_for(asyncio.shield(turn), PATIENCE))
        except (TimeoutError, asyncio.CancelledError) as ended:
            self._leave_queue(caller, turn)
            if isinstance(ended, asyncio.CancelledError):
                raise
            self.shed += 1
            return False
        except _Shed:
            self.shed += 1
            return False
        return True

    def leave(self) -> None:
        """A request is done: the next caller's first one has its turn."""
        self.served -= 1
        while self.queues:
            caller = next(iter(self.queues))
            queue = self.queues.pop(caller)
            turn = queue.popleft()
            self.waiting -= 1
            if queue:
                self.queues[caller] = queue  # Behind all others: turns go round.
            if not turn.done():
                self.served += 1
                turn.set_result(None)
                return

    def _room(self, caller: bytes) -> bool:
        """Whether one more may wait: when all places are taken, the newest of the caller who waits most gives way."""
        if self.waiting < self.size.waiting:
            return True
        if not self.queues:
            return False
        most = max(self.queues, key=lambda one: len(self.queues[one]))
        if len(self.queues[most]) <= len(self.queues.get(caller, ())) + 1:
            return False
        turn = self.queues[most].pop()
        self.waiting -= 1
        if not turn.done():
            turn.set_exception(_Shed())
        return True

    def _leave_queue(self, caller: bytes, turn: asyncio.Future[None]) -> None:
        queue = self.queues.get(caller)
        if queue is not None and turn in queue:
            queue.remove(turn)
            self.waiting -= 1
            if not queue:
                del self.queues[caller]
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            self.leave()  # Its turn came in the moment at which it gave up.


class _Shed(Exception):
    """A waiting request gave way to another caller's."""


class Bulkheads:
    """Lets each service have its share; anything but requests to `/api/` passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._services: dict[str, Bulkhead] = {}
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        name = service_of(scope)
        if not name:
            await self._app(scope, receive, send)
            return
        bulkhead = self._services.get(name) or self._made(name)
        if not await bulkhead.enter(caller_of(scope)):
            await self._refuse(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            bulkhead.leave()

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._held < HELD:
            self._held += 1
            try:
                await asyncio.sleep(HOLD)
            finally:
                self._held -= 1
        await answer(Unavailable(BUSY, rule="bulkhead", retry_after=RETRY))(scope, receive, send)

    def _made(self, name: str) -> Bulkhead:
        # Names come from outside: whoever makes them up gets no memory of ours for each.
        known = name if len(self._services) < MOST else OTHER
        return self._services.setdefault(known, Bulkhead(SIZES.get(known, USUAL)))


def service_of(scope: Scope) -> str:
    """The service that a request asks; empty for what is not limited here."""
    if scope["type"] != "http":
        return ""
    path: str = scope["path"]
    if not path.startswith("/api/"):
        return ""
    if _tries(scope["method"], path):
        return "trying"
    name = path[5:].partition("/")[0]
    if name in ENDLESS or (scope["method"] in WRITES and name not in ASKING):
        return ""
    return "export" if path.endswith(EXPORTS) else name[:40]


def _tries(method: str, path: str) -> bool:
    bare = path.rstrip("/")
    return method == "POST" and (bare in TRYING or (bare.startswith("/api/ingest/sources/") and bare.endswith("/check")))


def caller_of(scope: Scope) -> bytes:
    """What tells callers apart before they are known: their credentials, else their address."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    found = next((value for name, value in headers if name == b"authorization"), b"")
    found = found or next((value for name, value in headers if name == b"cookie"), b"")
    return found or str((scope.get("client") or ("",))[0]).encode()
