"""What an hour of history costs to write and one device of it to read: sorted by key or by time, encrypted or not, by size of row group."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow states no types
from pyarrow.parquet import encryption

from bench.decisions._server import parser, tell
from kouan.facilities.telemetry.codec import to_arrow
from kouan.facilities.telemetry.rows import ordered
from kouan.kernel.signals import Frame

DEVICES, HOUR = 5_000, 3_600_000_000
KEY = b"0123456789abcdef0123456789abcdef"


def hour(rows: int) -> Frame:
    """Synthetic readings of an hour, in order of time."""
    random = np.random.default_rng(1)
    return Frame("reading", {
        "key": random.integers(1, DEVICES + 1, rows).astype(np.uint64), "at": np.sort(random.integers(0, HOUR, rows)),
        "value": random.normal(20, 5, rows).round(2), "quality": np.zeros(rows, np.uint8), "flags": np.zeros(rows, np.uint8),
    })  # fmt: skip


def one(folder: Path, frame: Frame, *, by_key: bool, sealed: bool, group: int) -> dict[str, Any]:
    """Write and read once each, in CPU time."""
    place, sealing = folder / "x.parquet", encryption.create_encryption_properties(KEY) if sealed else None
    cpu = time.process_time()
    table = pa.Table.from_batches([to_arrow(ordered(frame, "key", "at") if by_key else frame)])
    pq.write_table(table, place, row_group_size=group, compression="zstd", encryption_properties=sealing)
    wrote = time.process_time() - cpu
    cpu = time.process_time()
    opening = encryption.create_decryption_properties(KEY) if sealed else None
    file = pq.ParquetFile(place, decryption_properties=opening)
    stated = [file.metadata.row_group(n).column(0).statistics for n in range(file.metadata.num_row_groups)]
    groups = [n for n, s in enumerate(stated) if s.min <= 2500 <= s.max]
    found = file.read_row_groups(groups, use_threads=False)
    rows = int((found.column("key").to_numpy() == 2500).sum())
    took = time.process_time() - cpu
    return {
        "by": "key" if by_key else "time", "encrypted": sealed, "row_group": group, "write_cpu_s": round(wrote, 3),
        "bytes_a_row": round(place.stat().st_size / len(frame), 2), "groups_read": len(groups), "of": len(stated),
        "read_one_device_cpu_ms": round(took * 1000, 1), "rows": rows,
    }  # fmt: skip


def run(rows: int) -> dict[str, Any]:
    """Every layout on the same rows."""
    frame = hour(rows)
    with tempfile.TemporaryDirectory() as folder:
        layouts = [
            one(Path(folder), frame, by_key=by_key, sealed=sealed, group=group)
            for by_key, sealed, group in (
                (False, True, 65_536), (True, False, 65_536), (True, True, 16_384), (True, True, 65_536), (True, True, 1_048_576),
            )
        ]  # fmt: skip
    return {"rows": rows, "devices": DEVICES, "data": "synthetic", "layouts": layouts}


if __name__ == "__main__":
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=2_000_000)
    given = made.parse_args()
    tell(__doc__, run(given.rows))
