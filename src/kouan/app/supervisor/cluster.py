"""The PostgreSQL cluster in the data folder: made whole or not at all, and the roles and database in it."""

from __future__ import annotations

import functools
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kouan.app.supervisor import binaries, launch, spawn, wire
from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel.text import Text

ROLES = ("kouan_owner", "kouan_app", "kouan_signer")
MAKING = "pg.making-"
INITDB = (
    "--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8",
    "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
)  # fmt: skip
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_buffers": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u ",
    "logging_collector": "off",
}

_ROLE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
end $$;
"""
_DATABASE = """
select 'create database kouan owner kouan_owner template template0'
  where not exists (select from pg_database where datname = 'kouan') \\gexec
revoke all on database kouan from public;
grant connect, temporary on database kouan to kouan_app, kouan_signer;
"""
PREPARE = "".join(_ROLE.format(role=role) for role in ROLES) + _DATABASE


@functools.cache
def identity() -> str:
    """As whom the server runs: as ourselves; for root, which it refuses, in a user namespace or as nobody.

    A user without a name, as in some containers, is refused by initdb: the namespace lends one.
    """
    user = os.geteuid()
    if user != 0 and _has_name(user):
        return "same"
    tried = subprocess.run(spawn.tied(["true"], identity="namespace"), capture_output=True, check=False)
    if tried.returncode != launch.REFUSED:
        return "namespace"
    if user != 0:
        return "same"
    nobody = pwd.getpwnam("nobody")
    return f"{nobody.pw_uid}:{nobody.pw_gid}"


def _has_name(user: int) -> bool:
    try:
        return bool(pwd.getpwuid(user).pw_name)
    except KeyError:
        return False


def hand_over(*places: Path) -> None:
    """Give folders to the user that the server runs as, when that is another than ours."""
    if ":" not in identity():
        return
    user, group = (int(part) for part in identity().split(":"))
    for place in places:
        for path in (place, *place.rglob("*")):
            os.chown(path, user, group, follow_symlinks=False)


def let_pass(*folders: Path) -> None:
    """Let the user that the server runs as through folders of ours, without showing what is in them."""
    if ":" in identity():
        for folder in folders:
            folder.chmod(0o711)


def make(data: Path) -> None:
    """Make the cluster unless it stands: beside its place, then moved there, so that none is half made."""
    for left in data.parent.glob(MAKING + "*"):
        shutil.rmtree(left)
    if (data / "PG_VERSION").exists():
        _check_version(data)
        return
    making = data.with_name(f"{MAKING}{os.getpid()}")
    making.mkdir(mode=0o700)
    hand_over(making)
    command = [str(binaries.postgres() / "initdb"), *INITDB, f"--pgdata={making}"]
    tied = spawn.tied(command, identity=identity(), death=signal.SIGKILL)
    done = subprocess.run(tied, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise _not_made(done.stderr.strip())
    if data.exists():  # left by hand, and no cluster
        data.rmdir()
    making.rename(data)


def _not_made(said: str) -> Trouble:
    last = said.splitlines()[-1] if said else ""
    return Trouble(
        Text(
            zh=f"无法建立数据库（{last}）；若以 root 运行，请改用普通用户",
            en=f"the database cannot be made ({last}); if you are root, run as an ordinary user",
        )
    )


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != str(binaries.POSTGRES_MAJOR):
        raise Trouble(
            Text(
                zh=f"数据目录属于 PostgreSQL {found}，而非 {binaries.POSTGRES_MAJOR}：请先用 pg_upgrade 升级",
                en=f"the data folder is of PostgreSQL {found}, not {binaries.POSTGRES_MAJOR}: run pg_upgrade",
            ),
            CONFIGURATION,
        )


def socket_folder(home: Path) -> Path:
    """Where the socket lives: in the data folder, or in a private short folder when that path is too long."""
    inside = home / "run" / "pg"
    if len(os.fsencode(inside / wire.SOCKET)) <= wire.LONGEST_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path("/tmp") / f"kouan-{os.geteuid()}-{mark}"  # noqa: S108  private: made 0700 and its owner checked


def make_private(folder: Path) -> None:
    """Make a folder that only we can enter; Trouble when another user has put something in its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    owners = {os.geteuid(), *_server_users()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise Trouble(Text(zh=f"{folder} 属于其他用户", en=f"{folder} belongs to another user"), CONFIGURATION)
    folder.chmod(0o700)


def _server_users() -> Iterator[int]:
    if ":" in identity():
        yield int(identity().split(":")[0])


def prepare(socket: Path) -> None:
    """Make the roles and the database where they are missing."""
    command = [
        str(binaries.postgres() / "psql"),
        "-XqAt",
        "-v",
        "ON_ERROR_STOP=1",
        "-U",
        "postgres",
        "-d",
        "postgres",
    ]
    done = subprocess.run(
        [*command, "-h", str(socket), "-f", "-"], input=PREPARE, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Trouble(Text(zh=f"无法准备数据库：{done.stderr}", en=f"the database cannot be prepared: {done.stderr}"))


def server_command(data: Path, socket: Path) -> list[str]:
    """The command line of the server; settings stand in it, so that new ones reach an old data folder."""
    quoted = '"{}"'.format(str(socket).replace('"', '""'))
    settings = {**SETTINGS, "unix_socket_directories": quoted}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [str(binaries.postgres() / "postgres"), "-D", str(data), *words]
