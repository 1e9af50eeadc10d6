"""Files: an upload, a folder of this machine, a download by HTTP, a folder behind SFTP."""

from __future__ import annotations

import asyncio
import fnmatch
import hashlib
import importlib
import importlib.util
import stat
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import httpx

from kouan.base.ingest.readers import Piece, Plain, read
from kouan.base.ingest.sources.common import (
    MOST_BYTES,
    NO_ROOM,
    NOT_ALLOWED,
    TOO_LARGE,
    Away,
    Context,
    Item,
    endpoint,
    fetched,
    of_file,
    place_of,
    resolved,
    threaded,
)  # fmt: skip
from kouan.kernel.outgoing import WAYS, NotAllowed, client
from kouan.kernel.settings import Settings
from kouan.kernel.suites.growing import Growing
from kouan.kernel.text import Text
from kouan.kernel.ways import Ways

asyncssh: Any = importlib.import_module("asyncssh") if importlib.util.find_spec("asyncssh") else None
"""An extra of this module: without it, the kind `sftp` says so."""

YOUNG = 1.0
"""Seconds for which a file must have stood as it is; a younger one may still be written."""
TIMEOUT = 30.0
NO_SFTP = Text("本平台未安装 asyncssh，不能使用 SFTP", "SFTP needs the package asyncssh, which is not installed here")
INSIDE = Text("该名称指向内部网络，须由管理员以 KOUAN_PUSH_NETWORKS 允许", "The name leads into an inside network: see KOUAN_PUSH_NETWORKS")
NO_KEY = Text("请填写服务器公钥，否则无法确认对方身份", "State the server's public key: without it nobody knows who answers")


async def upload(context: Context) -> AsyncIterator[Item]:
    """The one file that was uploaded."""
    if context.upload is not None and context.upload.exists():
        yield of_file(context.upload, context.name or "upload", context.upload.name, context.options())


async def folder(context: Context) -> AsyncIterator[Item]:
    """The files of a folder that were not taken before, by name; a symbolic link out of it is not followed."""
    root = resolved(context.source.address or "")
    if not any(root == Path(place) or Path(place) in root.parents for place in context.allowed if place.startswith("/")):
        raise Away(NOT_ALLOWED.fill(place=str(root)[:200].replace("{", "").replace("}", "")))
    for path in await asyncio.to_thread(_listed, root):
        if not fnmatch.fnmatch(path.name, context.source.query or "*") or path.name.startswith("."):
            continue
        try:
            seen = path.lstat()
        except OSError:
            continue  # gone meanwhile
        mark = f"{seen.st_size}/{seen.st_mtime_ns}"
        if stat.S_ISREG(seen.st_mode) and time.time() - seen.st_mtime >= YOUNG and context.new(path.name, mark):
            yield of_file(Plain(path), path.name, mark, context.options())


def _listed(root: Path) -> list[Path]:
    if not root.is_dir():
        raise Away.of(FileNotFoundError(root.name))
    return sorted(root.iterdir())


async def http(context: Context) -> AsyncIterator[Item]:
    """The file behind an address, if it is another than the one taken before. Redirections are not followed.

    A name that was allowed leads only where `Ways` lets the platform call; an inside address may be allowed written out.
    """
    address = context.source.address or ""
    scheme, host, port = endpoint(address, 443 if address.lower().startswith("https:") else 80)
    if scheme not in ("http", "https"):
        raise Away(NOT_ALLOWED.fill(place=scheme))
    context.check(place_of(host, port))
    name = PurePosixPath(urlsplit(address).path).name or host
    held = fetched(context)
    auth = (context.user, context.password) if context.user else None
    try:
        mark = await _download(address, auth, held, context)
        if context.new(name, mark):
            yield of_file(held, name, mark, context.options())
    finally:
        held.remove()


async def _download(address: str, auth: tuple[str, str] | None, held: Growing, context: Context) -> str:
    """Fetch a file to disk, sealed; its mark, which is its content's digest."""
    digest, size = hashlib.sha256(), 0
    extras = context.port.extras if context.port else {}
    ways: Ways = extras.get(WAYS) or Ways.of(Settings.read())
    try:
        async with (
            client(ways.and_of(urlsplit(address).hostname or ""), timeout=TIMEOUT, plain=True) as caller,
            caller.stream("GET", address, auth=auth) as answer,
        ):
            if answer.status_code != 200:
                raise Away.of(ConnectionError(f"HTTP {answer.status_code}"))
            with held.appending() as put:
                async for chunk in answer.aiter_bytes(1 << 20):
                    size += len(chunk)
                    _fits(size, context)
                    digest.update(chunk)
                    put(chunk)
    except NotAllowed:
        raise Away(INSIDE) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as wrong:
        raise Away.of(wrong) from None
    return digest.hexdigest()


def _fits(size: int, context: Context) -> None:
    if size > MOST_BYTES:
        raise Away(TOO_LARGE.fill(most=MOST_BYTES >> 30))
    if context.room.low():
        raise Away(NO_ROOM)


async def sftp(context: Context) -> AsyncIterator[Item]:
    """The files of a folder behind SFTP that were not taken before, by name. The server must show the key that is stated."""
    if asyncssh is None:
        raise Away(NO_SFTP)
    if not context.source.host_key:
        raise Away(NO_KEY)
    _, host, port = endpoint(context.source.address or "", 22)
    context.check(place_of(host, port))
    root = urlsplit(context.source.address or "").path or "."
    known = asyncssh.import_known_hosts(f"[{host}]:{port} {context.source.host_key.strip()}\n")
    try:
        async with (
            asyncssh.connect(
                host, port, username=context.user, password=context.password, known_hosts=known, client_keys=None, agent_path=None,
                config=None, login_timeout=TIMEOUT,
            ) as link,
            link.start_sftp_client() as client,
        ):  # fmt: skip
            for entry in sorted(await client.readdir(root), key=lambda one: str(one.filename)):
                name, mark = str(entry.filename), f"{entry.attrs.size}/{entry.attrs.mtime}"
                regular = entry.attrs.permissions is None or stat.S_ISREG(entry.attrs.permissions)
                if regular and fnmatch.fnmatch(name, context.source.query or "*") and not name.startswith(".") and context.new(name, mark):
                    yield Item(name, mark, partial(_fetched, client, f"{root}/{name}", name, context))
    except (asyncssh.Error, OSError) as wrong:
        raise Away.of(wrong) from None


async def _fetched(client: Any, path: str, name: str, context: Context, start: int) -> AsyncIterator[Piece]:
    held, size = fetched(context), 0
    try:
        async with client.open(path, "rb", encoding=None) as remote:
            with held.appending() as put:
                while chunk := await remote.read(1 << 20):
                    size += len(chunk)
                    _fits(size, context)
                    put(chunk)
        async for piece in threaded(read(held, context.options(), name=name, start=start)):
            yield piece
    finally:
        held.remove()
