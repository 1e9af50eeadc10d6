"""What the platform logs, as it may leave: constant texts of its own code, numbers, kinds of faults and where they happened.

What was put into a text, and what a fault says, may name persons or hold what was filed. It stays in the process's own log.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kouan.kernel import calls

OURS = "kouan."
OWN = "kouan.assurance.running.otlp"
"""Our own troubles with the collector are not told to it."""
ELSEWHERE = "(said by a library; the text is in the process's own log)"
DEEPEST = 20


class Said(NamedTuple):
    """One log record: nanoseconds since 1970 (UTC), Python's level, its constant text, what else is told, and for which call."""

    at: int
    level: int
    text: str
    about: dict[str, str | int | float]
    trace: str
    span: str


def said(record: logging.LogRecord) -> Said:
    """A log record as it may leave."""
    ours = record.name.startswith(OURS) or record.name == OURS[:-1]
    about: dict[str, str | int | float] = {
        "logger.name": record.name, "code.function.name": record.funcName or "", "code.line.number": record.lineno,
    }  # fmt: skip
    if ours and isinstance(record.args, tuple):
        about |= {f"kouan.argument.{n}": value for n, value in enumerate(record.args) if isinstance(value, (int, float))}
    if record.exc_info and record.exc_info[0] is not None:
        about["exception.type"] = record.exc_info[0].__qualname__
        frames = traceback.extract_tb(record.exc_info[2])[-DEEPEST:]
        about["exception.stacktrace"] = "\n".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames)
    call = calls.current()
    trace, span = (call.trace, call.span) if call is not None and not call.over else ("", "")
    text = record.msg if ours and isinstance(record.msg, str) else ELSEWHERE
    return Said(int(record.created * 1e9), record.levelno, text, about, trace, span)


class Hook(logging.Handler):
    """Hands what is logged to the exporter."""

    def __init__(self, told: Callable[[Said], None]) -> None:
        super().__init__(logging.INFO)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        if record.name.startswith(OWN):
            return
        try:
            self._told(said(record))
        except Exception:  # noqa: BLE001 - whoever logs is never held up or hurt by it
            self.handleError(record)
