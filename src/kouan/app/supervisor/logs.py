"""The logs of the processes: files in home/log, turned over by size, their errors shown to who watches."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

LIMIT = 10 << 20  # bytes
KEPT = 3
SHOWN = 10  # lines at a time
ERRORS = re.compile(r"\b(ERROR|CRITICAL|FATAL|PANIC)\b|\[(ERR|FTL)\]|^Traceback|^\w+(\.\w+)*(Error|Exception)\b")


class Log:
    """The log file of one process, which appends to it by itself; it outlives us and keeps its last words."""

    def __init__(self, folder: Path, name: str, errors: re.Pattern[str] = ERRORS) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.name, self.errors = name, errors
        self.path = folder / f"{name}.log"
        self._seen = self.path.stat().st_size if self.path.exists() else 0

    def open(self) -> int:
        """A file descriptor to append to; the caller closes it."""
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def news(self) -> list[str]:
        """The first few error lines written since the last call; turns the file over when it is long."""
        if not self.path.exists():
            return []
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            file.seek(min(self._seen, size))
            fresh = file.read(LIMIT)
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._seen = min(self._seen, size) + len(whole)
        found = [line for line in whole.decode(errors="replace").splitlines() if self.errors.search(line)]
        if size > LIMIT:
            self._turn()
        if len(found) > SHOWN:
            found = [*found[:SHOWN], f"… {len(found) - SHOWN} more lines in {self.path}"]
        return found

    def last(self, lines: int = 8) -> list[str]:
        """The last lines of the file."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - 16384))
            return file.read().decode(errors="replace").splitlines()[-lines:]

    def _turn(self) -> None:
        # The process keeps the file open, so its content is moved and the file emptied.
        for number in range(KEPT, 1, -1):
            older = self.path.with_suffix(f".log.{number - 1}")
            if older.exists():
                older.replace(self.path.with_suffix(f".log.{number}"))
        shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
        os.truncate(self.path, 0)
        self._seen = 0
