"""Keys that are not unique, or not stated in every row: whatever the pages, and wherever a run is cut off, each row is taken once."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.app.supervisor.postgres import Postgres
from kouan.base.ingest.records import Source
from kouan.base.ingest.sources import Away, Context, databases, items, keyed, mysql
from tests.base.ingest.bridge import bridged
from tests.base.ingest.mysql_twin import PASSWORD, USER, twin

KEYS = st.one_of(st.none(), st.integers(0, 3))
ROWS = st.lists(st.tuples(KEYS, st.sampled_from("abc")), max_size=25)
LATER = st.lists(st.tuples(st.one_of(st.none(), st.integers(3, 5)), st.sampled_from("abc")), max_size=6)


def _database(path: Path, rows: Sequence[tuple[Any, str]], shape: str = "k, v text") -> Path:
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(f"create table moves ({shape})")
        database.executemany("insert into moves values (?, ?)", rows)
    return path


def _add(path: Path, rows: Sequence[tuple[Any, str]]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.executemany("insert into moves values (?, ?)", rows)


async def _taken(of: Context, cut: int = 1_000) -> tuple[list[tuple[str | None, str | None]], dict[str, Any]]:
    """The rows of the first pieces of a run, and its place as it is kept after them."""
    found, position = [], dict(of.position)
    async for item in items(of):
        start = int(position.get("row", 0))
        async for piece in item.pieces(start):
            if cut == 0:
                break
            cut -= 1
            rows = piece.table.to_pylist()
            assert [row["_row"] for row in rows] == list(range(start + 1, start + 1 + len(rows)))
            found += [(row["k"], row["v"]) for row in rows]
            start = piece.last
            position |= {**piece.marks, "row": start} | ({} if piece.after is None else {"after": piece.after})
    return found, json.loads(json.dumps(position))


def _file(path: Path, position: dict[str, Any]) -> Context:
    source = Source(code="s", name="s", kind="sqlite", target="dataset:s", query="moves", key_column="k", address=str(path))
    return Context(source, "s", allowed={str(path.parent)}, position=position)


def _server(port: int, position: dict[str, Any], kind: str = "mysql", **stated: Any) -> Context:
    source = Source(**{"code": "s", "name": "s", "kind": kind, "target": "dataset:s", "query": "moves", "key_column": "k",
                       "address": f"{kind}://127.0.0.1:{port}/{'tos' if kind == 'mysql' else 'postgres'}", **stated})  # fmt: skip
    return Context(source, "s", USER if kind == "mysql" else "postgres", PASSWORD, {f"127.0.0.1:{port}"}, position)


def _told(rows: Sequence[tuple[Any, str]]) -> Counter[tuple[str | None, str]]:
    return Counter((None if key is None else str(key), value) for key, value in rows)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, later=LATER, page=st.integers(1, 6), cut=st.integers(0, 6))
async def test_each_row_of_a_file_is_taken_once_wherever_a_run_is_cut_off(
    tmp_path: Path, rows: list[tuple[int | None, str]], later: list[tuple[int | None, str]], page: int, cut: int
) -> None:
    path = _database(tmp_path / "tos.db", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "PAGE", page)
        first, position = await _taken(_file(path, {}), cut)
        second, position = await _taken(_file(path, position))
        assert Counter(first + second) == _told(rows)
        _add(path, later)
        third, position = await _taken(_file(path, position))
        below = max((key for key, _ in rows if key is not None), default=0)
        assert Counter(third) == _told([row for row in later if row[0] is None or row[0] >= below])
        assert (await _taken(_file(path, position)))[0] == []


@pytest.mark.parametrize("shape", ["k text collate nocase, v text", "k blob, v text", "k real, v text"])
async def test_texts_bytes_and_numbers_are_keys_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    monkeypatch.setattr(databases, "PAGE", 3)
    made: Any = {"b": lambda n: bytes([n // 4, 255]), "t": lambda n: ("", "Aa", "aA", "B'")[n // 3], "r": lambda n: n // 4 + 0.5}[shape[2]]
    rows = [(made(n), str(n)) for n in range(12)]
    path = _database(tmp_path / "tos.db", rows, shape)
    found: list[Any] = []
    position: dict[str, Any] = {}
    for _ in range(5):
        some, position = await _taken(_file(path, position), 1)
        found += some
    assert sorted(int(value) for _, value in found) == list(range(12))


async def test_mysql_loses_none_of_the_rows_that_share_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mysql, "PAGE", 4)
    rows = [(key, f"{key}-{n // 2}") for key in (None, 1, 2, 3) for n in range(11)]
    path = _database(tmp_path / "tos.db", rows, "k integer, v text")
    with twin(path) as port:
        for cut in (0, 1, 4, 7):
            first, position = await _taken(_server(port, {}), cut)
            second, position = await _taken(_server(port, position))
            assert Counter(first + second) == _told(rows), cut
        _add(path, [(3, "late"), (None, "blank"), (2, "behind")])
        third, position = await _taken(_server(port, position))
        assert Counter(third) == _told([(3, "late"), (None, "blank")])
        assert (await _taken(_server(port, position)))[0] == []


async def test_postgresql_loses_none_of_the_rows_that_share_a_key(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "PAGE", 4)
    query = "select case when n < 11 then null else ('2026-05-01'::timestamptz + make_interval(secs => n / 11)) end as k, (n / 2)::text v \
        from generate_series(0, {most}) s(n)"
    with bridged(server.socket / ".s.PGSQL.5432") as port:
        for cut in (0, 1, 4, 7):
            of = _server(port, {}, "postgresql", query=query.format(most=43))
            first, position = await _taken(of, cut)
            second, position = await _taken(_server(port, position, "postgresql", query=query.format(most=43)))
            assert len(first + second) == 44, cut
            assert Counter(value for _, value in first + second) == Counter(str(n // 2) for n in range(44))
        third, position = await _taken(_server(port, position, "postgresql", query=query.format(most=48)))
        assert Counter(value for _, value in third) == Counter(["22", "22", "23", "23", "24"])


@pytest.mark.parametrize("key", [7, None])
async def test_a_value_with_more_rows_than_can_be_told_apart_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: Any) -> None:
    monkeypatch.setattr(databases, "PAGE", 4)
    monkeypatch.setattr(keyed, "MOST_SAME", 10)
    path = _database(tmp_path / "tos.db", [(key, str(n)) for n in range(11)])
    with pytest.raises(Away, match="ore than 10 rows"):
        await _taken(_file(path, {}))
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("delete from moves where v = '0'")
    assert len((await _taken(_file(path, {})))[0]) == 10


async def test_a_place_kept_before_rows_were_told_apart_goes_on_behind_its_value(tmp_path: Path) -> None:
    path = _database(tmp_path / "tos.db", [(1, "a"), (2, "b"), (3, "c")])
    found, position = await _taken(_file(path, {"after": 2}))
    assert found == [("3", "c")]
    _add(path, [(3, "d")])
    assert (await _taken(_file(path, position)))[0] == [("3", "d")]


def test_texts_that_a_database_may_hold_for_equal_are_alike() -> None:
    assert keyed.alike("Zürich ", "ZURICH")
    assert keyed.alike(float("nan"), float("nan"))
    assert not keyed.alike("港", "口")
    assert not keyed.alike(1, 2)
