"""`kouan bench NAME --json`: run a benchmark of the checkout's `bench/` folder alone and print its JSON."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
SECONDS = 175


def names() -> list[str]:
    """The benchmarks that this checkout holds."""
    return sorted(p.stem for p in (ROOT / "bench").glob("*.py") if not p.stem.startswith("_"))


def main(argv: Sequence[str]) -> int:
    """Run one benchmark in a process of its own; 2 for an unknown name, 124 when it does not end in time."""
    wanted = [a for a in argv if not a.startswith("-")]
    if len(wanted) != 1 or wanted[0] not in names():
        print(f"可用基准 benchmarks: {' '.join(names())}", file=sys.stderr)
        return 2
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{wanted[0]}", "--json"], cwd=ROOT, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"超过 {SECONDS} 秒,已停止 / stopped after {SECONDS} s", file=sys.stderr)
        return 124
    return done.returncode
