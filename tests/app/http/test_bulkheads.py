"""A service's share: so many at a time, so many waiting, each caller in turn, and none forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.app.http import bulkheads
from kouan.app.http.bulkheads import Bulkhead, Size, service_of


async def crowd(size: Size, callers: list[bytes]) -> tuple[Counter[bytes], Counter[bytes], list[bytes], Bulkhead]:
    """Let requests of some callers come at once; who was served, who was shed, in which order, and what is left."""
    room, order = Bulkhead(size), []
    served: Counter[bytes] = Counter()
    shed: Counter[bytes] = Counter()

    async def request(caller: bytes) -> None:
        if not await room.enter(caller):
            shed[caller] += 1
            return
        assert room.served <= size.served
        order.append(caller)
        await asyncio.sleep(0)
        served[caller] += 1
        room.leave()

    await asyncio.gather(*(request(caller) for caller in callers))
    return served, shed, order, room


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=40), st.integers(1, 4), st.integers(0, 8))
def test_everybody_is_served_or_shed_and_nothing_is_left(callers: list[bytes], served: int, waiting: int) -> None:
    done, shed, _, room = asyncio.run(crowd(Size(served, waiting), callers))
    assert done + shed == Counter(callers)
    assert (room.served, room.waiting, room.queues) == (0, 0, {})
    assert sum(shed.values()) == room.shed == max(0, len(callers) - served - waiting)


def test_the_caller_who_waits_most_gives_way() -> None:
    done, shed, order, _ = asyncio.run(crowd(Size(1, 8), [b"surge"] * 50 + [b"other"] * 3))
    assert done[b"other"] == 3
    assert shed == {b"surge": 44}
    assert b"other" in order[1:4]


@pytest.mark.parametrize("size", [Size(1, 4), Size(2, 4)])
def test_who_gives_up_waiting_leaves_no_hole(size: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkheads, "PATIENCE", 0.05)

    async def run() -> None:
        room = Bulkhead(size)
        for _ in range(size.served):
            assert await room.enter(b"slow")
        impatient = asyncio.create_task(room.enter(b"cancelled"))
        await asyncio.sleep(0)
        impatient.cancel()
        assert not await room.enter(b"late")
        assert (room.waiting, room.queues) == (0, {})
        for _ in range(size.served):
            room.leave()
        assert await room.enter(b"next")
        assert room.served == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("GET", "/api/records/base/declaration/declaration", "records"),
        ("GET", "/api/records/base/declaration/declaration/export", "export"),
        ("POST", "/api/records/base/declaration/declaration", ""),
        ("POST", "/api/intake/edifact", ""),
        ("POST", "/api/trace", "trace"),
        *(("POST", f"/api/{one}", "trying") for one in ("ingest/infer", "ingest/try", "ingest/look", "quality/check")),
        ("POST", "/api/ingest/sources/0/check", "trying"),
        ("POST", "/api/ingest/sources/0/runs", ""),
        ("GET", "/api/ingest/sources", "ingest"),
        ("GET", "/api/live", ""),
        ("GET", "/assets/index.js", ""),
    ],
)
def test_services_are_told_by_their_addresses(method: str, path: str, service: str) -> None:
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path}
    assert service_of(scope) == service
