"""`kouan migrate`: bring the database to the registry's shape; in a demo folder, fill it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from kouan.app.commands.process import logs, settings
from kouan.app.compose import migrate, platform
from kouan.app.demo.seed import seed
from kouan.kernel.database import SIGNER, connect
from kouan.kernel.ledger import witness
from kouan.kernel.ledger.failures import EXIT_CODE, LedgerRefused
from kouan.kernel.settings import Settings
from kouan.kernel.suites.folder import SuiteRefused
from kouan.kernel.suites.folder import stated as suite_of
from kouan.kernel.vault import KeyLost


def main(_argv: Sequence[str]) -> int:
    """Migrate; answers 0, or raises what went wrong."""
    logs()
    stated = settings()

    async def go() -> None:
        await migrate(stated)
        await _witnessed(stated)
        if stated.demo:
            async with platform(stated) as opened:
                await seed(opened)

    try:
        asyncio.run(go())
    except (LedgerRefused, KeyLost, SuiteRefused) as refused:
        print(f"{refused.reason.zh}\n{refused.reason.en}", file=sys.stderr)
        return EXIT_CODE
    return 0


async def _witnessed(stated: Settings) -> None:
    # Before anything is accepted: a restored old database must not take filings that its ledger will never sign.
    conn = await connect(stated, SIGNER)
    try:
        await witness.check(conn, suite_of(stated.home), stated.site, (stated.home / "witness",))
    finally:
        await conn.close()
