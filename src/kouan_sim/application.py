"""An application service under verification (simulated): takes signed JSON messages, once each. Faults are planted by name."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import orjson

from kouan_sim.envelopes import Forged, key_of, verify
from kouan_sim.httpd import Reply, Request, Server

FAULTS = ("forged", "unsigned", "stale", "doubles", "slow", "plain_error", "no_reference", "wrong_value")


@dataclass(slots=True)
class Application:
    """A tracking service: a message names a container and is answered with a reference. `faults`: what it does wrong."""

    faults: Collection[str] = ()
    secret: str = ""
    taken: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    server: Server = field(init=False)
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.server = Server(self.handle)

    async def handle(self, request: Request) -> Reply:
        """Take one message."""
        self.calls += 1
        if "slow" in self.faults:
            await asyncio.sleep(0.4)
        if (problem := self._unverified(request)) is not None:
            return problem
        try:
            told = orjson.loads(request.body)
            container = str(told["container"])
        except (ValueError, KeyError, TypeError):
            return self._problem(400, "not a message of this interface")
        if len(container) != 11:
            return self._problem(422, "no container number")
        event = request.headers.get("webhook-id", "")
        if event not in self.taken or "doubles" in self.faults:
            self.taken[event] = f"SIM-{next(self._count):05}"
        document = {"reference": self.taken[event], "status": "lost" if "wrong_value" in self.faults else "taken", "simulated": True}
        if "no_reference" in self.faults:
            del document["reference"]
        return Reply(200, document)

    def _unverified(self, request: Request) -> Reply | None:
        if "webhook-signature" not in request.headers:
            return None if "unsigned" in self.faults else self._problem(401, "no signature")
        stamp = request.headers.get("webhook-timestamp", "0")
        at = float(stamp) if "stale" in self.faults and stamp.isdecimal() else None
        try:
            verify(request, [key_of(self.secret)], at)
        except (Forged, ValueError):
            return None if "forged" in self.faults else self._problem(401, "the signature does not hold")
        return None

    def _problem(self, status: int, title: str) -> Reply:
        if "plain_error" in self.faults:
            return Reply(status, {"error": title})
        return Reply(status, {"type": "about:blank", "title": title, "status": status}, "application/problem+json")
