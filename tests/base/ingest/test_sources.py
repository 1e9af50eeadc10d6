"""Sources by themselves: MySQL (a twin, and MariaDB where it is installed) and UN/EDIFACT files."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from kouan.base.ingest.readers import Options, Piece, Plain, Unreadable, read
from kouan.base.ingest.records import Source
from kouan.base.ingest.sources import Away, Context, databases, items, mysql
from kouan.kernel import authorities
from kouan.kernel.formats import format_named
from tests.base.conftest import load
from tests.base.ingest.mysql_twin import PASSWORD, USER, filled, twin
from tests.certificates import certified
from tests.conftest import free_port

MARIADB = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
PORTS = [(n, None if n == 3 else f"港{n % 7}'`\\") for n in range(1, 41)]


def context(port: int, password: str = PASSWORD, allowed: bool = True, **stated: Any) -> Context:
    position = stated.pop("position", {})
    source = Source(**{"code": "s", "name": "s", "kind": "mysql", "target": "dataset:s", "query": "moves", "key_column": "n",
                       "address": f"mysql://127.0.0.1:{port}/tos", **stated})  # fmt: skip
    return Context(source, "s", USER, password, {f"127.0.0.1:{port}"} if allowed else (), position)


async def taken(of: Context, start: int = 0) -> tuple[list[tuple[int, str | None]], Any]:
    rows, after = [], None
    async for item in items(of):
        async for piece in item.pieces(start):
            assert [row["_row"] for row in piece.table.to_pylist()] == list(range(start + 1, start + 1 + piece.table.num_rows))
            start, after = start + piece.table.num_rows, piece.after
            rows += [(int(row["n"]), row["port"]) for row in piece.table.to_pylist()]
    return rows, after


async def _shown(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server must give, whoever it is."""
    monkeypatch.setattr(mysql, "PAGE", 7)
    assert await taken(context(port)) == (PORTS, 40), "by pages behind the key"
    assert (await taken(context(port, position={"after": 38})))[0] == PORTS[38:], "behind what was taken before"
    assert (await taken(context(port, key_column=None, query="select n, port from moves order by n;")))[0] == PORTS
    assert (await taken(context(port, key_column=None, query="select n, port from moves order by n"), 33))[0] == PORTS[33:]
    for wrong in ({"password": "x"}, {"allowed": False}, {"query": "no_such_table"}, {"key_column": "nothing"},
                  {"query": "delete from moves", "key_column": None}, {"address": "mysql:///tos"}):  # fmt: skip
        with pytest.raises(Away) as why:
            await taken(context(port, **wrong))
        assert why.value.reason.zh


async def test_mysql_gives_pages_behind_a_key_and_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with twin(filled(tmp_path / "tos.db", PORTS), asked) as port:
        await _shown(port, monkeypatch)
    assert "set session transaction read only" in asked
    assert any(text.endswith("where `n` > 38 order by `n` limit 7") for text in asked), asked
    assert any(text.endswith("where `n` >= 7 order by `n` limit 8") for text in asked), "the row at the last key is asked for again"


REAL = pytest.mark.skipif(MARIADB is None, reason="MariaDB is not installed (Debian: mariadb-server-core)")
ALL = """create table tos.everything (n bigint unsigned primary key, d decimal(30, 10), f double, t datetime(6), day date,
    clock time(3), y year, j json, b bit(12), raw varbinary(40), big longblob, e enum('进口', '出口'), s set('x', 'y'), words varchar(80),
    odd varchar(80) character set latin1, yes bool, stamp timestamp null, nothing int)"""
EVERYTHING = [
    (18446744073709551615, "12345678901234567890.0123456789", 1e-5, "2026-05-01 08:30:00.000123", "2026-05-01", "-25:00:00.5", 2026,
     '{"箱": [1, null]}', 0b101000000001, b"\x00'\xff",
     b"\x89PNG" * 2, "出口", "x,y", "𠮷港😀'\\\n", "Zürich", True, "2026-05-01 00:00:00", None),
    (0, "-0.0000000001", 2.0, "1000-01-01 00:00:00", "9999-12-31", "838:59:59", 1901, "[]", 0, b"",
     b"", "进口", "", "", "", False, None, None),
    (1, *[None] * 17),
]  # fmt: skip
TOLD: dict[str, tuple[str | None, ...]] = {
    "n": ("0", "1", "18446744073709551615"), "d": ("-0.0000000001", None, "12345678901234567890.0123456789"), "f": ("2", None, "1e-05"),
    "t": ("1000-01-01T00:00:00", None, "2026-05-01T08:30:00.000123"), "day": ("9999-12-31", None, "2026-05-01"),
    "clock": ("34 days, 22:59:59", None, "-2 days, 22:59:59.500000"), "y": ("1901", None, "2026"), "j": ("[]", None, '{"箱": [1, null]}'),
    "b": ("0000", None, "0a01"), "raw": (None, None, "0027ff"), "big": (None, None, "89504e4789504e47"), "e": ("进口", None, "出口"),
    "s": (None, None, "x,y"), "words": (None, None, "𠮷港😀'\\\n"), "odd": (None, None, "Zürich"), "yes": ("0", None, "1"),
    "stamp": (None, None, "2026-05-01T00:00:00"), "nothing": (None, None, None),
}  # fmt: skip
KEYED: dict[str, list[Any]] = {
    "n bigint unsigned": [18446744073709551600 + n for n in range(15)],
    "n decimal(40, 20)": [f"12345678901234567890.{n:020}" for n in range(15)],
    "n varbinary(16)": [bytes([n, 0, 255 - n, 39, 92]) for n in range(15)],
    "n datetime(6)": [f"2026-05-01 08:00:00.{n:06}" for n in range(15)],
    "n varchar(40)": [f"箱'{chr(97 + n)}\\" for n in range(15)], "n double": [n + 0.5 for n in range(15)],
}  # fmt: skip


