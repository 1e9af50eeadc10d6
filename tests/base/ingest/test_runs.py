"""Runs on a port of the test's own: mapped, converted, checked, filed, counted, resumed."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from kouan.base.ingest import running, service, store
from kouan.base.ingest.ingester import Ingester
from kouan.base.ingest.records import Source
from kouan.base.ingest.sources import Away, opening
from kouan.base.ingest.staging import EXTRA, incoming
from kouan.kernel import owners
from kouan.kernel.errors import TooLarge
from kouan.kernel.formats import Draft
from kouan.kernel.vault import Vault
from tests.base.conftest import House

DIRTY = """箱号,状态,时间,地点,备注
 MSKU9070323 ,21,2026/5/6 8:30,青岛港,a
MSKU9070324,21,2026年5月7日,上海,b
CSQU3054383,,昨天,洋山,c
CSQU3054383,24,2026-05-06T08:30:00+08:00,无,d
 MSKU9070323 ,21,2026/5/6 8:30,青岛港,e
"""
COLUMNS = [
    {"into": "equipment", "column": "箱号", "steps": [{"do": "trim"}]},
    {"into": "code", "column": "状态"},
    {"into": "at", "column": "时间", "steps": [{"do": "date"}]},
    {"into": "text", "column": "地点", "steps": [{"do": "blank"}, {"do": "code", "a": "locode"}]},
]
SOURCE = {
    "code": "moves", "name": "Moves", "kind": "upload", "target": "base.movement.status", "columns": COLUMNS,
    "unique": ["equipment", "at", "code"], "sender": "org:carrier",
}


@pytest.fixture
def ingesting(house: House) -> House:
    house.port.extras[EXTRA] = house.home
    return house


async def made(house: House, **changed: Any) -> str:
    filed = await house.port.file(house.who("terminal", "operator"), [Draft(Source.facts.name, {**SOURCE, **changed})])
    return filed.kept[0].id


async def run(house: House, source: str, body: bytes = b"", **params: str) -> dict[str, Any]:
    async with house.client("terminal", "operator") as client:
        answer = await client.post(f"/api/ingest/sources/{source}/runs", content=body, params=params)
        assert answer.status_code == 202, answer.text
        await Ingester(house.port).step()
        return (await client.get(f"/api/ingest/runs/{answer.json()['id']}")).json()  # type: ignore[no-any-return]  # JSON


async def test_dirty_rows_become_records_and_the_rest_is_set_aside(ingesting: House) -> None:
    house = ingesting
    source = await made(house)
    done = await run(house, source, DIRTY.encode("gb18030"), name="moves.csv")
    assert (done["state"], done["error"]) == ("done", None)
    assert done["counts"] == {"taken": 5, "changed": 4, "values": 9, "kept": 2, "known": 0, "doubles": 1, "refused": 2, "held": 2}
    kept = await house.rows("select doc from r_base_movement_status order by seq")
    assert [row["doc"]["at"] for row in kept] == ["2026-05-06T00:30:00Z", "2026-05-06T08:30:00+08:00"]
    assert kept[0]["doc"]["text"] == "CNQDG"
    run_id = done["id"]
    async with house.client("terminal", "operator") as client:
        changes = (await client.get(f"/api/ingest/runs/{run_id}/changes", params={"row": 2, "field": "at"})).json()["items"]
        assert changes == [
            {"piece": 0, "row": 2, "field": "at", "before": "2026/5/6 8:30", "after": "2026-05-06T00:30:00Z", "rule": "date"}
        ]
        staged = (await client.get(f"/api/ingest/runs/{run_id}/staging")).json()["items"]
        assert [(one["source"], one["item"], one["rows"]) for one in staged] == [("moves", "moves.csv", 5)]
        aside = (await client.get(f"/api/ingest/runs/{run_id}/refused")).json()["items"]
        assert [(row["row"], {p["class"] for p in row["problems"]}) for row in aside] == [
            (3, {"authenticity"}), (4, {"completeness", "compliance"}),
        ]  # fmt: skip
        door = f"/api/ingest/runs/{run_id}/refused/0/3"
        assert (await client.post(door, json={"action": "repair", "data": {"equipment": "x"}})).status_code == 422
        mended = await client.post(door, json={"action": "repair", "data": {"equipment": "MSKU9070323"}})
        assert (mended.status_code, mended.json()["state"]) == (200, "repaired")
        assert (await client.post(door, json={"action": "drop"})).status_code == 409
        back = await client.post(f"/api/ingest/runs/{run_id}/refused/0/4", json={"action": "return", "note": "时间?"})
        assert back.json()["state"] == "returned"
        door = f"/api/ingest/runs/{run_id}/refused/0/4"
        unsaid = await client.post(door, json={"action": "release"})
        assert (unsaid.status_code, unsaid.json()["field"]) == (422, "note"), "a release says why"
        released = await client.post(door, json={"action": "release", "note": "x"})
        assert (released.status_code, released.json()["problems"][0]["field"]) == (422, "code"), "the record's own rules still decide"
    assert len(await house.rows("select 1 from r_base_movement_status")) == 3
    async with house.client("terminal", "operator") as client:
        told = (await client.get(f"/api/ingest/runs/{run_id}")).json()
        assert told["aside"] == {"repaired": 1, "returned": 1}
        assert {one["title"]["en"] for one in told["why"]} == {"Check digit", "Required", "Of a type"}
        settled = (await client.get(f"/api/ingest/runs/{run_id}/refused")).json()["items"]
        assert (settled[0]["data"]["equipment"], settled[0]["mended"]) == ("MSKU9070324", {"equipment": "MSKU9070323"})
        assert (settled[0]["by"], settled[1]["note"]) == ("user:terminal", "时间?")
        (listed,) = (await client.get("/api/ingest/sources")).json()["items"]
        assert (listed["last"]["id"], listed["next"], listed["entered"]) == (run_id, None, False)
    async with house.client("carrier") as sender:
        assert (await sender.get("/api/ingest/sources")).json()["items"] == []
        (sent,) = (await sender.get("/api/ingest/aside")).json()["items"]
        assert (sent["id"], sent["title"], sent["own"], sent["aside"]) == (run_id, "Moves", False, {"repaired": 1, "returned": 1})
        sheet = await sender.get(f"/api/ingest/runs/{run_id}/refused/download")
        assert "昨天" in sheet.content.decode("utf-8-sig")
    async with house.client("trader") as stranger:
        for path in ("", "/changes", "/staging", "/rows", "/refused", "/refused/download"):
            assert (await stranger.get(f"/api/ingest/runs/{run_id}{path}")).status_code == 404
        assert (await stranger.get("/api/ingest/aside")).json()["items"] == []
    told = await house.rows("select doc from r_base_ingest_run")
    assert (told[0]["doc"]["kept"], told[0]["doc"]["refused"], told[0]["doc"]["outcome"]) == (2, 2, "done")
    assert "集装箱：校验位" in [one["zh"] for one in told[0]["doc"]["causes"]]
    score = (await house.rows("select doc from r_base_quality_score"))[0]["doc"]
    assert (score["rows"], score["faulty"], score["completeness"], score["authenticity"]) == (4, 2, 75.0, 75.0)


async def test_a_killed_run_goes_on_with_nothing_lost_and_nothing_twice(ingesting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = ingesting
    source = await made(house, unique=["equipment", "at"], columns=COLUMNS[:3], key_column="n", kind="sqlite",
                        address=str(house.home / "in" / "tos.db"), query="moves")  # fmt: skip
    (house.home / "in").mkdir()
    with sqlite3.connect(house.home / "in" / "tos.db") as database:
        database.execute("create table moves (n integer primary key, 箱号 text, 状态 text, 时间 text)")
        database.executemany("insert into moves values (?, 'MSKU9070323', '21', ?)",
                             [(n, f"2026-05-06 {n // 60:02}:{n % 60:02}:00") for n in range(1, 41)])  # fmt: skip
    async with house.port.pool.acquire() as conn:
        await store.allow(conn, str(house.home / "in"), "test", "user:admin")
    monkeypatch.setattr("kouan.base.ingest.sources.databases.PAGE", 10)
    committed = store.taken
    calls: list[int] = []

    async def dying(*args: Any) -> str | None:
        calls.append(args[3])
        if len(calls) == 3:
            raise ConnectionError("killed before the commit")
        return await committed(*args)

    monkeypatch.setattr(running.store, "taken", dying)
    done = await run(house, source)
    assert done["state"] == "running"
    assert len(await house.rows("select 1 from r_base_movement_status")) == 30, "the third piece was filed, its commit was not"
    assert not await Ingester(house.port).step(), "its process lives"
    place, pid, began = owners.me().rsplit(":", 2)
    await house.rows("update ingest_run set lease = split_part(lease, ' ', 1) || ' ' || $1::text", f"{place}:{pid}:{int(began) - 1}")
    assert await Ingester(house.port).step(), "its process is dead: nobody waits for its lease"
    async with house.client("terminal", "operator") as client:
        again = (await client.get(f"/api/ingest/runs/{done['id']}")).json()
    assert again["state"] == "done"
    assert again["counts"]["taken"] == again["counts"]["kept"] == 40
    assert len(await house.rows("select 1 from r_base_movement_status")) == 40
    with sqlite3.connect(house.home / "in" / "tos.db") as database:
        database.execute("insert into moves values (99, 'MSKU9070323', '21', '2026-05-07 00:00:00')")
    assert (await run(house, source))["counts"]["taken"] == 1, "the next run goes on behind the last key"


async def test_a_run_stops_where_it_is_told_and_places_are_allowed_first(ingesting: House) -> None:
    house = ingesting
    folder = house.home / "drop"
    folder.mkdir()
    (folder / "a.csv").write_text(DIRTY)
    (folder / "b.json").write_text(json.dumps([{"箱号": "MSKU9070323", "状态": "22", "时间": "2026-05-06T08:30:00Z"}]))
    source = await made(house, kind="folder", address=str(folder), target="dataset:moves", columns=[
        {"into": "equipment", "column": "箱号"}, {"into": "at", "column": "时间", "type": "moment", "steps": [{"do": "date"}]},
    ], unique=[])  # fmt: skip
    refused = await run(house, source)
    assert refused["state"] == "failed"
    assert "not allowed" in refused["error"]["en"]
    async with house.client("portoffice", "system-admin") as admin:
        assert (await admin.put("/api/ingest/allowed", json={"place": str(folder), "reason": "drop"})).status_code == 204
        own = await admin.put("/api/ingest/allowed", json={"place": "/", "reason": "all"})
        assert own.status_code == 422
    async with house.client("terminal", "operator") as client:
        assert (await client.put("/api/ingest/allowed", json={"place": "/etc", "reason": "x"})).status_code == 403
        await asyncio.sleep(1.1)  # a file that is a moment old may still be written
        assert (await client.post(f"/api/ingest/runs/{refused['id']}/resume")).json()["state"] == "waiting"
        assert (await client.post(f"/api/ingest/sources/{source}/runs")).status_code == 409
        await Ingester(house.port).step()
        done = (await client.get(f"/api/ingest/runs/{refused['id']}")).json()
        assert (done["state"], done["counts"]["taken"], done["counts"]["kept"], done["counts"]["refused"]) == ("done", 6, 5, 1)
        clean = (await client.get(f"/api/ingest/runs/{refused['id']}/rows", params={"part": "clean"})).json()["items"]
        assert clean[0]["at"].startswith("2026-05-06")
        mended = {"action": "repair", "data": {"at": "2026-05-08T00:00:00Z"}}
        released = await client.post(f"/api/ingest/runs/{refused['id']}/refused/0/4", json=mended)
        assert released.status_code == 200, released.text
        clean = (await client.get(f"/api/ingest/runs/{refused['id']}/rows", params={"part": "clean"})).json()["items"]
        assert len(clean) == 6
        assert (await run(house, source))["counts"]["taken"] == 0, "what was taken is not taken again"
    assert_sealed(house.home / "staging")


def assert_sealed(folder: Path) -> None:
    found = list(folder.rglob("*.parquet"))
    assert found
    assert not [path for path in found if b"MSKU9070323" in path.read_bytes()]


async def test_a_sample_is_inferred_and_tried(ingesting: House) -> None:
    async with ingesting.client("terminal", "operator") as client:
        found = (await client.post("/api/ingest/infer", content=DIRTY.encode(), params={"target": "base.movement.status"})).json()
        assert {"equipment": "箱号", "at": "时间"}.items() <= {one["into"]: one["column"] for one in found["mapping"]}.items(), found
        tried = (await client.post("/api/ingest/try", json={"definition": SOURCE, "sample": DIRTY})).json()
        assert (tried["counts"]["taken"], tried["counts"]["refused"], len(tried["rows"])) == (5, 2, 2)
        broken = await client.post("/api/ingest/infer", content=b"\x00\x01\x02")
        assert (broken.status_code, broken.json()["field"]) == (422, "sample")
    async with ingesting.client("terminal", "viewer") as viewer:
        said = [await viewer.post("/api/ingest/infer", content=DIRTY.encode()),
                await viewer.post("/api/ingest/try", json={"definition": SOURCE, "sample": DIRTY}),
                await viewer.post("/api/ingest/look", json={"definition": SOURCE})]  # fmt: skip
    assert [answer.status_code for answer in said] == [403, 403, 403]
    assert not await ingesting.rows("select 1 from ingest_run")


async def test_the_sweep_passes_data_sets_that_stay(ingesting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many runs of data sets are the oldest, what other runs staged is forgotten."""
    monkeypatch.setattr(service, "SWEPT", 1)
    house, stays = ingesting, []
    data_set = await made(house, code="kept-1", target="dataset:weather", unique=[])
    for number in range(3):
        done = await run(house, data_set, f"at,wind\n2026-05-06,{number}\n".encode(), name=f"w{number}.csv")
        assert done["state"] == "done", done
        stays.append(done["id"])
    goes = (await run(house, await made(house), DIRTY.encode("gb18030"), name="moves.csv"))["id"]
    assert await service.sweep(house.port, -1) == 1
    left = {str(row["id"]) for row in await house.rows("select id from ingest_run")}
    assert left == set(stays)
    assert goes not in left


