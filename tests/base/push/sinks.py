"""A subscriber's system for tests: a real HTTP server that verifies signatures, counts doubles, and can be away or refuse."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from kouan_sim.envelopes import Forged, key_of, verify
from kouan_sim.httpd import Request


@dataclass
class Sink:
    """What came, in order of arrival: `got` bodies, `ids` their webhook-ids. `answers`: statuses to answer before 200."""

    got: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    forged: int = 0
    server: ThreadingHTTPServer | None = None
    port: int = 0

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it listens when it is up."""
        return f"http://127.0.0.1:{self.port}/hook"

    def learn(self, secret: str) -> None:
        """A key that was told."""
        self.keys.insert(0, key_of(secret))

    def up(self) -> None:
        """Listen."""
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        """Refuse connections."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Verify and keep; the status to answer."""
        try:
            verify(Request("POST", "/hook", "", headers, body), self.keys)
        except Forged:
            self.forged += 1
            return 401
        self.seen.append(headers["webhook-id"])
        if self.answers:
            return self.answers.pop(0)
        self.ids.append(headers["webhook-id"])
        self.got.append({**orjson.loads(body), "_arrived": time.time()})
        return 204

    def about(self, what: str) -> list[dict[str, Any]]:
        """What came of a moment."""
        return [one for one in list(self.got) if one["what"] == what]


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status = sink.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    return Handler
