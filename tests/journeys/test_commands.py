"""The commands as a user runs them: published messages are taken in, proofs verified offline, tokens printed alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kouan.app.commands import check
from kouan.app.journey import command
from kouan.app.journey.walk import Walk
from kouan.kernel.text import Text
from tests.conftest import SHARED, Running
from tests.journeys.papers import papers, until

DECLARATIONS = SHARED / "customs" / "hmrc-cds" / "examples"
EXPECTED = {"receipt", "records"}
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the published messages are not beside this checkout")


def submissions() -> list[Path]:
    """Every published first declaration: no amendment, cancellation, notification, nor another gateway's envelope."""
    found = [path for path in sorted(DECLARATIONS.glob("*/*.xml")) if "TT_" in path.name]
    first = [path for path in found if not any(part in path.name for part in ("Amendment", "Cancel", "DMS"))]
    return [path for path in first if b"submitDeclarationRequest" not in path.read_bytes()[:400]]


def results(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@needs_shared
def test_published_declarations_are_accepted_and_answered_again_with_the_same_receipts(platform: Running) -> None:
    files = [str(path) for path in submissions()]
    assert len(files) > 60
    started = time.monotonic()
    first = results(platform.cli("intake", "--json", *files, org="trader"))
    again = results(platform.cli("intake", "--json", *files, org="trader"))
    assert time.monotonic() - started < 90
    refused = [(one["file"], one["answer"]) for one in first if not one["ok"]]
    # Some scenarios share one reference: the first of them is kept, the others are the same declaration told again.
    assert {answer["code"] for _, answer in refused} <= {"natural_key_kept"}, refused
    kept = {one["file"]: one["answer"]["receipt"]["id"] for one in first if one["ok"]}
    assert len(kept) >= len(files) - 6
    assert {one["file"]: one["answer"]["receipt"]["id"] for one in again if one["ok"]} == kept
    with platform.client("trader") as trader:
        one = next(answer for answer in first if answer["ok"])["answer"]["records"][0]
        item = trader.get(f"/api/records/base/declaration/declaration/{one['id']}").json()
        time.sleep(0.5)
        assert trader.get(f"/api/records/base/declaration/declaration/{one['id']}").json()["state"] == "lodged"
        missing = trader.post("/api/trace", json={"ref": item["ref"]}).json()["missing"]
    unmet = [rule["rule"] for rule in missing if rule["ref"] == item["ref"]]
    assert unmet == ["REL-OFFICE"], "another office's declaration waits for that office, and says so in one line"


@needs_shared
def test_a_published_cargo_report_and_others_in_edifact(platform: Running) -> None:
    folder = SHARED / "edifact" / "edi-net"
    (taken,) = results(platform.cli("intake", "--json", "--format", "edifact", str(folder / "edifact.D95B.CUSCAR.EDI"), org="carrier"))
    assert taken["ok"]
    assert set(taken["answer"]) >= EXPECTED
    kinds = {record["record"] for record in taken["answer"]["records"]}
    assert kinds == {"base.manifest.manifest", "base.manifest.consignment"}
    others = [str(folder / name) for name in ("edifact.ORDRSP.edi", "x12.850.edi", "tradacoms.order9.edi")]
    done = platform.cli("intake", "--json", "--format", "edifact", *others, org="carrier")
    assert done.returncode == 1
    for one in results(done):
        assert one["status"] == 422, one
        assert one["answer"]["reason"]["zh"]
        assert one["answer"]["reason"]["en"]


@needs_shared
def test_a_real_ais_log_makes_ships_appear(platform: Running) -> None:
    log = SHARED / "ais" / "pyais" / "nmea_data_sample.txt"
    (taken,) = results(platform.cli("intake", "--json", "--format", "nmea", str(log), org="portoffice"))
    ships = {part["ref"] for part in taken["answer"]["accepted"] if part["ref"]}
    assert len(ships) > 100
    assert all(part["reason"]["zh"] and part["reason"]["en"] for part in taken["answer"]["refused"])
    mmsi = min(ship.rpartition(":")[2] for ship in ships if ship.rpartition(":")[2][0] in "234567")
    with platform.client("portoffice") as office:
        card = until(lambda: (a := office.get(f"/api/vessels/{mmsi}")).status_code == 200 and a.json(), "the ship of the log")
    assert str(card["mmsi"]) == mmsi


def test_a_missing_token_file_or_format_is_told(platform: Running, tmp_path: Path) -> None:
    nothing = platform.cli("intake", str(tmp_path / "gone.xml"), org="trader")
    assert nothing.returncode == 1
    unknown = tmp_path / "thing.unknown"
    unknown.write_text("x")
    assert platform.cli("intake", str(unknown), org="trader").returncode == 1
    stranger = platform.cli("intake", str(unknown), env={"KOUAN_TOKEN": ""})
    assert stranger.returncode == 2
    assert "KOUAN_TOKEN" in stranger.stderr


def test_a_token_is_printed_alone_and_opens_its_account(platform: Running) -> None:
    for org, role in (("customs", "officer"), ("portoffice", "audit-admin"), ("trucker", "viewer")):
        done = platform.cli("token", "--org", org, "--role", role)
        assert done.returncode == 0
        assert len(done.stdout.split()) == 1
        with platform.client() as client:
            me = client.get("/api/me", headers={"Authorization": f"Bearer {done.stdout.strip()}"}).json()
        assert (me["org"]["slug"], me["roles"]) == (org, [role])
    wrong = platform.cli("token", "--org", "nobody", "--role", "officer")
    assert wrong.returncode != 0
    assert wrong.stdout == ""
    assert wrong.stderr


def test_a_folder_that_is_not_there_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KOUAN_HOME", str(tmp_path / "none"))
    assert check.main([]) == 1
    assert capsys.readouterr().err.startswith("✗ 没有数据目录 no data folder")


def test_tokens_exist_in_a_demo_folder_only(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kouan.app.cli", "token", "--org", "customs", "--role", "officer"],
        env={"KOUAN_HOME": str(tmp_path / "real"), "PATH": ""}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == ""
    assert not (tmp_path / "real").exists()


@pytest.fixture(scope="module")
def proved(platform: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A filed document, its proof and the port's key, as files in a folder of a stranger."""
    folder = tmp_path_factory.mktemp("stranger")
    papers(folder)
    body = (folder / "manifest.edi").read_bytes()
    with platform.client("carrier") as carrier:
        receipt = carrier.post("/api/intake/edifact", content=body).json()["receipt"]["id"]
        started = time.monotonic()
        proof = until(lambda: (a := carrier.get(f"/api/receipts/{receipt}/proof")).status_code == 200 and a.text, "the proof", 20)
        assert time.monotonic() - started < 10
        key = carrier.get("/api/ledger/key")
    assert key.headers["content-type"].startswith("text/plain")
    files = {"document": folder / "manifest.edi", "proof": folder / "proof.json", "key": folder / "key.pem"}
    files["proof"].write_text(proof)
    files["key"].write_text(key.text)
    return files


def verify(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """`kouan verify` where there is nothing: no environment, no server, no data folder."""
    return subprocess.run(
        [sys.executable, "-m", "kouan.app.cli", "verify", *map(str, words)],
        env={}, cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_stranger_verifies_offline(proved: dict[str, Path], tmp_path: Path) -> None:
    pinned = verify(tmp_path, proved["proof"], "--document", proved["document"], "--key", proved["key"])
    assert pinned.returncode == 0, pinned.stdout + pinned.stderr
    assert "not pinned" not in pinned.stdout
    loose = verify(tmp_path, proved["proof"])
    assert loose.returncode == 0
    assert "not pinned" in loose.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_changed_document_a_foreign_key_or_a_forged_proof_fails(proved: dict[str, Path], tmp_path: Path) -> None:
    changed = tmp_path / "document"
    changed.write_bytes(proved["document"].read_bytes() + b" ")
    assert verify(tmp_path, proved["proof"], "--document", changed, "--key", proved["key"]).returncode == 1
    foreign = tmp_path / "key.pem"
    text = proved["key"].read_text()
    at = text.index("MCowBQYDK2VwAyEA") + 20
    foreign.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    assert verify(tmp_path, proved["proof"], "--key", foreign).returncode == 1
    original = proved["proof"].read_text()
    places = [at for at, sign in enumerate(original) if sign.isalnum()]
    for at in places[:: max(1, len(places) // 12)]:
        forged = tmp_path / "proof.json"
        forged.write_text(original[:at] + ("1" if original[at] != "1" else "2") + original[at + 1 :])
        done = verify(tmp_path, forged, "--document", proved["document"], "--key", proved["key"])
        assert done.returncode == 1, f"character {at}: {original[at - 20 : at + 20]!r}"
    for junk in (b"", b"{}", b"[]", b"\xff", b"null", b'{"v":1}'):
        (tmp_path / "junk").write_bytes(junk)
        assert verify(tmp_path, tmp_path / "junk").returncode in (1, 2)
        assert "Traceback" not in verify(tmp_path, tmp_path / "junk").stderr


def test_the_platform_checks_itself(platform: Running) -> None:
    done = platform.cli("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dead-lettered tasks: 0" in done.stdout


def test_a_journey_that_waits_in_vain_ends_in_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def in_vain(walk: Walk) -> list[str]:
        return [str(walk.until("nothing", lambda: None, 60))]

    monkeypatch.setattr(command, "LIMIT", 0.6)
    monkeypatch.setattr(command, "STEPS", tuple((name, Text("空等", "In vain"), in_vain) for name in ("first", "second")))
    (tmp_path / "demo.json").write_text("{}")
    monkeypatch.setenv("KOUAN_HOME", str(tmp_path))
    monkeypatch.setenv("KOUAN_URL", "http://127.0.0.1:9")
    began = time.monotonic()
    assert command.main(["--json"]) == 1
    assert time.monotonic() - began < 20
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [(step["ok"], step["why"]) for step in steps] == [(False, "Failed: out of time")] * 2
