"""Databases: PostgreSQL and SQLite, read only, by pages behind a key where one is stated."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from kouan.base.ingest.readers import Piece
from kouan.base.ingest.readers.piece import of_rows, text, unique
from kouan.base.ingest.sources.common import NOT_ALLOWED, Away, Context, Item, endpoint, place_of, resolved, threaded
from kouan.base.quality.api import quoted, sql
from kouan.kernel.text import Text

PAGE = 8_192
TIMEOUT = 60.0
STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock: some milliseconds."""
LONGEST = 64 << 20
"""Bytes of one value, and of a row, of a SQLite file."""
ITEM = "query"
NO_KEY = Text("查询结果中没有增量键“{key}”", "The result of the query has no key “{key}”")
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})


def _inner(query: str) -> str:
    """A table's name, or a query in brackets."""
    bare = (query or "").strip().rstrip(";")
    if " " not in bare and "(" not in bare:
        return ".".join(quoted(part) for part in bare.split("."))
    return f"({bare}\n) asked"


async def postgresql(context: Context) -> AsyncIterator[Item]:
    """What a query of a PostgreSQL database gives."""
    yield Item(ITEM, "", lambda start: _pages(context, start))


async def _pages(context: Context, start: int) -> AsyncIterator[Piece]:
    _, host, port = endpoint(context.source.address or "", 5432)
    context.check(place_of(host, port))
    database = urlsplit(context.source.address or "").path.strip("/") or context.user
    try:
        conn = await asyncpg.connect(
            host=host, port=port, user=context.user or None, password=context.password or None, database=database, timeout=TIMEOUT,
            command_timeout=TIMEOUT, server_settings={"default_transaction_read_only": "on", "application_name": "kouan-ingest"},
        )  # fmt: skip
        try:
            async for piece in _by_key(conn, context, start) if context.source.key_column else _whole(conn, context, start):
                yield piece
        finally:
            await conn.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as wrong:
        raise Away.of(wrong) from None


async def _by_key(conn: asyncpg.Connection[asyncpg.Record], context: Context, start: int) -> AsyncIterator[Piece]:
    """Pages in order of a key, behind the last one that was taken."""
    inner, key = _inner(context.source.query or ""), quoted(context.source.key_column or "")
    after = str(context.position.get("after", ""))
    look = await conn.prepare(sql("select {key} k from {inner} limit 0", key=key, inner=inner))
    kind = look.get_attributes()[0].type.name
    number = start
    while True:
        behind = f"where {key} > $2::text::{quoted(kind)}" if after else "where $2::text is not null"
        page = sql("select *, {key}::text as _after from {inner} {behind} order by {key} limit $1", key=key, inner=inner, behind=behind)
        rows = await conn.fetch(page, PAGE, after)
        if not rows:
            return
        after = str(rows[-1]["_after"])
        held = [(number + at, {name: text(value) for name, value in row.items() if name != "_after"}) for at, row in enumerate(rows, 1)]
        number += len(rows)
        yield Piece(of_rows(held), after=after)


async def _whole(conn: asyncpg.Connection[asyncpg.Record], context: Context, start: int) -> AsyncIterator[Piece]:
    number = 0
    async with conn.transaction(readonly=True):
        rows: list[tuple[int, dict[str, str | None]]] = []
        async for row in conn.cursor(sql("select * from {inner}", inner=_inner(context.source.query or "")), prefetch=PAGE):
            number += 1
            if number > start:
                rows.append((number, {name: text(value) for name, value in row.items()}))
            if len(rows) >= PAGE:
                yield Piece(of_rows(rows))
                rows = []
        if rows:
            yield Piece(of_rows(rows))


async def sqlite(context: Context) -> AsyncIterator[Item]:
    """What a query of a SQLite file gives; the file lies in a folder that is allowed."""
    path = resolved(context.source.address or "")
    if not any(Path(place) in path.parents for place in context.allowed if place.startswith("/")):
        raise Away(NOT_ALLOWED.fill(place=str(path)[:200].replace("{", "").replace("}", "")))
    yield Item(ITEM, "", lambda start: threaded(_file(path, context, start)))


def _file(path: Path, context: Context, start: int) -> Iterator[Piece]:
    try:
        conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
        try:
            # Whatever the query says, it can read this one file and nothing else.
            conn.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
            conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
            yield from _rows(conn, context, start)
        finally:
            conn.close()
    except sqlite3.Error as wrong:
        raise Away.of(wrong) from None


class _Clock:
    """The time that a file's query may take for a page: one that never gives a row would hold a thread of the process for good."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._ends = time.monotonic() + TIMEOUT
        conn.set_progress_handler(lambda: time.monotonic() > self._ends, STEPS)

    def page(self, cursor: sqlite3.Cursor) -> list[Any]:
        """The next rows, which may take so long."""
        self._ends = time.monotonic() + TIMEOUT
        return cursor.fetchmany(PAGE)


def _rows(conn: sqlite3.Connection, context: Context, start: int) -> Iterator[Piece]:
    inner, key, after = _inner(context.source.query or ""), context.source.key_column, context.position.get("after", "")
    order = f"where {quoted(key)} > ? order by {quoted(key)}" if key and after != "" else f"order by {quoted(key)}" if key else ""
    clock = _Clock(conn)
    cursor = conn.execute(sql("select * from {inner} {order}", inner=inner, order=order), (after,) if key and after != "" else ())
    names = unique(column[0] for column in cursor.description)
    if key and key not in names:
        raise Away(NO_KEY.fill(key=key[:80].replace("{", "").replace("}", "")))
    number = start if key else 0
    while found := clock.page(cursor):
        rows = [(number + at, dict(zip(names, row, strict=True))) for at, row in enumerate(found, 1)]
        number += len(found)
        rows = [row for row in rows if key or row[0] > start]
        if rows:
            last: Any = rows[-1][1][key] if key else ""
            yield Piece(of_rows(rows, names), after=last if isinstance(last, int | float) else str(last))
