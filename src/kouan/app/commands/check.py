"""`kouan check`: what an operator wants to know of a running data folder: database, ledger, files."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from kouan.app.commands.process import settings as read
from kouan.kernel import room
from kouan.kernel.database import APP, connect
from kouan.kernel.ledger.audit import audit
from kouan.kernel.settings import Settings
from kouan.kernel.suites import folder


def main(_argv: Sequence[str]) -> int:
    """Print a line for each check, in both languages; 1 when one of them fails."""
    settings = read()
    if not settings.home.is_dir():
        print(f"✗ 没有数据目录 no data folder: {settings.home}", file=sys.stderr)
        return 1
    lines = asyncio.run(_checks(settings))
    for ok, text in lines:
        print(("✓ " if ok else "✗ ") + text, file=sys.stdout if ok else sys.stderr)
    return 0 if all(ok for ok, _ in lines) else 1


async def _checks(settings: Settings) -> list[tuple[bool, str]]:
    lines = [*(_private(settings.home / name) for name in ("keys", "signer")), _room(settings)]
    try:
        suite = folder.stated(settings.home)
    except folder.SuiteRefused as refused:
        return [*lines, (False, str(refused))]
    lines.append((True, f"密码套件 cryptographic suite {suite.code}: {suite.title.zh} / {suite.title.en}"))
    try:
        conn = await connect(settings, APP)
    except (OSError, asyncpg.PostgresError) as error:
        return [*lines, (False, f"数据库不可达 database does not answer: {type(error).__name__}")]
    try:
        version = await conn.fetchval("select current_setting('server_version_num')::int")
        lines.append((version >= 180000, f"PostgreSQL {version // 10000}.{version % 10000}"))
        dead = await conn.fetchval("select count(*) from task where dead")
        lines.append((dead == 0, f"死信任务 dead-lettered tasks: {dead}"))
        found = await audit(conn, suite)
        lines.append((found.ok, f"账本重算 ledger recomputed: {found.size} 条 entries, {found.checkpoints} 检查点 checkpoints"))
        lines += [(False, f"{problem.zh} / {problem.en}") for problem in found.problems]
    finally:
        await conn.close()
    return lines


def _room(settings: Settings) -> tuple[bool, str]:
    left = room.left(settings) // room.MEGABYTE
    return left >= settings.disk_low_mb, f"可用空间 room left: {left} MB（停止受理 filing stops: {settings.disk_low_mb} MB）"


def _private(path: Path) -> tuple[bool, str]:
    if not path.exists():
        return False, f"缺少 missing: {path.name}/"
    mode = stat.S_IMODE(path.stat().st_mode)
    return mode == 0o700, f"{path.name}/ {oct(mode)}"
