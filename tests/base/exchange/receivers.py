"""A party's system for acceptance tests: a real HTTP server that verifies, deduplicates, and can be away."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from kouan_sim.envelopes import Forged, Told, key_of, opened, verify
from kouan_sim.httpd import Request
from tests.conftest import Running


class Server(ThreadingHTTPServer):
    """Ends the connections that its clients keep open when it closes: a server that is down answers nobody."""

    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        self.held: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.held.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.held.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was ended while it was served is no error."""

    def server_close(self) -> None:
        super().server_close()
        for one in list(self.held):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@dataclass
class Receiver:
    """What came: each event once in `told`, how often in `seen`. `pause`: seconds before each answer."""

    port: int = 0
    pause: float = 0.0
    told: dict[str, Told] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    forged: int = 0
    keys: list[bytes] = field(default_factory=list)
    server: Server | None = None
    place: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        # Bound all the while, so that nobody else is given the port while the server is down; only one that listens is reached.
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", self.port))
        self.port = self.place.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it listens when it is up."""
        return f"http://127.0.0.1:{self.port}"

    def join(self, platform: Running, org: str, connector: str = "") -> None:
        """Fetch a key and make the address known, whether it is up or not."""
        name = connector or org
        with platform.client(org) as client:
            answer = client.post(f"/api/connectors/{name}/secret")
            assert answer.status_code == 201, answer.text
            self.keys.insert(0, key_of(answer.json()["secret"]))
            assert client.put(f"/api/connectors/{name}", json={"address": self.url}).status_code == 200

    def leave(self, platform: Running, org: str, connector: str = "") -> None:
        """Let the platform forget the address, and stop."""
        with platform.client(org) as client:
            client.delete(f"/api/connectors/{connector or org}")
        self.down()
        self.place.close()

    def up(self) -> None:
        """Listen."""
        self.server = Server(("127.0.0.1", self.port), handler(self))
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        """Refuse connections; those that were kept open end."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Verify, deduplicate, answer a reference."""
        try:
            verify(request, self.keys)
        except Forged:
            self.forged += 1
            return 401, {"problem": "forged"}
        told = opened(request)
        self.seen.append(told.event)
        time.sleep(self.pause)
        self.told.setdefault(told.event, told)
        self.bodies.setdefault(told.event, request.body)
        self.arrived.setdefault(told.event, time.monotonic())
        return 200, {"reference": f"REF-{list(self.told).index(told.event) + 1}"}

    def about(self, ref: str) -> list[Told]:
        """What was told of a record, each event once."""
        return [one for one in list(self.told.values()) if one.ref == ref]


def handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """The HTTP side of a receiver."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply(200, {"status": "ok"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._reply(*receiver.take(Request("POST", self.path, "", headers, body)))

        def _reply(self, status: int, document: dict[str, Any]) -> None:
            content = orjson.dumps(document)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    return Handler