@REAL
async def test_mariadb_gives_the_same_as_its_twin_and_every_type_and_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _mariadb(tmp_path) as port:
        await _shown(port, monkeypatch)
        with contextlib.closing(_entered(port)) as link, link.cursor() as cursor:
            cursor.execute(ALL)
            cursor.executemany(f"insert into everything values ({', '.join(['%s'] * 18)})", EVERYTHING)
            for number, (kind, keys) in enumerate(KEYED.items()):
                cursor.execute(f"create table keyed{number} ({kind} primary key, port varchar(9))")
                cursor.executemany(f"insert into keyed{number} values (%s, %s)", [(key, str(at)) for at, key in enumerate(keys)])
        rows = await _raw(context(port, query="everything"))
        assert {name: tuple(row[name] for row in rows) for name in TOLD} == TOLD
        for number in range(len(KEYED)):
            of = context(port, query=f"keyed{number}")
            whole = await _raw(of)
            assert [row["port"] for row in whole] == [str(at) for at in range(15)], list(KEYED)[number]
            resumed = await _raw(context(port, query=f"keyed{number}", position={"after": await _after(of, 2)}))
            assert [row["port"] for row in resumed] == ["14"], "behind the second page of seven"
        await _shared_keys(port)
        await _secured(port, tmp_path, monkeypatch)


SHARED: dict[str, list[Any]] = {
    "varchar(9) collate utf8mb4_general_ci": ["", "a", "A ", "ä", "B", None], "time(3)": ["-25:00:00.5", "00:00:00", "838:59:59", None],
    "datetime": ["2026-05-01 08:00:00", "2026-05-01 08:00:01", None], "decimal(9,3)": ["-0.001", "7.100", None], "double": [0.1, 2.5, None],
    "varbinary(9)": [b"", b"\xff", b"\xff\0", None],
}  # fmt: skip


async def _shared_keys(port: int) -> None:
    """Keys that many rows share, and some lack: each row is taken once, though each page is of a run of its own."""
    for number, (kind, keys) in enumerate(SHARED.items()):
        with contextlib.closing(_entered(port)) as link, link.cursor() as cursor:
            cursor.execute(f"create table shared{number} (n {kind}, port varchar(9))")
            cursor.executemany(f"insert into shared{number} values (%s, %s)", [(keys[at % len(keys)], str(at)) for at in range(60)])
        found, position = [], dict[str, Any]()
        while (piece := await _first(context(port, query=f"shared{number}", position=position))) is not None:
            found += [int(row["port"]) for row in piece.table.to_pylist()]
            kept = {**piece.marks} if piece.after is None else {**piece.marks, "after": piece.after}
            position |= json.loads(json.dumps(kept))
        assert sorted(found) == list(range(60)), kind
    for kind in ("float", "enum('b', 'a')", "set('b', 'a')"):
        with contextlib.closing(_entered(port)) as link, link.cursor() as cursor:
            cursor.execute(f"create or replace table odd (n {kind}, port varchar(9))")
        with pytest.raises(Away, match="compared exactly"):
            await taken(context(port, query="odd"))


async def _first(of: Context) -> Piece | None:
    """The first piece of a run that is cut off behind it."""
    async for item in items(of):
        async for piece in item.pieces(0):
            return piece
    return None


async def _raw(of: Context) -> list[dict[str, Any]]:
    return [row async for item in items(of) async for piece in item.pieces(0) for row in piece.table.to_pylist()]


async def _after(of: Context, pages: int) -> Any:
    """The key behind which the source goes on after some pages."""
    found = [piece.after async for item in items(of) async for piece in item.pieces(0)]
    return json.loads(json.dumps(found[pages - 1]))


async def _secured(port: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS a certificate is asked for that the machine trusts, and it must be this server's."""
    address = f"mysqls://127.0.0.1:{port}/tos"
    with pytest.raises(Away):
        await taken(context(port, address=address))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    authorities.trusted.cache_clear()  # a process reads them once
    assert (await taken(context(port, address=address)))[0] == PORTS


def _entered(port: int) -> Any:
    return pymysql.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD, database="tos", autocommit=True, charset="utf8mb4")


