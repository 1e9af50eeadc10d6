"""`kouan serve`: the HTTP door."""

from __future__ import annotations

from collections.abc import Sequence

import uvloop

from kouan.app.commands.process import logs, settings
from kouan.app.http.server import serve


def main(_argv: Sequence[str]) -> int:
    """Serve until told to stop."""
    logs()
    uvloop.run(serve(settings()))
    return 0
