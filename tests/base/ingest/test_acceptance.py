"""Extraction and quality, as their users meet them on the running platform: one source of each kind, dirty data, planted faults."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import io
import json
import os
import secrets
import socket
import struct
import subprocess
import threading
import time
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import nats
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from paho.mqtt import publish

from kouan.app.supervisor import binaries
from kouan.app.supervisor.cluster import socket_folder
from kouan.base.exchange.api import to_xlsx
from tests.base.ingest.bridge import bridged
from tests.base.ingest.mysql_twin import PASSWORD, USER, filled, twin
from tests.conftest import Running, free_port

STATUS = "base.movement.status"
WITHIN = 90.0
COLUMNS = [
    {"into": "equipment", "column": "箱号", "steps": [{"do": "trim"}]},
    {"into": "code", "column": "状态"},
    {"into": "at", "column": "时间", "steps": [{"do": "date"}]},
    {"into": "text", "column": "港口", "steps": [{"do": "trim"}, {"do": "code", "a": "locode"}]},
]
PLAIN = [{"into": name, "column": name} for name in ("n", "port")]
ENTERED = {"postgresql": {"user": "kouan_app", "password": ""}, "mysql": {"user": USER, "password": PASSWORD}}
ROWS = [{"n": str(n), "port": "CNQIN"} for n in range(1, 4)]


class Extraction:
    """A firm's clerk at the doors of extraction."""

    def __init__(self, platform: Running, org: str = "terminal") -> None:
        self.client = platform.client(org)

    def source(self, **stated: Any) -> str:
        code = f"t-{secrets.token_hex(6)}"
        answer = self.client.post("/api/records/base/ingest/source", json={"code": code, "name": code, **stated})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["item"]["id"])

    def begin(self, source: str, body: bytes = b"", name: str = "") -> str:
        answer = self.client.post(f"/api/ingest/sources/{source}/runs", content=body, params={"name": name})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def ended(self, run: str) -> dict[str, Any]:
        limit = time.monotonic() + WITHIN
        while time.monotonic() < limit:
            found: dict[str, Any] = self.client.get(f"/api/ingest/runs/{run}").json()
            if found["state"] not in ("waiting", "running", "stopping"):
                return found
            time.sleep(0.1)
        raise AssertionError(f"the run did not end: {found}")

    def run(self, source: str, body: bytes = b"", name: str = "") -> dict[str, Any]:
        return self.ended(self.begin(source, body, name))

    def landed(self, done: dict[str, Any], rows: int) -> None:
        assert (done["state"], done["error"]) == ("done", None), done
        staged = self.client.get(f"/api/ingest/runs/{done['id']}/staging").json()["items"]
        assert sum(one["rows"] for one in staged) == rows, staged
        assert all(one["source"] == done["code"] and one["item"] and one["at"] for one in staged), staged


def media() -> dict[str, bytes]:
    """An image and a sound, as small as they can be."""
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 640, 480, 8, 2, 0, 0, 0)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(16000))
    boxes = struct.pack(">I4sIIIII", 28, b"mvhd", 0, 3_900_000_000, 0, 1000, 5000)
    film = struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0)
    film += struct.pack(">I4s", 8 + len(boxes) + 16, b"moov") + boxes + bytes(8) + b"\0\0\0\x08free"
    return {"gate.png": png, "horn.wav": sound.getvalue(), "gate.mp4": film}


