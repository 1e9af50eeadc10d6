"""What a frame costs on its way: as Arrow or as JSON, by rows in a batch; and what it costs to bring it into the synced journal."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from bench.decisions._server import parser, tell
from kouan.facilities.telemetry.codec import pack, unpack
from kouan.facilities.telemetry.history.journal import Journal, Kept
from kouan.facilities.telemetry.history.layout import Keys
from kouan.facilities.telemetry.reader import Place
from kouan.facilities.telemetry.signals import Position
from kouan.kernel.signals import Frame


def frame(rows: int) -> Frame:
    """Synthetic positions."""
    random = np.random.default_rng(1)
    columns = {
        "key": random.integers(1, 10**9, rows).astype(np.uint64),
        "at": np.arange(rows),
        "lon": random.random(rows),
        "lat": random.random(rows),
    }
    return Frame("position", columns).complete(Position.columns)


def _rate(rows: int, work: Any) -> int:
    times, cpu = 0, time.process_time()
    while time.process_time() - cpu < 0.3:
        work()
        times += 1
    return round(rows * times / (time.process_time() - cpu))


def one(rows: int, folder: Path) -> dict[str, Any]:
    """Rows per CPU second of each step."""
    made = frame(rows)
    packed, names = pack(made), list(made.columns)
    listed = {name: column.tolist() for name, column in made.columns.items()}
    dicts = [dict(zip(names, row, strict=True)) for row in zip(*listed.values(), strict=True)]
    as_json = orjson.dumps(dicts)
    journal = Journal(Keys(b"k" * 32), folder / f"1-{rows}-1.journal")
    journal.open(Place(1, 0))

    def keep() -> None:
        journal.put(Kept(Place(1, 1), 1, packed))
        journal.sync(journal.collect())

    told = {
        "rows": rows, "bytes_a_row": {"arrow": round(len(packed) / rows, 1), "json": round(len(as_json) / rows, 1)},
        "pack_per_cpu_s": _rate(rows, lambda: pack(made)), "unpack_per_cpu_s": _rate(rows, lambda: unpack(packed)),
        "json_out_per_cpu_s": _rate(rows, lambda: orjson.dumps(dicts)), "json_in_per_cpu_s": _rate(rows, lambda: orjson.loads(as_json)),
        "journal_synced_per_cpu_s": _rate(rows, keep),
    }  # fmt: skip
    journal.close()
    return told


def run() -> dict[str, Any]:
    """Batches of 1, 100 and 5,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        return {"data": "synthetic", "batches": [one(rows, Path(folder)) for rows in (1, 100, 5_000)]}


if __name__ == "__main__":
    parser(__doc__).parse_args()
    tell(__doc__, run())
