"""A run of the stub platform under the real supervisor, seen from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kouan.app.supervisor import spawn

STUB = Path(__file__).with_name("stub_platform.py")


def eventually(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first truthy answer of `what`; fails when none comes in time."""
    limit = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.02)
    return found


class Platform:
    """One run of the stub platform."""

    def __init__(self, home: Path, command: list[str], env: dict[str, str]) -> None:
        self.home = home
        self.output = home.parent / f"{home.name}.out"
        self.output.touch()
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                env={**os.environ, "KOUAN_HOME": str(home), "PYTHONPATH": "", **env},
            )

    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> None:
        eventually(lambda: "Kouan is ready" in self.said() or self.process.poll() is not None, 30.0)
        assert self.process.poll() is None, self.said()

    def ports(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "run" / "ports.json").read_text())
        return found

    def pid(self, name: str) -> int:
        kept = self.home / "pids" / name
        eventually(lambda: kept.exists() and kept.read_text() != "", 10.0)
        return int(kept.read_text())

    def supervisor(self) -> int:
        return int(json.loads((self.home / "run" / "kouan.pid").read_text())["pid"])

    def postmaster(self) -> int:
        return int((self.home / "pg" / "postmaster.pid").read_text().splitlines()[0])

    def everybody(self) -> list[int]:
        names = ("signer", "serve", "work", "simulators")
        return [self.pid(name) for name in names if (self.home / "pids" / name).exists()]

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Signal the process that was started; answers how long all of it took to end."""
        running = [*self.everybody(), self.postmaster()]
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(10)
        took = time.monotonic() - began
        assert not [pid for pid in running if spawn.alive(pid)]
        return took


