"""Standing back: what works behind the doors leaves a busy machine to those who wait at them.

Handlers, followers and jobs may be seconds behind; who waits at a gate may not. So the worker takes a lower priority (nice), and so do
the processes of the carried database that work for it. A database elsewhere is left as it is.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def stand_back(step: int) -> None:
    """Take a lower priority (nice) by so many steps; connections that are made from now on do so, too."""
    if step:
        os.nice(step)
        _grouped(os.getpid())


def follow(pid: int) -> None:
    """Let a process of this machine that works for us stand as far back as we do; where that is not ours to say, it stays."""
    level = os.getpriority(os.PRIO_PROCESS, 0)
    if level > os.getpriority(os.PRIO_PROCESS, pid):
        os.setpriority(os.PRIO_PROCESS, pid, level)
        _grouped(pid)


def _grouped(pid: int) -> None:
    # Linux shares its time out between sessions first where it groups them (sched_autogroup), and each of ours is one.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(f"{os.getpriority(os.PRIO_PROCESS, pid)}")
