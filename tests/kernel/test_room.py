"""Room on the disk: stops at the mark, goes on a quarter above it, and is looked at seldom."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.audit import Entry
from kouan.kernel.errors import Unavailable
from kouan.kernel.room import FULL_FOR, LOOK, Mark, Room, free, refusal
from kouan.kernel.work import Worker
from tests.kernel.harness import House, who

MARK = 1000


class Disk:
    """A disk and a clock that a test sets."""

    def __init__(self, left: int = 10 * MARK) -> None:
        self.left, self.at, self.looks = left, 0.0, 0

    def probe(self) -> int:
        self.looks += 1
        return self.left

    def room(self) -> Room:
        return Room(self.probe, MARK, clock=lambda: self.at)

    def becomes(self, left: int) -> None:
        self.left, self.at = left, self.at + 2 * LOOK


@given(st.lists(st.integers(0, 3 * MARK), min_size=1, max_size=60))
def test_a_mark_holds_below_and_ends_only_a_quarter_above(levels: list[int]) -> None:
    mark, before = Mark(MARK), False
    for left in levels:
        reached = mark.look(left)
        if left < MARK:
            assert reached
        elif left >= MARK * 5 // 4:
            assert not reached
        else:
            assert reached is before, "between the two nothing changes"
        before = reached


@given(st.lists(st.integers(0, 3 * MARK), min_size=1, max_size=60))
def test_what_was_accepted_rests_only_when_the_doors_are_shut(levels: list[int]) -> None:
    disk = Disk()
    room = disk.room()
    for left in levels:
        disk.becomes(left)
        assert room.low() or not room.scarce()
        if left < MARK // 2:
            assert room.scarce()


def test_the_disk_is_not_asked_for_every_filing() -> None:
    disk = Disk()
    room = disk.room()
    for _ in range(1000):
        room.low()
        room.scarce()
    assert disk.looks == 1
    disk.becomes(MARK - 1)
    assert room.low()
    assert disk.looks == 2


def test_the_databases_own_word_holds_for_a_while() -> None:
    disk = Disk()
    room = disk.room()
    room.full()
    assert room.low()
    assert room.scarce()
    disk.at += FULL_FOR
    assert not room.low()
    assert not room.scarce()


def test_the_fullest_of_the_disks_counts_and_missing_folders_do_not(tmp_path: Path) -> None:
    here = free([tmp_path])
    assert 0 < here < 2**63
    assert free([tmp_path / "nothing"]) == 2**63
    assert abs(free([tmp_path, tmp_path / "nothing"]) - here) < 2**30


def test_the_refusal_says_when_and_why_in_both_languages() -> None:
    told = refusal().out()
    assert (told["status"], told["code"], told["rule"]) == (503, "disk_low", "disk.low_water")
    assert told["reason"]["zh"]
    assert told["reason"]["en"]
    assert refusal().retry_after


async def test_restricted_reads_stop_at_the_mark_and_denials_wait_for_room(house: House) -> None:
    disk = Disk()
    audit = house.port.audit
    audit._room = disk.room()
    officer = who("customs")
    disk.becomes(MARK - 1)
    with pytest.raises(Unavailable) as refused:
        await audit.read(officer, "read", "x:1", 3)
    assert refused.value.code == "disk_low"
    await audit.read(officer, "read", "x:1", 2)
    await audit.write(Entry("revoked", "allowed"))
    disk.becomes(MARK // 2 - 1)
    with pytest.raises(Unavailable):
        await audit.write(Entry("revoked", "allowed"))
    audit.offer(Entry("denied", "denied", reason="kept for later"))
    assert not await audit.settle(0.5)
    disk.becomes(10 * MARK)
    assert await audit.settle(5)
    pool = house.port.pool
    assert await pool.fetchval("select count(*) from audit where reason = 'kept for later'") == 1


async def test_filings_inside_stop_when_it_is_scarce_and_go_on(house: House) -> None:
    disk = Disk()
    house.port.batcher._room = disk.room()
    disk.becomes(MARK - 1)
    await house.file("thing", {"number": "LOW-1"})
    disk.becomes(MARK // 2 - 1)
    with pytest.raises(Unavailable) as refused:
        await house.file("thing", {"number": "LOW-2"})
    assert (refused.value.code, refused.value.retry_after) == ("disk_low", 5)
    disk.becomes(10 * MARK)
    await house.file("thing", {"number": "LOW-2"})


async def test_a_database_that_is_full_is_no_fault_of_the_platform(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_ops: object) -> None:
        raise asyncpg.DiskFullError("could not extend file")

    monkeypatch.setattr(house.port.batcher, "_transaction", full)
    with pytest.raises(Unavailable) as refused:
        await house.file("thing", {"number": "LOW-3"})
    assert refused.value.code == "disk_low"


async def test_the_worker_rests_and_takes_nothing_in_hand(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk()
    worker, steps, stop = Worker(house.port, room=disk.room()), [], asyncio.Event()

    async def step(*, told: bool) -> int:
        assert told
        steps.append(disk.left)
        stop.set()
        return 0

    monkeypatch.setattr(worker, "step", step)
    disk.becomes(MARK // 2 - 1)
    running = asyncio.create_task(worker.run(stop))
    await asyncio.sleep(0.7)
    assert steps == []
    disk.becomes(10 * MARK)
    await asyncio.wait_for(running, 5)
    assert steps == [10 * MARK]