@contextlib.contextmanager
def _mariadb(folder: Path) -> Iterator[int]:
    """A MariaDB of the test's own, filled like the twin."""
    port, place = free_port(), folder / "data"
    said = folder / "init.sql"
    said.write_text(
        "create database tos character set utf8mb4;\ncreate table tos.moves (n int primary key, port varchar(40));\n"
        "drop user if exists ''@'localhost';\ndrop user if exists ''@'%';\n"
        f"create user '{USER}'@'%' identified by '{PASSWORD}';\ngrant all on tos.* to '{USER}'@'%';\n"
    )
    common = ["--no-defaults", f"--datadir={place}", "--innodb-buffer-pool-size=32M", "--lc-messages-dir=/usr/share/mysql"]
    place.mkdir()
    mine = [f"--user={getpass.getuser()}"]
    shape = next(Path("/usr/share/mysql").glob("*_system_tables.sql"))
    tables = shape.read_text() + shape.with_stem(f"{shape.stem}_data").read_text()
    boot = "create database if not exists mysql;\nuse mysql;\n" + tables
    subprocess.run([str(MARIADB), *common, "--bootstrap", *mine], input=boot.encode(), check=True, capture_output=True, timeout=120)
    its = certified(folder)
    secured = [f"--ssl-cert={its.certificate}", f"--ssl-key={its.key}", f"--ssl-ca={its.certificate}"]
    reached = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s", f"--init-file={said}"]
    server = subprocess.Popen([str(MARIADB), *common, *mine, *secured, *reached], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        limit = time.monotonic() + 60
        while True:
            try:
                link = _entered(port)
                break
            except pymysql.MySQLError:
                assert time.monotonic() < limit, "MariaDB does not come up"
                time.sleep(0.2)
        with contextlib.closing(link), link.cursor() as cursor:
            cursor.executemany("insert into moves values (%s, %s)", PORTS)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _sample(name: str) -> bytes:
    """A message of our own, as it is offered for download."""
    form = format_named("edifact")
    assert form
    return next(sample.body for sample in form.samples() if sample.name == name)


def _rows(path: Path, body: bytes, element: str = "", start: int = 0) -> tuple[list[dict[str, Any]], list[str]]:
    path.write_bytes(body)
    rows, broken = [], []
    for piece in read(Plain(path), Options("auto", element), name=path.name, start=start):
        rows += piece.table.to_pylist()
        broken += [one.reason.en for one in piece.broken]
    return rows, broken


@pytest.mark.parametrize("query", [
    "with recursive c(n) as (select 1 union all select n + 1 from c) select n from c where n < 0",
    "select zeroblob(1000000000) as n", "select group_concat(hex(randomblob(1000000))) as n from (select 1 from a, a, a)",
    "select load_extension('x') as n", "select * from pragma_database_list", "select 1 as n) asked; attach '/tmp/x' as y; --",
])  # fmt: skip
async def test_a_query_of_a_file_ends_in_time_and_takes_no_more_than_a_row_may_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(databases, "TIMEOUT", 1.0)
    file = tmp_path / "a.db"
    with contextlib.closing(sqlite3.connect(file)) as made:
        made.execute("create table a (n)")
        made.executemany("insert into a values (?)", [(n,) for n in range(20)])
        made.commit()
    source = Source(code="s", name="s", kind="sqlite", target="dataset:s", address=str(file), query=query)
    with pytest.raises(Away):
        await asyncio.wait_for(taken(Context(source, "s", allowed={str(tmp_path)})), 60)


def test_an_edifact_file_gives_a_row_for_each_thing_that_is_stated(tmp_path: Path) -> None:
    load()
    gate, status = _sample("codeco-wanghai.edi"), _sample("iftsta-wanghai.edi")
    rows, broken = _rows(tmp_path / "a.edi", gate + status)
    assert not broken
    kinds = {(row["message_type"], row["record"]) for row in rows}
    assert kinds == {("CODECO", "base.movement.move"), ("IFTSTA", "base.movement.status")}, kinds
    assert [row["_row"] for row in rows] == list(range(1, len(rows) + 1))
    moves = [row for row in rows if row["message_type"] == "CODECO"]
    assert all(row["equipment"] and row["activity"] and row["at"] for row in moves)
    for only in ("CODECO", "base.movement.move"):
        assert [row["_row"] for row in _rows(tmp_path / "a.edi", gate + status, only)[0]] == [row["_row"] for row in moves]
    assert [row["_row"] for row in _rows(tmp_path / "a.edi", gate + status, start=1)[0]] == [row["_row"] for row in rows[1:]]
    rest, unread = _rows(tmp_path / "b.edi", gate.replace(b"CODECO:D", b"ORDERS:D"))
    assert not rest
    assert "ORDERS" in unread[0]


@pytest.mark.parametrize("body", [b"UNB+UNOC:3+A+B+261122:0800+1'", b"UNA:+.? 'UNH+1+CODECO", b"UNB+"])
def test_an_interchange_that_is_damaged_is_not_taken(tmp_path: Path, body: bytes) -> None:
    load()
    with pytest.raises(Unreadable):
        _rows(tmp_path / "a.edi", body)
