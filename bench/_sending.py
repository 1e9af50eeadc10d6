"""The other side of `bench.stream`, in processes of their own: bytes encoded beforehand over raw sockets, in an open loop.

`ships`: AIS sentences over TCP. `devices`: MQTT 3.1.1 publications, one reading each; each device has a connection and credentials
of its own. At told moments a marked observation goes
out that is alarming; when it was sent stands in the answer, and so does the CPU that sending took.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from kouan_sim import ais

SLOT = 0.02
SHIPS, ROUNDS = 15_000, 4
FIRST_MMSI, MARKED_MMSI = 413_000_000, 414_500_000
LANES, WEST, SOUTH = 150, 121.0, 36.0
"""Ships sail east and west in lanes 0.4 miles apart: a square as dense as any strait, in which nobody is on a collision course."""
KNOTS, WILD, BANDS = 10.0, 60, 4
"""Marked ships are far too fast, each in one of some bands of two knots with a rule of its own: many alarms of one rule become one."""
USUAL, ALARMING = 20.0, 95.0


def sentence(talker: ais.Talker, mmsi: int, lon: float, lat: float, speed: float, course: float) -> bytes:
    """A position report as it goes out."""
    told = ais.Position(lon, lat, speed, course, int(course))
    return ("\r\n".join(talker.sentences(ais.type1(mmsi, told))) + "\r\n").encode()


def fleet(seconds: float, cache: Path, ships: int) -> list[list[bytes]]:
    """Reports of each ship in rounds, as she moves while the rounds pass; encoded once for all runs."""
    if cache.exists():
        lines = cache.read_bytes().splitlines(keepends=True)
        return [lines[turn * ships : (turn + 1) * ships] for turn in range(ROUNDS)]
    talker, random = ais.Talker(source="SIMBENCH"), np.random.default_rng(4)
    lon, rounds = WEST + random.random(ships), []
    for turn in range(ROUNDS):
        gone = turn * seconds / ROUNDS * KNOTS / 3600 / 60 / 0.81
        made = []
        for ship in range(ships):
            east = ship % LANES % 2 == 0
            place = float(lon[ship]) + (gone if east else -gone), SOUTH + ship % LANES / LANES
            made.append(sentence(talker, FIRST_MMSI + ship, *place, KNOTS, 90.0 if east else 270.0))
        rounds.append(made)
    cache.write_bytes(b"".join(line for made in rounds for line in made))
    return rounds


def publication(topic: str, payload: bytes) -> bytes:
    """An MQTT PUBLISH of quality 0."""
    body = len(topic).to_bytes(2, "big") + topic.encode() + payload
    head, left = bytearray([0x30]), len(body)
    while True:
        left, digit = divmod(left, 128)
        head.append(digit | (0x80 if left else 0))
        if not left:
            return bytes(head) + body


def entered(port: int, user: str, password: str) -> socket.socket:
    """A device's connection that the broker has let in; its credentials may be new, so it tries for a while."""
    limit = time.monotonic() + 15
    while True:
        try:
            return _entered(port, user, password, user)
        except ConnectionError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)


def _entered(port: int, user: str, password: str, name: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    texts = b"".join(len(one).to_bytes(2, "big") + one.encode() for one in (name, user, password))
    body = b"\x00\x04MQTT\x04\xc2\x00\x00" + texts
    length = [len(body) & 127 | 128, len(body) >> 7] if len(body) > 127 else [len(body)]
    line.sendall(b"\x10" + bytes(length) + body)
    answer = line.recv(4)
    if answer[:1] != b"\x20" or answer[3:] != b"\x00":
        raise ConnectionError(answer.hex())
    return line


def readings(plan: dict[str, Any]) -> list[list[bytes]]:
    """Publications of each metric in rounds, device after device; their values come and go a little."""
    topics = [f"devices/{device}/{metric}" for metric in plan["metrics"] for device in plan["devices"]]
    return [
        [publication(topic, b'{"value":%.2f,"simulated":true}' % (USUAL + (n * 7 + turn * 3) % 50 / 10)) for n, topic in enumerate(topics)]
        for turn in range(ROUNDS)
    ]


def slots(rounds: list[list[bytes]], rate: float, seconds: float, lines: int, *, own: bool) -> tuple[list[dict[int, bytes]], int]:
    """What is sent in each slot by each line, and how many observations that is in all. `own`: observations belong to the lines in
    turn; else each slot goes out by one line."""
    found, sent, each = [], 0, len(rounds[0])
    for slot in range(int(seconds / SLOT)):
        upto = int(rate * SLOT * (slot + 1))
        part: dict[int, list[bytes]] = {}
        turn = rounds[min(slot * ROUNDS // int(seconds / SLOT), ROUNDS - 1)]
        for at in range(sent, upto):
            part.setdefault((at if own else slot) % lines, []).append(turn[at % each])
        sent = upto
        found.append({line: b"".join(content) for line, content in part.items()})
    return found, sent


def marked(plan: dict[str, Any]) -> list[tuple[int, bytes]]:
    """The alarming observations, each of a subject of its own, and by which line each goes out."""
    if plan["what"] == "ships":
        talker = ais.Talker(source="SIMBENCH")
        return [
            (n % plan["lines"],
             sentence(talker, MARKED_MMSI + plan["run"] * 1000 + n, 123.5 + n / 50, 35.0 + plan["run"] / 10, WILD + 2 * (n % BANDS), 0.0))
            for n in range(plan["marks"] // 3)
        ]  # fmt: skip
    pairs = [(device, metric) for device in plan["devices"] for metric in plan["metrics"]][plan["run"] :: 7][: plan["marks"]]
    line = {device: n for n, device in enumerate(plan["devices"])}
    return [
        (line[device], publication(f"devices/{device}/{metric}", b'{"value":%.2f,"simulated":true}' % ALARMING)) for device, metric in pairs
    ]


def send(plan: dict[str, Any]) -> dict[str, Any]:
    """Encode, say so, wait for the word, send; what was sent, and when each marked observation was."""
    rounds = fleet(plan["seconds"], Path(plan["cache"]), plan["ships"]) if plan["what"] == "ships" else readings(plan)
    ships = plan["what"] == "ships"
    lines = [
        socket.create_connection(("127.0.0.1", plan["port"])) if ships else entered(plan["port"], *plan["logins"][n])
        for n in range(plan["lines"])
    ]
    lots, count = slots(rounds, plan["rate"], plan["seconds"], len(lines), own=not ships)
    marks = marked(plan)
    sent_at: list[float] = []
    print("ready", flush=True)
    sys.stdin.readline()
    cpu, began, late, cut = time.process_time(), time.monotonic(), 0.0, False
    for slot, content in enumerate(lots):
        pause = began + slot * SLOT - time.monotonic()
        late = max(late, -pause)
        time.sleep(max(pause, 0))
        try:
            for line, part in content.items():
                lines[line].sendall(part)
            while len(sent_at) < len(marks) * (slot + 1) // len(lots):
                line, part = marks[len(sent_at)]
                lines[line].sendall(part)
                sent_at.append(time.time())
        except ConnectionError:
            cut = True
            break
    took = time.monotonic() - began
    return {
        "sent": count + len(marks), "seconds": round(took, 2), "cpu_s": round(time.process_time() - cpu, 2), "behind_s": round(late, 2),
        "cut": cut,
        "marks": sent_at,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(send(json.loads(sys.argv[1]))), flush=True)
