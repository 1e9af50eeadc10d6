"""The PostgreSQL starter, on real clusters."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from kouan.app.supervisor import binaries, cluster, external, spawn, wire
from kouan.app.supervisor.postgres import Postgres
from kouan.app.supervisor.trouble import CONFIGURATION, Trouble


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped cluster to copy, since making one takes half a second."""
    home = tmp_path_factory.mktemp("pristine")
    with Postgres(home):
        pass
    return home


@pytest.fixture
def home(pristine: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "home"
    shutil.copytree(pristine / "pg", copied / "pg")
    (copied / "pg").chmod(0o700)
    return copied


@pytest.fixture
def server(home: Path) -> Iterator[Postgres]:
    with Postgres(home) as running:
        yield running


def revive(server: Postgres, seconds: float = 20.0) -> float:
    began = time.monotonic()
    while not server.tend():
        assert time.monotonic() < began + seconds
        time.sleep(0.02)
    return time.monotonic() - began


async def test_a_first_start_makes_roles_database_and_no_port(tmp_path: Path) -> None:
    with Postgres(tmp_path / "new home") as server:
        connection = await asyncpg.connect(**server.dsn("kouan_owner"))
        try:
            assert connection.get_server_version().major >= 18
            rows = await connection.fetch(
                "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname like 'kouan_%'"
            )
            assert {row["rolname"]: tuple(row)[1:] for row in rows} == dict.fromkeys(cluster.ROLES, (False,) * 3)
            shown = {name: await connection.fetchval(f"show {name}") for name in ("listen_addresses", "fsync", "jit")}
            assert shown == {"listen_addresses": "", "fsync": "on", "jit": "off"}
            assert await connection.fetchval("show server_encoding") == "UTF8"
            await connection.execute("create extension btree_gin; create table t (a int)")
        finally:
            await connection.close()
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert server.holder() is None


async def test_the_application_owns_nothing_and_makes_nothing(server: Postgres) -> None:
    connection = await asyncpg.connect(**server.dsn("kouan_app"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table t (a int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("set role kouan_owner")
    finally:
        await connection.close()


async def test_kill_9_loses_nothing_committed(server: Postgres) -> None:
    connection = await asyncpg.connect(**server.dsn("kouan_owner"))
    await connection.execute("create table kept (n int)")
    for number in range(50):
        await connection.execute("insert into kept values ($1)", number)
    killed = server.holder()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    connection.terminate()
    assert revive(server) < 10.0
    connection = await asyncpg.connect(**server.dsn("kouan_owner"))
    assert await connection.fetchval("select count(*) from kept") == 50
    await connection.close()
    assert server.holder() != killed


def test_a_warm_start_is_quick_and_a_stop_leaves_nothing(server: Postgres) -> None:
    server.stop()
    assert server.holder() is None
    assert wire.ask(server.socket) is wire.Answer.SILENT
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < 5.0


def test_a_stale_pid_of_a_living_stranger_is_no_obstacle(home: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        stale = f"{stranger.pid}\n{home / 'pg'}\n1700000000\n5432\n\n\n"
        (home / "pg" / "postmaster.pid").write_text(stale)
        with Postgres(home) as server:
            assert server.answers()
            assert server.holder() not in (None, stranger.pid)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_starter_takes_over_the_running_server(server: Postgres) -> None:
    second = Postgres(server.home)
    second.start()
    assert second.holder() == server.holder()
    second.stop()
    assert not server.answers()


def test_an_interrupted_making_is_thrown_away(tmp_path: Path) -> None:
    half = tmp_path / f"{cluster.MAKING}77"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with Postgres(tmp_path) as server:
        assert server.answers()
    assert not half.exists()
    assert (tmp_path / "pg" / "PG_VERSION").read_text() == "18\n"


def test_a_long_path_gets_a_short_private_socket(home: Path) -> None:
    deep = home.parent / ("long-" * 24)
    home.rename(deep)
    with Postgres(deep) as server:
        assert server.answers()
        assert len(os.fsencode(server.socket / wire.SOCKET)) <= wire.LONGEST_PATH
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert not server.socket.exists()


def test_a_socket_folder_that_is_a_link_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home / "run").mkdir()
    (home / "run" / "pg").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Trouble):
        Postgres(home).start()


def test_a_cluster_of_another_version_is_left_alone(home: Path) -> None:
    (home / "pg" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Trouble) as caught:
        Postgres(home).start()
    assert caught.value.code == CONFIGURATION
    assert "17" in caught.value.lines()


def test_kill_9_of_the_starter_leaves_no_server(home: Path) -> None:
    script = (
        "import sys, pathlib, time\n"
        "from kouan.app.supervisor.postgres import Postgres\n"
        "Postgres(pathlib.Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    orphan = Postgres(home).holder()
    assert orphan is not None
    owner.kill()
    owner.wait()
    owner.stdout.close()
    with Postgres(home) as server:  # at once: while the old one may still be ending
        assert server.answers()
        assert spawn.await_gone(orphan, 5.0) or server.holder() == orphan


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_without_namespaces_root_lets_nobody_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = pwd.getpwnam("nobody")
    if not _open_to_all(binaries.postgres()):
        pytest.skip("the checkout lies in a private folder")
    monkeypatch.setattr(cluster, "identity", lambda: f"{nobody.pw_uid}:{nobody.pw_gid}")
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o711)
        with Postgres(Path(place) / "home") as server:
            assert server.answers()
            assert server.data.stat().st_uid == nobody.pw_uid


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


async def test_somebody_elses_server_is_given_our_roles(server: Postgres) -> None:
    url = f"postgresql:///site?host={server.socket}&user=postgres"
    owner = await asyncpg.connect(host=str(server.socket), user="postgres", database="postgres")
    await owner.execute("create database site")
    await owner.close()
    for _ in range(2):  # the second time finds everything made
        await external.prepare(url)
    for role in cluster.ROLES:
        connection = await asyncpg.connect(url, server_settings={"role": role})
        assert await connection.fetchval("select current_user::text") == role
        await connection.close()


async def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="KOUAN_DATABASE_URL") as caught:
        await external.prepare(f"postgresql:///site?host={tmp_path}&user=postgres")
    assert caught.value.code == CONFIGURATION
