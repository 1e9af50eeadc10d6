"""Map transport: what a tick of 2,500 changes costs to encode for many views, and how many bytes it is, in four forms.

JSON rows as server-sent events (what the map had), JSON columns, binary columns, and fixed-width rows. `views`: 20
different views that each hold all changes; what viewers of one view share is encoded once in every form.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from kouan.operations.onemap.wire import ROW

ROWS, VIEWS, ROUNDS = 2500, 20, 20
NAMES = ("slot", "at", "lon", "lat", "speed", "course", "heading", "altitude", "kind", "flags", "length", "beam")


def rows() -> Any:
    """A tick of changes: ships of a coast, half of them moving."""
    chance = np.random.default_rng(7)
    made = np.zeros(ROWS, ROW)
    made["slot"] = np.sort(chance.choice(15_000, ROWS, replace=False))
    made["at"] = 864_000 - chance.integers(0, 60, ROWS)
    made["lon"], made["lat"] = (chance.integers(low, low + 20_000_000, ROWS) for low in (1_210_000_000, 350_000_000))
    made["speed"] = np.where(chance.random(ROWS) < 0.5, chance.integers(0, 180, ROWS), 0)
    made["course"], made["heading"] = (chance.integers(0, 3600, ROWS) for _ in range(2))
    made["altitude"], made["flags"], made["length"], made["beam"] = 65535, 1, chance.integers(10, 200, ROWS), chance.integers(8, 60, ROWS)
    return made


def json_rows(made: Any) -> bytes:
    """One list for each object."""
    return orjson.dumps([list(row) for row in zip(*(made[name].tolist() for name in NAMES), strict=True)])


def json_columns(made: Any) -> bytes:
    """One list for each column."""
    return orjson.dumps({name: made[name].tolist() for name in NAMES})


def binary_columns(made: Any) -> bytes:
    """Column after column."""
    return b"".join(np.ascontiguousarray(made[name]).tobytes() for name in NAMES)


def fixed_rows(made: Any) -> bytes:
    """Row after row: what is sent."""
    return bytes(made.tobytes())


def cost(encode: Callable[[Any], bytes], made: Any, chosen: Any) -> dict[str, float]:
    """CPU of a tick for all views, bytes of one message, and what deflating it for one viewer would add."""
    began = time.process_time()
    for _ in range(ROUNDS):
        for mask in chosen:
            encode(made[mask])
    spent = (time.process_time() - began) / ROUNDS
    body = encode(made)
    began = time.process_time()
    for _ in range(ROUNDS):
        packed = zlib.compress(body, 6)
    return {
        "cpu_ms_for_20_views": round(1000 * spent, 2), "bytes": len(body), "deflated_bytes": len(packed),
        "deflate_ms_per_viewer": round(1000 * (time.process_time() - began) / ROUNDS, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    made = rows()
    chosen = [np.ones(ROWS, bool) for _ in range(VIEWS)]
    forms = {"json_rows": json_rows, "json_columns": json_columns, "binary_columns": binary_columns, "fixed_rows": fixed_rows}
    print(json.dumps({"rows": ROWS, "views": VIEWS, **{name: cost(form, made, chosen) for name, form in forms.items()}}))


if __name__ == "__main__":
    main()
