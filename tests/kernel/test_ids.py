"""Identifiers: UUID version 7, in order of time, never twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

from kouan.kernel.ids import uuid7


def test_an_identifier_is_a_version_7_uuid_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert made.version == 7
    assert made.variant == RFC_4122
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_later_identifiers_sort_behind() -> None:
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()
    assert str(first) < str(uuid7())


def test_none_comes_twice() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: uuid7(), range(20_000)))
    assert len(set(made)) == len(made)
