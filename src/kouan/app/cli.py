"""`kouan`: the command line. Each process of the platform is one of its commands."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import cast

from kouan.app.supervisor.trouble import Trouble

HELP = """口岸 Kouan

  kouan up                     启动整个平台 run the whole platform
  kouan serve|work|stream|watch|push|signer|migrate   平台的一个进程 one process of it
  kouan init [--suite sm]      新建真实站点 make a real site: the three administrators; with commercial cryptography 商用密码
  kouan journey [--json]       走通一次船舶靠港 walk one ship call through the public doors
  kouan intake FILE... [--format F] [--record R] [--json]   提交文件 file messages
  kouan ingest FILE [--record R | --mapping FILE] [--dry-run] [--json]   抽取文件 take in a file of rows
  kouan query "select …" [--json|--csv]   多表查询 ask by SQL
  kouan convert FILE [--out FILE]   报文格式转换 EDIFACT to JSON and back
  kouan verify PROOF [--document FILE] [--key PUB]   核验回执 verify a receipt offline
  kouan lane run|sync|check|report   车道值守、离线判定与补报 attend a lane, judge offline, report
  kouan token --org O --role R 演示令牌 a demo token (demo data folder only)
  kouan bench NAME --json      基准测试 a benchmark
  kouan check                  自检 check database, ledger and files
"""
# A command is loaded by its name alone: `kouan verify` must start without a server's imports.
COMMANDS = {
    **{name: f"kouan.app.commands.{name}:main" for name in ("up", "migrate", "serve", "work", "stream", "watch", "push", "signer")},
    **{name: f"kouan.app.commands.{name}:main" for name in ("intake", "ingest", "convert", "query", "bench", "check", "lane")},
    "init": "kouan.app.commands.identity:init",
    "token": "kouan.app.commands.identity:token",
    "journey": "kouan.app.journey.command:main",
    "verify": "kouan.kernel.ledger.command:main",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; answers the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    name = given[0] if given else "help"
    if name in ("help", "-h", "--help"):
        print(HELP)
        return 0
    if name not in COMMANDS:
        print(f"未知命令 unknown command: {name}\n{HELP}", file=sys.stderr)
        return 2
    module, _, function = COMMANDS[name].partition(":")
    command = cast("Callable[[Sequence[str]], int]", getattr(importlib.import_module(module), function))
    try:
        return command(given[1:])
    except Trouble as trouble:
        print(trouble.lines(), file=sys.stderr)
        return trouble.code


if __name__ == "__main__":
    sys.exit(main())
