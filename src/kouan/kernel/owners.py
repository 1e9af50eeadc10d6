"""Which process holds a lease, so that who comes after one that is known to be dead need not wait until it runs out.

A process is known by the machine's boot, the namespace of its number, its number and the moment of its start, so no other is ever taken
for it. One is judged by those alone who see it: of the same boot and namespace. Whatever is in doubt lives.
"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
_GONE = "ZX"
"""States of a process that has ended and waits to be noticed (proc(5))."""


def me() -> str:
    """This process, as a lease names it; "" on a machine that does not tell."""
    try:
        place = _place()
        state, started = _told(os.getpid())
    except OSError:
        return ""
    return f"{place}:{os.getpid()}:{started}" if state else ""


def dead(owner: str) -> bool:
    """Whether a process that held a lease has certainly ended."""
    place, _, process = owner.rpartition(":")[0].rpartition(":")
    try:
        if not place or place != _place() or not (PROC / "self").exists():
            return False
        state, started = _told(int(process))
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return started != owner.rpartition(":")[2] or state in _GONE


def _place() -> str:
    """The machine's boot and the namespace in which processes are numbered here."""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    namespace = (PROC / "self/ns/pid").readlink().name
    return f"{boot[:8]}:{''.join(filter(str.isdigit, namespace))}"


def _told(pid: int) -> tuple[str, str]:
    """The state of a process, and when it began. Raises FileNotFoundError when there is none."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except ProcessLookupError as ended:  # while it was read
        raise FileNotFoundError(pid) from ended
    # Its name stands in brackets and may hold anything, blanks and brackets too.
    fields = text.rpartition(")")[2].split()
    return fields[0], fields[19]
