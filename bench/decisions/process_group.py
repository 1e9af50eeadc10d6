"""One process group: seconds from command to healthy, what runs, and what is left after SIGTERM and after kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._platform import _healthy, cpu_of, family, part_of
from bench.decisions._server import parser, quiet, tell

REMOVED = ("KOUAN_URL", "KOUAN_TOKEN", "KOUAN_DATABASE_URL", "KOUAN_NATS_URL", "KOUAN_PORT")


def _start(home: Path) -> tuple[subprocess.Popen[bytes], float]:
    env = {**quiet(), "KOUAN_HOME": str(home), "KOUAN_DEMO": "1", "KOUAN_HEADLESS": "1"}
    for name in REMOVED:
        env.pop(name, None)
    (home / "run" / "ports.json").unlink(missing_ok=True)
    began = time.monotonic()
    log = home.with_suffix(".log")
    with log.open("ab") as out:
        command = [sys.executable, "-m", "kouan.app.cli", "up"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env)
    _healthy(process, home, log)
    return process, round(time.monotonic() - began, 2)


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and cpu_of(pid) >= 0 and _state(pid) != "Z"]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _share(pid: int) -> float:
    """MB of memory that a process answers for: what is shared counts in parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> dict[str, Any]:
    pids, began = family(process.pid), time.monotonic()
    os.kill(process.pid, number)
    process.wait(30)
    ended = time.monotonic() - began
    while _alive(pids) and time.monotonic() < began + 30:
        time.sleep(0.05)
    return {
        "processes": len(pids), "command_ended_s": round(ended, 2), "all_ended_s": round(time.monotonic() - began, 2),
        "left": len(_alive(pids)),
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser(__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="kouan-decide-") as folder:
        home = Path(folder) / "home"
        process, first = _start(home)
        spent, held = sum(cpu_of(pid) for pid in family(process.pid)), sum(_share(pid) for pid in family(process.pid))
        parts: dict[str, int] = {}
        for pid in family(process.pid):
            parts[part_of(pid)] = parts.get(part_of(pid), 0) + 1
        term = _end(process, signal.SIGTERM)
        process, later = _start(home)
        again = sum(cpu_of(pid) for pid in family(process.pid))
        kill = _end(process, signal.SIGKILL)
        process, after = _start(home)
        _end(process, signal.SIGTERM)
    tell(__doc__, {
        "first_start_healthy_s": first, "later_start_healthy_s": later, "start_after_kill_s": after, "processes": parts,
        "first_start_cpu_s": round(spent, 1), "later_start_cpu_s": round(again, 1), "memory_mb": round(held),
        "SIGTERM": term, "kill -9 of the supervisor": kill,
    })  # fmt: skip


if __name__ == "__main__":
    main()
