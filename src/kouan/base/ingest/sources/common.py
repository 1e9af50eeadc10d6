"""What all kinds of source share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kouan.base.ingest.readers import File, Options, Piece, read
from kouan.base.ingest.records import Source
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.room import Room
from kouan.kernel.suites.growing import Growing
from kouan.kernel.suites.known import DEFAULT
from kouan.kernel.text import Text

MOST_BYTES = 10 << 30
"""Bytes of one file that is fetched."""
AWAY = Text("数据源不可达：{found}", "The source cannot be reached: {found}")
NOT_ALLOWED = Text("系统管理员未允许抽取该地址：{place}", "The system administrator has not allowed this place: {place}")
TOO_LARGE = Text("文件超过 {most} GiB", "The file is over {most} GiB")
NO_ROOM = Text("存储空间不足，暂停抽取", "Storage is low: extraction waits")


class Away(Exception):
    """A source that cannot be reached, may not be, or refuses; `reason` in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason

    @classmethod
    def of(cls, found: object) -> Away:
        """For what a library said of a connection; its text is cut, and holds no credentials of ours."""
        said = " ".join(str(found).split())[:160].replace("{", "(").replace("}", ")")
        return cls(AWAY.fill(found=f"{type(found).__name__}: {said}"))


@dataclass(frozen=True, slots=True)
class Context:
    """What a kind of source works with: the source, how it is entered, where it may reach, and how far it was taken before.

    `position`: `done` (marks of items by name), `item`, `mark`, `row` (the item that was under way) and, of a key, `after`
    with `seen` and `blank` (`keyed`).
    `port`, `who`: the platform, and in whose rights a source that lies inside it is read. `once`: it is only looked at, so that a
    broker keeps no session or consumer of it.
    """

    source: Source
    key: str
    user: str = ""
    password: str = ""
    allowed: Collection[str] = ()
    position: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    upload: Growing | None = None
    name: str = ""
    room: Room = field(default_factory=Room.endless)
    port: Port | None = None
    who: Principal | None = None
    once: bool = False

    def check(self, place: str) -> None:
        """Raises Away unless a system administrator allowed the place."""
        if place not in self.allowed:
            raise Away(NOT_ALLOWED.fill(place=place[:200].replace("{", "").replace("}", "")))

    def new(self, name: str, mark: str) -> bool:
        """Whether an item was not taken before, or has changed since."""
        return bool(self.position.get("done", {}).get(name) != mark)

    def options(self) -> Options:
        """How its files are read."""
        return Options(self.source.format, self.source.element or "")


@dataclass(frozen=True, slots=True)
class Item:
    """One file, query or topic: its name, a mark that tells whether it has changed, and its pieces behind a row."""

    name: str
    mark: str
    pieces: Callable[[int], AsyncIterator[Piece]]


async def threaded(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Pieces of a reader that blocks, one at a time in a thread."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


def of_file(file: File, name: str, mark: str, options: Options) -> Item:
    """A file that lies here."""
    return Item(name, mark, lambda start: threaded(read(file, options, name=name, start=start)))


def fetched(context: Context) -> Growing:
    """Where a file lies sealed that was fetched, while it is read; nobody has its key but this process."""
    key = DEFAULT.new_key()
    held = Growing(context.folder / f"{context.key}.fetched", lambda _: key)
    held.remove()
    held.begin()
    return held


def resolved(place: str) -> Path:
    """A path without symbolic links, so that it is compared as what it is."""
    return Path(os.path.realpath(place))


def endpoint(address: str, port: int) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises Away for what is none."""
    try:
        parts = urlsplit(address.strip())
        host, number = parts.hostname or "", parts.port or port
    except ValueError as wrong:
        raise Away.of(wrong) from None
    if not host:
        raise Away(AWAY.fill(found="address"))
    return parts.scheme, host, number


def place_of(host: str, port: int) -> str:
    """A host and port, as a system administrator allows them."""
    return f"{host.lower()}:{port}"
