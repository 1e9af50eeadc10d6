"""Witness files: the last signed checkpoint, kept outside the database that it speaks about.

A database restored from an old backup has fewer leaves than its witness saw, or others; then the ledger
refuses to start instead of signing a second history. Several folders may be given, on other disks or hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kouan.kernel.ledger import canonical, durable, tiles
from kouan.kernel.ledger.failures import LedgerRefused
from kouan.kernel.ledger.statements import Checkpoint
from kouan.kernel.suites.suite import SIGNATURE_BYTES, Suite
from kouan.kernel.text import Text

if TYPE_CHECKING:
    from kouan.kernel.database import Connection

_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FILE_MODE = 0o644
_KEYS = {"v", "origin", "size", "root", "at", "key", "signature", "spki"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness file holds: a checkpoint with its signature and public key."""

    checkpoint: Checkpoint
    signature: bytes
    spki: bytes


def check_origin(origin: str) -> str:
    """The origin, if it can name a log and a file; raises ValueError."""
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("the origin of a ledger has 1-100 letters, digits, dots, dashes and underscores")
    return origin


def path_of(folder: Path, origin: str) -> Path:
    """The witness file of a log in a folder."""
    return folder / f"{check_origin(origin)}.json"


def write(folders: Iterable[Path], seen: Seen) -> list[Path]:
    """Note a checkpoint in each folder, durably; returns the files that could not be written."""
    body = {
        **_fields(seen.checkpoint),
        "signature": canonical.to_base64(seen.signature),
        "spki": canonical.to_base64(seen.spki),
    }
    failed = []
    for folder in folders:
        path = path_of(folder, seen.checkpoint.origin)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            durable.write(path, canonical.encode(body) + b"\n", _FILE_MODE)
        except OSError:
            failed.append(path)
    return failed


def read(path: Path, suite: Suite) -> Seen | None:
    """The checkpoint in a witness file, its signature verified; None if there is no file.

    Raises LedgerRefused if it cannot be read or does not hold a checkpoint validly signed by this suite.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LedgerRefused(_unreadable(path, error)) from error
    seen = _parse(data, suite)
    if seen is None:
        raise LedgerRefused(_damaged(path))
    return seen


def _fields(checkpoint: Checkpoint) -> dict[str, object]:
    found = canonical.decode(checkpoint.body())
    assert isinstance(found, dict)
    return found


def _parse(data: bytes, suite: Suite) -> Seen | None:
    try:
        found = canonical.decode(data)
    except canonical.NotCanonical:
        return None
    if not isinstance(found, dict) or set(found) - {"suite"} != _KEYS or not canonical.is_integer(found["size"]):
        return None
    signature, spki = canonical.unbase64(found["signature"]), canonical.unbase64(found["spki"])
    if signature is None or len(signature) != SIGNATURE_BYTES or spki is None:
        return None
    checkpoint = Checkpoint(
        str(found["origin"]), int(found["size"]), str(found["root"]), str(found["at"]), str(found["key"]),
        str(found["suite"]) if "suite" in found else None,
    )  # fmt: skip
    if checkpoint.suite != suite.code or suite.fingerprint(spki) != checkpoint.key:
        return None
    if not suite.is_signed(spki, checkpoint.body(), signature):
        return None
    return Seen(checkpoint, signature, spki)


async def check(conn: Connection, suite: Suite, origin: str, folders: Iterable[Path]) -> None:
    """Hold the database against every witness of the log; raises LedgerRefused if it contradicts one."""
    size = await conn.fetchval("SELECT max(size) FROM ledger_checkpoint")
    for folder in folders:
        path = path_of(folder, origin)
        seen = read(path, suite)
        if seen is not None:
            await _check_one(conn, suite, path, seen, origin, -1 if size is None else size)


async def _check_one(conn: Connection, suite: Suite, path: Path, seen: Seen, origin: str, size: int) -> None:
    witnessed = seen.checkpoint
    if witnessed.origin != origin:
        raise LedgerRefused(_damaged(path))
    if size < witnessed.size:
        raise LedgerRefused(_behind(path, max(size, 0), witnessed))
    known = await conn.fetchval("SELECT 1 FROM ledger_key WHERE fingerprint = $1", witnessed.key)
    if known is None or (await tiles.root_at(conn, suite, witnessed.size)).hex() != witnessed.root:
        raise LedgerRefused(_forked(path, witnessed))


def _behind(path: Path, size: int, witnessed: Checkpoint) -> Text:
    return Text(
        zh=f"数据库的账本只有 {size} 条，而见证文件 {path} 于 {witnessed.at} 已见证 {witnessed.size} 条："
        "这很可能是从旧备份恢复的数据库。拒绝启动；请恢复更新的备份，或确认数据丢失后由管理员移走见证文件。",
        en=f"The ledger in the database has {size} entries, but the witness {path} saw {witnessed.size} at"
        f" {witnessed.at}: most likely an old backup was restored. Refusing to start; restore a newer backup,"
        " or, if the loss is accepted, have an administrator move the witness file away.",
    )


def _forked(path: Path, witnessed: Checkpoint) -> Text:
    return Text(
        zh=f"数据库账本前 {witnessed.size} 条与见证文件 {path}（{witnessed.at}）不符："
        "历史已被改动，或这是另一个账本。拒绝启动。",
        en=f"The first {witnessed.size} entries of the ledger are not those that the witness {path} saw at"
        f" {witnessed.at}: history was changed, or this is another ledger. Refusing to start.",
    )


def _unreadable(path: Path, error: OSError) -> Text:
    return Text(
        zh=f"见证文件 {path} 无法读取（{error.strerror}）。拒绝启动；请修复该目录，或将其从设置中移除。",
        en=f"The witness {path} cannot be read ({error.strerror}). Refusing to start; mend that folder, or take"
        " it out of the settings.",
    )


def _damaged(path: Path) -> Text:
    return Text(
        zh=f"见证文件 {path} 不是本账本有效签名的检查点。拒绝启动；请查明是谁改动了它。",
        en=f"The witness {path} does not hold a validly signed checkpoint of this ledger. Refusing to start;"
        " find out who changed it.",
    )
