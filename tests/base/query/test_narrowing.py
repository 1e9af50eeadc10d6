"""What the store is asked at once leaves no row out that a statement tells of; only what is named is loaded, of tables of any length."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.query import running
from kouan.base.query.judging import judge
from kouan.base.query.loading import Feed
from kouan.base.query.narrowing import narrowed, once
from kouan.base.query.tables import Column, Kind
from kouan.kernel.errors import Refused
from kouan.kernel.text import Text

ZONE, BEGAN = "Asia/Shanghai", datetime(2026, 5, 1, tzinfo=UTC)
KINDS: dict[str, Kind] = {"state": "text", "n": "integer", "day": "date", "filed_at": "time", "b": "boolean", "kg": "number"}
COLUMNS = {
    name: Column(name, Text(name, name), kind, "row" if name in ("state", "filed_at") else "field", name, filter=True)
    for name, kind in KINDS.items()
}
COLUMNS["kg"] = Column("kg", Text("kg", "kg"), "number", "field", "kg")
TABLES = {"t": COLUMNS, "u": COLUMNS}


@pytest.fixture(scope="module")
def base() -> Iterator[Any]:
    with duckdb.connect() as made:
        made.execute(f"set TimeZone = '{ZONE}'")
        for name in TABLES:
            made.execute(f"create table {name} (state text, n bigint, day date, filed_at timestamptz, b boolean, kg double)")
            made.executemany(f"insert into {name} values (?, ?, ?, ?, ?, ?)", [
                (None if k % 11 == 0 else "ab"[k % 2], k % 7, (BEGAN + timedelta(days=k % 5)).date(), BEGAN + timedelta(hours=k * 7),
                 k % 3 == 0, k / 4) for k in range(60)
            ])  # fmt: skip
        yield made


def tree(base: Any, sql: str) -> Any:
    return json.loads(base.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0])


def asked(base: Any, sql: str) -> dict[str, dict[str, str]]:
    return narrowed(tree(base, sql), TABLES, ZONE, str)


@pytest.mark.parametrize(("where", "found"), [
    ("state = 'a'", {"state": "a"}), ("'a' = t.state and n > 3", {"state": "a", "n.gt": "3"}), ("3 >= n", {"n.lte": "3"}),
    ("n between 2 and 4", {"n.gte": "2", "n.lte": "4"}), ("b = true", {"b": "true"}), ("day >= '2026-05-02'", {"day.gte": "2026-05-02"}),
    ("filed_at >= timestamptz '2026-05-02T00:00:00Z'", {"filed_at.gte": "2026-05-01T23:59:59+00:00"}),
    ("filed_at < '2026-05-02'", {"filed_at.lte": "2026-05-01T19:00:00+00:00"}),
    ("state = 'a' or n = 3", {}), ("not state = 'a'", {}), ("state > 'a'", {}), ("kg = 3", {}), ("lower(state) = 'a'", {}), ("n = 3.5", {}),
    ("state = n", {}), ("state is null", {}), ("state <> 'a'", {}), ("filed_at > 'yesterday'", {}), ("state = null", {}),
    ("n > 2 and n > 4", {"n.gt": "2"}), ("x.state = 'a'", {}), ("state collate nocase = 'A'", {}),
])  # fmt: skip
def test_simple_conditions_on_declared_filters_are_asked_of_the_store(base: Any, where: str, found: dict[str, str]) -> None:
    assert asked(base, f"select * from t where {where}").get("t", {}) == found


@pytest.mark.parametrize("sql", [
    "select * from t where state = 'a' union all select * from t", "select * from t using sample 5 rows where state = 'a'",
    "select * from t tablesample 10% where state = 'a'", "select n as state from t where state = 'a'",
    "select * from u left join t on t.n = u.n where t.state = 'a'", "select * from t full join u on t.n = u.n where t.state = 'a'",
    "select * from t, u where state = 'a'", "select * from t a(state, m) where a.state = 'a'",
    "select * from t positional join u where t.n = 1",
    "select * from t join u t on true where t.state = 'a'", "select (select count(*) from t) from t where state = 'a'",
    "select * from t having n = 1", "select count(*) filter (where state = 'a') from t",
])  # fmt: skip
def test_what_might_leave_a_row_out_is_not_asked(base: Any, sql: str) -> None:
    assert "t" not in asked(base, sql)


def test_joins_and_inner_queries_are_narrowed_by_what_is_said_of_each(base: Any) -> None:
    joined = "select * from t join u on t.n = u.n where t.state = 'a' and u.n = 3"
    assert asked(base, joined) == {"t": {"state": "a"}, "u": {"n": "3"}}
    assert asked(base, "select * from t left join u on t.n = u.n where t.state = 'a' and u.n = 3") == {"t": {"state": "a"}}
    inner = "with x as (select n from t where state = 'a') select * from x, x y where x.n in (select n from u where b = false)"
    assert asked(base, inner) == {"t": {"state": "a"}, "u": {"b": "false"}}


CONDITIONS = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(["n", "3 - n", "kg", "t.n"]), st.sampled_from(["=", "<", "<=", ">", ">=", "<>"]),
              st.integers(-1, 8)),
    st.builds("state {} '{}'".format, st.sampled_from(["=", "<>", ">"]), st.sampled_from("abc")),
    st.builds("{} filed_at".format, st.sampled_from(["'2026-05-05' <", "timestamp '2026-05-09 08:00' >=", "'2026-05-03T03:00:00Z' ="])),
    st.builds("filed_at between '2026-05-{:02}' and '2026-05-{:02}'".format, st.integers(1, 20), st.integers(1, 20)),
    st.builds("day {} date '2026-05-0{}'".format, st.sampled_from(["=", "<", ">="]), st.integers(1, 6)),
    st.sampled_from(["b", "not b", "b = false", "state is null"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.recursive(CONDITIONS, lambda one: st.builds("({} {} {})".format, one, st.sampled_from(["and", "and", "or"]), one), max_leaves=5))
def test_an_answer_is_the_same_over_what_the_store_gives(base: Any, where: str) -> None:
    """The oracle: the engine over all rows, beside the engine over the rows that meet what the store was asked."""
    sql = f"select * replace (cast(filed_at as text) as filed_at) from t where {where} order by all"
    signs = {"": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    met = " and ".join(
        f"{name.partition('.')[0]} {signs[name.partition('.')[2]]} '{text}'" for name, text in asked(base, sql).get("t", {}).items()
    ) or "true"  # fmt: skip
    given_rows = base.execute(sql.replace("from t ", f"from (select * from t where {met}) t ")).fetchall()
    assert given_rows == base.execute(sql).fetchall()


@pytest.mark.parametrize(("sql", "names"), [
    ("select count(*) from t", {"t": set()}),
    ("select d.state, e.n from t d join u e on d.b = e.b", {"t": {"state", "b"}, "u": {"n", "b"}}),
    ("select state from t order by sum(n) over ()", {"t": {"state", "n"}}),
    ("select d.* from t d, u where u.n = 1", {"t": None, "u": {"n"}}),
    ("select t from t", {"t": {"t"}}), ("select * from t natural join u", {"t": None, "u": None}),
    ("select * exclude (n) from t", {"t": None}), ("select x.kg from (select * from t) x, u", {"t": None}),
])  # fmt: skip
def test_columns_that_are_not_named_are_not_loaded(base: Any, sql: str, names: dict[str, set[str] | None]) -> None:
    """`None`: all of them."""
    read = judge(tree(base, sql))
    for table, wanted in names.items():
        assert read.everything_of(table) == (wanted is None)
        if wanted is not None:
            assert {name for name in read.names_of(table) if name in COLUMNS or name == table} - {"u"} == wanted


@pytest.mark.parametrize(("sql", "alone"), [
    ("select state, count(*) from t where n > 1 group by 1 having count(*) > 1 order by 2", True), ("select * from t limit 3", True),
    ("select * from t, t u", False), ("select * from (select * from t)", False), ("select (select max(n) from t) from t", False),
    ("select n from t union select n from t", False), ("with x as (select * from t) select * from x, x y", False),
    ("select n from t where n in (select 1)", False), ("select n, unnest(range(n)) from t, range(3)", False),
])  # fmt: skip
def test_a_table_is_gone_through_once_only_where_it_stands_alone(base: Any, sql: str, alone: bool) -> None:
    assert once(tree(base, sql)) == alone


class Long(Feed):
    """A table as it would come out of the database."""

    def __init__(self, kinds: dict[str, str], parts: Callable[[], Iterator[bytes]], *, single: bool) -> None:
        self._kinds, self._parts, self.once, self.count = kinds, parts, single, 0

    def told(self) -> dict[str, Any]:
        """Kinds by name."""
        return {"columns": self._kinds, "once": self.once}

    async def hand_over(self, take: Callable[[bytes], Coroutine[Any, Any, None]]) -> None:
        """Part by part."""
        for part in self._parts():
            await take(part)


async def told(sql: str, kinds: dict[str, str], parts: Callable[[], Iterator[bytes]], *, single: bool) -> list[list[Any]]:
    async with running.started(sql, (), rows=10, zone=ZONE) as child:
        return (await child.answer({"t": Long(kinds, parts, single=single)})).rows


ROWS = (
    b'"a ""q"" \nb",5,1e+22,123.4500,true,2026-05-01,2026-05-01 08:30:00.123+00,"[""p"", ""q, r""]","{""k"": [1, 2]}"\n'
    b",,,,,,,,\n"
    b'"",-1,2,1E+3,false,2026-05-01,2026-05-01 08:30:00+00,[],[]\n'
)  # fmt: skip
EACH = {"a": "text", "n": "integer", "x": "number", "d": "decimal", "b": "boolean", "day": "date", "at": "time", "l": "list", "j": "json"}


@pytest.mark.parametrize("single", [False, True])
async def test_every_kind_of_value_comes_as_it_is_kept(single: bool) -> None:
    """Nothing is not an empty text; line ends, quotes, lists and parts arrive; frames may end anywhere."""
    rows = await told("select * from t", EACH, lambda: iter([ROWS[:13], ROWS[13:90], ROWS[90:]]), single=single)
    assert rows == [
        ['a "q" \nb', 5, 1e22, "123.45", True, "2026-05-01", "2026-05-01T08:30:00.123000Z", ["p", "q, r"], '{"k":[1,2]}'],
        [None] * 9, ["", -1, 2.0, "1000", False, "2026-05-01", "2026-05-01T08:30:00.000000Z", [], "[]"],
    ]  # fmt: skip
    assert await told("select count(*) from t", {}, lambda: iter([b"0\n0\n", b"0\n"]), single=single) == [[3]]
    assert await told("select count(*) from t", EACH, lambda: iter([]), single=single) == [[0]]
    assert await told("select n from t limit 1", {"n": "integer"}, lambda: (b"7\n" * 50_000 for _ in range(20)), single=single) == [[7]]


def huge() -> Iterator[bytes]:
    """Four hundred megabytes of text, a hundred kilobytes a row."""
    return (b"a" * 100_000 + b"\n" for _ in range(4_000))


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the memory, and time for a busy machine."""
    monkeypatch.setattr(running, "MEMORY", "128MB")
    monkeypatch.setattr(running, "LOADING", 300)


