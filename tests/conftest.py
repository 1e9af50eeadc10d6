"""The running platform, as its users meet it: one data folder for all acceptance tests, reached by its public doors."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("KOUAN_SHARED") or ROOT.parent / "shared") / "data"
PLAIN = ssl.create_default_context()
"""Made once: a client that makes its own spends 60 ms on it, and the doors of a platform on loopback need none."""
os.environ.setdefault("KOUAN_NICE", "0")  # several platforms share the machine: none of their workers stands back
settings.register_profile("busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # how long an example takes says more of the machine than of what is tested
TOGETHER = ("conformance/crossing", "kernel/ledger", "kernel", "base/identity")
LONGEST = (
    # The second to the fourth start from nothing: they do not wait for the seedbed that the first makes.
    "conformance/crossing", "journeys/test_make_run.py", "bench/test_on_a_platform.py", "faults/test_suite_sm.py",
    "journeys/test_pages.py", "app/http/test_schema.py", "faults/test_kill.py", "faults/test_stream.py",
    "operations/traffic/test_acceptance.py", "journeys/test_map.py", "faults",
    "facilities/gate/test_offline.py", "assurance/running/test_acceptance.py", "journeys", "app/supervisor",
    "facilities/telemetry/test_readings.py", "operations/site", "cooperation", "kernel", "tools", "operations/alerts", "operations/reports",
    "conformance", "app", "base/exchange", "base/ingest", "facilities", "operations", "supervision",
)  # fmt: skip


gc.disable()  # until all tests are there: a good part of importing them would be spent on looking through what stays anyway


def pytest_collection_finish() -> None:
    """What was imported stays, and is looked through no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # as the platform's own processes have it
    gc.enable()


def place_of(name: str) -> str:
    """The file of a test, below `tests`."""
    return name.partition("::")[0].removeprefix("tests/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes, what takes longest begins first, whether it computes or waits."""

    def turn(item: pytest.Item) -> int:
        place = f"{place_of(item.nodeid)}/"
        return next((number for number, name in enumerate(LONGEST) if place.startswith(f"{name}/")), len(LONGEST))

    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=turn)


class Together(LoadScopeScheduling):
    """What shares a costly fixture runs in one process, a file in one process."""

    def _split_scope(self, nodeid: str) -> str:
        place = place_of(nodeid)
        return next((name for name in TOGETHER if place.startswith(f"{name}/")), place)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """How xdist hands out the tests."""
    gc.enable()  # who hands out collects none
    return Together(config, log)


@dataclass
class Running:
    """A platform that runs: its address, data folder and the clients of its demo organisations."""

    process: subprocess.Popen[bytes]
    home: Path
    url: str
    log: Path
    broker: int = 0
    """The port at which the platform looks for a broker of the port's own (KOUAN_MQTT_URL), which a test may start."""

    def token(self, org: str, role: str = "") -> str:
        """The API token of a demo account; the organisation's working role unless one is named."""
        accounts = json.loads((self.home / "demo.json").read_text())["accounts"]
        working = ("officer", "operator", "clerk")
        found = [a for a in accounts if a["org"] == org and (a["role"] == role if role else a["role"] in working)]
        return str(found[0]["token"])

    def accounts(self) -> list[dict[str, Any]]:
        """All demo accounts."""
        found: list[dict[str, Any]] = json.loads((self.home / "demo.json").read_text())["accounts"]
        return found

    def client(self, org: str = "", role: str = "") -> httpx.Client:
        """A client that calls as a demo account, or as a stranger."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.token(org, role)}"} if org else {})
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False, verify=PLAIN)

    def cli(self, *words: str, org: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run `kouan` as a user would, against this platform."""
        extra = {"KOUAN_HOME": str(self.home), "KOUAN_URL": self.url}
        if org:
            extra["KOUAN_TOKEN"] = self.token(org)
        program = [sys.executable, "-m", "kouan.app.cli", *words]
        return subprocess.run(
            program, env={**os.environ, **extra, **(env or {})}, capture_output=True, text=True, timeout=200
        )


def free_port() -> int:
    """A port that nobody listens on now: two platforms that are started side by side would both take the usual one.

    From below those that the system lends to outgoing connections, and those that a platform takes for itself.
    """
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", secrets.choice(range(15_000, 22_000))))
            return int(probe.getsockname()[1])


UP = ("-m", "kouan.app.cli", "up")


def start(home: Path, program: Sequence[str] = UP, patience: float = 300, **env: str) -> Running:
    """Start a platform in a data folder and wait until it is healthy, `patience` seconds at most. `program`: what Python runs,
    where it is not all of it."""
    log = home.parent / f"{home.name}.log"
    env.setdefault("KOUAN_PORT", str(free_port()))
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *program],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "KOUAN_HOME": str(home), "KOUAN_DEMO": "1", "KOUAN_HEADLESS": "1", **env},
        )
    ports = home / "run" / "ports.json"
    limit = time.monotonic() + patience
    with httpx.Client(timeout=2, trust_env=False, verify=PLAIN) as client:
        while time.monotonic() < limit:
            assert process.poll() is None, log.read_text()[-2000:]
            if ports.exists():
                url = f"http://127.0.0.1:{json.loads(ports.read_text())['http']}"
                with contextlib.suppress(httpx.HTTPError):
                    if client.get(f"{url}/api/health").status_code == 200:
                        return Running(process, home, url, log)
            time.sleep(0.2)
    process.terminate()
    raise TimeoutError(log.read_text()[-2000:])


SEEDBED: list[Path] = []
"""Where the data folder is that others are copies of; one for all processes of a test run."""


@pytest.fixture(scope="session", autouse=True)
def _seedbed(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.getbasetemp()
    SEEDBED[:] = [(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "seedbed"]


def planted(home: Path) -> Path:
    """A data folder as a first start leaves it, to be started: the first that is asked for is made, all are copies of it.

    Half of what a first start computes is the same each time. Addresses and logs are no part of it.
    """
    (bed,) = SEEDBED
    bed.mkdir(exist_ok=True)
    with (bed / "held").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (bed / "ready").exists():
            shutil.rmtree(bed / "data", ignore_errors=True)
            end(start(bed / "data", KOUAN_RANDOM_SHARE="0"))
            for made in ("run", "log"):
                shutil.rmtree(bed / "data" / made)
            (bed / "ready").touch()
    subprocess.run(["cp", "-a", "--reflink=auto", str(bed / "data"), str(home)], check=True)
    return home


def end(running: Running) -> None:
    """Stop a platform; it has five seconds and a little more on a busy machine."""
    running.process.terminate()
    try:
        running.process.wait(20)
    except subprocess.TimeoutExpired:
        running.process.kill()
        raise


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The platform that acceptance tests share."""
    broker = free_port()
    stated = {"KOUAN_RANDOM_SHARE": "0", "KOUAN_MQTT_URL": f"mqtt://port:geheim@127.0.0.1:{broker}"}
    running = start(planted(tmp_path_factory.mktemp("platform") / "data"), **stated)
    running.broker = broker
    yield running
    end(running)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure stands what the platform said of its own processes: one that was started again explains much."""
    report = yield
    for running in getattr(item, "funcargs", {}).values() if report.failed else ():
        if isinstance(running, Running) and running.log.exists():
            said = re.findall(r"^kouan: .* again.*\n(?:  [a-z]+: .*\n)*", running.log.read_text(errors="replace"), re.MULTILINE)
            report.sections.append((f"processes of {running.home.name}", "".join(said[-5:]) or "none was started again"))
    return report
