"""The stream from sockets to map state, rules and history, at a rate; the latest values; one hour of one device out of millions of rows.

Runs alone: a platform of its own with simulators off, 1,000 live rules on 1,000 metrics of 20 devices and four on ships' speed, which
judge every report. Other processes send bytes that were encoded before, over raw sockets, in an open loop; their CPU is told. Three
parts: AIS alone, MQTT readings alone, both at half. A part's rate is sustained when everything sent is in the history, nothing was
thinned or lost, and all of it was read by picture and watchers within three seconds of the last byte; where it is not, the rate is
halved and bisected, and what was sustained is told. Three seconds at a tenth of the rates go before, so that each rule has met its
metric. Who runs this on a busy machine reads `per_cpu_s`, the observations for each CPU second of all processes together, and
`load_average`. `p99_ms`: from sending an alarming observation until its warning is filed.

All ships, devices and rows are synthetic. `--full` takes 100 million rows of history; `--part` runs one part.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench._command import parser, quantile, say
from bench._history import FULL, ROWS, latest_values, one_hour_of_one_device
from bench._platform import ROOT, Platform, machine, spent, started
from bench._sending import BANDS, MARKED_MMSI, SHIPS
from bench._staff import SPEED, settle
from kouan.facilities.telemetry.api import History, micros
from kouan.facilities.telemetry.history.reading import Asked

AIS, MQTT, SECONDS, SHORT = 50_000, 10_000, 12.0, 5.0
DEVICES, METRICS = [f"BENCH-{n:02}" for n in range(20)], [f"m{n:02}" for n in range(50)]
RULES = len(DEVICES) * len(METRICS) + BANDS
MARKS, TRIES, WARM = 100, 3, 3.0
DRAINED_WITHIN, PATIENCE, WHOLE, A_RUN = 3.0, 10.0, 160.0, 30.0
"""Seconds: within which all was read for a rate to count as sustained, that are waited at most, for everything, for one run at most."""
PARTS = {"ais": (AIS, 0), "mqtt": (0, MQTT), "both": (AIS // 2, MQTT // 2)}


def call(platform: Platform, path: str) -> Any:
    """An answer of the platform's, to the port office."""
    asked = urllib.request.Request(platform.url + path, None, {"Authorization": f"Bearer {platform.token('portoffice')}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=20) as answer:
        return json.loads(answer.read())


def login(platform: Platform, code: str) -> tuple[str, str]:
    """A device's credentials: user and password."""
    headers = {"Authorization": f"Bearer {platform.token('terminal')}"}
    asked = urllib.request.Request(f"{platform.url}/api/devices/{code}/credentials", b"", headers, method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=20) as answer:
        given = json.loads(answer.read())
    return given["user"], given["password"]


@dataclass
class Bench:
    """A platform that is ready to be measured."""

    platform: Platform
    began: float
    history: History = field(init=False)
    runs: int = 0
    leaders: set[str | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.history = History(self.platform.home)
        self.ports = json.loads((self.platform.home / "run" / "ports.json").read_text())
        self.logins = [login(self.platform, code) for code in DEVICES]

    def totals(self) -> tuple[dict[str, int], int]:
        """What was counted so far, and how many batches the watchers have before them."""
        told = call(self.platform, "/api/stream")
        behind = [w["counts"].get("waiting.batches", 0) for w in told["workers"]]
        self.leaders |= {told["leader"]} - {None}
        return told["totals"], max([*behind, told["totals"].get("waiting.rows", 0)])

    def run(self, ais: int, mqtt: int, seconds: float) -> dict[str, Any]:
        """Send at these rates; what became of it."""
        self.runs, self.leaders = self.runs + 1, set()
        senders = [self._sender(what, rate, seconds) for what, rate in (("ships", ais), ("devices", mqtt)) if rate]
        for one in senders:
            assert one.stdout is not None
            one.stdout.readline()
        since, load = datetime.now(UTC), os.getloadavg()[0]
        (before, _), cpu = self.totals(), self.platform.cpu()
        for one in senders:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        told = {what: json.loads(one.communicate()[0]) for what, one in zip(_whats(ais, mqtt), senders, strict=True)}
        ended = time.monotonic()
        after, drained = self._drained(before, sum(one["sent"] for one in told.values()), ended)
        used = spent(cpu, self.platform.cpu())
        kept = {what: self._kept(what, since, one["sent"]) for what, one in told.items()}
        return self._summed(told, kept, {name: after[name] - before.get(name, 0) for name in after}, drained, used) | {
            "asked_per_s": {"ais": ais, "mqtt": mqtt}, "load_average": [round(load, 2), round(os.getloadavg()[0], 2)],
        }  # fmt: skip

    def _sender(self, what: str, rate: int, seconds: float) -> subprocess.Popen[str]:
        plan = {
            "what": what, "rate": rate, "seconds": seconds, "run": self.runs, "marks": MARKS,
            "ships": SHIPS, "lines": 4 if what == "ships" else len(DEVICES),
            "devices": DEVICES, "metrics": METRICS, "cache": str(self.platform.home / "bench.fleet"), "logins": self.logins,
            "port": self.ports["nmea" if what == "ships" else "mqtt"],
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", "bench._sending", json.dumps(plan)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _drained(self, before: dict[str, int], sent: int, ended: float) -> tuple[dict[str, int], float | None]:
        """Wait until everything was counted and read; how long that took after the last byte (a second is the grain)."""
        while True:
            after, behind = self.totals()
            taken = sum(count - before.get(name, 0) for name, count in after.items() if name == "rows" or name.startswith("refused."))
            took = time.monotonic() - ended
            if taken >= sent and not behind:
                return after, took
            if took > PATIENCE:
                return after, None
            time.sleep(0.2)

    def _kept(self, what: str, since: datetime, sent: int) -> int:
        """Rows of the history; the journal is synced twice a second."""
        limit = time.monotonic() + 6
        while True:
            span = micros(since), micros(datetime.now(UTC) + timedelta(seconds=5))
            found = self.history.read(Asked("position" if what == "ships" else "reading", None, *span))
            if len(found) >= sent or time.monotonic() > limit:
                return len(found)
            time.sleep(0.5)

    def _summed(
        self, told: dict[str, Any], kept: dict[str, int], counts: dict[str, int], drained: float | None, used: dict[str, float]
    ) -> dict[str, Any]:
        sent, whole = sum(one["sent"] for one in told.values()), sum(kept.values())
        fates = {
            "refused": sum(n for name, n in counts.items() if name.startswith("refused.")), "thinned": counts.get("thinned", 0),
            "duplicates": counts.get("rejected.duplicate", 0), "counted_lost": sum(n for m, n in counts.items() if m.startswith("lost.")),
        }  # fmt: skip
        lost = sent - whole - sum(fates.values())
        seconds, platform_cpu = max(one["seconds"] for one in told.values()), sum(used.values())
        alarms = asyncio.run(self._alarms(told))
        met = whole + fates["duplicates"] == sent and drained is not None and drained <= DRAINED_WITHIN
        met = met and len(self.leaders) <= 1 and all(one["behind_s"] < 1 for one in told.values())
        return {
            "sustained": met, "leaders": len(self.leaders), "per_s": round(whole / (seconds + max((drained or PATIENCE) - 1, 0))),
            "per_cpu_s": round(whole / platform_cpu),
            "per_stream_cpu_s": round(whole / max(used.get("stream", 0) + used.get("watch", 0), 0.01)), **alarms,
            "sent": sent, "kept": whole, **fates, "not_accounted_for": lost,
            "drained_s": None if drained is None else round(drained, 2), "cpu_s": used,
            "generator_cpu_s": round(sum(one["cpu_s"] for one in told.values()), 2), "seconds": seconds,
            "generator_behind_s": max(one["behind_s"] for one in told.values()),
        }  # fmt: skip

    async def _alarms(self, told: dict[str, Any]) -> dict[str, Any]:
        """From sending until the warning is filed, of each marked observation."""
        sent = {
            f"rule:{SPEED}-{n % BANDS}|{MARKED_MMSI + self.runs * 1000 + n}": at
            for n, at in enumerate(told.get("ships", {}).get("marks", []))
        }
        pairs = range(len(DEVICES) * len(METRICS))[self.runs :: 7]
        sent |= {f"rule:bench-{n}": at for n, at in zip(pairs, told.get("devices", {}).get("marks", []), strict=False)}
        conn = await self.platform.connect()
        try:
            limit = time.monotonic() + 5
            while True:
                rows = await conn.fetch(
                    "select doc->>'condition' c, filed_at from r_operations_alerts_warning where doc->>'alert' like 'rule:bench-%'"
                )
                found = {row["c"] if SPEED in row["c"] else row["c"].partition("|")[0]: row["filed_at"].timestamp() for row in rows}
                took = [found[name] - at for name, at in sent.items() if name in found]
                if len(took) == len(sent) or time.monotonic() > limit:
                    return {"p99_ms": quantile(took, 0.99), "p50_ms": quantile(took, 0.5), "alarms": len(took), "alarms_due": len(sent)}
                await asyncio.sleep(0.5)
        finally:
            await conn.close()

    def part(self, ais: int, mqtt: int, seconds: float, later: int) -> dict[str, Any]:
        """A part at its rate; what was sustained, and each run that was made to find it. `later`: parts that still need time."""
        limit = time.monotonic() + (self.began + WHOLE - time.monotonic()) / (later + 1)
        if limit - time.monotonic() < SHORT + 3:
            return {"met": False, "sustained_per_s": None, "not_measured": "the time was over"}
        runs = [self.run(ais, mqtt, seconds if limit - time.monotonic() > A_RUN else min(seconds, SHORT))]
        low, high = 0.0, 1.0
        while not runs[0]["sustained"] and len(runs) <= TRIES and limit - time.monotonic() > A_RUN / 2:
            share = (low + high) / 2
            runs.append(self.run(int(ais * share), int(mqtt * share), SHORT))
            low, high = (share, high) if runs[-1]["sustained"] else (low, share)
        best = max((one for one in runs if one["sustained"]), key=lambda one: one["per_s"], default=None)
        if best is not None:
            return {**best, "met": best is runs[0], "tried": [_short(one) for one in runs]}
        return {**runs[0], "met": False, "sustained_per_s": None, "tried": [_short(one) for one in runs]}


def _whats(ais: int, mqtt: int) -> list[str]:
    return [what for what, rate in (("ships", ais), ("devices", mqtt)) if rate]


def _short(run: dict[str, Any]) -> dict[str, Any]:
    names = (
        "asked_per_s", "sustained", "sent", "kept", "refused", "duplicates", "thinned", "counted_lost", "not_accounted_for", "drained_s",
        "generator_behind_s", "leaders", "p99_ms", "load_average",
    )  # fmt: skip
    return {name: run[name] for name in names}


def ready(bench: Bench) -> None:
    """Wait until all rules are watched. RuntimeError when they are not."""
    limit = time.monotonic() + 40
    while time.monotonic() < limit:
        parts = call(bench.platform, "/api/warnings/engine")["parts"]
        if sum(1 for one in parts if one["code"].startswith("rule:bench-")) >= RULES:
            return
        time.sleep(0.5)
    raise RuntimeError("the rules do not go live")


def run(parts: list[str], seconds: float, rows: int, scale: float) -> dict[str, Any]:
    """All of it; the answer names what is simulated and the machine."""
    began, where = time.monotonic(), machine()
    alone = {"latest": latest_values(), "history": one_hour_of_one_device(rows)} if rows else {}
    with started() as platform:
        while not (platform.home / "keys" / "master").exists():
            time.sleep(0.2)
        asyncio.run(settle(platform, DEVICES, METRICS))
        bench = Bench(platform, began)
        ready(bench)
        settled = round(time.monotonic() - began, 1)
        ais, mqtt = (int(rate * scale / 5) for rate in PARTS["both"])
        bench.run(ais, mqtt, WARM)
        measured = {
            name: bench.part(int(PARTS[name][0] * scale), int(PARTS[name][1] * scale), seconds, len(parts) - n - 1)
            for n, name in enumerate(parts)
        }
        known = call(platform, "/api/stream")["known"]
    return {
        "name": "stream", **measured, **alone, "rules": RULES, "known": known, "settled_after_s": settled,
        "took_s": round(time.monotonic() - began, 1), "data": "simulated ships and devices (SIM), synthetic readings",
        "machine": {**where, "load_average_at_end": [round(one, 2) for one in os.getloadavg()]},
    }  # fmt: skip


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=SECONDS, help="of each part's first run")
    made.add_argument("--part", choices=sorted(PARTS), action="append", help="this part alone")
    made.add_argument("--scale", type=float, default=1.0, help="a share of the rates")
    made.add_argument("--rows", type=int, default=ROWS, help="rows of history for the hour of one device; 0 leaves it out")
    made.add_argument("--full", action="store_true", help="100 million rows of history")
    given = made.parse_args()
    say(run(given.part or list(PARTS), given.seconds, FULL if given.full else given.rows, given.scale), line=given.json)


if __name__ == "__main__":
    main()
