"""The parts of `bench.stream` that need no platform: latest values out of the state, an hour of a device out of the history."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench._command import quantile
from kouan.facilities.telemetry.history import files
from kouan.facilities.telemetry.history.layout import HOUR, hour_folder
from kouan.facilities.telemetry.history.reading import Asked, History
from kouan.facilities.telemetry.state import State
from kouan.kernel.signals import Frame
from kouan.kernel.vault import master_key

STREAMS, HOURS, DEVICES = 100_000, 24, 5_000
ROWS, FULL = 5_000_000, 100_000_000


def latest_values() -> dict[str, Any]:
    """Read the latest values of 100,000 streams out of the state, five times; the slowest."""
    state, keys = State(), np.random.default_rng(1).permutation(STREAMS).astype(np.uint64) + np.uint64(1)
    state.fold(Frame("reading", {"key": keys, "at": np.full(STREAMS, 5), "value": np.arange(STREAMS, dtype=float)}))
    took = []
    for _ in range(5):
        began, cpu = time.perf_counter(), time.process_time()
        assert len(state.latest("reading", keys[::-1])) == STREAMS
        took.append((time.process_time() - cpu, time.perf_counter() - began))
    return {
        "streams": STREAMS,
        "cpu_ms": round(max(took)[0] * 1000, 2),
        "wall_ms": round(max(t[1] for t in took) * 1000, 2),
    }


def one_hour_of_one_device(rows: int) -> dict[str, Any]:
    """Fill a history of 24 hours of 5,000 devices, each hour one compacted file, and read one hour of one device."""
    with tempfile.TemporaryDirectory(prefix="kouan-bench-") as folder:
        home = Path(folder)
        master_key(home, create=True)
        history, start, each = History(home), 1_750_000_000_000_000 // HOUR * HOUR, rows // HOURS
        random, cpu = np.random.default_rng(2), time.process_time()
        for hour in range(HOURS):
            frame = Frame("reading", {
                "key": random.integers(1, DEVICES + 1, each).astype(np.uint64),
                "at": start + hour * HOUR + np.sort(random.integers(0, HOUR, each)),
                "value": random.normal(20, 5, each).round(2), "quality": np.zeros(each, np.uint8), "flags": np.ones(each, np.uint8),
            })  # fmt: skip
            place = hour_folder(history.root, "reading", 2, start // HOUR + hour) / "part-0of1"
            files.add(history.keys, place, 2, files.write(history.keys, place, 2, "a.parquet", frame))
        written = time.process_time() - cpu
        took = []
        for device in range(7, 27):
            began, cpu, hour = time.perf_counter(), time.process_time(), start + (device % HOURS) * HOUR
            found = history.read(Asked("reading", np.array([device], np.uint64), hour, hour + HOUR))
            took.append((time.perf_counter() - began, time.process_time() - cpu))
        size = sum(path.stat().st_size for path in history.root.rglob("*") if path.is_file())
    return {
        "rows": each * HOURS, "bytes_a_row": round(size / rows, 2), "rows_found": len(found), "first_ms": round(took[0][0] * 1000, 1),
        "p50_ms": quantile([t[0] for t in took], 0.5), "p99_ms": quantile([t[0] for t in took], 0.99),
        "cpu_p99_ms": quantile([t[1] for t in took], 0.99), "rows_written_per_cpu_s": round(each * HOURS / written),
    }  # fmt: skip
