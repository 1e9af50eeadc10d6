"""The living demo and the command line as real processes against a tiny platform."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from kouan_sim.agencies import AGENCIES, RECEIVERS
from kouan_sim.doors import Accounts, NoAccount, Unreachable, address, healthy, running

ORGS = (*AGENCIES, "agent", "carrier", "trader", "trucker")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    accounts = [{"org": org, "role": "operator", "user": org, "password": "x", "token": f"token-{org}"} for org in ORGS]
    (tmp_path / "demo.json").write_bytes(orjson.dumps({"accounts": accounts}))
    return tmp_path


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[bytes]]]:
    lines: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            lines.append(line)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], lines
    server.close()


async def started(*arguments: str, **more: str) -> asyncio.subprocess.Process:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **more}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kouan_sim.cli", *arguments, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def until(what: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.05)


async def test_the_demo_lives_survives_a_restart_and_stops_at_once(platform: Any, home: Path) -> None:
    async with listening() as (nmea, lines):
        port = platform.url.rpartition(":")[2]
        process = await started(
            "demo", "--declaration-every", "0.2", "--truck-every", "0.2", "--speed", "20",
            KOUAN_HOME=str(home), KOUAN_PORT=port, KOUAN_NMEA_PORT=str(nmea),
        )  # fmt: skip
        try:
            await until(lambda: set(platform.addresses) == {*AGENCIES, *RECEIVERS})
            await until(lambda: platform.bodies("/passages") and platform.bodies("imo-fal"))
            await until(lambda: any(request.path.endswith("wco-dec") for _, request in platform.filed))
            await until(lambda: len(lines) > 20)
            await platform.server.close()
            await asyncio.sleep(1.0)
            before = len(platform.filed)
            await platform.server.open()
            await until(lambda: len(platform.filed) > before + 4)
        finally:
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, told = await process.communicate()
        assert time.monotonic() - began < 1.0
        assert process.returncode == 0, told.decode()
    assert b"stumbled" not in told
    filers = {request.path.rpartition("/")[2]: org for org, request in platform.filed}
    assert (filers["imo-fal"], filers["edifact"], filers["wco-dec"]) == ("agent", "carrier", "trader")
    calls = [body["ShipMessageId"] for body in platform.bodies("imo-fal")]
    assert sum(name.startswith("SIMR") for name in calls) == 3, calls
    assert len(calls) == 4  # three ships of the roadstead once a day, and the call of the voyage
    told = b"".join(request.body for _, request in platform.filed if request.path.endswith("edifact"))
    assert {kind for kind in (b"CUSCAR", b"BAPLIE", b"COPRAR") if kind in told} == {b"CUSCAR", b"BAPLIE", b"COPRAR"}
    plans = platform.bodies("operations/berth/plan")
    assert {plan["berth"] for plan in plans} >= {"place:CNWHH/berth/B2"}


async def test_the_ship_command_sends_a_voyage_and_ends(platform: Any) -> None:
    async with listening() as (nmea, lines):
        process = await started("ship", "--port", str(nmea), "--speed", "60", "--seconds", "2.5", "--url", platform.url)
        out, told = await process.communicate()
        assert process.returncode == 0, told.decode()
        await until(lambda: len(lines) == orjson.loads(out)["sentences"])
    assert all(line.startswith((b"!AIVDM", b"\\")) and b"AIVDM" in line for line in lines)


async def test_the_agencies_command_reports(platform: Any, home: Path) -> None:
    process = await started("agencies", "--seconds", "1", "--url", platform.url, KOUAN_HOME=str(home))
    out, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert set(orjson.loads(out)["agencies"]) == set(AGENCIES)
    assert platform.addresses == {}


async def test_the_trucks_command_shows_each_decision(platform: Any, home: Path) -> None:
    process = await started(
        "trucks", "--count", "3", "--every", "0.01", "--container", "SIMU0000011", "--url", platform.url,
        KOUAN_HOME=str(home),
    )  # fmt: skip
    out, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    rows = [orjson.loads(line) for line in out.splitlines()]
    assert [row["answer"]["decision"] for row in rows] == ["open"] * 3
    assert all(row["simulated"] for row in rows)


async def test_a_platform_that_never_comes_is_given_up() -> None:
    with pytest.raises(Unreachable, match="not ready"):
        await healthy("http://127.0.0.1:9", 0.6)


async def test_a_folder_without_demo_sign_ins_is_an_error_not_a_trace(tmp_path: Path) -> None:
    process = await started("agencies", "--seconds", "1", "--home", str(tmp_path))
    _, told = await process.communicate()
    assert process.returncode == 2
    assert b"Traceback" not in told


def test_tokens_prefer_officers() -> None:
    accounts = Accounts(
        [
            {"org": "customs", "role": "viewer", "token": "v"},
            {"org": "customs", "role": "clerk", "token": "c"},
            {"org": "customs", "role": "officer", "token": "o"},
        ]
    )
    assert accounts.token("customs") == "o"
    with pytest.raises(NoAccount):
        accounts.token("border")


def test_the_platform_is_found_by_word_or_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KOUAN_URL", "KOUAN_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unreachable, match="no platform is known"):
        address("", tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run/ports.json").write_text('{"url": "http://127.0.0.1:4711/", "nmea": 4712}')
    assert running(tmp_path)["nmea"] == 4712
    assert address("", tmp_path) == "http://127.0.0.1:4711"
    monkeypatch.setenv("KOUAN_PORT", "5000")
    assert address("", tmp_path) == "http://127.0.0.1:5000"
    monkeypatch.setenv("KOUAN_URL", "http://127.0.0.1:6000")
    assert address("", tmp_path) == "http://127.0.0.1:6000"
    assert address("http://127.0.0.1:7000/", tmp_path) == "http://127.0.0.1:7000"
