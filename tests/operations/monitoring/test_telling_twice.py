"""A record that was counted at a version is not counted again when that version is told once more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from kouan.kernel.handlers import Told
from kouan.operations.monitoring import service
from kouan.operations.monitoring.handlers import Count

RECORD = "base.declaration.declaration"
ONE, OTHER = str(UUID(int=1)), str(UUID(int=2))


def test_what_was_counted_as_it_stands_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stands, counted = {ONE: 3, OTHER: 1}, list[str]()

    async def count(_port: Any, _record: str, ids: Sequence[UUID]) -> dict[str, int]:
        counted.extend(map(str, ids))
        return {str(one): stands[str(one)] for one in ids}

    def follow(*told: tuple[str, int]) -> list[str]:
        counted.clear()
        asyncio.run(Count().follow([Told(f"{RECORD}:x", RECORD, one, "", version) for one, version in told], port))
        return list(counted)

    port: Any = SimpleNamespace(extras={})
    monkeypatch.setattr(service, "count", count)
    assert follow((ONE, 1), (OTHER, 1), (ONE, 2)) == [ONE, OTHER]
    assert follow((ONE, 3), (OTHER, 2)) == [OTHER], "the first stood at its third version when it was counted"
    stands[ONE] = 4
    assert follow((ONE, 4)) == [ONE]
    assert follow((ONE, 0), (OTHER, 0)) == [ONE, OTHER], "without a version it is not known what was counted"
    monkeypatch.setattr(service, "REMEMBERED", 1)
    follow((OTHER, 2))
    assert follow((ONE, 4), (OTHER, 1)) == [ONE], "what was forgotten is counted anew"
