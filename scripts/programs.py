"""Programs that end with us, and what we know of the make that called us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(
    command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = True
) -> int:
    """Run a program to its end; what it said is shown when it failed. It ends with us, children included."""
    output = subprocess.PIPE if quiet else None
    with subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if quiet else None,
        start_new_session=True,
        text=True,
        errors="replace",
    ) as process:
        try:
            said = talk(process)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode and said:
        print("\n".join(said.strip().splitlines()[-15:]), file=sys.stderr, flush=True)
    return process.returncode


def talk(process: subprocess.Popen[str]) -> str:
    """What a program said until its end; SystemExit when make was interrupted meanwhile.

    Make passes SIGTERM on, but takes SIGINT to have reached us from the terminal. When it alone was interrupted, its
    handler is gone, and that can be seen from outside.
    """
    make = os.getppid()
    watched = is_make(make) and catches_interrupts(make)
    while True:
        try:
            return process.communicate(timeout=0.3)[0] or ""
        except subprocess.TimeoutExpired:
            if watched and not catches_interrupts(make):
                sys.exit(130)


def is_make(pid: int) -> bool:
    """Whether a process is make."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in ("make", "gmake")
    except OSError:
        return False


def catches_interrupts(pid: int) -> bool:
    """Whether a process has a handler for SIGINT."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    caught = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), 0)
    return bool(caught >> (signal.SIGINT - 1) & 1)
