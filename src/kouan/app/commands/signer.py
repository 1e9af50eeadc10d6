"""`kouan signer`: the ledger's leader, the only process that reads the signing key."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.app.commands.process import logs, settings
from kouan.kernel.database import SIGNER, options
from kouan.kernel.ledger.signer import serve


def main(_argv: Sequence[str]) -> int:
    """Sign until told to stop; 3 when the database contradicts what was witnessed."""
    logs()
    stated = settings()
    return serve(options(stated, SIGNER), stated.home, stated.site)
