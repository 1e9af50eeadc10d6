"""Databases: PostgreSQL and SQLite, read only, by pages behind a key where one is stated."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from kouan.base.ingest.readers import Piece
from kouan.base.ingest.readers.piece import of_rows, text, unique
from kouan.base.ingest.sources.common import NOT_ALLOWED, Away, Context, Item, endpoint, place_of, resolved, threaded
from kouan.base.ingest.sources.keyed import Behind
from kouan.base.quality.api import quoted, sql

PAGE = 8_192
TIMEOUT = 60.0
STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock: some milliseconds."""
LONGEST = 64 << 20
"""Bytes of one value, and of a row, of a SQLite file."""
ITEM = "query"
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
    """Pages in order of a key, behind the rows that were taken."""
    behind, number = Behind.of(context), start
    inner, key = _inner(context.source.query or ""), quoted(behind.key)
    look = await conn.prepare(sql("select {key} k from {inner} limit 0", key=key, inner=inner))
    kind = quoted(look.get_attributes()[0].type.name)
    while True:
        blank = sql("select * from {inner} where {key} is null limit $1", key=key, inner=inner)
        names, rows = await _page(conn, blank, PAGE + len(behind.blank))
        new = behind.fresh_blank(rows)
        if not new:
            break
        yield Piece(_table(names, new, number), marks=behind.marks())
        number += len(new)
    while True:
        first, after = behind.after is None, "" if behind.after is None else str(behind.after)
        where = sql("{key} is not null and $2::text is not null", key=key)
        if not first:
            where = sql("{key} {how} $2::text::{kind}", key=key, how=behind.compared, kind=kind)
        page = sql("select *, {key}::text as _after from {inner} where {where} order by {key} limit $1", key=key, inner=inner, where=where)
        behind.again()
        names, rows = await _page(conn, page, PAGE + len(behind.seen), after)
        at = behind.place(names) if rows else 0
        new = behind.fresh(rows, at, PAGE)
        if not new:
            return
        behind.after = str(new[-1][-1])
        yield Piece(_table(names[:-1], [row[:-1] for row in new], number), after=behind.after, marks=behind.marks())
        number += len(new)


async def _page(conn: asyncpg.Connection[asyncpg.Record], said: str, *args: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    rows = await conn.fetch(said, *args)
    return list(rows[0].keys()) if rows else [], [tuple(row.values()) for row in rows]


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]], behind: int) -> Any:
    return of_rows([(behind + at, dict(zip(names, row, strict=True))) for at, row in enumerate(rows, 1)], names)


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

    def again(self) -> None:
        """It may take so long from now on."""
        self._ends = time.monotonic() + TIMEOUT

    def page(self, cursor: sqlite3.Cursor, most: int = PAGE) -> list[Any]:
        """The next rows, which may take so long."""
        self.again()
        return cursor.fetchmany(most)


def _rows(conn: sqlite3.Connection, context: Context, start: int) -> Iterator[Piece]:
    if context.source.key_column:
        yield from _file_by_key(conn, context, start)
        return
    clock = _Clock(conn)
    cursor = conn.execute(sql("select * from {inner}", inner=_inner(context.source.query or "")))
    names, number = _names(cursor), 0
    while found := clock.page(cursor):
        number += len(found)
        if number > start:
            first = max(start - (number - len(found)), 0)
            yield Piece(_table(names, found[first:], number - len(found) + first))


def _file_by_key(conn: sqlite3.Connection, context: Context, start: int) -> Iterator[Piece]:
    """In order of a key, behind the rows that were taken; one statement gives all, for a file cannot cut it off."""
    behind, number = Behind.of(context), start
    inner, key, clock = _inner(context.source.query or ""), quoted(behind.key), _Clock(conn)
    while True:
        clock.again()
        cursor = conn.execute(sql("select * from {inner} where {key} is null limit ?", inner=inner, key=key), (PAGE + len(behind.blank),))
        names = _names(cursor)
        at, new = behind.place(names), behind.fresh_blank(clock.page(cursor, PAGE + len(behind.blank)))
        if not new:
            break
        yield Piece(_table(names, new, number), marks=behind.marks())
        number += len(new)
    where = sql("{key} is not null and ? is null" if behind.after is None else "{key} {how} ?", key=key, how=behind.compared)
    after = bytes.fromhex(str(behind.after)) if context.position.get("bytes") else behind.after
    clock.again()
    cursor = conn.execute(sql("select * from {inner} where {where} order by {key}", inner=inner, where=where, key=key), (after,))
    while new := _next(clock, cursor, behind, at):
        last = behind.last
        after = last if isinstance(last, int | float) else last.hex() if isinstance(last, bytes) else str(last)
        marks = {**behind.marks(), "bytes": "yes" if isinstance(last, bytes) else ""}
        yield Piece(_table(names, new, number), after=after, marks=marks)
        number += len(new)


def _next(clock: _Clock, cursor: sqlite3.Cursor, behind: Behind, at: int) -> list[Sequence[Any]]:
    new: list[Sequence[Any]] = []
    while len(new) < PAGE and (found := clock.page(cursor, PAGE - len(new))):
        new += behind.fresh(found, at, PAGE)
    return new


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return unique(column[0] for column in cursor.description)
