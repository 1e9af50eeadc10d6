"""A collector for tests: a real HTTP server that takes OTLP/HTTP as JSON, and can go away for good with all its connections."""

from __future__ import annotations

import contextlib
import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import orjson

from tests.base.exchange.receivers import Server

FIRST = {"/v1/traces": ("resourceSpans", "scopeSpans", "spans"), "/v1/logs": ("resourceLogs", "scopeLogs", "logRecords"),
         "/v1/metrics": ("resourceMetrics", "scopeMetrics", "metrics")}  # fmt: skip


@dataclass
class Collector:
    """What came, by signal: each item with its `_resource` and the headers of its request."""

    got: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {path: [] for path in FIRST})
    raw: list[bytes] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    server: Server | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Listen, at the same port as before."""
        self.server = Server(("127.0.0.1", self.port), _handler(self))
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        """Refuse connections, and break off those that stand."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, path: str, body: bytes, token: str) -> int:
        """Keep a request as its encoding says; 400 for what is none."""
        try:
            outer, inner, items = FIRST[path]
            for of in orjson.loads(body)[outer]:
                resource = attributes(of["resource"])
                for part in of[inner]:
                    self.got[path] += [{**one, "_resource": resource} for one in part[items]]
        except (KeyError, TypeError, ValueError):
            return 400
        self.raw.append(body)
        self.tokens.add(token)
        return 200

    def spans(self, trace: str) -> list[dict[str, Any]]:
        """The spans of a trace."""
        return [one for one in list(self.got["/v1/traces"]) if one["traceId"] == trace]


def attributes(of: dict[str, Any]) -> dict[str, Any]:
    """Attributes by name, each as its kind of value says."""
    read = {"stringValue": str, "intValue": int, "doubleValue": float, "boolValue": bool}
    found = {}
    for one in of.get("attributes", ()):
        ((kind, value),) = one["value"].items()
        found[one["key"]] = read[kind](value)
    return found


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            status = 415
            if self.headers.get("content-type") == "application/json":
                status = collector.take(self.path, body, self.headers.get("x-collector", ""))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._answer(status)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    return Handler
