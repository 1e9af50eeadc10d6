"""PostgreSQL for one data folder: started, watched by what it answers, stopped.

The server lives in `home/pg` and listens on a socket in a folder that only we can enter; it opens no port.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kouan.app.supervisor import cluster, spawn, wire
from kouan.app.supervisor.trouble import Trouble
from kouan.kernel.text import Text

START_SECONDS = 120.0  # a recovery after a crash reads the log again
STOP_SECONDS = 2.0
PAUSE = 0.05
AGAIN = 0.2


class Postgres:
    """The PostgreSQL server of one data folder. Use it as a context manager or call `start` and `stop`.

    `start` returns when the server takes connections and the roles and the database stand; it takes over a
    server of this folder that still runs without us, and waits for one just ending. Trouble when it cannot.
    """

    name = "PostgreSQL"

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.data = self.home / "pg"
        self.socket = cluster.socket_folder(self.home)
        self.log = self.home / "log" / "postgres.log"
        self._process: spawn.Process | None = None
        self._started = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def dsn(self, role: str) -> dict[str, Any]:
        """Arguments for asyncpg.connect as a role (kouan_owner, kouan_app, kouan_signer)."""
        return {"host": str(self.socket), "user": role, "database": "kouan"}

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        return wire.ask(self.socket) is wire.Answer.READY

    def start(self) -> None:
        """Make the cluster if need be, start the server, wait until it answers, make roles and database."""
        self.make()
        limit = time.monotonic() + START_SECONDS
        while not self.tend():
            if time.monotonic() > limit:
                raise self.silent()
            time.sleep(PAUSE)
        self.prepare()

    def prepare(self) -> None:
        """Make the roles and the database where they are missing."""
        cluster.prepare(self.socket)

    def make(self) -> None:
        """Make folders and cluster."""
        for folder in (self.home, self.home / "run", self.log.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        cluster.let_pass(self.home, self.home / "run")
        cluster.make(self.data)
        cluster.make_private(self.socket)
        cluster.hand_over(self.data, self.socket)

    def tend(self) -> bool:
        """True when the server answers; else starts it when nothing of it runs any more. Main thread only."""
        answer = wire.ask(self.socket, seconds=0.5)
        if answer is wire.Answer.READY:
            return True
        if answer is wire.Answer.BUSY or self._running() or time.monotonic() < self._started + AGAIN:
            return False
        self._drop_stale()
        self._launch()
        return False

    def lost(self) -> bool:
        """Whether nothing of the server runs any more."""
        return not self._running() and self.holder() is None

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _launch(self) -> None:
        self._started = time.monotonic()
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._process = spawn.start(
                cluster.server_command(self.data, self.socket),
                descriptor,
                env={**os.environ, "LC_ALL": "C"},
                identity=cluster.identity(),
                death=signal.SIGINT,  # fast shutdown, should we be killed
            )
        finally:
            os.close(descriptor)

    def holder(self) -> int | None:
        """The pid of the server that holds the data folder, also when we did not start it."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            if Path(f"/proc/{pid}/cwd").samefile(self.data):
                return pid
        return None

    def _drop_stale(self) -> None:
        # PostgreSQL takes any live process with the old pid for a server, as after a restart of the machine.
        if self.holder() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop the server cleanly; after `seconds` at once, then it recovers at the next start."""
        self.ask_to_stop()
        self.end(seconds)

    def ask_to_stop(self) -> None:
        """Ask for a fast shutdown and return."""
        if pid := self._pid():
            os.kill(pid, signal.SIGINT)

    def end(self, seconds: float) -> None:
        """Wait for the shutdown; after `seconds` end the server at once."""
        pid = self._pid()
        for wait, number in ((seconds, signal.SIGQUIT), (0.7, signal.SIGKILL), (1.0, None)):
            if pid is None or self._ended(pid, wait):
                break
            if number is not None:
                os.kill(pid, number)
        self._process = None
        if self.home not in self.socket.parents:
            shutil.rmtree(self.socket, ignore_errors=True)

    def _pid(self) -> int | None:
        if self._process is not None and self._process.poll() is None:
            return self._process.pid
        return self.holder()

    def _ended(self, pid: int, seconds: float) -> bool:
        if self._process is not None and self._process.pid == pid:
            return spawn.await_end(self._process, seconds)
        return spawn.await_gone(pid, seconds)

    def silent(self) -> Trouble:
        """Why a start failed, from the server's own last words."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        last = lines[-1] if lines else ""
        return Trouble(
            Text(
                zh=f"数据库没有应答（{last}），日志见 {self.log}",
                en=f"the database does not answer ({last}), see {self.log}",
            )
        )
