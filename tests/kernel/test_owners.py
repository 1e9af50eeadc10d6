"""Whose leases: a process that was killed is known to be dead, whatever lives or is not seen from here is not, and its work is taken up."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from kouan.kernel import owners
from kouan.kernel.work import Worker
from tests.kernel.harness import House

HOLDER = """
import asyncio, json, sys
import asyncpg
from kouan.kernel import owners
from kouan.kernel.work import claim

async def main():
    conn = await asyncpg.connect(**json.loads(sys.argv[1]))
    print(len(await claim(conn, 100, owners.me())), owners.me(), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@contextmanager
def holder(options: dict[str, Any]) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """A process that claims all work and does none of it: how much it has, and its name."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, json.dumps(options)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        held, name = process.stdout.readline().split()
        yield process, int(held), name
    finally:
        process.kill()
        process.communicate()


async def worked(house: House, seconds: float) -> None:
    """A worker that starts, and is told to stop when nothing is left, or after some seconds."""
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(house.port).run(stop))
    for _ in range(int(seconds / 0.1)):
        if not await house.value("select count(*) from task where handler <> 'kernel.deadline'"):
            break
        await asyncio.sleep(0.1)
    stop.set()
    await asyncio.wait_for(task, 30)


async def test_a_worker_that_starts_takes_up_what_a_killed_one_held_and_not_what_a_living_one_holds(
    house: House, nouns: ModuleType
) -> None:
    for n in range(3):
        await house.file("thing", {"number": f"N-{n}"})
    with holder({name: str(value) for name, value in house.options.items()}) as (process, held, name):
        assert held >= 3
        await worked(house, 2)
        assert nouns.HANDLED == [], "its lease holds while it lives"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert owners.dead(name)
        # Far below the minute for which it had them.
        await asyncio.wait_for(worked(house, 30), 40)
    assert sorted(event.ref.rpartition("/")[2] for event in nouns.HANDLED) == [f"N-{n}" for n in range(3)]


def test_who_lives_or_is_not_seen_from_here_is_not_dead() -> None:
    mine = owners.me()
    place, pid, began = mine.rsplit(":", 2)
    assert not owners.dead(mine)
    assert owners.dead(f"{place}:{pid}:{int(began) + 1}"), "another process that has its number now"
    for unseen in ("", "x", ":::", f"0{place}:{2**22 - 1}:1", f"{place}:none:1"):
        assert not owners.dead(unseen), unseen


def test_one_that_ended_and_was_not_noticed_yet_is_dead() -> None:
    program = "from kouan.kernel import owners; print(owners.me())"
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    with child.stdout as out:
        name = out.read().strip()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert owners.dead(name), "a zombie"
    child.wait()
    assert owners.dead(name)


@pytest.mark.parametrize("name", ["a b) R 1", "(x", ")"])
def test_the_name_of_a_process_does_not_mislead(name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text(f"7 ({name}) S 1 " + " ".join(str(n) for n in range(5, 30)))
    monkeypatch.setattr(owners, "PROC", tmp_path)
    assert owners._told(7) == ("S", "22")
