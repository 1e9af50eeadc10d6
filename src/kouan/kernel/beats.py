"""Beats: a process touches a file of its own again and again, by which whoever started it sees that it does not hang."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

EVERY = 1.0
"""Seconds between two beats."""


def path(home: Path, pid: int) -> Path:
    """The file of a process's beats."""
    return home / "run" / f"beat-{pid}"


class Beat:
    """One process's beats."""

    def __init__(self, home: Path) -> None:
        self._path = path(home, os.getpid())

    def __call__(self) -> None:
        """Show that we go on; a disk that is full is no sign of a hang, and harms nothing."""
        with contextlib.suppress(OSError):
            self._path.touch(0o600)


def last(home: Path, pid: int) -> int:
    """When a process beat last (nanoseconds of its file's clock, for comparison only); 0 when it never did."""
    try:
        return path(home, pid).stat().st_mtime_ns
    except OSError:
        return 0


def forget(home: Path, pid: int) -> None:
    """The process has ended."""
    with contextlib.suppress(OSError):
        path(home, pid).unlink()
