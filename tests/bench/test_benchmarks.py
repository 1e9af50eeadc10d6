"""Each benchmark runs with tiny parameters and gives what its readers take from it. No times are asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import edifact, gate, intake, lists, trace
from bench._command import quantile
from bench._platform import cpu_of, family, machine, spent

ROOT = Path(__file__).parents[2]
MACHINE = {"cores", "python", "load_average", "at"}


def stands(found: dict[str, Any], name: str) -> None:
    """What every result says: its name, the machine, that its data are made up, in JSON."""
    assert found["name"] == name
    assert set(found["machine"]) >= MACHINE
    assert any(word in found["data"] for word in ("synthetic", "simulated"))
    assert json.loads(json.dumps(found)) == found


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


def test_edifact_counts_the_same_segments_for_both() -> None:
    found = edifact.run(seconds=0.05, repeats=1, bills=3)
    stands(found, "edifact")
    assert found["per_s"] > 0
    assert found["per_cpu_s"] > 0
    assert found["sample"]["segments"] == 91
    assert found["synthetic"]["files"] == found["sample"]["files"] == 1


def test_an_absent_peer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydifact.segmentcollection", None)
    monkeypatch.setenv("KOUAN_SHARED", "/nowhere")
    found = edifact.run(seconds=0.05, repeats=1, bills=3)
    assert "not installed" in found["peers"]["pydifact"]["absent"]
    assert "absent" in found["published"]
    assert "absent" in intake.peers([b"<a/>"], seconds=0.01)["published schema"]


@pytest.mark.slow
def test_intake_files_scores_and_proves() -> None:
    found = intake.run(rate=10, seconds=2, warm=0.5)
    stands(found, "intake")
    assert found["accepted"] == found["sent"] == 20
    assert found["p50_ms"] <= found["p99_ms"] <= found["p999_ms"]
    assert {"serve", "work", "postgres", "signer"} <= set(found["platform_cpu_s"])
    assert found["client_cpu_s"] > 0
    assert found["per_cpu_s"] > 0
    assert found["handlers"]["caught_up_after_s"] is not None
    assert sum(found["handlers"]["states"].values()) == 25
    assert found["handlers"]["states"].get("lodged", 0) == 0
    assert found["proof_after_last_s"] is not None
    assert found["peers"]["lxml parse"]["per_s"] > 0


@pytest.mark.slow
def test_the_gate_decides_each_passage() -> None:
    found = gate.run(rate=10, seconds=2, warm=0.5)
    stands(found, "gate")
    assert found["accepted"] == 20
    assert sum(found["decisions"].values()) == 25
    assert found["per_s"] > 0
    assert found["p99_ms"] > 0


@pytest.mark.slow
def test_lists_find_what_was_copied_by_every_declared_filter() -> None:
    found = lists.run(rows=6000, times=2)
    stands(found, "lists")
    assert found["rows"] == 6050
    customs, trader = found["pages"]["customs"], found["pages"]["trader"]
    assert all(customs[name]["rows"] >= 1 for name in lists.values(6000))
    assert trader["(none)"]["rows"] == 50
    assert trader["containers"]["rows"] == 0
    assert found["p99_ms"] > 0


@pytest.mark.slow
def test_traces_show_each_caller_what_it_may_know() -> None:
    found = trace.run(rows=2000, times=2)
    stands(found, "trace")
    by = found["traces"]
    assert by["customs"]["container"]["documents"] >= 1
    assert by["customs"]["declaration"]["documents"] >= 1
    assert by["trader"]["container"]["documents"] == 0
    assert by["trader"]["own declaration"]["documents"] >= 1
    assert by["customs"]["none"]["documents"] == 0


def test_an_unknown_benchmark_is_refused_with_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kouan.app.cli", "bench", "nothing"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("intake", "edifact", "gate", "trace", "ledger", "lists"))
