"""A platform of its own for a benchmark: temporary data folder, headless, simulators off, CPU counted by process."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import asyncpg

from kouan.app.supervisor import launch
from kouan.app.supervisor.cluster import socket_folder

ROOT = Path(__file__).resolve().parents[1]
TICK = os.sysconf("SC_CLK_TCK")
WORKING = ("officer", "operator", "clerk")
HEALTHY_WITHIN = 240.0
STOPPED_WITHIN = 15.0


def machine() -> dict[str, Any]:
    """What this was measured on, and how busy it was meanwhile."""
    return {
        "cores": len(os.sched_getaffinity(0)), "python": platform.python_version(), "system": platform.system(),
        "architecture": platform.machine(), "cpu": _cpu_name(), "load_average": [round(x, 2) for x in os.getloadavg()],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


class Platform:
    """A platform that runs: its address, data folder and processes."""

    def __init__(self, process: subprocess.Popen[bytes], home: Path, url: str) -> None:
        self.process, self.home, self.url = process, home, url

    def token(self, org: str, role: str = "") -> str:
        """The API token of a demo account; that of the organisation's working role unless one is named."""
        accounts = json.loads((self.home / "demo.json").read_text())["accounts"]
        wanted = (role,) if role else WORKING
        return str(next(a["token"] for a in accounts if a["org"] == org and a["role"] in wanted))

    async def connect(self, role: str = "kouan_app") -> Any:
        """A connection to the platform's database, as the application unless another role is named."""
        folder = str(socket_folder(self.home))
        conn = await asyncpg.connect(host=folder, user=role, database="kouan")
        await conn.execute("select set_config('app.orgs', '0,1', false)")
        return conn

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far by part: serve, work, signer, stream, nats, postgres, supervisor."""
        spent: dict[str, float] = {}
        for pid in family(self.process.pid):
            part = part_of(pid)
            spent[part] = spent.get(part, 0.0) + cpu_of(pid)
        return spent

    def memory(self) -> dict[str, float]:
        """Resident MiB now by part; PostgreSQL's without the shared buffers, which every one of its processes would count."""
        held: dict[str, float] = {}
        for pid in family(self.process.pid):
            part = part_of(pid)
            held[part] = held.get(part, 0.0) + memory_of(pid)
        return held


def family(root: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        left += parents.get(pid, [])
    return found


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of those of its children that have ended."""
    fields = _stat(pid)
    return sum(int(one) for one in fields[11:15]) / TICK if fields else 0.0


def memory_of(pid: int) -> float:
    """Resident MiB of a process that are its own: not shared, and not of a file."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


def part_of(pid: int) -> str:
    """Which part of the platform a process is."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").split(" ")
    except OSError:
        return "ended"
    if "kouan.app.cli" in words:
        name = words[words.index("kouan.app.cli") + 1]
        return "supervisor" if name == "up" else name
    if "kouan.app.nursery" in words:
        return "nursery"
    return "postgres" if "postgres" in words[0] else "nats" if "nats" in words[0] else "other"


def spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """CPU seconds between two counts, by part."""
    return {name: round(max(after.get(name, 0.0) - before.get(name, 0.0), 0.0), 2) for name in sorted(after)}


@contextmanager
def started(kept: Path | None = None, **env: str) -> Iterator[Platform]:
    """A platform in a temporary data folder, healthy; stopped and removed at the end. RuntimeError when it will not.

    Told to end (SIGTERM), a benchmark ends its platform; killed, the platform ends by itself. `kept`: a folder for its data that is not
    removed, so that it can be started once more.
    """
    folder = kept or Path(tempfile.mkdtemp(prefix="kouan-bench-"))
    home, log = folder / "home", folder / "log"
    settings = {
        **os.environ, "KOUAN_HOME": str(home), "KOUAN_DEMO": "1", "KOUAN_HEADLESS": "1", "KOUAN_RANDOM_SHARE": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **env,
    }  # fmt: skip
    for name in ("KOUAN_URL", "KOUAN_TOKEN", "KOUAN_DATABASE_URL", "KOUAN_NATS_URL", "KOUAN_PORT"):
        settings.pop(name, None)
    # Not the usual port: another platform of this machine may answer there.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings["KOUAN_PORT"] = str(probe.getsockname()[1])
    tied = [sys.executable, launch.__file__, str(os.getpid()), str(int(signal.SIGTERM)), "same"]
    with _told_to_end():
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*tied, sys.executable, "-m", "kouan.app.cli", "up"], stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env=settings,
            )  # fmt: skip
        try:
            yield Platform(process, home, _healthy(process, home, log))
        finally:
            process.terminate()
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if kept is None:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """SIGTERM raises SystemExit here, so that what was begun is ended; left alone where only the main thread may ask for it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ended(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _healthy(process: subprocess.Popen[bytes], home: Path, log: Path) -> str:
    ports, limit = home / "run" / "ports.json", time.monotonic() + HEALTHY_WITHIN
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < limit and process.poll() is None:
        try:
            url = f"http://127.0.0.1:{json.loads(ports.read_text())['http']}"
            with opener.open(f"{url}/api/health", timeout=2) as answer:
                if answer.status == 200:
                    return url
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the platform did not start:\n{log.read_text(errors='replace')[-2000:]}")
