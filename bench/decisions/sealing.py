"""What sealing rows of levels 3 and 4 under their subject's key costs, and that rows of levels 1 and 2 pay nothing (decision 0013).

`python -m bench.decisions.sealing`: 50,000 synthetic readings of 100 series; CPU time.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from kouan.facilities.telemetry.history import files
from kouan.facilities.telemetry.history.layout import Keys
from kouan.facilities.telemetry.numbers import Levels
from kouan.facilities.telemetry.publishing import Splitter
from kouan.facilities.telemetry.sealing import Seals, columns_of
from kouan.facilities.telemetry.signals import Reading
from kouan.kernel.database import Pool
from kouan.kernel.signals import Frame
from kouan.kernel.suites.intl import INTL
from kouan.kernel.vault import Vault

ROWS, SERIES = 50_000, 100


def made() -> Frame:
    """Readings in the order in which they came."""
    random = np.random.default_rng(1)
    return Frame("reading", {
        "key": random.integers(1, SERIES + 1, ROWS).astype(np.uint64), "at": 1_750_000_000_000_000 + np.arange(ROWS) * 1000,
        "value": random.normal(20, 5, ROWS).round(3),
    }).complete(Reading.columns)  # fmt: skip


def seconds(act: Callable[[], Any], times: int = 5) -> float:
    """CPU time of the fastest of some runs."""
    found = []
    for _ in range(times):
        began = time.process_time()
        act()
        found.append(time.process_time() - began)
    return min(found)


def size(level: int, frame: Frame) -> float:
    """Bytes a row in a file of the history."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "history" / "reading" / f"level={level}" / "2026-01-01" / "00"
        files.write(Keys(bytes(32)), folder, level, "a.parquet", frame)
        return (folder / "a.parquet").stat().st_size / ROWS


def main() -> None:
    """Print the figures."""
    frame, seals, levels = made(), Seals(cast("Pool", None), Vault.of(bytes(32))), Levels()
    seals.known({number: (f"person:{number}", INTL.key(number.to_bytes(32, "big"))) for number in range(1, SERIES + 1)})
    for number in range(1, SERIES + 1):
        levels.put(number, 2)
    sealed = seals.seal(frame)
    print(f"seal   {seconds(lambda: seals.seal(frame)) / ROWS * 1e6:5.1f} us a row")
    print(f"open   {seconds(lambda: seals.open(sealed)) / ROWS * 1e6:5.1f} us a row")
    for name, splitter in (("without", Splitter(levels=levels)), ("with", Splitter(levels=levels, seals=seals))):
        print(f"level 2 onto the bus, {name} sealing: {seconds(partial(splitter.split, [frame]), 20) * 1e3:5.2f} ms")
    print(f"file   {size(2, frame):5.1f} bytes a row, sealed {size(3, sealed.complete(columns_of('reading', 3))):5.1f}")


if __name__ == "__main__":
    main()
