"""Notice that make, which started us, was told to stop.

Make passes SIGTERM on to its recipe; SIGINT it takes to have reached us from the terminal, and waits.
When only make was interrupted, its handler for SIGINT is gone, and that can be seen from outside.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def make_pid() -> int | None:
    """The pid of the make that started us, if one did."""
    parent = os.getppid()
    with contextlib.suppress(OSError):
        if Path(f"/proc/{parent}/comm").read_text().strip() in ("make", "gmake") and _catches(parent):
            return parent
    return None


def interrupted(pid: int) -> bool:
    """Whether that make is ending."""
    return os.getppid() != pid or not _catches(pid)


def _catches(pid: int) -> bool:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1)
    return False
