"""Platforms that are linked: organisations, agreements and a line between two that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from tests.conftest import Running

T = TypeVar("T")
AGREEMENT = "/api/records/cooperation/link/agreement"
WAIT = 90.0
"""Seconds that something may take which happens by itself; far more than it takes on a slow machine."""


def until(look: Callable[[], T], *, limit: float = WAIT) -> T:
    """What a look finds, as soon as it finds something."""
    end = time.monotonic() + limit
    while True:
        found = look()
        if found or time.monotonic() > end:
            assert found, f"nothing after {limit} s: {look}"
            return found
        time.sleep(0.25)


class Line:
    """A line to a platform that can be cut: while it is, nobody listens and what was open is closed."""

    def __init__(self, url: str) -> None:
        self._to = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """The platform is away."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """The platform is back."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self._to)
            except OSError:
                return
            self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                sink.sendall(part)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
            self._open.discard(one)


@dataclass
class Side:
    """A platform as one side of agreements: by which name others know it, on which level it stands, where it is reached."""

    running: Running
    name: str
    level: str
    url: str

    def office(self) -> httpx.Client:
        """A client of its port office."""
        return self.running.client("portoffice")

    def key(self) -> str:
        """Its public key, as its office reads it."""
        with self.office() as office:
            return str(office.get("/api/links/key").json()["key"])

    def knows(self, other: Side) -> None:
        """The other platform is made an organisation here."""
        with self.running.client("portoffice", "system-admin") as admin:
            title = {"zh": f"平台 {other.name}", "en": f"Platform {other.name}"}
            made = admin.post("/api/identity/organisations", json={"slug": other.name, "kind": "partner", "title": title})
            assert made.status_code in (201, 409), made.text


def half(side: Side, other: Side, number: str, gives: list[dict[str, Any]], takes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """One side's half of an agreement."""
    return {
        "number": number, "partner": f"org:{other.name}", "partner_level": other.level, "partner_key": other.key(), "address": other.url,
        "own_name": side.name, "own_level": side.level, "gives": gives, "takes": takes, "delay_seconds": 600,
        "since": "2026-01-01T00:00:00Z", "purpose": "Transit between ports", "readers": ["portoffice", "customs"], **more,
    }  # fmt: skip


def signed(side: Side, data: dict[str, Any]) -> str:
    """File and sign a half; the record's address."""
    with side.office() as office:
        filed = office.post(AGREEMENT, json=data)
        assert filed.status_code == 201, filed.text
        door = f"{AGREEMENT}/{filed.json()['item']['id']}"
        acted = office.post(f"{door}/actions/sign", json={})
        assert acted.status_code == 200, acted.text
        return door


def linked(one: Side, other: Side, number: str, up: list[dict[str, Any]], down: list[dict[str, Any]]) -> tuple[str, str]:
    """An agreement in force: `up` is given by the first side, `down` by the second. Answers both halves' addresses."""
    one.knows(other)
    other.knows(one)
    doors = signed(one, half(one, other, number, up, down)), signed(other, half(other, one, number, down, up))
    for side, door in zip((one, other), doors, strict=True):
        with side.office() as office:
            until(lambda office=office, door=door: office.get(door).json()["state"] == "in-force")  # type: ignore[misc]  # bound now
    return doors


def parted(sides: tuple[Side, Side], doors: tuple[str, str]) -> None:
    """An agreement is ended by its first side, and known to be ended by the other: nobody waits for a beat any more."""
    with sides[0].office() as one, sides[1].office() as other:
        assert one.post(f"{doors[0]}/actions/end", json={}).status_code == 200
        until(lambda: other.get(doors[1]).json()["state"] == "ended")


def connectors(running: Running) -> list[dict[str, Any]]:
    """How a platform's lines to partner platforms do."""
    with running.client("portoffice") as office:
        return [one for one in office.get("/api/connectors").json() if one["name"] == "link"]


def settled(running: Running, partner: str) -> None:
    """Nothing waits for a partner any more, so that its going away is no outage."""
    until(lambda: [one for one in connectors(running) if one["org"] == partner and one["waiting"] == 0 and one["status"] != "down"])
