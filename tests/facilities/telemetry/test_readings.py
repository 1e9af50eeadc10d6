"""Readings and fixes through the public doors: screened, kept by level, asked for again, analysed and told."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.conftest import Running, free_port
from tests.facilities.devices.acting import enrolled, heard, mqtt_port, until_in


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def until(check: Callable[[], Any], seconds: float = 60) -> Any:
    """What a check answers as soon as it is something."""
    limit = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < limit, "it does not come"
        time.sleep(0.2)
    return found


def device(terminal: httpx.Client, **setting: Any) -> str:
    """A device with one metric `t`, known to the doors."""
    name = f"D-{secrets.token_hex(4).upper()}"
    answer = terminal.post(
        "/api/records/facilities/telemetry/setting", json={"device": name, "metric": "t", "unit": "Cel", **setting}
    )
    assert answer.status_code == 201, answer.text
    return name


def push(terminal: httpx.Client, rows: list[tuple[str, datetime, Any]]) -> dict[str, Any]:
    """Readings as CSV; sent again while the serving process has not heard of the device yet."""
    return post(terminal, "\n".join(f"{name},t,{stamp(at)},{value}" for name, at, value in rows), len(rows))


def post(terminal: httpx.Client, lines: str, count: int) -> dict[str, Any]:
    """A batch as it is."""
    body = "device,metric,at,value\n" + lines
    for _ in range(30):
        answer = terminal.post("/api/intake/readings", content=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if found["causes"].get("unknown", {}).get("count", 0) < max(count / 2, 1):
            return found
        time.sleep(0.3)
    raise AssertionError(found)


def history(client: httpx.Client, name: str, **more: Any) -> dict[str, Any]:
    answer = client.get(
        "/api/history", params={"device": name, "since": stamp(datetime.now(UTC) - timedelta(days=3)), **more}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _counted(terminal: httpx.Client, asked: dict[str, Any]) -> bool:
    return bool(terminal.get("/api/history", params=asked).json()["rows"] == 1800)


@pytest.mark.clause("H7.2.1f")
def test_an_hour_of_a_device_among_a_million_readings_is_answered_within_a_second(platform: Running) -> None:
    with platform.client("terminal") as terminal:
        names = [device(terminal) for _ in range(20)]
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
        tails = [f",t,{stamp(start + timedelta(seconds=2 * n))},{n % 97}" for n in range(50_000)]
        for name in names:
            assert post(terminal, name + f"\n{name}".join(tails), 50_000)["accepted"] == 50_000
        for name in (names[3], names[17]):
            asked = {
                "device": name,
                "since": stamp(start + timedelta(hours=5)),
                "until": stamp(start + timedelta(hours=6)),
            }
            until(partial(_counted, terminal, asked))
            took = []
            for _ in range(5):
                began = time.monotonic()
                assert terminal.get("/api/history", params=asked).json()["rows"] == 1800
                took.append(time.monotonic() - began)
            assert min(took) < 1.0, took
        for name in names[::7]:
            assert sum(history(terminal, name, every=86_400, since=stamp(start))["columns"]["count"]) == 50_000


@pytest.mark.clause("H8.1.3a")
def test_only_qualified_rows_reach_the_base_and_the_others_are_counted_by_reason(platform: Running) -> None:
    with platform.client("terminal") as terminal, platform.client("portoffice") as office:
        name = device(terminal, low=-20, high=60, rate=1, scale=1.0, offset=-0.5)
        before = office.get("/api/stream").json()["totals"]
        now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
        good = [(name, now + timedelta(seconds=10 * n), 20 + n / 10) for n in range(40)]
        bad: list[tuple[str, datetime, Any]] = [
            (name, now + timedelta(seconds=500), 99), (name, now + timedelta(seconds=501), -80), (name, now + timedelta(seconds=401), 50),
            good[5], (name, now - timedelta(days=500), 20), (name, now, "abc"), ("D-NOBODYS", now, 20),
        ]  # fmt: skip
        answer = push(terminal, [*good, *bad])
        assert answer["accepted"] == 40
        reasons = {cause: told["count"] for cause, told in answer["causes"].items()}
        assert reasons == {"range": 2, "rate": 1, "duplicate": 1, "old": 1, "value": 1, "unknown": 1}
        assert all(told["reason"]["zh"] and told["reason"]["en"] for told in answer["causes"].values())
        found = until(lambda: (f := history(terminal, name))["rows"] == 40 and f)
        assert found["columns"]["value"][:3] == pytest.approx([19.5, 19.6, 19.7]), "calibrated"
        assert until(lambda: history(terminal, name, signal="rejected")["rows"] == 4)
        after = office.get("/api/stream").json()["totals"]
        for cause, count in (("range", 2), ("rate", 1), ("old", 1), ("duplicate", 1)):
            assert after.get(f"rejected.{cause}", 0) - before.get(f"rejected.{cause}", 0) >= count
        with platform.client("trader") as trader:
            assert trader.get("/api/history", params={"device": name}).status_code == 404, "not one of its readers"


@pytest.mark.clause("H8.1.3b")
async def test_a_device_that_repeats_itself_is_asked_to_collect_anew_and_nothing_counts_twice(
    platform: Running,
) -> None:
    with platform.client("terminal") as terminal, platform.client("portoffice") as office:
        name = device(terminal, low=0, high=50)
        await heard(terminal)
        given = enrolled(terminal, name, metrics=[{"name": "t", "unit": "Cel"}], keep_alive_s=600)
        asked: dict[str, Any] = {}

        async def command(_topic: str, body: bytes) -> None:
            told = json.loads(body)
            asked[told["cause"]] = told

        own = await until_in(("127.0.0.1", mqtt_port(platform)), given)
        try:
            await own.subscribe(f"devices/{name}/command", command)
            now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
            rows = [(name, now + timedelta(seconds=n), 20 + n % 5) for n in range(60)]
            assert push(terminal, rows)["accepted"] == 60
            again = push(terminal, [*rows, (name, now + timedelta(seconds=70), 500)])
            assert (again["accepted"], again["causes"]["duplicate"]["count"], again["causes"]["range"]["count"]) == (
                0,
                60,
                1,
            )
            async with asyncio.timeout(60):
                while len(asked) < 2:
                    await asyncio.sleep(0.05)
        finally:
            await own.close()
        assert {cause: (t["command"], t["metric"]) for cause, t in asked.items()} == {
            "duplicate": ("recollect", "t"), "range": ("recollect", "t"),
        }  # fmt: skip
        assert until(lambda: history(terminal, name)["rows"]) == 60

        def warned() -> bool:
            found = office.get("/api/records/operations/alerts/warning", params={"limit": 100}).json()["items"]
            return any(
                name in json.dumps(item)
                for item in found
                if item["data"]["alert"] == "facilities.telemetry.unqualified"
            )

        assert until(warned)


def content(path: Path) -> bytes:
    """What lies in a file; nothing where a journal became files meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


