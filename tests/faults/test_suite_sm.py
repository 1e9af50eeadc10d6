"""A platform whose data folder was made with commercial cryptography (SM2, SM3, SM4): used, hurt, and verified by a stranger."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from kouan.kernel.suites.blocks import MAGIC
from kouan.kernel.suites.sm import SM
from tests.conftest import Running, end, start
from tests.facilities.telemetry.test_readings import device, history, push, until
from tests.faults.killing import kill
from tests.faults.test_erasing import ABOARD, Person, holds, shown, told

BARE = {"PYTHONPATH": os.pathsep.join(sys.path)}
CURVE = bytes.fromhex("06082a811ccf5501822d")
"""The object identifier 1.2.156.10197.1.301 in DER."""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Running]:
    running = start(tmp_path / "data", KOUAN_RANDOM_SHARE="0", KOUAN_SUITE="sm")
    yield running
    end(running)


@pytest.mark.slow
def test_a_port_lives_by_commercial_cryptography(port: Running, tmp_path: Path) -> None:
    person = Person()
    with port.client("terminal") as terminal:
        kept = observed(terminal)
        told(port, tmp_path, person)
        key = tmp_path / "key.pem"
        key.write_text(terminal.get("/api/ledger/key").text)
        names_its_suite(port, terminal, key, person)
        verified_offline(person, key)
        kill(port, "cli signer")
        after = Person()
        told(port, tmp_path, after)
        assert verify(after.proofs[0], key) == 0
        erased(port, person)
        for (proof, body), _ in zip(person.proofs, range(3), strict=False):
            assert holds(proof, body)
        read_back(port, terminal, kept)
    checked = port.cli("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert SM.title.zh in checked.stdout


def observed(terminal: httpx.Client) -> dict[int, str]:
    """Readings of devices of two levels, by level."""
    names = {level: device(terminal, data_level=level) for level in (2, 3)}
    now = datetime.now(UTC)
    for name in names.values():
        push(terminal, [(name, now - timedelta(seconds=60 - n), 20 + n) for n in range(20)])
    return names


def names_its_suite(port: Running, client: httpx.Client, key: Path, person: Person) -> None:
    """Doors, receipt, proof, key and data folder all say which suite it is."""
    der = base64.b64decode("".join(key.read_text().splitlines()[1:-1]))
    assert CURVE in der
    assert client.get("/api/ledger/suite").json()["suite"] == "sm"
    checkpoint = client.get("/api/ledger/checkpoint").json()
    assert (checkpoint["suite"], checkpoint["key"]) == ("sm", SM.hash(der).hex())
    proof = json.loads(person.proofs[0][0].read_text())
    assert (proof["suite"], proof["checkpoint"]["suite"]) == ("sm", "sm")
    assert proof["disclosure"]["document"] == SM.hash(person.proofs[0][1].read_bytes()).hex()
    with port.client("agent") as agent:
        receipt = agent.get(f"/api/receipts/{proof['entry']['id']}").json()["receipt"]
    assert receipt["ledger"]["suite"] == "sm"
    assert (port.home / "keys" / "suite").read_text() == "sm\n"


def verify(proof: tuple[Path, Path], key: Path) -> int:
    """What a stranger's `kouan verify` answers, who has no environment."""
    words = [sys.executable, "-m", "kouan.app.cli", "verify", str(proof[0]), "--document", str(proof[1]), "--key", str(key)]
    return subprocess.run(words, env=BARE, capture_output=True, timeout=60).returncode


def verified_offline(person: Person, key: Path) -> None:
    proof, body = person.proofs[0]
    assert verify((proof, body), key) == 0
    forged = proof.with_name("forged.json")
    forged.write_text(proof.read_text().replace('"sm"', '"intl"'))
    assert verify((forged, body), key) == 1


def erased(port: Running, person: Person) -> None:
    with port.client("portoffice", "security-admin") as admin:
        done = admin.post("/api/erasure", json={"person": f"P/CN/{person.number}"})
        assert (done.status_code, done.json()["records"]) == (200, 3), done.text
    after = shown(port, person)
    assert [secret for secret in person.secrets if secret in after] == []
    with port.client("agent") as agent:
        assert agent.get(f"{ABOARD}/{person.items[1][1]}").json()["data"]["rank"] == "Bosun"


def read_back(port: Running, client: httpx.Client, names: dict[int, str]) -> None:
    """What was observed lies in files of sealed blocks, and is read out of them."""
    root = port.home / "history" / "reading"

    def files(level: int) -> list[Path]:
        return list((root / f"level={level}").glob("*/*/part-*/*.parquet"))

    until(lambda: all(files(level) for level in names), 120)
    assert {path.read_bytes()[: len(MAGIC)] for level in names for path in files(level)} == {MAGIC}
    assert history(client, names[2])["columns"]["value"] == [20 + n for n in range(20)]
    assert client.get("/api/history", params={"device": names[3]}).status_code == 404, "level 3 is above the caller's clearance"
