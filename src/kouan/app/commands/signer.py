"""`kouan signer`: the ledger's leader, the only process that reads the signing key."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from kouan.app.commands.process import settings, until_told
from kouan.kernel.database import SIGNER, options
from kouan.kernel.ledger.failures import EXIT_CODE, LedgerRefused
from kouan.kernel.ledger.signer import run


def main(_argv: Sequence[str]) -> int:
    """Sign until told to stop; 3 when the database contradicts what was witnessed."""
    stated = settings()

    async def go(stop: asyncio.Event) -> None:
        await run(options(stated, SIGNER), stated.home, stop, stated.site)

    try:
        return until_told(go)
    except LedgerRefused as refused:
        print(refused, file=sys.stderr)
        return EXIT_CODE
