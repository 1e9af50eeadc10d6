"""`kouan serve`: the HTTP door."""

from __future__ import annotations

from collections.abc import Sequence

import uvloop
from fastapi import FastAPI

from kouan.app.commands.process import logs, settings
from kouan.app.http.server import create, serve
from kouan.kernel.settings import Settings

_built: dict[Settings, FastAPI] = {}


def prepare() -> None:
    """Build the doors ahead, for a process that is forked from this one and told the same settings."""
    told = Settings.read()
    _built[told] = create(told)


def main(_argv: Sequence[str]) -> int:
    """Serve until told to stop."""
    logs()
    told = settings()
    uvloop.run(serve(told, _built.get(told) or create(told)))
    return 0
