"""A process of its own: reads tokens by line, answers who shows them (organisation, roles, clearance), or nothing."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kouan.base.identity.api import Directory
from kouan.base.identity.service.credential import token_credential
from kouan.kernel import database
from kouan.kernel.audit import AuditWriter
from kouan.kernel.errors import NotSignedIn
from kouan.kernel.settings import Settings


async def main(socket: str, home: str) -> None:
    pool = await database.pool(Settings(Path(home), database_socket=socket), database.APP)
    directory = await Directory.open(pool, Settings(Path(home)), await AuditWriter.open(pool))
    while secret := (await asyncio.to_thread(sys.stdin.readline)).strip():
        try:
            who = (await directory.resolve(token_credential(secret))).principal
            said = f"{who.slug} {','.join(sorted(who.roles))} {who.clearance}"
        except NotSignedIn:
            said = "nobody"
        print(said, flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2]))
