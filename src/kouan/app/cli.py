"""`kouan`: the command line. Each process of the platform is one of its commands."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from kouan.app import bench, checks
from kouan.app.compose import migrate, platform
from kouan.app.demo.seed import seed
from kouan.app.http.server import serve
from kouan.app.intake import main as intake
from kouan.app.journey.command import main as journey
from kouan.app.stream import run as stream
from kouan.app.supervisor.api import up
from kouan.app.supervisor.cluster import socket_folder
from kouan.base.identity.api import init_main, token_main
from kouan.kernel.database import SIGNER, options
from kouan.kernel.ledger.command import main as verify
from kouan.kernel.ledger.failures import EXIT_CODE, LedgerRefused
from kouan.kernel.ledger.signer import run as sign
from kouan.kernel.settings import Settings
from kouan.kernel.work import Worker

HELP = """口岸 Kouan

  kouan up                     启动整个平台 run the whole platform
  kouan serve|work|stream      平台的一个进程 one process of it
  kouan init                   新建真实站点 make a real site: the three administrators
  kouan journey [--json]       走通一次船舶靠港 walk one ship call through the public doors
  kouan intake FILE... [--format F] [--record R] [--json]   提交文件 file messages
  kouan verify PROOF [--document FILE] [--key PUB]   核验回执 verify a receipt offline
  kouan token --org O --role R 演示令牌 a demo token (demo data folder only)
  kouan bench NAME --json      基准测试 a benchmark
  kouan check                  自检 check database, ledger and files
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; answers the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    name = given[0] if given else "help"
    if name == "verify":
        return verify(given[1:])
    if name in ("help", "-h", "--help"):
        print(HELP)
        return 0
    if name not in COMMANDS:
        print(f"未知命令 unknown command: {name}\n{HELP}", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return COMMANDS[name](given[1:])


def _settings() -> Settings:
    found = Settings.read()
    if found.database_url or found.database_socket:
        return found
    return replace(found, database_socket=str(socket_folder(found.home)))


def _up(_argv: Sequence[str]) -> int:
    return up()


def _migrate(_argv: Sequence[str]) -> int:
    settings = _settings()

    async def go() -> None:
        await migrate(settings)
        if settings.demo:
            async with platform(settings) as opened:
                await seed(opened)

    asyncio.run(go())
    return 0


def _serve(_argv: Sequence[str]) -> int:
    asyncio.run(serve(_settings()))
    return 0


def _work(_argv: Sequence[str]) -> int:
    async def go(stop: asyncio.Event) -> None:
        async with platform(_settings()) as opened:
            await Worker(opened.port).run(stop)

    return _until_told(go)


def _stream(_argv: Sequence[str]) -> int:
    async def go(stop: asyncio.Event) -> None:
        async with platform(_settings(), connections=4) as opened:
            await stream(opened, stop)

    return _until_told(go)


def _signer(_argv: Sequence[str]) -> int:
    settings = _settings()

    async def go(stop: asyncio.Event) -> None:
        await sign(options(settings, SIGNER), settings.home, stop, settings.site)

    try:
        return _until_told(go)
    except LedgerRefused as refused:
        print(refused, file=sys.stderr)
        return EXIT_CODE


def _until_told(work: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    async def go() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    asyncio.run(go())
    return 0


def _init(argv: Sequence[str]) -> int:
    return init_main(argv, _settings())


def _token(argv: Sequence[str]) -> int:
    return token_main(argv, _settings())


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "up": _up,
    "migrate": _migrate,
    "serve": _serve,
    "work": _work,
    "stream": _stream,
    "signer": _signer,
    "init": _init,
    "token": _token,
    "intake": intake,
    "journey": journey,
    "bench": bench.main,
    "check": checks.main,
}

if __name__ == "__main__":
    sys.exit(main())