@pytest.mark.usefixtures("tight")
async def test_a_table_of_any_length_is_totalled_in_constant_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert await told("select count(*), sum(length(a)) from t", {"a": "text"}, huge, single=True) == [[4_000, "400000000"]]
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of all children that ended: another one may have held more
    assert most == before or most >> 10 < 400, f"{most >> 10} MiB"


@pytest.mark.usefixtures("tight")
async def test_a_table_that_must_be_held_and_is_too_long_is_refused_with_the_reason() -> None:
    with pytest.raises(Refused) as refusal:
        await told("select count(*), max(a) from t", {"a": "text"}, huge, single=False)
    assert refusal.value.rule == "query.memory"
    assert running.MEMORY in refusal.value.reason.zh


async def test_a_statement_that_fails_ends_the_handing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as refusal:
        await told("select nosuch from t", {"a": "text"}, huge, single=True)
    assert refusal.value.rule == "query.failed"
    monkeypatch.setattr(running, "LOADING", 1)

    class Slow(Long):
        async def hand_over(self, take: Callable[[bytes], Coroutine[Any, Any, None]]) -> None:
            await asyncio.sleep(600)

    async with running.started("select 1", (), rows=10, zone=ZONE) as child:
        with pytest.raises(Refused) as refusal:
            await child.answer({"t": Slow({}, lambda: iter([]), single=False)})
    assert refusal.value.rule == "query.time"
