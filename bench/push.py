"""Subscription and push: 10,000 subscriptions with filters, 500 of them live, the rest webhooks; 1,000 events/s; kills of both sides.

Runs alone: a platform of its own with simulators off. Synthetic status reports of containers are filed through the
platform's own port and group commit in this process (the door over HTTP is not what is measured), each fitting one
subscription on average: by container, or by a filter value. Latency is that from acceptance to arrival at the subscriber's
system, which is another process. After a steady span the pusher and the subscribers' system are killed (kill -9) while
filing goes on; then it is counted what was lost and what came twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench._command import parser, quantile, say
from bench._hooks import read
from bench._platform import ROOT, Platform, family, machine, part_of, spent, started
from kouan.app.compose import platform as composed
from kouan.base.identity.api import bearer
from kouan.kernel.errors import Failure
from kouan.kernel.formats import Draft
from kouan.kernel.settings import Settings
from kouan_sim.identifiers import container

STATUS, SUBSCRIPTION = "base.movement.status", "base.push.subscription"
ORGS = ("customs", "portoffice", "terminal")
COUNT, LIVE, RATE, STEADY, FAULTS = 10_000, 500, 1000, 8.0, 6.0
EACH, DRAIN = 25, 60.0
MIX = (1, 1, 1, 1, 1, 1, 1, 1, 0, 2)
"""How many subscriptions the events of a turn fit: one on average."""


def subscription(number: int, url: str, live: int) -> dict[str, Any]:
    """The nth subscription: by container when even, by status code when odd."""
    stated: dict[str, Any] = {"name": f"bench-{number}", "records": [STATUS]}
    stated |= {"channel": "sse"} if number < live else {"channel": "webhook", "address": url}
    if number % 2 == 0:
        return stated | {"about": [f"container:{container('BNC', number)}"]}
    return stated | {"where": [{"name": "code", "values": [f"C{number}"]}]}


def status(turn: int, chance: random.Random, count: int) -> tuple[dict[str, Any], list[int]]:
    """The nth event, and the subscriptions that it fits."""
    fits = MIX[turn % len(MIX)]
    even, odd = 2 * chance.randrange(count // 2), 2 * chance.randrange(count // 2) + 1
    by = {0: [], 1: [even] if turn % 2 else [odd], 2: [even, odd]}[fits]
    box = container("BNC", even) if even in by else container("BNX", turn % 900_000)
    at = datetime.now(UTC).isoformat()
    return {"equipment": f"container:{box}", "code": f"C{odd}" if odd in by else f"N{turn}", "at": at, "text": "synthetic"}, by


class Filing:
    """This process as a filer and as subscribers."""

    def __init__(self, opened: Any, platform: Platform) -> None:
        self._opened, self._platform, self.port = opened, platform, opened.port
        self.expected: Counter[int] = Counter()
        self.filed = self.refused = 0
        self.turn = 0
        self.ids: dict[int, str] = {}
        self._chance = random.Random(7)

    async def person(self, org: str) -> Any:
        """A demo organisation's working account."""
        shown = bearer(self._platform.token(org))
        assert shown is not None
        return (await self._opened.directory.resolve(shown)).principal

    async def subscribe(self, url: str, count: int, live: int) -> dict[str, int]:
        """File all subscriptions, each organisation its share; number by reference's identifier."""
        people = {org: await self.person(org) for org in ORGS}
        known: dict[str, int] = {}
        for begin in range(0, count, 300):
            for at, org in enumerate(ORGS):
                numbers = [n for n in range(begin, min(begin + 300, count)) if n % len(ORGS) == at]
                kept = await self.port.file(people[org], [Draft(SUBSCRIPTION, subscription(n, url, live)) for n in numbers])
                known |= {one.ref: n for one, n in zip(kept.kept, numbers, strict=True)}
                self.ids |= {n: one.id for one, n in zip(kept.kept, numbers, strict=True)}
        return known

    async def run(self, rate: int, seconds: float, count: int) -> float:
        """File at a rate, open loop; the seconds that it took."""
        carrier, tasks, began = await self.person("carrier"), [], time.monotonic()
        for step in range(int(rate * seconds / EACH)):
            await asyncio.sleep(max(0.0, began + step * EACH / rate - time.monotonic()))
            tasks.append(asyncio.create_task(self._file(carrier, count)))
        await asyncio.gather(*tasks)
        return time.monotonic() - began

    async def _file(self, who: Any, count: int) -> None:
        made = [status(self.turn + n, self._chance, count) for n in range(EACH)]
        self.turn += EACH
        try:
            await self.port.file(who, [Draft(STATUS, one) for one, _ in made])
        except Failure:
            self.refused += EACH
            return
        self.filed += EACH
        for _, fits in made:
            self.expected.update(fits)


def role(*words: str, given: str = "") -> subprocess.Popen[str]:
    """A subscribers' system, up."""
    made = subprocess.Popen([sys.executable, "-m", "bench._hooks", *words], cwd=ROOT, text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)  # fmt: skip
    assert made.stdin is not None
    assert made.stdout is not None
    made.stdin.write(given)
    made.stdin.close()
    assert made.stdout.readline().strip() == "up"
    return made


def pusher(platform: Platform) -> int:
    """The pid of the platform's pusher."""
    for pid in family(platform.process.pid):
        if part_of(pid) == "push":
            return pid
    raise RuntimeError("there is no pusher")


async def drained(journals: Sequence[Path], wanted: int) -> tuple[list[list[Any]], float]:
    """All that came, once as many different messages came as are wanted; the seconds waited."""
    began = time.monotonic()
    while True:
        got = [line for path in journals for line in read(path)]
        if len({line[0] for line in got}) >= wanted or time.monotonic() > began + DRAIN:
            return got, time.monotonic() - began
        await asyncio.sleep(0.5)


