"""An older copy of the database behind its witness does not start; a lost key or a changed history neither."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import PLAIN, Running, end, free_port, planted, start

pytestmark = pytest.mark.slow
DOOR = "/api/records/base/manifest/rail_manifest"


@dataclass
class Folder:
    """A stopped platform's data folder, its older database copy, and what was acknowledged after the copy."""

    home: Path
    older: Path
    receipt: str


def file(running: Running, waybill: str) -> str:
    """File one record and wait until the ledger has signed it; its receipt."""
    with running.client("carrier") as carrier:
        body = {"waybill": waybill, "wagon": "1", "entered_at": "2026-11-01T00:00:00Z"}
        receipt = str(carrier.post(DOOR, json=body).json()["receipt"]["id"])
        limit = time.monotonic() + 30
        while carrier.get(f"/api/receipts/{receipt}/proof").status_code != 200:
            assert time.monotonic() < limit
            time.sleep(0.1)
    return receipt


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A platform that ran, was copied, ran on, and stopped."""
    home = planted(tmp_path_factory.mktemp("restored") / "data")
    running = start(home)
    file(running, "WBEFORE")
    end(running)
    older = home.parent / "older"
    shutil.copytree(home / "pg", older, symlinks=True)
    running = start(home)
    receipt = file(running, "WAFTER")
    time.sleep(1.5)
    end(running)
    return Folder(home, older, receipt)


def attempt(home: Path) -> tuple[int, str]:
    """Try to start; the exit code and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "kouan.app.cli", "up"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90,
        env={**os.environ, "KOUAN_HOME": str(home), "KOUAN_DEMO": "1", "KOUAN_HEADLESS": "1", "KOUAN_PORT": str(free_port())},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_restored_older_database_refuses_to_start(folder: Folder, tmp_path: Path) -> None:
    home = tmp_path / "data"
    shutil.copytree(folder.home, home, symlinks=True)
    shutil.rmtree(home / "pg")
    shutil.copytree(folder.older, home / "pg", symlinks=True)
    code, said = attempt(home)
    assert code not in (0, -9, -15)
    assert "Traceback" not in said
    assert any(word in said for word in ("见证", "较旧", "落后")), said[-1500:]
    assert "witness" in said.lower(), said[-1500:]


def test_a_folder_that_lost_its_signing_keys_refuses_to_start(folder: Folder, tmp_path: Path) -> None:
    home = tmp_path / "data"
    shutil.copytree(folder.home, home, symlinks=True)
    for key in (home / "signer").rglob("*"):
        if key.is_file():
            key.unlink()
    code, said = attempt(home)
    assert code not in (0, -9, -15)
    assert "Traceback" not in said
    assert "key" in said.lower()
    assert "钥" in said


@pytest.mark.parametrize("other", [None, b"x" * 32], ids=["lost", "another"])
def test_a_folder_without_its_own_master_key_refuses_to_start(folder: Folder, tmp_path: Path, other: bytes | None) -> None:
    """A new key in its place would make every person a stranger and every restricted field unreadable, unnoticed."""
    home = tmp_path / "data"
    shutil.copytree(folder.home, home, symlinks=True)
    master = home / "keys" / "master"
    master.unlink()
    if other:
        master.write_bytes(other)
    code, said = attempt(home)
    assert code not in (0, -9, -15)
    assert "Traceback" not in said
    assert "master key" in said
    assert "主密钥" in said
    assert (master.read_bytes() if master.exists() else None) == other


def test_the_folder_as_it_was_starts_and_knows_everything(folder: Folder) -> None:
    running = start(folder.home)
    try:
        with running.client("carrier") as carrier:
            waybills = {item["data"]["waybill"] for item in carrier.get(DOOR).json()["items"]}
            assert waybills >= {"waybill:WBEFORE", "waybill:WAFTER"}
            assert carrier.get(f"/api/receipts/{folder.receipt}/proof").status_code == 200
        assert httpx.get(f"{running.url}/api/health", trust_env=False, verify=PLAIN).status_code == 200
    finally:
        end(running)


def test_a_second_start_in_the_same_folder_is_refused_clearly(platform: Running) -> None:
    code, said = attempt(platform.home)
    assert code not in (0, -9, -15)
    assert "Traceback" not in said
    assert "already" in said.lower() or "running" in said.lower()
    with platform.client() as stranger:
        assert stranger.get("/api/health").status_code == 200