@contextlib.contextmanager
def served(folder: Path) -> Iterator[int]:
    """A folder over HTTP."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(http.server.SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[tuple[int, int]]:
    """A NATS server with JetStream and MQTT; its two ports."""
    client, mqtt = free_port(), free_port()
    (folder / "nats.conf").write_text(
        f'port: {client}\nhost: 127.0.0.1\nserver_name: t\njetstream {{ store_dir: "{folder}/js" }}\n'
        f'mqtt {{ port: {mqtt}, host: 127.0.0.1 }}\n'
    )
    process = subprocess.Popen([str(binaries.nats()), "-c", str(folder / "nats.conf")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", mqtt), 1):
            break
        time.sleep(0.05)
    yield client, mqtt
    process.terminate()
    process.wait(10)


async def _published(port: int, rows: list[dict[str, str]]) -> None:
    link = await nats.connect(f"nats://127.0.0.1:{port}")
    await link.jetstream().add_stream(name="TOS", subjects=["tos.>"])
    for row in rows:
        await link.jetstream().publish("tos.moves", json.dumps(row).encode())
    await link.close()


def allow(platform: Running, *places: str) -> None:
    with platform.client("portoffice", "system-admin") as admin:
        for place in places:
            answer = admin.put("/api/ingest/allowed", json={"place": place, "reason": "test"})
            assert answer.status_code == 204, answer.text


@pytest.mark.clause("H7.2.3a")
def test_one_source_of_each_kind_lands_in_staging(platform: Running, tmp_path: Path) -> None:
    at, folder = Extraction(platform), tmp_path / "in"
    folder.mkdir()
    sheet = to_xlsx(["n", "port"], [[row["n"], row["port"]] for row in ROWS])
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), parquet)
    xml = "<r>" + "".join(f"<m><n>{row['n']}</n><port>{row['port']}</port></m>" for row in ROWS) + "</r>"
    csv = "n,port\n" + "".join(f"{row['n']},{row['port']}\n" for row in ROWS)
    files = {"a.csv": csv.encode(), "a.json": json.dumps(ROWS).encode(), "a.xml": xml.encode(), "a.xlsx": sheet}
    files["a.parquet"] = parquet.getvalue()
    uploads = at.source(kind="upload", target="dataset:files", columns=PLAIN)
    for name, body in files.items():
        at.landed(at.run(uploads, body, name), 3)
        (folder / name).write_bytes(body)
    moves = [(row["n"], row["port"]) for row in ROWS]
    filled(folder / "tos.db", moves)
    shots = tmp_path / "shots"
    shots.mkdir()
    for name, body in media().items():
        (shots / name).write_bytes(body)
    for path in (*folder.iterdir(), *shots.iterdir()):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 60))  # a young file may still be written: it is left for later
    socket_ = socket_folder(platform.home) / ".s.PGSQL.5432"
    with served(folder) as http_port, bridged(socket_) as pg_port, broker(tmp_path) as (nats_port, mqtt_port), \
            twin(filled(tmp_path / "my.db", moves)) as my_port:  # fmt: skip
        hosts = [f"127.0.0.1:{port}" for port in (http_port, pg_port, nats_port, mqtt_port, my_port)]
        allow(platform, str(folder), str(shots), *hosts)
        kinds: dict[str, tuple[dict[str, Any], int]] = {
            "folder": ({"address": str(folder), "query": "a.*"}, 15),
            "http": ({"address": f"http://{hosts[0]}/a.csv"}, 3),
            "sqlite": ({"address": str(folder / "tos.db"), "query": "moves", "key_column": "n"}, 3),
            "postgresql": ({"address": f"postgresql://{hosts[1]}/kouan", "key_column": "n",
                            "query": "select n, 'CNQIN' as port from generate_series(1, 3) as s(n)"}, 3),
            "mysql": ({"address": f"mysql://{hosts[4]}/tos", "query": "moves", "key_column": "n"}, 3),
            "nats": ({"address": f"nats://{hosts[2]}", "query": "tos.moves"}, 3),
        }  # fmt: skip
        asyncio.run(_published(nats_port, ROWS))
        began: dict[str, tuple[str, int]] = {}
        for kind, (stated, count) in kinds.items():
            source = at.source(kind=kind, target="dataset:kinds", columns=PLAIN, **stated)
            if kind in ENTERED:
                door = f"/api/ingest/sources/{source}/credential"
                assert at.client.put(door, json=ENTERED[kind]).status_code == 204
            checked = at.client.post(f"/api/ingest/sources/{source}/check").json()
            assert (checked["ok"], checked["rows"], "port" in checked["columns"]) == (True, 3, True), checked
            began[kind] = (at.begin(source), count)
        heard = at.source(kind="mqtt", target="dataset:kinds", columns=PLAIN, address=f"mqtt://{hosts[3]}", query="tos/moves")
        at.landed(at.run(heard), 0)
        publish.multiple([("tos/moves", json.dumps(row), 1, False) for row in ROWS], hostname="127.0.0.1", port=mqtt_port)
        for run, count in began.values():
            at.landed(at.ended(run), count)
        at.landed(at.run(heard), 3)
        seen = [{"into": name, "column": name} for name in ("name", "kind", "width", "seconds", "taken_at")]
        done = at.run(at.source(kind="folder", target="dataset:media", columns=seen, address=str(shots)))
        at.landed(done, 3)
    found = at.client.get(f"/api/ingest/runs/{done['id']}/rows", params={"part": "clean"}).json()["items"]
    assert {row["name"]: (row["kind"], row["width"], row["seconds"]) for row in found} == {
        "gate.mp4": ("video", None, "5"), "gate.png": ("image", "640", None), "horn.wav": ("audio", None, "1"),
    }  # fmt: skip


def test_an_edifact_file_lands_with_a_row_for_each_box(platform: Running) -> None:
    at = Extraction(platform)
    columns = [{"into": name, "column": name} for name in ("equipment", "activity", "at")]
    source = at.source(kind="upload", target="dataset:edifact", element="CODECO", columns=columns)
    gate = at.client.get("/api/samples/codeco-wanghai.edi").content
    at.landed(at.run(source, gate, "gate.edi"), gate.count(b"EQD+"))


@pytest.mark.clause("H7.2.3b1")
def test_dirty_ports_and_dates_become_codes_and_iso_8601_and_each_change_is_traced(platform: Running) -> None:
    at = Extraction(platform)
    code = f"Q{secrets.token_hex(6)}"
    dirty = f"""箱号,状态,时间,港口
 MSKU9070323,{code},2026/5/6 8:30,青岛
