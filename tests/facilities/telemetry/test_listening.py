"""The lines of a stream process: each port is heard as soon as it is free."""

from __future__ import annotations

import asyncio
import secrets
import socket
from pathlib import Path
from typing import Any, cast

import pytest

from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.lines import Lines
from kouan.kernel.settings import Settings
from tests.conftest import free_port


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "master").write_bytes(secrets.token_bytes(32))
    monkeypatch.setenv("KOUAN_HOME", str(tmp_path))


async def reached(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_a_port_that_was_taken_at_the_start_is_heard_once_it_is_free(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nmea, gnss = free_port(), free_port()
    for name, port in (("NMEA", nmea), ("GNSS", gnss)):
        monkeypatch.setenv(f"KOUAN_{name}_PORT", str(port))
    taken = socket.create_server(("127.0.0.1", gnss))
    lines = Lines(Settings.read(), cast(Any, None), cast(Any, None), Edge())
    await lines.start()
    try:
        assert await reached(nmea)
        await asyncio.sleep(1.5)
        taken.close()
        assert not await reached(gnss)
        async with asyncio.timeout(20):
            while not await reached(gnss):
                await asyncio.sleep(0.1)
        said = [one.getMessage() for one in caplog.records if "is not heard" in one.getMessage() and one.levelname == "WARNING"]
        assert [one.partition(" ")[0] for one in said] == ["gnss"], "said once, not at each try"
    finally:
        await lines.stop()


async def test_without_the_ais_port_a_process_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("KOUAN_NMEA_PORT", str(taken.getsockname()[1]))
        lines = Lines(Settings.read(), cast(Any, None), cast(Any, None), Edge())
        with pytest.raises(OSError, match="in use"):
            await lines.start()
