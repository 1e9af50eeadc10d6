"""Sources by themselves: MySQL (a twin, and MariaDB where it is installed) and UN/EDIFACT files."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from kouan.base.ingest.readers import Options, Unreadable, read
from kouan.base.ingest.records import Source
from kouan.base.ingest.sources import Away, Context, items, mysql
from kouan.kernel.formats import format_named
from tests.base.conftest import load
from tests.base.ingest.mysql_twin import PASSWORD, USER, filled, twin
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


@pytest.mark.skipif(MARIADB is None, reason="MariaDB is not installed (Debian: mariadb-server-core)")
async def test_mariadb_gives_the_same_as_its_twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _mariadb(tmp_path) as port:
        await _shown(port, monkeypatch)


@contextlib.contextmanager
def _mariadb(folder: Path) -> Iterator[int]:
    """A MariaDB of the test's own, filled like the twin."""
    port, place = free_port(), folder / "data"
    said = folder / "init.sql"
    said.write_text(
        "create database tos character set utf8mb4; create table tos.moves (n int primary key, port varchar(40));"
        f"create user '{USER}'@'%' identified by '{PASSWORD}'; grant all on tos.* to '{USER}'@'%';"
    )
    common = ["--no-defaults", f"--datadir={place}", "--innodb-buffer-pool-size=32M", "--lc-messages-dir=/usr/share/mysql"]
    place.mkdir()
    tables = "".join(Path(f"/usr/share/mysql/{name}.sql").read_text() for name in ("mariadb_system_tables", "mariadb_system_tables_data"))
    boot = "create database if not exists mysql; use mysql;\n" + tables
    subprocess.run([str(MARIADB), *common, "--bootstrap", "--user=root"], input=boot.encode(), check=True, capture_output=True, timeout=120)
    server = subprocess.Popen([str(MARIADB), *common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s", "--user=root",
                               f"--init-file={said}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        limit = time.monotonic() + 60
        while True:
            try:
                link = pymysql.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD, database="tos", autocommit=True)
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
    for piece in read(path, Options("auto", element), name=path.name, start=start):
        rows += piece.table.to_pylist()
        broken += [one.reason.en for one in piece.broken]
    return rows, broken


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
