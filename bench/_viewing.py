"""The other side of `bench.viewers`, in a process of its own: viewers on raw sockets, or ships that report.

Both speak from outside, with bytes of their own. A ship's longitude tells when it was sent: ten-thousandths of a minute
east of 121° E are milliseconds of a 24-second cycle, so a viewer knows the age of each row without asking anybody.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import sys
import time
from typing import Any

import numpy as np

from kouan_sim.ais import Position, Talker, type1

CYCLE_MS, TURN_MS, BATCH_MS = 24_000, 6_000, 50
WEST, SOUTH = 121.0, 20.0
APART, COLUMNS = 0.1, 100
"""Degrees between two ships: nobody is near another, so that what is measured is the map and no warning of collisions."""
HEAD, ROW = 24, np.dtype([("slot", "<u4"), ("at", "<u4"), ("lon", "<i4"), ("rest", "V16")])
PER_DEGREE = 600_000
FIRST_MMSI = 412_000_000


def ages(lon: Any, now_ms: float) -> Any:
    """Milliseconds since each row was sent, out of its longitude (1e-7 degrees) beyond its column's."""
    sent = np.rint((lon / 1e7 - WEST) % APART * PER_DEGREE)
    return (now_ms % CYCLE_MS - sent) % CYCLE_MS


class Viewer(asyncio.Protocol):
    """One viewer: signs in, looks at a box, takes what comes and notes how old it is."""

    def __init__(self, token: str, box: list[float], host: str) -> None:
        self.token, self.box, self.host = token, box, host
        self.buffer = bytearray()
        self.opened = False
        self.ages: list[Any] = []
        self.rows = self.bytes = self.messages = self.snapshots = 0
        self.lost = ""

    def connection_made(self, transport: Any) -> None:
        """Ask for the socket."""
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write((
            f"GET /api/live/map HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        ).encode())  # fmt: skip

    def connection_lost(self, problem: Exception | None) -> None:
        """The platform ended it."""
        self.lost = self.lost or repr(problem)

    def data_received(self, data: bytes) -> None:
        """Take bytes; act on whole frames."""
        self.buffer += data
        if not self.opened:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self.buffer[:20]:
                self.lost = bytes(self.buffer[:60]).decode("latin-1")
            del self.buffer[: end + 4]
            self.opened = True
            self.say({"view": self.box})
        while self._frame():
            pass

    def say(self, message: Any) -> None:
        """Send a text."""
        self._send(1, json.dumps(message).encode())

    def reset(self) -> None:
        """Begin to measure."""
        self.ages, self.rows, self.bytes, self.messages, self.snapshots = [], 0, 0, 0, 0

    def _send(self, kind: int, body: bytes) -> None:
        assert len(body) < 126
        mask = os.urandom(4)
        masked = bytes(b ^ mask[n % 4] for n, b in enumerate(body))
        self.transport.write(bytes([0x80 | kind, 0x80 | len(body)]) + mask + masked)

    def _frame(self) -> bool:
        held = self.buffer
        if len(held) < 2:
            return False
        size, start = held[1] & 127, 2
        if size == 126:
            size, start = int.from_bytes(held[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(held[2:10], "big"), 10
        if len(held) < start + size or (start > 2 and len(held) < start):
            return False
        kind, body = held[0] & 15, bytes(held[start : start + size])
        del held[: start + size]
        if kind == 2:
            self._told(body)
        elif kind == 9:
            self._send(10, body)
        elif kind == 8:
            self.lost = f"closed {int.from_bytes(body[:2], 'big')}"
        return True

    def _told(self, body: bytes) -> None:
        self.messages += 1
        self.bytes += len(body)
        if body[0] == 1:
            self.snapshots += 1
        elif body[0] == 2 and len(body) > HEAD:
            rows = np.frombuffer(body, ROW, offset=HEAD)
            self.rows += len(rows)
            self.ages.append(ages(rows["lon"], time.time() * 1000).astype("f4"))


async def view(plan: dict[str, Any]) -> dict[str, Any]:
    """Open all viewers, let them settle, measure."""
    loop = asyncio.get_running_loop()
    viewers: list[Viewer] = []
    for number in range(plan["viewers"]):
        box = plan["boxes"][number % len(plan["boxes"])]

        def made(box: Any = box) -> Viewer:
            return Viewer(plan["token"], box, f"{plan['host']}:{plan['port']}")

        viewers.append((await loop.create_connection(made, plan["host"], plan["port"]))[1])
        if number % 25 == 0:
            await asyncio.sleep(0.05)
    await asyncio.sleep(plan["settle"])
    for one in viewers:
        one.reset()
    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(plan["seconds"])
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    every = np.concatenate([a for one in viewers for a in one.ages] or [np.zeros(0, "f4")])
    worst = [float(np.quantile(np.concatenate(one.ages), 0.95)) for one in viewers if one.ages]
    return {
        "viewers": sum(1 for one in viewers if one.opened and not one.lost), "lost": sorted({o.lost for o in viewers if o.lost})[:3],
        "rows": int(sum(one.rows for one in viewers)), "rows_per_viewer_s": round(sum(o.rows for o in viewers) / len(viewers) / took, 1),
        "bytes_per_viewer_s": round(sum(one.bytes for one in viewers) / len(viewers) / took),
        "snapshots": sum(one.snapshots for one in viewers), "messages": sum(one.messages for one in viewers),
        "staleness_ms": {name: round(float(np.quantile(every, q))) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}
        if len(every) else None, "worst_viewer_p95_ms": round(max(worst)) if worst else None,
        "seconds": round(took, 2), "client_cpu_s": round(cpu, 2),
    }  # fmt: skip


def sentences(objects: int) -> list[bytes]:
    """What is sent in each 50 ms of a cycle: every ship once in six seconds, its longitude the time of sending."""
    talker, slots = Talker(source="SIMBENCH"), CYCLE_MS // BATCH_MS
    batches = [bytearray() for _ in range(slots)]
    turn = TURN_MS // BATCH_MS
    for ship in range(objects):
        for slot in range(ship % turn, slots, turn):
            lon = WEST + ship % COLUMNS * APART + slot * BATCH_MS / PER_DEGREE
            lat = SOUTH + ship // COLUMNS * APART
            payload = type1(FIRST_MMSI + ship, Position(lon, lat, speed=9.0, course=90.0, heading=90))
            batches[slot] += "".join(f"{text}\r\n" for text in talker.sentences(payload)).encode()
    return [bytes(one) for one in batches]


def sail(plan: dict[str, Any]) -> dict[str, Any]:
    """Report until told to stop by the end of standard input."""
    batches = sentences(plan["objects"])
    line = socket.create_connection((plan["host"], plan["nmea"]), timeout=30)
    print("ready", flush=True)
    os.set_blocking(0, False)
    sent, cpu = 0, time.process_time()
    last = int(time.time() * 1000) // BATCH_MS
    while not _ended():
        due = int(time.time() * 1000) // BATCH_MS
        for slot in range(last + 1, due + 1):
            line.sendall(batches[slot % len(batches)])
            sent += 1
        last = due
        time.sleep(max((due + 1) * BATCH_MS / 1000 - time.time(), 0.001))
    return {"messages": sent * plan["objects"] * BATCH_MS // TURN_MS, "cpu_s": round(time.process_time() - cpu, 2)}


def _ended() -> bool:
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False


def main() -> None:
    """`view` or `sail`, the plan as JSON."""
    plan = json.loads(sys.argv[2])
    print(json.dumps(asyncio.run(view(plan)) if sys.argv[1] == "view" else sail(plan)), flush=True)


if __name__ == "__main__":
    main()
