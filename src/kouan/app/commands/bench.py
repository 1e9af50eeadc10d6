"""`kouan bench NAME [OPTION…] --json`: run a benchmark of the checkout's `bench/` folder alone and print its JSON."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from kouan.app.supervisor import launch

ROOT = Path(__file__).resolve().parents[4]
SECONDS, ENDED_WITHIN = 175, 20


def names() -> list[str]:
    """The benchmarks that this checkout holds."""
    return sorted(p.stem for p in (ROOT / "bench").glob("*.py") if not p.stem.startswith("_"))


def main(argv: Sequence[str]) -> int:
    """Run one benchmark in a process of its own, its options passed on; 2 for an unknown name, 124 when it does not end in time."""
    name = next((word for word in argv if not word.startswith("-")), "")
    if name not in names():
        print(f"可用基准 benchmarks: {' '.join(names())}", file=sys.stderr)
        return 2
    rest = list(argv)
    rest.remove(name)
    options = [word for word in rest if word != "--json"]
    # Tied to our life: a benchmark that is left alone would go on with its platform.
    tied = [sys.executable, launch.__file__, str(os.getpid()), str(int(signal.SIGTERM)), "same"]
    done = subprocess.Popen([*tied, sys.executable, "-m", f"bench.{name}", "--json", *options], cwd=ROOT)
    try:
        return done.wait(SECONDS)
    except subprocess.TimeoutExpired:
        print(f"超过 {SECONDS} 秒，已停止 / stopped after {SECONDS} s", file=sys.stderr)
        return 124
    finally:
        _end(done)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it end what it began; what does not, is killed."""
    process.terminate()
    try:
        process.wait(ENDED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
