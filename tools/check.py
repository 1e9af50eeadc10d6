"""Every check of the house, side by side: `make check`. Ends with 1 when one of them fails."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "types": [str(BIN / "mypy"), "--no-error-summary"],
    "style": [str(BIN / "ruff"), "check", "--quiet", "--output-format=concise"],
    "layers": [str(BIN / "lint-imports"), "--no-logo"],
    "budgets": [sys.executable, "-m", "tools.budgets"],
    "lock": [sys.executable, "-m", "tools.lock"],
}
HINTS = {"style": "make fix mends some of it", "lock": "make lock mends it"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended."""

    name: str
    ok: bool
    said: str
    seconds: float


def run(name: str) -> Outcome:
    """Run one check."""
    began = time.monotonic()
    done = subprocess.run(CHECKS[name], capture_output=True, text=True, check=False)
    return Outcome(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)


def main() -> int:
    """Run all checks; show what the failing ones said, and the figures of budgets."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(run, CHECKS))
    for outcome in outcomes:
        hint = "" if outcome.ok else f"  {HINTS.get(outcome.name, '')}"
        print(f"{'ok  ' if outcome.ok else 'FAIL'} {outcome.name:<8} {outcome.seconds:5.1f} s{hint}")
        if not outcome.ok or outcome.name == "budgets":
            print(outcome.said.rstrip())
    failed = [outcome.name for outcome in outcomes if not outcome.ok]
    print(f"checks failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
