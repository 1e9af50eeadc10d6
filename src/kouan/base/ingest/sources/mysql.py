"""MySQL and MariaDB, read only, by pages behind a key where one is stated."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql  # type: ignore[import-untyped]  # it states no types
from pymysql.constants import FIELD_TYPE  # type: ignore[import-untyped]  # as above
from pymysql.cursors import SSCursor  # type: ignore[import-untyped]  # as above

from kouan.base.ingest.readers import Piece
from kouan.base.ingest.readers.piece import of_rows, unique
from kouan.base.ingest.sources.common import Away, Context, Item, endpoint, place_of, threaded
from kouan.base.quality.api import sql
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
NO_KEY = Text("查询结果中没有增量键“{key}”", "The result of the query has no key “{key}”")


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
            ssl=ssl.create_default_context() if scheme == "mysqls" else None,
        )) as link:  # fmt: skip
            with link.cursor() as cursor:
                cursor.execute("set session transaction read only")
                cursor.execute("set session net_write_timeout = %s", (SLOW,))
            yield from _by_key(link, context, start) if context.source.key_column else _whole(link, context, start)
    except (pymysql.MySQLError, OSError) as wrong:
        raise Away.of(wrong) from None


def _by_key(link: Any, context: Context, start: int) -> Iterator[Piece]:
    """Pages in order of a key, behind the last one that was taken."""
    inner, key = _inner(context.source.query or ""), _quoted(context.source.key_column or "")
    after, number = context.position.get("after", ""), start
    spelled = _spelling(link, inner, key)
    while True:
        behind = sql("where {key} > {after}", key=key, after=spelled(after)) if after != "" else ""
        page = sql("select * from {inner} {behind} order by {key} limit {most}", inner=inner, behind=behind, key=key, most=PAGE)
        with link.cursor() as cursor:
            cursor.execute(page)
            names, rows = _names(cursor), cursor.fetchall()
        if context.source.key_column not in names:
            raise Away(NO_KEY.fill(key=(context.source.key_column or "")[:80].replace("{", "").replace("}", "")))
        if not rows:
            return
        last = rows[-1][names.index(context.source.key_column)]
        after = last if isinstance(last, int | float) else last.hex() if isinstance(last, bytes) else str(last)
        yield Piece(_table(names, rows, number), after=after)
        number += len(rows)


def _spelling(link: Any, inner: str, key: str) -> Callable[[Any], str]:
    """How a value of the key stands in a statement: of bytes and exact numbers a text would be compared as something else."""
    with link.cursor() as cursor:
        cursor.execute(sql("select {key} from {inner} limit 0", key=key, inner=inner))
        fields = cursor._result.fields  # noqa: SLF001 - its description leaves out whether a text is one, or bytes
    kind, charset = fields[0].type_code, fields[0].charsetnr
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
