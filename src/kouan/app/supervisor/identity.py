"""One running platform for each data folder, and how another process of this machine finds and stops it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from pathlib import Path

from kouan.app.supervisor import spawn
from kouan.app.supervisor.trouble import Trouble
from kouan.kernel.text import Text

STOP_SECONDS = 8.0


class Hold:
    """The right to run a data folder; the kernel gives it back when the process ends, however it ends."""

    def __init__(self, run: Path) -> None:
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._pid_file = run / "kouan.pid"
        self._lock = os.open(run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise _running(run) from None
        self.unclean = self._pid_file.exists()
        pid = os.getpid()
        self._pid_file.write_text(json.dumps({"pid": pid, "started": started(pid)}))

    def release(self) -> None:
        """Give the data folder back."""
        self._pid_file.unlink(missing_ok=True)
        os.close(self._lock)


def started(pid: int) -> int:
    """When a process began, in clock ticks from the machine's start (0: gone); tells apart equal pids."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return 0


def running(run: Path) -> int | None:
    """The pid of the supervisor that runs this data folder."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((run / "kouan.pid").read_text())
        pid = int(kept["pid"])
        if spawn.alive(pid) and started(pid) == kept["started"]:
            return pid
    return None


def stop(run: Path) -> bool:
    """End the supervisor of this data folder; False when none runs."""
    pid = running(run)
    if pid is None:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if spawn.await_gone(pid, STOP_SECONDS):
            break
    return True


def _running(run: Path) -> Trouble:
    pid = running(run)
    return Trouble(
        Text(
            zh=f"平台已在运行（进程 {pid}，{run.parent}）；可用 make stop 停止",
            en=f"the platform already runs (process {pid}, {run.parent}); make stop ends it",
        )
    )
