"""Simulated officers: which visits they attend to, when, and what they enter."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from kouan_sim.doors import Door
from kouan_sim.httpd import Reply, Request, Server
from kouan_sim.officers import Officers

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def order(number: str, minutes: int, declaration: str, moved: bool = False) -> dict[str, Any]:
    return {
        "id": number,
        "filed_at": (NOW - timedelta(minutes=minutes)).isoformat(),
        "tracks": {"terminal": {"state": "moved" if moved else "planned"}},
        "data": {"declaration": declaration, "agencies": ["customs", "maritime"]},
    }


@pytest.mark.parametrize(
    ("minutes", "moved", "took"),
    [(1, False, []), (4, False, ["move"]), (4, True, []), (9, True, ["findings"]), (9, False, ["findings"])],
)
async def test_a_visit_is_left_to_people_first(minutes: int, moved: bool, took: list[str]) -> None:
    seen: list[tuple[str, str, Any]] = []
    open_ones = [
        order("mine", minutes, "declaration:TRADER/SIMD0AAAAA0000001", moved),
        order("theirs", 60, "declaration:TRADER/SIMP0BBBBB0000001"),
    ]

    async def handle(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(200, {"items": open_ones})
        seen.append((request.headers["authorization"], request.path, orjson.loads(request.body)))
        return Reply(200, {})

    server = Server(handle)
    await server.open()
    async with Door(server.url, "customs") as customs, Door(server.url, "terminal") as terminal:
        steps = await Officers(customs, terminal, "SIMD", random.Random(1)).round(NOW)
    await server.close()
    assert steps == len(took)
    assert [path.rpartition("/")[2].rpartition(".")[2] for _, path, _ in seen] == took
    assert all("mine" in path for _, path, _ in seen)
    if took == ["findings"]:
        sender, _, body = seen[0]
        assert sender == "Bearer customs"
        assert [finding["agency"] for finding in body["findings"]] == ["customs", "maritime"]
        assert all("模拟" in finding["note"] for finding in body["findings"])
