"""The radars' port is heard as soon as it is free."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

import pytest

from kouan.operations.traffic.radar import RadarLink
from tests.conftest import free_port


async def test_a_radar_port_that_was_taken_at_the_start_is_heard_once_it_is_free(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    port, link = free_port(), RadarLink()
    monkeypatch.setenv("KOUAN_RADAR_PORT", str(port))
    with socket.create_server(("127.0.0.1", port)):
        await link.start(cast(Any, None))
        await asyncio.sleep(2.5)
    try:
        async with asyncio.timeout(20):
            while link.counts["senders"] < 1:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                await asyncio.sleep(0.2)
        writer.close()
        assert [one.levelname for one in caplog.records if "radars are not heard" in one.getMessage()] == ["WARNING"], "said once"
    finally:
        await link.stop()


async def test_a_link_that_waits_for_its_port_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("KOUAN_RADAR_PORT", str(taken.getsockname()[1]))
        link = RadarLink()
        await link.start(cast(Any, None))
        await asyncio.wait_for(link.stop(), 5)
    assert "radar-port" not in {task.get_name() for task in asyncio.all_tasks()}
