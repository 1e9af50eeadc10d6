"""Imported first by a process that imports everything: the collector rests until that is done, for all of it stays.

A fifth of the CPU of the imports is spent on looking through what is imported for what could be let go.
"""

from __future__ import annotations

import gc

gc.disable()


def over() -> None:
    """What was imported stays: it is looked through no more, by no process that is forked from here. The collector works again."""
    gc.freeze()  # not collected first: that takes 0.4 s of CPU, and what could be let go is next to nothing
    gc.enable()
