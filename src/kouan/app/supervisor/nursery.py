"""Processes of ours that are forked from one that has imported everything (`kouan.app.nursery`), instead of each importing it again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from kouan.app.supervisor import spawn
from kouan.app.supervisor.logs import Log

MESSAGE = 1 << 16
GONE = -int(signal.SIGKILL)


class Nursery:
    """Starts processes by their words after `kouan`; it is started itself when there is need of it, and again when it has died."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.log, self.env = Log(folder, "nursery"), env
        self._process: spawn.Process | None = None
        self._orders: socket.socket | None = None
        self._born: dict[int, Forked] = {}
        self._numbers = 0

    def wake(self) -> None:
        """Let it import, before the first process is wanted. Call it from the main thread only."""
        if self._process is not None and self._process.poll() is None:
            return
        self.hear()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        argv = (sys.executable, "-P", "-m", "kouan.app.nursery", str(theirs.fileno()))
        output = self.log.open()
        try:
            self._process = spawn.start(argv, output, env=self.env, death=signal.SIGKILL, keep=(theirs.fileno(),))
        finally:
            os.close(output)
            theirs.close()
        ours.setblocking(False)
        self._orders = ours

    def start(self, words: tuple[str, ...], output: int, env: Mapping[str, str]) -> Forked:
        """Let a process be born whose output and errors go to a descriptor."""
        self.wake()
        assert self._orders is not None
        self._numbers += 1
        forked = self._born[self._numbers] = Forked(self)
        order = json.dumps({"id": self._numbers, "argv": words, "env": dict(env)}).encode()
        with contextlib.suppress(BrokenPipeError):  # it has just died: the next look finds that out
            socket.send_fds(self._orders, [order], [output])
        return forked

    def hear(self) -> None:
        """Take what it has told since the last look."""
        while self._orders is not None:
            try:
                told = self._orders.recv(MESSAGE)
            except BlockingIOError:
                return
            except OSError:
                told = b""
            if not told:
                self._ended()
                return
            message = json.loads(told)
            if "pid" in message:
                self._born[message["id"]].pid = message["pid"]
            else:
                self._born.pop(message["id"]).returncode = message["code"]

    def _ended(self) -> None:
        # The tie to its life has killed all that were born there.
        if self._orders is not None:
            self._orders.close()
        self._orders = None
        for forked in self._born.values():
            forked.returncode = GONE if forked.pid else self._own_code()
        self._born.clear()

    def _own_code(self) -> int:
        if self._process is None or not spawn.await_end(self._process, 1.0):
            return 1
        return self._process.returncode or 1

    def end(self) -> None:
        """End it, and whatever is left of what was born there."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        if self._process is not None:
            spawn.kill_group(self._process)
            spawn.await_end(self._process, 1.0)


class Forked:
    """A process that the nursery starts; as `subprocess.Popen` where we use it. `pid` is 0 until it is known."""

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery
        self.pid = 0
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or minus the number of the signal that ended it; None while it runs or is about to."""
        if self.returncode is None:
            self._nursery.hear()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it; one that is not born yet never will be."""
        if self.poll() is not None:
            return
        if self.pid:
            os.kill(self.pid, number)
        else:
            self._nursery.end()
            self.returncode = GONE