async def test_uploads_that_no_run_takes_fill_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an organisation begins and leaves has a limit, harms no other, and is forgotten after two days; runs' own files stay."""
    monkeypatch.setattr(service, "MOST_BEGUN", 10_000)
    port: Any = SimpleNamespace(extras={EXTRA: tmp_path}, vault=Vault.of(bytes(32)))

    async def sent(org: int, size: int) -> str:
        async def body() -> AsyncIterator[bytes]:
            yield b"x" * size

        key = f"{org}-{uuid4()}"
        assert await service.received(port, key, body(), 0) == size
        return key

    first = [await sent(7, 6000), await sent(7, 3800)]
    with pytest.raises(TooLarge):
        await sent(7, 200)
    other, run = await sent(77, 9000), str(uuid4())
    service.held(incoming(port, run), b"x")
    for name in (*first, run):
        os.utime(incoming(port, name).path, (time.time() - 3 * 86_400,) * 2)
    assert service.forget_uploads(port) == 2
    assert incoming(port, other).exists()
    assert incoming(port, run).exists()
    await sent(7, 9000)


async def test_a_look_keeps_nothing_and_shows_a_kept_credential_to_no_other_place(
    ingesting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = ingesting
    entered: list[tuple[str, str, str]] = []

    async def opened(context: Any) -> Any:
        entered.append((context.source.address, context.user, context.password))
        raise Away.of(ConnectionError("closed"))
        yield

    monkeypatch.setitem(opening._KINDS, "postgresql", opened)
    stated = {**SOURCE, "kind": "postgresql", "address": "postgresql://tos.example:5432/tos", "query": "moves", "unique": []}
    source = await made(house, **{name: value for name, value in stated.items() if name not in SOURCE or SOURCE[name] != value})
    async with house.client("terminal", "operator") as client:
        door = f"/api/ingest/sources/{source}/credential"
        assert (await client.put(door, json={"user": "reader", "password": "geheim"})).status_code == 204
        for address, more in (
            (stated["address"], {}), ("postgresql://elsewhere.example:5432/tos", {}), (stated["address"], {"user": "me", "password": "x"}),
        ):  # fmt: skip
            asked = {"definition": {**stated, "address": address}, "source": source, **more}
            told = (await client.post("/api/ingest/look", json=asked)).json()
            assert (told["ok"], told["found"], told["trial"]) == (False, None, None), told
        assert [one[1:] for one in entered] == [("reader", "geheim"), ("", ""), ("me", "x")]
        (listed,) = (await client.get("/api/ingest/sources")).json()["items"]
        assert (listed["entered"], listed["last"]) == (True, None)
        assert "geheim" not in (await client.get("/api/ingest/sources")).text
    async with house.client("trader") as stranger:
        assert (await stranger.post("/api/ingest/look", json={"definition": stated, "source": source})).status_code == 404
