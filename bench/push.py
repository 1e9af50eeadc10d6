"""Subscription and push: 10,000 subscriptions with filters, 500 of them live, the rest webhooks; 1,000 events/s; kills of both sides.

Runs alone: a platform of its own with simulators off. Synthetic status reports of containers are filed through the
platform's own port and group commit in this process (the door over HTTP is not what is measured), each fitting one
subscription on average: by container, or by a filter value. Latency is that from acceptance to arrival at the subscriber's
system, which is another process. First the pusher is stopped while events are filed, and what it then costs to tell them is counted: that
can be trusted on a busy machine, too. After a steady span the pusher and the subscribers' system are killed (kill -9) while
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench._command import parser, quantile, say
from bench._hooks import read
from bench._platform import ROOT, Platform, family, machine, part_of, spent, started
from kouan.app.compose import platform as composed
from kouan.base.identity.api import token_credential
from kouan.kernel.errors import Failure
from kouan.kernel.formats import Draft
from kouan.kernel.settings import Settings
from kouan_sim.identifiers import container

STATUS, SUBSCRIPTION = "base.movement.status", "base.push.subscription"
ORGS = ("customs", "portoffice", "terminal")
COUNT, LIVE, RATE, STEADY, FAULTS, HELD = 10_000, 500, 1000, 8.0, 6.0, 6.0
EACH, DRAIN = 25, 60.0
BEGAN = datetime.now(UTC)
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
    # A second of its own for each: of one box and status there is one report a second, and with few boxes both come again at once.
    at = (BEGAN - timedelta(seconds=turn)).isoformat()
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
        shown = token_credential(self._platform.token(org), self._opened.directory.suite)
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
    """What was lost, came twice, or came without being expected."""
    numbers: dict[int, set[int]] = {}
    for _, ref, seq, *_ in got:
        numbers.setdefault(known[ref], set()).add(seq)
    different = len({line[0] for line in got})
    return {
        "messages": different, "expected": expected.total(),
        "lost": sum(max(0, n - len(numbers.get(line, ()))) for line, n in expected.items()),
        "unexpected": sum(max(0, len(seqs) - expected[line]) for line, seqs in numbers.items()),
        "numbers_whole": all(seqs == set(range(1, len(seqs) + 1)) for seqs in numbers.values()),
        "came_again_under_the_same_id": len(got) - different,
    }  # fmt: skip


def latency(journals: dict[str, Path], since: float) -> dict[str, Any]:
    """Milliseconds from acceptance to arrival of what was accepted since a moment (seconds since 1970), by channel and of all."""
    late = {
        name: [line[4] - at for line in read(path) if (at := datetime.fromisoformat(line[3]).timestamp()) >= since]
        for name, path in journals.items()
    }
    late["all"] = [one for some in late.values() for one in some]
    return {
        name: {"messages": len(some), "p50": quantile(some, 0.5), "p99": quantile(some, 0.99), "max": quantile(some, 1.0)}
        for name, some in late.items()
    }


async def killing(platform: Platform, hooks: subprocess.Popen[str], port: int, path: Path) -> subprocess.Popen[str]:
    """Kill the pusher, then the subscribers' system, and bring the latter back."""
    await asyncio.sleep(FAULTS / 4)
    os.kill(pusher(platform), signal.SIGKILL)
    await asyncio.sleep(FAULTS / 4)
    hooks.kill()
    hooks.wait()
    await asyncio.sleep(FAULTS / 6)
    return await asyncio.to_thread(role, "hooks", str(port), str(path))