MSKU9070323 ,{code},2026年5月7日 09:00, Rotterdam
MSKU9070323,{code},20260508,Port of Singapore
MSKU9070323,{code},2026-05-09T08:30:00+08:00,cn sgh
"""
    done = at.run(at.source(kind="upload", target=STATUS, columns=COLUMNS), dirty.encode("gb18030"), "dirty.csv")
    assert (done["counts"]["kept"], done["counts"]["changed"]) == (4, 4), done
    items = at.client.get("/api/records/base/movement/status", params={"code": code}).json()["items"]
    assert {item["data"]["text"]: item["data"]["at"] for item in items} == {
        "CNQIN": "2026-05-06T00:30:00Z", "NLRTM": "2026-05-07T01:00:00Z", "SGSIN": "2026-05-08T00:00:00+08:00",
        "CNSGH": "2026-05-09T08:30:00+08:00",
    }  # fmt: skip
    door = f"/api/ingest/runs/{done['id']}/changes"
    traced = at.client.get(door, params={"row": 3}).json()["items"]
    assert {(one["field"], one["before"], one["after"], one["rule"]) for one in traced} == {
        ("equipment", "MSKU9070323 ", "MSKU9070323", "trim"), ("text", " Rotterdam", "Rotterdam", "trim"),
        ("at", "2026年5月7日 09:00", "2026-05-07T01:00:00Z", "date"), ("text", "Rotterdam", "NLRTM", "code"),
    }  # fmt: skip
    assert len(at.client.get(door, params={"limit": 1000}).json()["items"]) == done["counts"]["values"]


@pytest.mark.clause("H7.2.3b2")
def test_planted_faults_of_four_kinds_are_caught_set_aside_and_reported_to_the_sender(platform: Running) -> None:
    at, sender = Extraction(platform), platform.client("carrier")
    code = f"Q{secrets.token_hex(6)}"
    planted = f"""箱号,状态,时间,港口
