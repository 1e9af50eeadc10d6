"""SQL runs in a process that has nothing but the asker's rows: hostile statements are refused, audited and harmless."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from kouan.base.query import running
from kouan.base.query.functions import FUNCTIONS, TABLE_FUNCTIONS
from kouan.base.query.judging import judge
from kouan.base.query.loading import Loaded
from kouan.kernel.errors import Refused
from tests.base.grant.calls import call
from tests.conftest import Running

SQL = "/api/query/sql"
T = "base_declaration_declaration"
HOSTILE = [
    ("attach '/tmp/x.db' as x", "statement"), ("copy (select 1) to '/tmp/kouan-out.csv'", "statement"),
    ("pragma version", "statement"), (f"copy {T} from '/etc/passwd'", "statement"),
    ("set enable_external_access = true", "statement"), ("install httpfs", "statement"), ("load httpfs", "statement"),
    ("reset lock_configuration", "statement"), ("call pragma_version()", "statement"),
    ("create table x as select 1", "statement"), (f"drop table {T}", "statement"), (f"insert into {T} values (1)", "statement"),
    (f"update {T} set state = 'x'", "statement"), (f"delete from {T}", "statement"), ("explain analyze select 1", "statement"),
    ("export database '/tmp/x'", "statement"), ("use information_schema", "statement"), ("checkpoint", "statement"),
    ("begin", "statement"), ("prepare p as select 1", "statement"), ("create macro f(x) as x", "statement"),
    (f"pivot {T} on state using count(*)", "statement"), ("select 1; select 2", "statement"),
    (f"select 1; drop table {T}", "statement"), ("select 1;;select 2 -- x", "statement"), ("", "statement"),
    ("/* nothing */", "statement"), ("select", "syntax"), ("selec 1", "syntax"), ("select 'open", "syntax"),
    ("ｓｅｌｅｃｔ 1", "syntax"), ("select * from read_csv('/etc/passwd')", "allowed"),
    ("select * from read_text('/etc/passwd')", "allowed"), ("select * from read_blob('/proc/self/environ')", "allowed"),
    ("select * from read_parquet('http://127.0.0.1/x')", "allowed"), ("select * from read_json_auto('s3://x/y')", "allowed"),
    ("select * from glob('/etc/*')", "allowed"), ("select * from GLOB('/etc/*')", "allowed"),
    ('select * from "read_csv"(\'/etc/passwd\')', "allowed"), ("select getenv('PATH')", "allowed"),
    ("select current_setting('home_directory')", "allowed"), ("select getvariable('x')", "allowed"),
    ("select * from duckdb_settings()", "allowed"), ("select * from duckdb_tables()", "allowed"),
    ("select * from duckdb_secrets()", "allowed"), ("select * from pragma_database_list()", "allowed"),
    ("select * from sql_auto_complete('sel')", "allowed"), ("select * from query('select 1')", "allowed"),
    (f"select * from query_table('{T}')", "allowed"), ("select * from arrow_scan(1, 2, 3)", "allowed"),
    ("select main.getenv('x')", "allowed"), ("select system.main.read_text('/etc/passwd')", "allowed"),
    ("select write_log('x')", "allowed"), ("select * from range(3), lateral (select * from read_text('/etc/passwd'))", "allowed"),
    ("select nextval('s')", "allowed"), (f"select (select content from read_text('/etc/passwd')) from {T}", "allowed"),
    ("from (describe select 1)", "allowed"), (f"select state from {T} order by getenv('x')", "allowed"),
    (f"select state from {T} limit (select count(*) from duckdb_settings())", "allowed"),
    ("with x as (select * from read_text('/etc/passwd')) select 1", "allowed"),
    ("select 1 union all select content from read_text('/x')", "allowed"),
    ("select list_transform([1], lambda x: getenv('PATH'))", "allowed"),
    (f"select count(*) over (order by getenv('x')) from {T}", "allowed"), ("show tables", "allowed"),
    ("show all tables", "allowed"), (f"describe {T}", "allowed"), (f"summarize {T}", "allowed"), ("select $1", "allowed"),
    ("select ?", "allowed"), ("select repeat('x', 1000000000)", "allowed"), ("values (getenv('x'))", "allowed"),
]  # fmt: skip
OUTSIDE = [
    "select * from '/etc/passwd'", "select * from \"/proc/self/environ\"", "select * from information_schema.tables",
    "select * from pg_catalog.pg_tables", "select * from duckdb_tables", "select * from sqlite_master",
    "select * from 'http://127.0.0.1/x.csv'", f"select * from main.{T}", f"select * from memory.main.{T}",
    "select * from r_base_declaration_declaration", "select * from handed_over", "select * from base_identity_account",
    f"select * from {T} d, data_use", f"select * from \"{T}\u0000\"",
    'with "information_schema.tables" as (select 1) select * from information_schema.tables',
    "select * from (with duckdb_tables as (select 1) select * from duckdb_tables) x, duckdb_tables",
    "with duckdb_tables as (select * from duckdb_tables) select * from duckdb_tables",
    "with x as (select * from duckdb_tables), duckdb_tables as (select 1) select * from x",
]  # fmt: skip


@pytest.fixture(scope="module")
def parser() -> Any:
    with duckdb.connect() as base:
        yield lambda sql: json.loads(base.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0])


@pytest.mark.parametrize(("sql", "rule"), HOSTILE)
def test_a_hostile_statement_is_refused_before_anything_is_loaded(parser: Any, sql: str, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        judge(parser(sql))
    assert refusal.value.rule == f"query.{rule}"
    assert refusal.value.reason.zh != refusal.value.reason.en


@pytest.mark.parametrize(("sql", "tables"), [
    (f"with x as (select * from {T}) select * from x", {T}), ("with x as (select 1), y as (select * from x) select * from y, x", set()),
    ("with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select * from r", set()),
    (f"with x as (select 1) select (select count(*) from x) from {T} where exists (select * from x)", {T}),
    ("with x as materialized (select 1) select * from x union all select * from X", set()),
    (f"select * from (with {T} as (select 1) select * from {T}) a, {T}", {T}),
])  # fmt: skip
def test_a_part_of_a_statement_is_known_where_it_stands(parser: Any, sql: str, tables: set[str]) -> None:
    assert judge(parser(sql)).tables == tables


def test_no_allowed_function_reaches_beyond_its_arguments() -> None:
    """Nothing of the engine that reads files, settings or its catalogue is on the list, by whatever name it has in this version."""
    with duckdb.connect() as base:
        known = base.execute("select distinct function_name, function_type from duckdb_functions()").fetchall()
    tables = {name for name, kind in known if kind in ("table", "table_macro", "pragma")}
    assert tables & FUNCTIONS <= TABLE_FUNCTIONS
    wrong = ("read_", "duckdb_", "pragma_", "glob", "env", "setting", "query", "scan", "nextval", "currval", "secret", "write", "attach")
    assert not [name for name in FUNCTIONS | TABLE_FUNCTIONS if any(part in name for part in wrong)]
    assert len(FUNCTIONS & {name for name, _ in known}) > 200, "the list speaks of this engine"


def rows() -> dict[str, Loaded]:
    return {"t": Loaded(pa.table({"state": ["a", "b"], "n": [1, 2]}), {"1": "r:1"}, [])}


async def run(sql: str) -> running.Answer:
    async with running.started(sql, (), rows=10, zone="Asia/Shanghai") as child:
        return await child.answer(rows())


@pytest.mark.parametrize("sql", [
    "copy (select * from t) to '/tmp/kouan-query-leak.csv'", "select * from read_text('/etc/hostname')",
    "select * from '/etc/passwd'",
    "attach '/tmp/kouan-query-leak.db' as leak", "set enable_external_access = true", "reset lock_configuration",
    "set memory_limit = '8GB'", "load httpfs", "select * from read_csv('http://127.0.0.1:1/x')",
])  # fmt: skip
async def test_the_engine_is_shut_even_without_a_judge(sql: str) -> None:
    """What the judge would refuse does nothing either where it is run as it stands."""
    with pytest.raises(Refused) as refusal:
        await run(sql)
    assert refusal.value.rule in ("query.failed", "query.broke")
    assert not leaked()


def leaked() -> list[Path]:
    """Files that a statement wrote."""
    return list(Path("/tmp").glob("kouan-query-leak*"))


async def test_the_process_has_no_environment_and_ends_with_its_answer() -> None:
    async with running.started("select count(*) from t", (), rows=10, zone="UTC") as child:
        held = environment_of(child._process.pid)
        assert (await child.answer(rows())).rows == [[2]]
    assert not any(word in held for word in (b"KOUAN", b"PATH", b"HOME"))
    assert child._process.returncode is not None


def environment_of(pid: int) -> bytes:
    """What a process was started with; it waits for its tables meanwhile."""
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.parametrize(("sql", "rule"), [
    ("with recursive r as (select 1 as x union all select x + 1 from r) select max(x) from r", "query.time"),
    ("select count(*) from range(1000000) a, range(1000000) b, range(1000) c where a.range + b.range = c.range * 3", "query.time"),
    ("select range(1, 1000000000)", "query.memory"),
])  # fmt: skip
async def test_what_does_not_end_or_fit_is_ended(monkeypatch: pytest.MonkeyPatch, sql: str, rule: str) -> None:
    monkeypatch.setattr(running, "SECONDS", 3)
    with pytest.raises(Refused) as refusal:
        await asyncio.wait_for(run(sql), 60)
    assert refusal.value.rule in (rule, "query.time")


async def test_an_answer_is_cut_at_its_bounds() -> None:
    assert len((await run("select a.range from range(100) a")).rows) == 10
    told = await run("select lpad('', 3000000, 'x') from range(9)")
    assert told.truncated
    assert len(told.rows) == 2


@pytest.mark.parametrize("sql", OUTSIDE)
def test_what_is_no_table_of_the_asker_is_not_there(platform: Running, sql: str) -> None:
    refused = call(platform, "trader", "POST", SQL, 422, json={"sql": sql})
    assert refused["rule"] in ("query.table", "query.syntax")
    assert refused["field"] == "sql"
    assert "root:" not in json.dumps(refused)


def test_refused_statements_are_audited_without_their_text(platform: Running) -> None:
    """Who tried, by which rule, and a digest: a statement may hold what an audit may not."""
    secret = "E99887766"
    tried = (f"select getenv('{secret}')", f"copy (select '{secret}') to '/tmp/x'", f"select '{secret}' from nowhere", f"select '{secret}")
    for sql in tried:
        refused = call(platform, "carrier", "POST", SQL, 422, json={"sql": sql})
        assert secret not in json.dumps(refused)
    found = call(platform, "portoffice", "GET", "/api/identity/audit", role="audit-admin", params={"action": "query:sql", "limit": 100})
    account = call(platform, "carrier", "GET", "/api/me")["user"]["id"]
    mine = [entry for entry in found["items"] if entry["account"] == account]
    reasons = " ".join(entry["reason"] for entry in mine)
    assert all(rule in reasons for rule in ("query.allowed", "query.statement", "query.table", "query.syntax"))
    assert secret not in json.dumps(found)
    assert {entry["outcome"] for entry in mine} == {"denied"}


def test_sql_tells_each_what_its_lists_tell(platform: Running) -> None:
    """The same statement, two organisations, two answers: rows by entitlement, hidden fields nothing."""
    from_list = {}
    for org in ("customs", "trader", "trucker"):
        listed = call(platform, org, "GET", "/api/records/base/declaration/declaration/export?format=json")
        told = call(platform, org, "POST", SQL, json={"sql": f"select count(*) as n, count(distinct filed_by) from {T}"})
        assert told["rows"][0][0] == len(listed)
        assert [column["title"] for column in told["columns"]] == [
            {"zh": "n", "en": "n"}, {"zh": "提交单位不同值数", "en": "Different values of Filed by"},
        ], "a figure without a name of its own reads in the words of its column"  # fmt: skip
        from_list[org] = len(listed)
    assert from_list["trucker"] == 0
    joined = call(platform, "customs", "POST", SQL, json={"sql": f"""
        -- comments and a CTE are no harm
        with busy as (select unnest(containers) as box, ref from {T})
        select c.bill, count(distinct busy.ref) as n from base_manifest_consignment c join busy on list_contains(c.containers, busy.box)
        group by all order by n desc, 1 limit 3"""})  # fmt: skip
    assert [column["name"] for column in joined["columns"]] == ["bill", "n"]
    assert joined["columns"][0]["title"] == {"zh": "提运单号", "en": "Transport document"}


def test_the_command_line_asks(platform: Running) -> None:
    plain = platform.cli("query", f"select count(*) as n from {T}", org="customs")
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.splitlines()[0] == "n"
    as_json = platform.cli("query", f"select count(*) as n from {T}", "--json", org="customs")
    assert json.loads(as_json.stdout)["rows"][0][0] == int(plain.stdout.splitlines()[2])
    sheet = platform.cli("query", "select '=1+1' as a", "--csv", org="customs")
    assert sheet.stdout.lstrip("\ufeff").splitlines()[0] == "a"
    assert not sheet.stdout.splitlines()[1].startswith("=")
    refused = platform.cli("query", "select getenv('HOME')", org="customs")
    assert refused.returncode == 1
    assert "getenv" in refused.stderr
    assert platform.cli("query", "select 1").returncode == 2
