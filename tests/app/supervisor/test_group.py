"""The whole process group, with stubs for our own processes and real stores."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kouan.app.supervisor import identity, spawn
from kouan.app.supervisor.postgres import Postgres
from tests.app.supervisor.platform_runs import STUB, Platform, eventually

Start = Callable[..., Platform]
STOP_SECONDS = 5.0


def make_run(folder: Path) -> list[str]:
    """The command `make run` of a Makefile like ours, for the stub platform."""
    (folder / "Makefile").write_text(f"run:\n\t@exec {shlex.quote(sys.executable)} {shlex.quote(str(STUB))} up\n")
    return ["make", "--no-print-directory", "-C", str(folder), "run"]


def test_everything_stops_in_time_even_a_stubborn_process(start: Start) -> None:
    platform = start(STUB_STUBBORN="work")
    platform.ready()
    assert platform.stop() < STOP_SECONDS
    assert platform.process.returncode == 0
    assert identity.running(platform.home / "run") is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_make_alone_stops_everything(start: Start, tmp_path: Path, number: int) -> None:
    platform = start(command=make_run(tmp_path))
    platform.ready()
    supervisor = platform.supervisor()
    assert supervisor != platform.process.pid
    running = [*platform.everybody(), platform.postmaster(), supervisor]
    platform.process.send_signal(number)
    platform.process.wait(10)
    eventually(lambda: not [pid for pid in running if spawn.alive(pid)], STOP_SECONDS)


def test_a_process_that_dies_is_started_again(start: Start) -> None:
    platform = start()
    platform.ready()
    killed = {name: platform.pid(name) for name in ("work", "signer")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    for name, pid in killed.items():
        eventually(lambda name=name, pid=pid: platform.pid(name) != pid, 5.0)
    assert "work" in platform.said()


def test_the_stores_come_back_after_kill_9(start: Start) -> None:
    platform = start()
    platform.ready()
    postmaster, ports = platform.postmaster(), platform.ports()
    os.kill(postmaster, signal.SIGKILL)
    server = Postgres(platform.home)
    eventually(lambda: server.answers() and server.holder() != postmaster, 10.0)
    assert "PostgreSQL" in platform.said()
    with socket.create_connection(("127.0.0.1", ports["nats"]), 5.0) as line:
        assert line.recv(5) == b"INFO "


def test_kill_9_of_the_supervisor_leaves_nobody_and_the_next_start_works(start: Start) -> None:
    platform = start()
    platform.ready()
    running = [*platform.everybody(), platform.postmaster()]
    port = platform.ports()["http"]
    platform.process.kill()
    platform.process.wait()
    again = start(home=platform.home)
    again.ready()
    assert again.ports()["http"] == port
    eventually(lambda: not [pid for pid in running if spawn.alive(pid)], STOP_SECONDS)


def test_one_data_folder_runs_once(start: Start) -> None:
    platform = start()
    platform.ready()
    second = start(home=platform.home)
    assert second.process.wait(10) == 1
    assert str(platform.supervisor()) in second.said()
    assert platform.process.poll() is None


def test_a_taken_port_is_said_in_both_languages(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = str(held.getsockname()[1])
        platform = start(KOUAN_PORT=port)
        assert platform.process.wait(10) == 2
    assert f"端口 {port}" in platform.said()
    assert f"port {port} is taken" in platform.said()


@pytest.mark.parametrize("code", [2, 3])
def test_a_hopeless_process_ends_the_platform_with_its_words(start: Start, code: int) -> None:
    platform = start(STUB_FAILS=f"signer:{code}")
    assert platform.process.wait(30) == code
    assert "signer was told to fail" in platform.said()
    assert not [pid for pid in platform.everybody() if spawn.alive(pid)]


def test_a_start_that_failed_for_the_moment_is_tried_again(start: Start) -> None:
    """The web server ends with 3 while the database recovers; the signer's 3 means something else."""
    platform = start(STUB_FAILS="work:3")
    platform.ready()
    pid = platform.home / "pids" / "work"
    eventually(pid.exists, 10.0)
    first = pid.read_text()
    eventually(lambda: pid.read_text() not in ("", first), 10.0)
    assert platform.process.poll() is None


def test_demo_belongs_to_new_folders_on_loopback(start: Start, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "signer").mkdir(parents=True)
    real, demo = start(home=site, KOUAN_DEMO="1"), start(KOUAN_DEMO="1")
    real.ready()
    demo.ready()
    assert (demo.home / "demo.marker").exists()
    assert "demo sign-ins" in demo.said()
    eventually((demo.home / "pids" / "simulators").exists, 5.0)
    assert not (site / "demo.marker").exists()
    assert not (site / "pids" / "simulators").exists()


def test_a_headless_demo_has_no_simulators(start: Start) -> None:
    platform = start(KOUAN_DEMO="1", KOUAN_HEADLESS="1")
    platform.ready()
    time.sleep(0.3)
    assert not (platform.home / "pids" / "simulators").exists()


def test_stop_ends_the_right_process_only(start: Start) -> None:
    platform = start()
    platform.ready()
    run = platform.home / "run"
    kept = (run / "kouan.pid").read_text()
    (run / "kouan.pid").write_text(kept.replace('"started": ', '"started": 1'))
    assert not identity.stop(run)
    assert platform.process.poll() is None
    (run / "kouan.pid").write_text(kept)
    assert identity.stop(run)
    assert platform.process.wait(1) == 0
