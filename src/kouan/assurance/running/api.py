"""What others may use of running: the exporter of a process, and the running parameters."""

from __future__ import annotations

import logging
import os

from kouan.assurance.running.otlp.exporter import Exporter
from kouan.assurance.running.otlp.stated import read
from kouan.assurance.running.parameters import USE_DAYS, in_force

log = logging.getLogger(__name__)
__all__ = ["USE_DAYS", "Exporter", "collecting", "in_force"]


def collecting(process: str) -> Exporter | None:
    """The exporter of this process, already at work, where the environment names a collector; else None. Needs a running event loop."""
    stated = read(os.environ)
    if stated is None:
        return None
    made = Exporter(stated, process)
    made.start()
    log.info("%d signals of this process are told to a collector by OTLP", len(stated.endpoints))
    return made
