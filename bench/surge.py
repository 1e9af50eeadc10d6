"""A surge on one small service, and what the others feel of it (UNI-PASS, December 2025).

Runs alone: a platform of its own with simulators off. Goods declarations are filed at 50/s, open loop, first alone, then
while another process asks the trace for a box as fast as it may, with a quarter of a core. Said are the latencies of
the filings in both spans, how many requests of the surge came in, were served, and were shed with 503, and the multiple of the
usual rate that the surge is.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson

from bench._command import parser, say
from bench._platform import Platform, cpu_of, machine, started
from kouan_sim.filings import Source, declarations
from kouan_sim.identifiers import References
from kouan_sim.load import Plan, Run, prepare
from kouan_sim.traders import OFFICE

RATE, SECONDS, WARM, CONNECTIONS = 50.0, 20.0, 3.0, 32
USUAL = 10.0
"""Traces a second that a port of this size asks for; fifty times as many are the surge."""
SHARE, SLICE = 0.25, 0.04
FLOOD = 400


async def _flood(url: str, token: str) -> None:
    """Ask for one box on many connections at once until told to stop; say what was answered."""
    host, _, port = url.removeprefix("http://").partition(":")
    body = orjson.dumps({"ref": "container:MSKU9070323"})
    head = f"POST /api/trace HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    request = head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    answers: Counter[str] = Counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        while True:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            answers[answer[9:12].decode()] += 1

    ends = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ends.set)
    print("up", flush=True)
    tasks = [asyncio.create_task(one()) for _ in range(FLOOD)]
    await ends.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(orjson.dumps(answers).decode(), flush=True)


def _flooding(platform: Platform) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "bench.surge", "--flood", platform.url]
    env = {**os.environ, "KOUAN_TOKEN": platform.token("customs")}
    flood = subprocess.Popen(words, stdout=subprocess.PIPE, env=env)
    # Held to its share, a process that still imports would be no surge for long.
    assert flood.stdout is not None
    flood.stdout.readline()
    return flood


@contextmanager
def _held(pid: int) -> Iterator[None]:
    """Let a process run for a quarter of each slice of time only, by a watcher of its own."""
    watch = f"""
import os, signal, time
while True:
    os.kill({pid}, signal.SIGCONT); time.sleep({SLICE * SHARE})
    os.kill({pid}, signal.SIGSTOP); time.sleep({SLICE * (1 - SHARE)})
"""
    watcher = subprocess.Popen([sys.executable, "-c", watch], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        watcher.kill()
        watcher.wait()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def _measure(platform: Platform, source: Source, warm: Plan, plan: Plan) -> dict[str, Any]:
    token = platform.token(source.filer)
    await prepare(platform.url, platform.token("carrier"), source.before)
    await Run(warm, platform.url, token, source.filings).run()
    alone = await Run(plan, platform.url, token, source.filings).run()
    flood = _flooding(platform)
    with _held(flood.pid):
        began = time.monotonic()
        beside = await Run(plan, platform.url, token, source.filings).run()
        took, cpu = time.monotonic() - began, cpu_of(flood.pid)
    flood.terminate()
    answers = orjson.loads(flood.communicate(timeout=20)[0])
    asked = sum(answers.values())
    return {
        "name": "surge", "p99_ms": beside["p99_ms"], "per_s": beside["per_s"], "alone": alone, "beside_the_surge": beside,
        "surge": {
            "asked_per_s": round(asked / took, 1), "times_usual": round(asked / took / USUAL, 1), "usual_per_s": USUAL,
            "served": answers.get("200", 0), "shed": answers.get("503", 0), "answers": answers,
            "client_cpu_share": round(cpu / took, 3),
        },
        "fsync": True, "peers": {"absent": "no open single window that could be started beside it"},
    }  # fmt: skip


def run(rate: float = RATE, seconds: float = SECONDS, warm: float = WARM) -> dict[str, Any]:
    """File declarations alone and beside a surge; the answer names what is simulated and the machine."""
    plan, first = Plan(rate, seconds, CONNECTIONS), Plan(rate, warm, CONNECTIONS)
    source, where = declarations(References(), 2 * plan.count + first.count, OFFICE), machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, source, first, plan))
    return {**measured, "data": "synthetic declarations (kouan_sim), demo port (fictional)", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rate", type=float, default=RATE, help="declarations a second")
    made.add_argument("--seconds", type=float, default=SECONDS)
    made.add_argument("--flood", default="", help="be the surge on this address until SIGTERM")
    given = made.parse_args()
    if given.flood:
        asyncio.run(_flood(given.flood, os.environ["KOUAN_TOKEN"]))
        return
    say(run(given.rate, given.seconds), line=given.json)


if __name__ == "__main__":
    main()
