"""MySQL and MariaDB, read only, by pages behind a key where one is stated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql  # type: ignore[import-untyped]  # it states no types
from pymysql.constants import FIELD_TYPE, FLAG  # type: ignore[import-untyped]  # as above
from pymysql.cursors import SSCursor  # type: ignore[import-untyped]  # as above

from kouan.base.ingest.readers import Piece
from kouan.base.ingest.readers.piece import of_rows, unique
from kouan.base.ingest.sources.common import Away, Context, Item, endpoint, place_of, threaded
from kouan.base.ingest.sources.keyed import Behind
from kouan.base.quality.api import sql
from kouan.kernel import authorities
from kouan.kernel.text import Text

PAGE = 8_192
TIMEOUT = 60
ITEM = "query"
_BINARY = 63
"""The character set of what is no text."""
_TEXTS = frozenset({
    FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR, FIELD_TYPE.BLOB, FIELD_TYPE.TINY_BLOB, FIELD_TYPE.MEDIUM_BLOB,
    FIELD_TYPE.LONG_BLOB,
})  # fmt: skip
SLOW = 3600
"""Seconds for which the server waits while what was read is filed."""
NOT_COMPARED = Text(
    "增量键“{key}”是单精度数、枚举或集合，取出的值不能与库中的值准确比较：请改用其他键",
    "The key “{key}” is a single-precision number, an enumeration or a set: what is read of it cannot be compared exactly with what is "
    "kept. State another",
)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _inner(query: str) -> str:
    """A table's name, or a query in brackets: inside them nothing can be changed."""
    bare = (query or "").strip().rstrip(";")
    if " " not in bare and "(" not in bare:
        return ".".join(_quoted(part) for part in bare.split("."))
    return f"({bare}\n) asked"


async def mysql(context: Context) -> AsyncIterator[Item]:
    """What a query of a MySQL or MariaDB database gives. `mysqls://` demands TLS and a certificate that the machine trusts."""
    scheme, host, port = endpoint(context.source.address or "", 3306)
    context.check(place_of(host, port))
    yield Item(ITEM, "", lambda start: threaded(_pages(context, scheme, host, port, start)))


def _pages(context: Context, scheme: str, host: str, port: int, start: int) -> Iterator[Piece]:
    database = unquote(urlsplit(context.source.address or "").path.strip("/")) or None
    try:
        with closing(pymysql.connect(
            host=host, port=port, user=context.user, password=context.password, database=database, charset="utf8mb4",
            connect_timeout=TIMEOUT, read_timeout=TIMEOUT, write_timeout=TIMEOUT, local_infile=False, autocommit=True,
            ssl=authorities.trusted() if scheme == "mysqls" else None,
        )) as link:  # fmt: skip
            with link.cursor() as cursor:
                cursor.execute("set session transaction read only")
                cursor.execute("set session net_write_timeout = %s", (SLOW,))
            yield from _by_key(link, context, start) if context.source.key_column else _whole(link, context, start)
    except (pymysql.MySQLError, OSError) as wrong:
        raise Away.of(wrong) from None


def _by_key(link: Any, context: Context, start: int) -> Iterator[Piece]:
    """Pages in order of a key, behind the rows that were taken."""
    behind, number = Behind.of(context), start
    inner, key = _inner(context.source.query or ""), _quoted(behind.key)
    spelled = _spelling(link, inner, key, behind)
    while True:
        names, rows = _page(link, inner, sql("where {key} is null", key=key), PAGE + len(behind.blank))
        behind.place(names)
        new = behind.fresh_blank(rows)
        if not new:
            break
        yield Piece(_table(names, new, number), marks=behind.marks())
        number += len(new)
    while True:
        where = sql("where {key} is not null order by {key}", key=key)
        if behind.after is not None:
            how, after = behind.compared, spelled(behind.after)
            where = sql("where {key} {how} {after} order by {key}", key=key, how=how, after=after)
        behind.again()
        names, rows = _page(link, inner, where, PAGE + len(behind.seen))
        new = behind.fresh(rows, behind.place(names), PAGE)
        if not new:
            return
        behind.after = _kept(behind.last)
        yield Piece(_table(names, new, number), after=behind.after, marks=behind.marks())
        number += len(new)


def _page(link: Any, inner: str, where: str, most: int) -> tuple[list[str], Sequence[Sequence[Any]]]:
    with link.cursor() as cursor:
        cursor.execute(sql("select * from {inner} {where} limit {most}", inner=inner, where=where, most=most))
        return _names(cursor), cursor.fetchall()


def _kept(last: Any) -> str | int | float:
    if isinstance(last, timedelta):
        rest = abs(last)
        hours, seconds = divmod(rest // timedelta(seconds=1), 3600)
        return f"{'-' if last < timedelta() else ''}{hours}:{seconds // 60:02}:{seconds % 60:02}.{rest.microseconds:06}"
    return last if isinstance(last, int | float) else last.hex() if isinstance(last, bytes) else str(last)


def _spelling(link: Any, inner: str, key: str, behind: Behind) -> Callable[[Any], str]:
    """How a value of the key stands in a statement: of bytes and exact numbers a text would be compared as something else."""
    with link.cursor() as cursor:
        cursor.execute(sql("select {key} from {inner} limit 0", key=key, inner=inner))
        fields = cursor._result.fields  # noqa: SLF001 - its description leaves out whether a text is one, or bytes
    kind, charset = fields[0].type_code, fields[0].charsetnr
    if kind == FIELD_TYPE.FLOAT or fields[0].flags & (FLAG.ENUM | FLAG.SET):
        raise Away(NOT_COMPARED.fill(key=behind.key[:80].replace("{", "").replace("}", "")))
    if kind == FIELD_TYPE.BIT or (kind in _TEXTS and charset == _BINARY):
        return lambda after: f"x'{bytes.fromhex(after).hex()}'"
    if kind == FIELD_TYPE.NEWDECIMAL:
        return lambda after: format(Decimal(after), "f")
    return lambda after: str(link.escape(after))


def _whole(link: Any, context: Context, start: int) -> Iterator[Piece]:
    """All rows as the server sends them, never more than a page of them here."""
    with link.cursor(SSCursor) as cursor:
        cursor.execute(sql("select * from {inner}", inner=_inner(context.source.query or "")))
        names, number = _names(cursor), 0
        while rows := cursor.fetchmany(PAGE):
            number += len(rows)
            if number > start:
                first = max(start - (number - len(rows)), 0)
                yield Piece(_table(names, rows[first:], number - len(rows) + first))


def _names(cursor: Any) -> list[str]:
    return unique(column[0] for column in cursor.description)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]], behind: int) -> Any:
    return of_rows([(behind + at, dict(zip(names, row, strict=True))) for at, row in enumerate(rows, 1)], names)