async def steady(filing: Filing, platform: Platform, journals: dict[str, Path], rate: int, count: int) -> dict[str, Any]:
    """The steady span: latency by channel, CPU by part of the platform and of this side, for each event."""
    paths = list(journals.values())
    before, own, began, filed = platform.cpu(), time.process_time(), time.time(), filing.filed
    taken = await filing.run(rate, STEADY, count)
    here = time.process_time() - own
    _, wait = await drained(paths, filing.expected.total())
    used, events = spent(before, platform.cpu()) | {"filing_here": round(here, 2)}, filing.filed - filed
    return {
        "rate_asked": rate, "rate_reached": round(events / taken), "seconds": round(taken, 2), "drained_after_s": round(wait, 2),
        "latency_ms": latency(journals, began), "cpu_s": used,
        "cpu_ms_each_event": {name: round(1000 * one / events, 3) for name, one in used.items()} if events else {},
    }  # fmt: skip


async def held(filing: Filing, platform: Platform, journals: dict[str, Path], rate: int, count: int) -> dict[str, Any]:
    """What pushing costs by itself, on a busy machine too: the pusher is stopped while events are filed; then it tells them all."""
    pid, filed = pusher(platform), filing.filed
    os.kill(pid, signal.SIGSTOP)
    try:
        await filing.run(rate, HELD, count)
        await asyncio.sleep(2.0)
        before = platform.cpu()
    finally:
        os.kill(pid, signal.SIGCONT)
    _, wait = await drained(list(journals.values()), filing.expected.total())
    events = filing.filed - filed
    each = {name: round(1000 * one / events, 3) for name, one in spent(before, platform.cpu()).items()} if events else {}
    return {"events": events, "told_after_s": round(wait, 2), "cpu_ms_each_event": each}


async def faults(filing: Filing, platform: Platform, journals: dict[str, Path], hooks: list[Any], rate: int, count: int) -> dict[str, Any]:
    """The span in which both sides are killed; `hooks`: port and process of the webhooks' receiver, which is another one then."""
    began = time.time()
    kill = asyncio.create_task(killing(platform, hooks[1], hooks[0], journals["webhook"]))
    await filing.run(rate, FAULTS, count)
    hooks[1] = await kill
    _, wait = await drained(list(journals.values()), filing.expected.total())
    return {"rate": rate, "all_there_after_s": round(wait, 2), "latency_ms": latency(journals, began)}


async def measure(platform: Platform, folder: Path, rate: int, count: int, live: int) -> dict[str, Any]:
    """Set up, the steady span, the span with kills, and then the count of everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    at = json.loads((platform.home / "run" / "ports.json").read_text())
    os.environ.update(KOUAN_HOME=str(platform.home), KOUAN_DATABASE_SOCKET=at["database_socket"])
    journals = {"webhook": folder / "hooks", "live": folder / "live"}
    hooks, listeners = [port, role("hooks", str(port), str(journals["webhook"]))], None
    try:
        async with composed(Settings.read(), connections=8) as opened:
            filing = Filing(opened, platform)
            began = time.monotonic()
            known = await filing.subscribe(f"http://127.0.0.1:{port}/hook", count, live)
            setup = time.monotonic() - began
            ids = [(platform.token(org), [str(filing.ids[n]) for n in range(live) if n % 3 == at]) for at, org in enumerate(ORGS)]
            told = json.dumps({"url": platform.url, "ids": ids})
            listeners = await asyncio.to_thread(role, "listen", str(journals["live"]), given=told)
            await filing.run(100, 2.0, count)
            await drained(list(journals.values()), filing.expected.total())
            alone = await held(filing, platform, journals, rate // 2, count)
            calm = await steady(filing, platform, journals, rate, count)
            killed = await faults(filing, platform, journals, hooks, rate // 2, count)
            got = [line for path in journals.values() for line in read(path)]
            everything = counted(got, filing.expected, known)
    finally:
        for one in (hooks[1], listeners):
            if one is not None:
                one.kill()
                one.wait()
    return {
        "subscriptions": count, "live": live, "setup_s": round(setup, 1), "refused": filing.refused, "held": alone, "steady": calm,
        "kills": killed,
        "everything": everything,
    }  # fmt: skip


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
