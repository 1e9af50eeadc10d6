"""A tiny platform for the simulators to talk to: the same doors, nothing behind them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Generator
from typing import Any

import httpx
import orjson
import pytest

from kouan_sim.httpd import Reply, Request, Server

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


class Signed(httpx.Auth):
    """Signs what a test posts as the platform does."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        event, stamp = request.headers.get("x-kouan-event", "none"), str(int(time.time()))
        text = f"{event}.{stamp}.".encode() + request.content
        digest = base64.b64encode(hmac.digest(b"k" * 32, text, hashlib.sha256)).decode()
        request.headers.update({"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": f"v1,{digest}"})
        yield request


class FakePlatform:
    """Remembers what came through each door. `away`: answers 503; `delay`: seconds before each answer."""

    def __init__(self) -> None:
        self.server = Server(self.handle)
        self.addresses: dict[str, str] = {}
        self.filed: list[tuple[str, Request]] = []
        self.receipts: dict[str, str] = {}
        self.away = False
        self.delay = 0.0
        self.states: dict[str, str] = {}

    @property
    def url(self) -> str:
        return self.server.url

    def bodies(self, door: str) -> list[Any]:
        """The JSON bodies that came through the doors whose path ends so."""
        return [orjson.loads(r.body) for _, r in self.filed if r.path.endswith(door)]

    def answers(self) -> list[Any]:
        return [orjson.loads(r.body) for _, r in self.filed if r.query == "record=base.receipt.response"]

    async def handle(self, request: Request) -> Reply:
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.away:
            return Reply(503, {"code": "starting", "reason": {"zh": "启动中", "en": "starting"}})
        if request.path == "/api/health":
            return Reply(200, {"status": "ok", "ports": {"nmea": 0}})
        if request.path == "/api/places":
            return Reply(200, {"type": "FeatureCollection", "features": []})
        token = request.headers.get("authorization", "")
        if not token.startswith("Bearer token-"):
            return Reply(401, {"code": "unauthenticated"})
        org = token.removeprefix("Bearer token-")
        if request.path.endswith("/credentials"):
            return Reply(201, {"user": "dev", "password": "none"})
        if request.path.startswith("/api/connectors"):
            return self.register(org, request)
        if request.method == "GET":
            reference = request.query.rpartition("=")[2]
            return Reply(200, {"items": [{"state": self.states.get(reference, "filed")}]})
        return self.file(org, request)

    def register(self, org: str, request: Request) -> Reply:
        if request.path.endswith("/secret"):
            return Reply(201, {"secret": SECRET})
        name = request.path.rpartition("/")[2]
        if request.method == "GET":
            return Reply(200, [{"name": org, "address": self.addresses.get(org)}])
        if name != org:
            return Reply(403, {"code": "forbidden"})
        if request.method == "DELETE":
            self.addresses.pop(name)
            return Reply(200, {})
        self.addresses[name] = orjson.loads(request.body)["address"]
        return Reply(200, {})

    def file(self, org: str, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        if key not in self.receipts:
            self.receipts[key] = f"r{len(self.receipts) + 1}"
            self.filed.append((org, request))
        if b"refuse me" in request.body:
            return Reply(422, {"code": "refused"})
        decision = {"decision": "open"} if "/gates/" in request.path else {}
        return Reply(201, {"receipt": {"id": self.receipts[key]}, "records": [], **decision})


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    fake = FakePlatform()
    await fake.server.open()
    yield fake
    await fake.server.close()