@pytest.mark.clause("H8.1.3c")
def test_records_of_three_levels_land_in_their_stores_and_the_disk_holds_no_plain_text(platform: Running) -> None:
    with platform.client("terminal") as terminal:
        names = {level: device(terminal, data_level=level) for level in (1, 2, 3)}
        moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
        for name in names.values():
            assert push(terminal, [(name, moment, 12345.678)])["accepted"] == 1
        root = platform.home / "history"

        def stored(level: int) -> bool:
            return any((root / "reading" / f"level={level}").glob("*/*/part-*/*.parquet"))

        until(lambda: all(stored(level) for level in names), 120)

        def seen() -> list[Any]:
            answers = [terminal.get("/api/history", params={"device": name}) for name in names.values()]
            return [a.json()["columns"]["value"] if a.status_code == 200 else a.status_code for a in answers]

        # Level 3 is above the caller's clearance.
        until(lambda: seen() == [[12345.678], [12345.678], 404], 20)
        raw = b"".join(content(path) for folder in ("history", "nats") for path in (platform.home / folder).rglob("*") if path.is_file())
        assert len(raw) > 10_000
        for word in (*(name.encode() for name in names.values()), b"vessel_static", b"quality"):
            assert word not in raw, word


@contextmanager
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A business system that takes deliveries."""
    taken: list[dict[str, Any]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer({"reference": f"R-{len(taken)}"})

        def answer(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", free_port()), Taker)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.clause("H8.1.3d")
def test_a_days_data_are_analysed_by_themselves_and_the_result_is_pushed(platform: Running) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=4)
    with platform.client("terminal") as terminal, receiver() as (address, taken):
        assert terminal.put("/api/connectors/analysis", json={"address": address}).status_code == 200
        try:
            name = device(terminal, high=100)
            rows = [(name, midnight + timedelta(minutes=n), n % 24) for n in range(1440)]
            assert push(terminal, [*rows, (name, midnight, 500)])["accepted"] == 1440

            def told() -> Any:
                found = [d["data"] for d in taken if d["record"] == "facilities.telemetry.analysis"]
                return [m | {"hours": d["hours"], "causes": d["causes"]} for d in found for m in d["metrics"]
                        if m["device"] == name and d["day"] == f"{midnight:%Y-%m-%d}"]  # fmt: skip

            [metric, *_] = until(told, 90)[-1:]
        finally:
            terminal.delete("/api/connectors/analysis")
    assert (metric["count"], metric["lowest"], metric["highest"], metric["mean"]) == (1440, 0, 23, 11.5)
    assert (len(metric["hours"]), min(metric["hours"]) >= 60, metric["causes"]["range"] >= 1) == (24, True, True)


def test_a_tags_track_tells_its_stays_and_where_it_is_now(platform: Running) -> None:
    code, box = f"T-{secrets.token_hex(3).upper()}", "MSKU9070323"
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    with platform.client("terminal") as terminal:
        places = terminal.get("/api/records/base/place/place", params={"kind": "yard", "limit": 1}).json()["items"]
        ring = places[0]["data"]["geometry"]["coordinates"][0]
        lon, lat = (sum(p[n] for p in ring[:-1]) / (len(ring) - 1) for n in (0, 1))
        rows = [(121.0 + n / 1000, 36.0) for n in range(10)] + [(121.05, 36.05)] * 20 + [(lon, lat)] * 20
        fixes = [
            {"kind": "tag", "code": code, "name": box, "at": stamp(start + timedelta(minutes=n)), "lon": x, "lat": y, "simulated": "true"}
            for n, (x, y) in enumerate(rows)
        ]  # fmt: skip
        assert terminal.post("/api/intake/positions", json=fixes).json()["accepted"] == 50
        found = until(
            lambda: (
                (t := terminal.get("/api/tracks", params={"ref": f"tag:{code}"})).status_code == 200
                and len(t.json()["points"]) == 50
                and t.json()
            )
        )
        assert [stay["fixes"] for stay in found["dwells"]] == [20, 20]
        assert (found["name"], found["simulated"]) == (box, True)
        assert found["slot"]["ref"] == found["dwells"][1]["place"]["ref"]
        assert found["dwells"][0]["minutes"] == 19.0
        assert terminal.get("/api/tracks", params={"ref": "tag:NOBODY"}).status_code == 404
