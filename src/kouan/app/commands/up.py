"""`kouan up`: the whole platform as one process group."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.app.supervisor.api import up


def main(_argv: Sequence[str]) -> int:
    """Run until told to stop."""
    return up()