MSKU9070323,{code},2026-05-06T08:30:00Z,CNQIN
MSKU9070323,{code},yesterday,CNQIN
MSKU9070323,,2026-05-07T08:30:00Z,CNQIN
MSKU9070324,{code},2026-05-08T08:30:00Z,CNQIN
MSKU9070323,{code},2199-05-09T08:30:00Z,CNQIN
"""
    done = at.run(at.source(kind="upload", target=STATUS, columns=COLUMNS, sender="org:carrier"), planted.encode(), "planted.csv")
    assert (done["counts"]["taken"], done["counts"]["kept"], done["counts"]["refused"]) == (5, 1, 4), done
    assert done["scores"] == {"compliance": 80.0, "completeness": 80.0, "authenticity": 80.0, "timeliness": 80.0}
    aside = sender.get(f"/api/ingest/runs/{done['id']}/refused").json()["items"]
    assert [(row["row"], row["problems"][0]["class"], row["problems"][0]["field"]) for row in aside] == [
        (3, "compliance", "at"), (4, "completeness", "code"), (5, "authenticity", "equipment"), (6, "timeliness", "at"),
    ]  # fmt: skip
    assert all(row["problems"][0]["fix"]["zh"] and row["state"] == "held" for row in aside)
    told = sender.get("/api/records/base/ingest/run", params={"number": done["id"]}).json()["items"]
    assert (told[0]["data"]["refused"], told[0]["data"]["kept"]) == (4, 1), "the sender has the result in its own list"
    door = f"/api/ingest/runs/{done['id']}/refused/0"
    assert at.client.post(f"{door}/5", json={"action": "repair", "data": {"equipment": "MSKU9070323"}}).status_code == 200
    assert at.client.post(f"{door}/3", json={"action": "return", "note": "时间无法读出"}).status_code == 200
    assert sender.post(f"{door}/4", json={"action": "drop"}).status_code == 404, "its owner decides"
    back = sender.get(f"/api/ingest/runs/{done['id']}/refused", params={"state": "returned"}).json()["items"]
    assert [(row["row"], row["note"]) for row in back] == [(3, "时间无法读出")]
    assert len(at.client.get("/api/records/base/movement/status", params={"code": code}).json()["items"]) == 2
    with platform.client("trader") as stranger:
        assert stranger.get(f"/api/ingest/runs/{done['id']}/refused").status_code == 404
    scores = at.client.get("/api/records/base/quality/score", params={"run": done["id"]}).json()["items"]
    assert [(one["data"]["faulty"], one["data"]["timeliness"]) for one in scores] == [(4, 80.0)]


@pytest.mark.clause("H7.2.5b7")
def test_a_faulty_document_is_answered_with_field_rule_severity_and_fix(platform: Running) -> None:
    faulty = {"functional_reference": f"QC{secrets.token_hex(6)}", "function_code": "9", "gross_kg": "heavy", "odd": 1}
    with platform.client("agent") as client:
        before = client.get("/api/records/base/declaration/declaration", params={"limit": 1}).json()["estimate"]
        answer = client.post("/api/quality/check", json={"record": "base.declaration.declaration", "rows": [faulty]})
        assert answer.status_code == 200, answer.text
        faults = {fault["field"]: fault for fault in answer.json()["faults"]}
        assert {"gross_kg", "odd"} <= set(faults), faults
        for fault in faults.values():
            assert fault["rule"]
            assert fault["class"] in ("compliance", "completeness", "authenticity", "timeliness")
            assert fault["severity"] in ("error", "warning")
            assert fault["fix"]["zh"]
            assert fault["fix"]["en"]
        sound = {"code": "21", "at": "2026-05-06T08:30:00Z", "equipment": "container:MSKU9070323"}
        said = client.post("/api/quality/check", json={"record": STATUS, "rows": [sound]}).json()
        assert [fault for fault in said["faults"] if fault["severity"] == "error"] == []
        assert client.get("/api/records/base/declaration/declaration", params={"limit": 1}).json()["estimate"] == before
    with httpx.Client(base_url=platform.url, trust_env=False) as stranger:
        assert stranger.post("/api/quality/check", json={"record": STATUS, "rows": [sound]}).status_code == 401


@pytest.mark.clause("H7.2.3a")
def test_the_history_of_a_signal_is_a_source_for_those_who_may_read_it(platform: Running) -> None:
    at, name = Extraction(platform), f"D-{secrets.token_hex(4).upper()}"
    setting = {"device": name, "metric": "t", "unit": "Cel"}
    assert at.client.post("/api/records/facilities/telemetry/setting", json=setting).status_code == 201
    began = datetime.now(UTC) - timedelta(minutes=30)

    def told(first: int, count: int) -> None:
        rows = "".join(f"{name},t,{(began + timedelta(seconds=n)).isoformat()},{n}\n" for n in range(first, first + count))
        limit = time.monotonic() + WITHIN
        while at.client.post("/api/intake/readings", content="device,metric,at,value\n" + rows).json()["accepted"] < count:
            assert time.monotonic() < limit, "the device is not known"
            time.sleep(0.3)
        while at.client.get("/api/history", params={"device": name}).json()["rows"] < first + count:
            assert time.monotonic() < limit, "the history does not come"
            time.sleep(0.2)

    columns = [{"into": "at", "column": "at", "type": "moment"}, {"into": "value", "column": "value", "type": "number"},
               {"into": "unit", "column": "unit"}]  # fmt: skip
    stated = {"kind": "signals", "target": "dataset:heat", "columns": columns, "address": "reading"}
    told(0, 20)
    source = at.source(**stated, query=f"{name} t")
    checked = at.client.post(f"/api/ingest/sources/{source}/check").json()
    assert checked["rows"] == 20, checked
    first = at.run(source)
    at.landed(first, 20)
    rows = at.client.get(f"/api/ingest/runs/{first['id']}/rows", params={"part": "clean"}).json()["items"]
    assert [(row["value"], row["unit"]) for row in rows] == [(n, "Cel") for n in range(20)]
    told(20, 5)
    at.landed(at.run(source), 5)
    stranger = Extraction(platform, "trader")
    denied = stranger.run(stranger.source(**stated, query=f"{name} t"))
    assert (denied["state"], denied["counts"]["taken"]) == ("failed", 0), denied
