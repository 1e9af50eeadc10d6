"""Bounds of time: what holds the thread longer than it may is interrupted, so that everything beside it goes on.

A call into C that never returns cannot be interrupted so: then the whole process stands still, and the supervisor ends it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

BY_CLOCK = (int(signal.ITIMER_REAL), int(signal.SIGALRM))
BY_WORK = (int(signal.ITIMER_PROF), int(signal.SIGPROF))
"""Counts what this process computes: a busy machine makes nobody slow by it."""


class Stalled(Exception):
    """Something held the thread longer than it may."""


@contextmanager
def at_most(seconds: float, by: tuple[int, int] = BY_CLOCK) -> Iterator[None]:
    """Interrupt what runs longer, with Stalled. Only the main thread can be interrupted; elsewhere time is not limited."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    timer, number = by

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stalled(f"held the thread for more than {seconds:g} s")

    former = signal.signal(number, stop)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, former)
