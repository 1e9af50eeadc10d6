"""EDIFACT segments a second on one core: our tokenizer and parser beside pydifact, on the same bytes.

Runs alone, without a platform, with the garbage collector set as the platform's processes set it. Three bodies: the
committed sample (a cargo report), a large synthetic one, and, where KOUAN_SHARED or ../shared holds them, published
files that both read.
"""

from __future__ import annotations

import importlib
import os
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench._command import parser, say
from bench._platform import ROOT, machine
from kouan.app.compose import settle
from kouan.base.exchange.codecs.edifact import parse
from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar
from kouan_sim.traders import Desk

SECONDS, REPEATS, BILLS, MOST = 1.5, 5, 200, 1 << 20
SAMPLE = ROOT / "src" / "kouan" / "base" / "exchange" / "codecs" / "samples" / "cuscar-wanghai.edi"
Reader = Callable[[bytes], int]


def ours(body: bytes) -> int:
    """Segments that our parser finds."""
    return sum(len(message.segments) + 2 for interchange in parse(body) for message in interchange.messages)


def pydifact() -> Reader | None:
    """Pydifact's reading of the same bytes; None where it is not installed."""
    try:
        module = importlib.import_module("pydifact.segmentcollection")
    except ImportError:
        return None
    warnings.simplefilter("ignore")  # it tells of every segment whose directory it does not carry

    def read(body: bytes) -> int:
        return len(module.RawSegmentCollection.from_str(body.decode("latin-1")).segments)

    return read


def published() -> dict[str, bytes]:
    """Published EDIFACT files by their names."""
    folder = Path(os.environ.get("KOUAN_SHARED") or ROOT.parent / "shared") / "data" / "edifact"
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    wanted = [p for p in files if p.is_file() and p.suffix.lower() == ".edi" and p.stat().st_size < MOST]
    return {str(p.relative_to(folder)): p.read_bytes() for p in wanted}


def _reads(read: Reader, body: bytes) -> bool:
    try:
        return read(body) > 0
    except Exception:  # noqa: BLE001 - a peer refuses a file in ways of its own
        return False


def speed(read: Reader, bodies: Sequence[bytes], segments: int, seconds: float, repeats: int) -> dict[str, float]:
    """Segments a second by clock and by CPU; the median of some repeats."""
    by_clock, by_cpu = [], []
    for _ in range(repeats + 1):
        began, cpu, rounds = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() < began + seconds / repeats:
            for body in bodies:
                read(body)
            rounds += 1
        by_clock.append(rounds * segments / (time.perf_counter() - began))
        by_cpu.append(rounds * segments / max(time.process_time() - cpu, 1e-9))
    return {
        "per_s": round(statistics.median(by_clock[1:])), "per_cpu_s": round(statistics.median(by_cpu[1:])),
    }  # fmt: skip


def compare(bodies: Mapping[str, bytes], seconds: float, repeats: int) -> dict[str, Any]:
    """Both readers on the bodies that both read, together and one by one; segments are counted by ours.

    `bodies` names every file: its size, its segments, who reads it, and what each makes of it in a second of CPU.
    """
    peer, each = pydifact(), seconds / max(len(bodies), 1)
    told = [_one(name, body, peer, each) for name, body in bodies.items()]
    both = [body for body, one in zip(bodies.values(), told, strict=True) if "refused" not in (one["kouan"], one["pydifact"])]
    if not both:
        return {"absent": "no such files", "bodies": told}
    segments = sum(ours(body) for body in both)
    found: dict[str, Any] = {
        "files": len(both), "bytes": sum(map(len, both)), "segments": segments,
        "kouan": speed(ours, both, segments, seconds, repeats),
    }  # fmt: skip
    found["pydifact"] = (
        speed(peer, both, segments, seconds, repeats) if peer else {"absent": "pydifact is not installed"}
    )
    return {**found, "bodies": told}


def _one(name: str, body: bytes, peer: Reader | None, seconds: float) -> dict[str, Any]:
    """A body by itself: segments a second of CPU of each reader, or why there are none."""
    segments = ours(body) if _reads(ours, body) else 0
    per: dict[str, Any] = {}
    for who, read in (("kouan", ours), ("pydifact", peer)):
        if read is None:
            per[who] = "not installed"
        elif not segments or not _reads(read, body):
            per[who] = "refused"
        else:
            per[who] = speed(read, [body], segments, seconds, 1)["per_cpu_s"]
    return {"file": name, "bytes": len(body), "segments": segments, **per}


def _large(bills: int) -> bytes:
    now = datetime.now(UTC)
    desk = Desk(References())
    return cuscar(desk.voyage(now + timedelta(hours=6), bills), now)


def run(seconds: float = SECONDS, repeats: int = REPEATS, bills: int = BILLS) -> dict[str, Any]:
    """Measure; per_s and per_cpu_s are ours on the synthetic cargo report of many bills."""
    where = machine()
    settle()  # the collector as every process of the platform sets it; the peer reads under the same
    large = compare({f"synthetic cargo report of {bills} bills": _large(bills)}, seconds, repeats)
    return {
        "name": "edifact", "unit": "segments", **large["kouan"], "synthetic": large,
        "sample": compare({SAMPLE.name: SAMPLE.read_bytes()}, seconds, repeats),
        "published": compare(published(), seconds, repeats), "peers": {"pydifact": large["pydifact"]},
        "data": "synthetic cargo report (kouan_sim), committed sample, published files where present",
        "machine": where,
    }  # fmt: skip


def main() -> None:
    """Command line."""
    given = parser(__doc__).parse_args()
    say(run(), line=given.json)


if __name__ == "__main__":
    main()
