"""Start a program so that it cannot outlive the process that started it, and end it again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from kouan.app.supervisor import launch

Process = subprocess.Popen[bytes]


class Signalled(Protocol):
    """A process that was started, by us or in the nursery."""

    @property
    def pid(self) -> int:
        """Its number; 0 while it is not known."""

    def poll(self) -> int | None:
        """Its exit code once it has ended."""

    def send_signal(self, sig: int, /) -> None:
        """Signal it."""


def tied(argv: Sequence[str], *, identity: str = "same", death: int = signal.SIGTERM) -> list[str]:
    """The command that runs `argv` tied to this process: the kernel sends it `death` when we are killed."""
    head = [sys.executable, "-I", "-S", launch.__file__]
    return [*head, str(os.getpid()), str(int(death)), identity, *argv]


def start(
    argv: Sequence[str],
    output: int,
    *,
    env: Mapping[str, str] | None = None,
    identity: str = "same",
    death: int = signal.SIGTERM,
    keep: Sequence[int] = (),
) -> Process:
    """Start a program in a session of its own, output and errors to the file descriptor `output`; it keeps the descriptors `keep`.

    Call it from the main thread only: the tie is to the thread that starts, not to the process.
    """
    return subprocess.Popen(
        tied(argv, identity=identity, death=death),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=dict(env) if env is not None else None,
        start_new_session=True,
        pass_fds=keep,
    )


def send(process: Signalled, number: int) -> None:
    """Signal a process that may have ended."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def kill_group(process: Signalled) -> None:
    """Kill a process and what it started in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(signal.SIGKILL)


def await_end(process: Process, seconds: float) -> bool:
    """Wait for a process to end; False when it has not after `seconds`."""
    try:
        process.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        return False
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def await_gone(pid: int, seconds: float) -> bool:
    """Wait for a process that is not our child to end; False when it has not after `seconds`."""
    limit = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True
