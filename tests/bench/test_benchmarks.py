"""Each benchmark runs with tiny parameters and gives what its readers take from it. No times are asserted."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from bench import ais, edifact, geofences, intake, push, quality, rules
from bench._command import quantile
from bench._platform import cpu_of, family, machine, spent
from kouan.base.movement.plans import Status
from kouan_sim.filings import declarations
from kouan_sim.identifiers import References
from tests.bench.stands import stands
from tests.conftest import SHARED

ROOT = Path(__file__).parents[2]


def test_quantiles_are_of_the_nearest_rank() -> None:
    assert quantile([0.4, 0.1, 0.3, 0.2], 0.5) == 200
    assert quantile([0.4, 0.1, 0.3, 0.2], 0.99) == 400
    assert quantile([], 0.5) is None


def test_the_cpu_of_a_family_counts_its_children() -> None:
    work = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(i * i for i in range(10**6))']); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE) as process:
        while cpu_of(process.pid) < 0.02:
            assert process.poll() is None
        assert process.pid in family(process.pid)
        assert process.stdin is not None
        process.stdin.write(b"\n")
    assert spent({"a": 1.0}, {"a": 3.5, "b": 1.0}) == {"a": 2.5, "b": 1.0}
    assert machine()["cores"] >= 1


@pytest.mark.parametrize("count", [2, 6, 500])
def test_no_two_events_of_pushing_are_the_same_report(count: int) -> None:
    """Also where a few boxes come up again and again within a second."""
    chance, known = random.Random(7), set()
    for turn in range(5000):
        stated, fits = push.status(turn, chance, count)
        known.add(Status.model_validate(stated).key("carrier"))
        assert all(number < count for number in fits)
    assert len(known) == 5000


def test_edifact_counts_the_same_segments_for_both() -> None:
    found = edifact.run(seconds=0.05, repeats=1, bills=3)
    stands(found, "edifact")
    assert found["per_s"] > 0
    assert found["per_cpu_s"] > 0
    assert found["sample"]["segments"] == 91
    assert found["synthetic"]["files"] == found["sample"]["files"] == 1


def test_rules_are_judged_as_zen_engine_judges_them() -> None:
    found = rules.run(rules=30, metrics=5, rows=60, seconds=0.05, repeats=1)
    stands(found, "rules")
    assert found["per_cpu_s"] > 0
    for peer in found["peers"].values():
        assert peer["verdicts_equal"] == peer["verdicts_checked"] == 60


def test_fifty_rules_find_what_is_at_fault() -> None:
    found = quality.quality(2000)
    assert (found["rules"], found["rows"]) == (50, 2000)
    assert found["faulty"] > 0


def test_an_absent_peer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydifact.segmentcollection", None)
    monkeypatch.setenv("KOUAN_SHARED", "/nowhere")
    found = edifact.run(seconds=0.05, repeats=1, bills=3)
    assert "not installed" in found["peers"]["pydifact"]["absent"]
    assert "absent" in found["published"]
    assert "absent" in intake.peers([b"<a/>"], seconds=0.01)["published schema"]


def test_every_body_is_named_and_told_of() -> None:
    found = edifact.compare({"whole": edifact.SAMPLE.read_bytes(), "none": b"not a message"}, 0.05, 1)
    whole, none = found["bodies"]
    assert (whole["file"], whole["segments"], found["files"]) == ("whole", 91, 1)
    assert whole["kouan"] > 0
    assert whole["pydifact"] == "not installed" or whole["pydifact"] > 0
    assert (none["file"], none["segments"], none["kouan"]) == ("none", 0, "refused")


def test_ais_is_decoded_whatever_the_chunks() -> None:
    found = ais.run(seconds=0.05, repeats=1, messages=150)
    stands(found, "ais")
    assert found["mix"]["types"] == 27
    assert min(found["per_cpu_s"], found["mix"]["per_cpu_s"], *found["chunks"].values()) > 0
    assert all("absent" in peer or peer["per_cpu_s"] > 0 for peer in found["peers"].values())


def test_geofences_agree_with_shapely() -> None:
    found = geofences.run(points=5000, count=100, rounds=2)
    assert (found["name"], found["points"], found["zones"]) == ("geofences", 5000, 100)
    assert found["memberships"] > 0
    assert len(found["peers"]) == 2


def test_bodies_that_were_filed_are_validated_by_the_published_schema() -> None:
    schema = SHARED / "customs" / "hmrc-cds" / intake.SCHEMA
    if not schema.is_file():
        pytest.skip("no published schema of declarations in KOUAN_SHARED or ../shared")
    bodies = [filing.body for filing in islice(declarations(References(), 3).filings, 3)]
    told = intake.peers(bodies, seconds=0.05)["published schema"]["bodies filed"]
    assert (told["bodies"], told["read by kouan"]) == (3, 3)
    assert told["lxml parse and validate"]["per_s"] > 0
    assert 0 <= told["valid by the schema"] <= 3


STARTED = """
import sys, time
from bench import _platform
_platform._healthy = lambda *_: "http://127.0.0.1:1"
with _platform.started() as platform:
    print(platform.process.pid, platform.home.parent, flush=True)
    time.sleep(120)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["told", "killed"])
def test_a_benchmark_that_is_ended_leaves_no_platform_behind(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTED], cwd=ROOT, stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        pid, folder = bench.stdout.readline().split()
        until_ready(int(pid), Path(folder))
        bench.send_signal(number)
        bench.wait(60)
    until(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text())
    if number == signal.SIGTERM:
        assert not Path(folder).exists()
    shutil.rmtree(folder, ignore_errors=True)


def until_ready(pid: int, folder: Path) -> None:
    """Until the platform has become itself and has begun to make its folder."""
    until(lambda: b"kouan.app.cli" in Path(f"/proc/{pid}/cmdline").read_bytes() and (folder / "home" / "run").exists())


def until(holds: Callable[[], bool]) -> None:
    """Look again until it holds, for a minute."""
    limit = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_an_unknown_benchmark_is_refused_with_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kouan.app.cli", "bench", "nothing"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("intake", "edifact", "gate", "trace", "ledger", "lists"))
    shown = (ROOT / "scripts" / "bench").read_text()
    assert "bench/[a-z]*.py" in shown, "the script that runs them names none of them, so that none is forgotten"
