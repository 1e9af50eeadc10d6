"""What the benchmarks' command lines share: measured values in one JSON document."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from typing import Any


def parser(about: str | None) -> argparse.ArgumentParser:
    """A parser that knows --json."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="one line")
    return made


def say(document: dict[str, Any], *, line: bool) -> None:
    """Print a result."""
    print(json.dumps(document, ensure_ascii=False, indent=None if line else 2), flush=True)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank quantile, in milliseconds of the seconds given; None without any."""
    ordered = sorted(values)
    return round(ordered[max(math.ceil(share * len(ordered)) - 1, 0)] * 1000, 2) if ordered else None
