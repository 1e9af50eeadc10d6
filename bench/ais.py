"""AIS messages a second on one core: our columns beside pyais and libais, on the same bytes.

Runs alone, without a platform. Bytes are encoded beforehand; time is the CPU time of this process. Two bodies: types
1-3, 18, 24 and 27 (the top-level figure), and a mix with all 27 types, in shares as coastal stations report them, with
messages of two sentences in it. Peers decode message by message to their own objects; libais takes whole payloads only, so
its sentences are cut and joined by a few lines of Python.
"""

from __future__ import annotations

import importlib
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench._command import parser, say
from bench._platform import ROOT, machine
from kouan.facilities.telemetry.drivers.ais.decoder import Decoder
from kouan_sim.ais import Talker
from kouan_sim.ais_messages import LAYOUTS, chance, payload

SECONDS, REPEATS, MESSAGES, CHUNK = 1.0, 5, 24_000, 1 << 20
FAST = {"1": 45, "2": 2, "3": 25, "18": 14, "24A": 4, "24B": 4, "27": 6}
REST = tuple(code for code in LAYOUTS if code not in {"1", "3", "5", "18", "24A", "24B", "4", "21", "8"})
MIX = {"1": 420, "3": 240, "18": 110, "5": 65, "24A": 30, "24B": 30, "4": 30, "21": 20, "8": 15, **dict.fromkeys(REST, 2)}
Reader = Callable[[bytes], int]


def body(shares: dict[str, int], messages: int, source: str = "") -> bytes:
    """Sentences of many messages of random content, in such shares."""
    dice = random.Random(1)
    talkers = [Talker(channel, source) for channel in "AB"]
    codes = dice.choices(list(shares), list(shares.values()), k=messages)
    lines = (
        line for place, code in enumerate(codes)
        for line in dice.choice(talkers).sentences(payload(code, chance(code, dice)), 1_763_770_000 + place // 500)
    )  # fmt: skip
    return "".join(f"{line}\r\n" for line in lines).encode()


def ours(chunk: int = CHUNK) -> Reader:
    """Messages that our decoder reads, given chunks of a size."""

    def read(content: bytes) -> int:
        decoder = Decoder()
        return sum(decoder.feed(content[at : at + chunk]).messages for at in range(0, len(content), chunk))

    return read


def pyais() -> Reader | None:
    """pyais on the same bytes; None where it is not installed."""
    try:
        stream = importlib.import_module("pyais.stream")
    except ImportError:
        return None

    def read(content: bytes) -> int:
        return sum(message.decode() is not None for message in stream.IterMessages(content.splitlines()))

    return read


def libais() -> Reader | None:
    """libais on the same bytes, with the shortest joining of parts; None where it is not installed."""
    try:
        module = importlib.import_module("ais")
    except ImportError:
        return None

    def read(content: bytes) -> int:
        count, parts = 0, defaultdict(list)
        for line in content.decode("ascii").splitlines():
            _, total, part, sequence, channel, signs, tail = line.split(",")[-7:]
            if total != "1":
                parts[sequence, channel].append(signs)
                if part != total:
                    continue
                signs = "".join(parts.pop((sequence, channel)))
            try:
                module.decode(signs, int(tail[0]))
                count += 1
            except module.DecodeError:
                continue  # applications that it does not know
        return count

    return read


def speed(read: Reader, content: bytes, seconds: float, repeats: int) -> dict[str, int]:
    """Messages a second of CPU and of clock time; the median of some repeats."""
    read(content)
    by_cpu, by_clock = [], []
    for _ in range(repeats):
        count, cpu, clock = 0, time.process_time(), time.perf_counter()
        while time.process_time() < cpu + seconds / repeats:
            count += read(content)
        by_cpu.append(count / (time.process_time() - cpu))
        by_clock.append(count / (time.perf_counter() - clock))
    return {"per_cpu_s": round(statistics.median(by_cpu)), "per_s": round(statistics.median(by_clock))}


def peers(content: bytes, seconds: float, repeats: int) -> dict[str, Any]:
    """What the peers do with the same bytes (a part of them: they are slower)."""
    share = b"\n".join(content.split(b"\n")[:5000]) + b"\n"
    found: dict[str, Any] = {}
    for name, reader in (("pyais", pyais()), ("libais", libais())):
        found[name] = speed(reader, share, seconds, repeats) if reader else {"absent": f"{name} is not installed"}
    return found


def published(seconds: float, repeats: int) -> dict[str, Any]:
    """A published log, many times over, where it is present."""
    folder = Path(os.environ.get("KOUAN_SHARED") or ROOT.parent / "shared") / "data" / "ais" / "pyais"
    log = folder / "nmea_data_sample.txt"
    return speed(ours(), log.read_bytes() * 25, seconds, repeats) if log.is_file() else {"absent": "no such file"}


def run(seconds: float = SECONDS, repeats: int = REPEATS, messages: int = MESSAGES) -> dict[str, Any]:
    """Measure; the top-level figures are ours on types 1-3, 18, 24 and 27 in chunks of 1 MiB."""
    where = machine()
    fast, mix, tagged = body(FAST, messages), body(MIX, messages), body(FAST, messages, "SIM-BENCH")
    chunks: Sequence[int] = (16_384, 65_536, 262_144)
    return {
        "name": "ais", "unit": "messages", **speed(ours(), fast, seconds, repeats),
        "mix": {**speed(ours(), mix, seconds, repeats), "types": 27, "peers": peers(mix, seconds, repeats)},
        "tag_blocks": speed(ours(), tagged, seconds, repeats),
        "chunks": {str(size): speed(ours(size), fast, seconds, repeats)["per_cpu_s"] for size in chunks},
        "published": published(seconds, repeats), "peers": peers(fast, seconds, repeats),
        "data": "synthetic messages (kouan_sim), a published log where present; bytes encoded beforehand", "machine": where,
    }  # fmt: skip


def main() -> None:
    """Command line."""
    given = parser(__doc__).parse_args()
    say(run(), line=given.json)


if __name__ == "__main__":
    main()
