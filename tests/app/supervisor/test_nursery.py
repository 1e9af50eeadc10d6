"""Processes that are forked: their words, output, codes and signals are what they would be if each had been started by itself."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kouan.app.supervisor import spawn
from kouan.app.supervisor.nursery import GONE, Forked, Nursery


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nursery")


@pytest.fixture(scope="module")
def nursery(folder: Path) -> Iterator[Nursery]:
    made = Nursery(folder / "log", {**os.environ, "KOUAN_HOME": str(folder)})
    yield made
    made.end()


def born(nursery: Nursery, folder: Path, *words: str) -> tuple[Forked, Path]:
    """A process, and the file that it writes to."""
    out = folder / f"{'-'.join(words).replace('/', '_')}.txt"
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return nursery.start(words, descriptor, {**os.environ, "KOUAN_HOME": str(folder / "none"), "KOUAN_URL": ""}), out
    finally:
        os.close(descriptor)


def waiting(nursery: Nursery, folder: Path) -> tuple[Forked, Path]:
    """A process that lasts, and the pipe that it wants to read."""
    pipe = folder / f"{secrets.token_hex(4)}.json"
    os.mkfifo(pipe)
    return born(nursery, folder, "verify", str(pipe))[0], pipe


def code(process: Forked) -> int:
    limit = time.monotonic() + 60
    while (ended := process.poll()) is None:
        assert time.monotonic() < limit, "still runs"
        time.sleep(0.02)
    return ended


def pid_of(process: Forked) -> int:
    limit = time.monotonic() + 60
    while not process.pid:
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)
    return process.pid


def test_words_output_and_exit_codes(nursery: Nursery, folder: Path) -> None:
    several = [born(nursery, folder, *words) for words in (("help",), ("nothing",), ("verify", "missing.json"))]
    assert [code(process) for process, _ in several] == [0, 2, 1]
    assert "kouan journey" in several[0][1].read_text()
    assert "unknown command: nothing" in several[1][1].read_text()
    assert "missing.json" in several[2][1].read_text()


def test_it_is_named_sits_in_a_session_of_its_own_and_can_be_signalled(nursery: Nursery, folder: Path) -> None:
    process, proof = waiting(nursery, folder)
    pid = pid_of(process)
    limit = time.monotonic() + 20
    while not Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").endswith(f"kouan.app.cli verify {proof}"):
        assert time.monotonic() < limit
        time.sleep(0.01)
    assert os.getsid(pid) == pid
    process.send_signal(signal.SIGKILL)
    assert code(process) == -signal.SIGKILL


def test_what_was_born_dies_with_it_and_the_next_order_wakes_it_again(nursery: Nursery, folder: Path) -> None:
    process, _ = waiting(nursery, folder)
    pid = pid_of(process)
    os.kill(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]), signal.SIGKILL)
    assert code(process) in (GONE, 1)
    assert spawn.await_gone(pid, 5.0)
    again, out = born(nursery, folder, "help")
    assert code(again) == 0
    assert "kouan journey" in out.read_text()


def test_one_that_is_not_born_yet_never_will_be(folder: Path) -> None:
    fresh = Nursery(folder / "other", dict(os.environ))
    process, out = born(fresh, folder, "token")
    process.send_signal(signal.SIGTERM)
    assert code(process) == GONE
    assert out.read_text() == ""
    fresh.end()
