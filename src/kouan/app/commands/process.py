"""What the commands that are processes share: settings, and running until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace

import uvloop

from kouan.app.supervisor.cluster import socket_folder
from kouan.app.supervisor.settings import MARKER, kept_at_home
from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel import drill
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text


def settings() -> Settings:
    """This process's settings; without a stated database, that of the data folder. A demo's clock may be told to go wrong.

    Raises Trouble when a variable of the environment says what it cannot.
    """
    try:
        found = Settings.read()
    except ValueError as wrong:
        raise Trouble(Text(f"环境变量有误：{wrong}", f"the environment is wrong: {wrong}"), CONFIGURATION) from wrong
    kept_at_home((found.home / MARKER).exists(), found.bind)
    if found.demo:
        drill.begin(found.clock_offset, found.home)
        drill.slowing(found.home)
    if found.database_url or found.database_socket:
        return found
    return replace(found, database_socket=str(socket_folder(found.home)))


def logs() -> None:
    """Log to standard error, one line each; never bodies, references or tokens."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)


def until_told(work: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    """Run until SIGTERM or SIGINT."""

    async def go() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    logs()
    uvloop.run(go())
    return 0