def counted(got: Sequence[Sequence[Any]], expected: Counter[int], known: dict[str, int]) -> dict[str, Any]:
    """What was lost, came twice, or came without being expected; latencies."""
    numbers: dict[int, set[int]] = {}
    for _, ref, seq, *_ in got:
        numbers.setdefault(known[ref], set()).add(seq)
    lost = sum(max(0, n - len(numbers.get(line, ()))) for line, n in expected.items())
    whole = all(seqs == set(range(1, len(seqs) + 1)) for seqs in numbers.values())
    late = [arrived - datetime.fromisoformat(at).timestamp() for _, _, _, at, arrived in got]
    return {
        "messages": len({line[0] for line in got}), "expected": expected.total(), "lost": lost, "numbers_whole": whole,
        "came_again_under_the_same_id": len(got) - len({line[0] for line in got}),
        "latency_ms": {"p50": quantile(late, 0.5), "p99": quantile(late, 0.99), "max": quantile(late, 1.0)},
    }  # fmt: skip


async def killing(platform: Platform, hooks: subprocess.Popen[str], port: int, path: Path) -> subprocess.Popen[str]:
    """Kill the pusher, then the subscribers' system, and bring the latter back."""
    await asyncio.sleep(FAULTS / 4)
    os.kill(pusher(platform), signal.SIGKILL)
    await asyncio.sleep(FAULTS / 4)
    hooks.kill()
    hooks.wait()
    await asyncio.sleep(FAULTS / 6)
    return await asyncio.to_thread(role, "hooks", str(port), str(path))


async def measure(platform: Platform, folder: Path, rate: int, count: int, live: int) -> dict[str, Any]:
    """Set up, the steady span, the span with kills."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    at = json.loads((platform.home / "run" / "ports.json").read_text())
    os.environ.update(KOUAN_HOME=str(platform.home), KOUAN_DATABASE_SOCKET=at["database_socket"])
    hooked, heard = folder / "hooks", folder / "live"
    hooks = role("hooks", str(port), str(hooked))
    listeners = None
    try:
        async with composed(Settings.read(), connections=8) as opened:
            filing = Filing(opened, platform)
            began = time.monotonic()
            known = await filing.subscribe(f"http://127.0.0.1:{port}/hook", count, live)
            setup = time.monotonic() - began
            ids = [(platform.token(org), [str(filing.ids[n]) for n in range(live) if n % 3 == at]) for at, org in enumerate(ORGS)]
            listeners = await asyncio.to_thread(role, "listen", str(heard), given=json.dumps({"url": platform.url, "ids": ids}))
            await filing.run(100, 2.0, count)
            await drained((hooked, heard), filing.expected.total())
            warm, before, own = len(read(hooked)) + len(read(heard)), platform.cpu(), time.process_time()
            taken = await filing.run(rate, STEADY, count)
            got, wait = await drained((hooked, heard), filing.expected.total())
            used = spent(before, platform.cpu()) | {"filing_here": round(time.process_time() - own, 2)}
            first = {line[0] for line in got}
            span = [line for line in got if line[4] > 0][:]
            steady = counted(span, Counter(filing.expected), known)
            late = [a - datetime.fromisoformat(t).timestamp() for _, _, _, t, a in _behind(hooked, heard, warm)]
            steady["latency_ms"] = {"p50": quantile(late, 0.5), "p99": quantile(late, 0.99), "max": quantile(late, 1.0)}
            kill = asyncio.create_task(killing(platform, hooks, port, hooked))
            await filing.run(rate // 2, FAULTS, count)
            hooks = await kill
            got, recovery = await drained((hooked, heard), filing.expected.total())
            faults = counted([line for line in got if line[0] not in first], filing.expected - Counter(), known)
            everything = counted(got, filing.expected, known)
    finally:
        for one in (hooks, listeners):
            if one is not None:
                one.kill()
                one.wait()
    return {
        "subscriptions": count, "live": live, "rate_asked": rate, "rate_reached": round(rate * STEADY / taken), "setup_s": round(setup, 1),
        "refused": filing.refused, "steady": {**steady, "drained_after_s": round(wait, 2), "cpu_s": used, "seconds": round(taken, 2)},
        "kills": {"rate": rate // 2, "lost": everything["lost"], "numbers_whole": everything["numbers_whole"],
                  "messages": everything["messages"], "expected": everything["expected"],
                  "came_again_under_the_same_id": everything["came_again_under_the_same_id"],
                  "latency_ms": faults["latency_ms"], "all_there_after_s": round(recovery, 2)},
    }  # fmt: skip


def _behind(hooked: Path, heard: Path, warm: int) -> list[list[Any]]:
    """What came after the first so many, by time of arrival."""
    return sorted((*read(hooked), *read(heard)), key=lambda line: float(line[4]))[warm:]


def main() -> None:
    """Run it."""
    asked = parser(__doc__)
    asked.add_argument("--rate", type=int, default=RATE)
    asked.add_argument("--count", type=int, default=COUNT)
    asked.add_argument("--live", type=int, default=LIVE)
    given = asked.parse_args()
    with started() as platform, tempfile.TemporaryDirectory(prefix="kouan-push-") as folder:
        found = asyncio.run(measure(platform, Path(folder), given.rate, given.count, given.live))
    say({"bench": "push", "synthetic": True, "machine": machine(), **found}, line=given.json)


if __name__ == "__main__":
    main()
