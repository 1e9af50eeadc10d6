"""The signer process: waits for the lead, then places and signs until told to stop.

Exactly one process leads, by a PostgreSQL advisory lock held on the same connection that writes: who loses
the connection loses lock and transaction together. Others stand by. A lost database only delays it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from kouan.kernel.ledger.failures import EXIT_CODE, LedgerRefused
from kouan.kernel.ledger.keys import KeyFolder
from kouan.kernel.ledger.leader import BATCH, Leader
from kouan.kernel.ledger.tables import TOLD
from kouan.kernel.suites import folder

_log = logging.getLogger(__name__)

LOCK = 0x6B6F75616E6C6564
"""Advisory lock of the lead ("kouanled")."""
POLL_SECONDS = 1.0
"""What waits tells of itself (`ledger_enqueue`); it is looked for nevertheless."""
GATHER_SECONDS = 0.05
PACE_SECONDS = 0.3
"""Checkpoints keep this distance, unless a full batch waits."""
STANDBY_SECONDS = 0.5
RETRY_SECONDS = (0.1, 2.0)
CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 60.0

# asyncpg raises InternalClientError when the server dies between two messages of one operation.
_TRANSIENT = (
    OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError,
)  # fmt: skip
_PR_SET_DUMPABLE = 4


async def run(
    dsn_options: Mapping[str, Any],
    home: Path,
    stop: asyncio.Event,
    origin: str,
    witnesses: Sequence[Path] = (),
) -> None:
    """Sign the log `origin` until `stop`; raises LedgerRefused if it must not be continued.

    `dsn_options` are arguments of asyncpg.connect for the role kouan_signer; keys live in `home`/signer, the
    witness in `home`/witness and in each folder of `witnesses`.
    """
    keys = KeyFolder(home / "signer", folder.stated(home))
    keys.open()
    folders = (home / "witness", *witnesses)
    pause, longest = RETRY_SECONDS
    while not stop.is_set():
        try:
            conn = await _connect(dsn_options)
            pause = RETRY_SECONDS[0]
            try:
                await _lead(conn, Leader(conn, keys, origin, folders), stop)
            finally:
                await _close(conn)
        except _TRANSIENT as error:
            _log.warning("signing is interrupted (%s), trying again", type(error).__name__)
            await _wait(stop, pause)
            pause = min(2 * pause, longest)


async def _lead(conn: asyncpg.Connection[asyncpg.Record], leader: Leader, stop: asyncio.Event) -> None:
    while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        await _wait(stop, STANDBY_SECONDS)
        if stop.is_set():
            return
    await leader.load()
    earliest, told = 0.0, asyncio.Event()
    await conn.add_listener(TOLD, lambda *_: told.set())
    while not stop.is_set():
        told.clear()
        if not await leader.is_waited_for():
            await _first(stop, told, POLL_SECONDS)
            await _wait(stop, GATHER_SECONDS if told.is_set() else 0.0)
            continue
        await _wait(stop, earliest - time.monotonic())
        placed = await leader.step()
        earliest = 0.0 if placed == BATCH else time.monotonic() + PACE_SECONDS


async def _connect(dsn_options: Mapping[str, Any]) -> asyncpg.Connection[asyncpg.Record]:
    # A site may have switched durable commits off for the server; never for what is signed.
    settings = {**dsn_options.get("server_settings", {}), "synchronous_commit": "on"}
    given = {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS, **dsn_options}
    return await asyncpg.connect(**{**given, "server_settings": settings})


async def _close(conn: asyncpg.Connection[asyncpg.Record]) -> None:
    with contextlib.suppress(*_TRANSIENT):
        await conn.close(timeout=1)


async def _first(stop: asyncio.Event, told: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (stop, told)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


def harden() -> bool:
    """Keep this process's memory from other processes of the same user (PR_SET_DUMPABLE 0, Linux).

    No debugger, no core dump. Returns False where the system does not offer it.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    return prctl is not None and prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0


def serve(dsn_options: Mapping[str, Any], home: Path, origin: str, witnesses: Sequence[Path] = ()) -> int:
    """The whole signer process: runs until SIGTERM or SIGINT; returns its exit code, 3 if it refused."""
    harden()
    try:
        asyncio.run(_serve(dsn_options, home, origin, witnesses))
    except (LedgerRefused, folder.SuiteRefused) as refused:
        sys.stderr.write(f"{refused.reason.zh}\n{refused.reason.en}\n")
        return EXIT_CODE
    return 0


async def _serve(dsn_options: Mapping[str, Any], home: Path, origin: str, witnesses: Sequence[Path]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(dsn_options, home, stop, origin, witnesses)
