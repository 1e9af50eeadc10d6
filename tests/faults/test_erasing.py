"""Erasing a person: unreadable by everyone, everywhere, in the database's files too; every old proof still holds."""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from kouan.kernel.vault import Vault, unseal
from tests.conftest import Running
from tests.faults.killing import ports

ABOARD, BOOKING = "/api/records/base/portcall/person_aboard", "/api/records/services/booking/booking"
CALL = "/api/records/base/portcall/port_call"


@dataclass
class Person:
    """Somebody invented, and where they were told of."""

    number: str = field(default_factory=lambda: f"E{secrets.randbelow(10**8):08}")
    name: str = field(default_factory=lambda: f"QUINCY{secrets.token_hex(3).upper()}")
    items: list[tuple[str, str, str]] = field(default_factory=list)
    proofs: list[tuple[Path, Path]] = field(default_factory=list)

    @property
    def secrets(self) -> list[str]:
        """What must be nowhere."""
        return [self.name, self.number, f"{self.name}-2"]


def wait_for_proof(client: httpx.Client, receipt: str) -> str:
    for _ in range(200):
        answer = client.get(f"/api/receipts/{receipt}/proof")
        if answer.status_code == 200:
            return answer.text
    raise AssertionError(answer.text)


def told(platform: Running, folder: Path, person: Person) -> None:
    """The person is the master of a ship, aboard it (amended once), and drives a truck; each filing is proved."""
    soon = datetime.now(UTC)
    run = secrets.token_hex(4).upper()
    document = f"P/CN/{person.number}"
    call = {"vessel": "9074729", "ship_name": "ERASE", "flag": "CN", "voyage": run, "port": "CNWHH", "crew_count": 1,
            "eta": soon.isoformat(), "master": document, "master_name": person.name}  # fmt: skip
    truck = {"number": run, "vehicle": "鲁B99999", "opens": soon.isoformat(), "closes": (soon + timedelta(hours=1)).isoformat(),
             "direction": "in", "driver": document, "driver_name": person.name}  # fmt: skip
    filed = file(platform, folder, person, "agent", CALL, call)
    aboard = {"call": filed["ref"], "person": document, "role": "crew", "nationality": "CN", "rank": "Bosun",
              "family_name": person.name, "given_names": "Q", "birth_date": "1990-01-01", "document_number": person.number}  # fmt: skip
    item = file(platform, folder, person, "agent", ABOARD, aboard)
    changed = json.dumps({**aboard, "family_name": f"{person.name}-2"})
    with platform.client("agent") as agent:
        answer = agent.put(f"{ABOARD}/{item['id']}", content=changed, headers={"If-Match": "1"})
        assert answer.status_code == 200, answer.text
    file(platform, folder, person, "trucker", BOOKING, truck)


def file(platform: Running, folder: Path, person: Person, org: str, door: str, content: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(content).encode()
    with platform.client(org) as client:
        answer = client.post(door, content=body)
        assert answer.status_code == 201, answer.text
        proof = wait_for_proof(client, answer.json()["receipt"]["id"])
    item: dict[str, Any] = answer.json()["item"]
    person.items.append((door, item["id"], org))
    paths = (folder / f"{item['id']}.proof", folder / f"{item['id']}.body")
    paths[0].write_text(proof)
    paths[1].write_bytes(body)
    person.proofs.append(paths)
    return item


def holds(proof: Path, body: Path) -> bool:
    words = [sys.executable, "-m", "kouan.app.cli", "verify", str(proof), "--document", str(body)]
    return subprocess.run(words, env={"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, timeout=60).returncode == 0


def shown(platform: Running, person: Person) -> str:
    """All that anyone is shown of the person's records, by every door, as one text."""
    texts: list[str] = []
    for account in platform.accounts():
        with platform.client(account["org"], account["role"]) as client:
            for door, number, _ in person.items:
                paths = (f"{door}/{number}", f"{door}/{number}/history", f"{door}?limit=500", f"{door}/export?format=csv",
                         f"{door}/export?format=json", f"{door}/export?format=xlsx")  # fmt: skip
                answers = [client.get(path) for path in paths]
                answers.append(client.post("/api/trace", json={"ref": f"person:P/CN/{person.number}"}))
                answers.append(client.get("/api/inbox"))
                texts += [text_of(answer) for answer in answers if answer.status_code == 200]
    return "\n".join(texts).replace(f"P/CN/{person.number}", "")  # a trace names the question


def text_of(answer: httpx.Response) -> str:
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    return answer.text


async def versions(platform: Running, token: str) -> list[Any]:
    """The person's rows in the version table, seen by the platform itself."""
    conn = await asyncpg.connect(host=ports(platform.home)["database_socket"], user="kouan_app", database="kouan")
    try:
        await conn.execute("select set_config('app.orgs', '0,1', false)")
        return await conn.fetch(
            """select v.record_id::text as id, v.sealed, v.doc, k.wrapped from version v
               left join subject_key k on k.subject = $1 where v.record_id in (select record_id from ref where ref = $1)""",
            token,
        )
    finally:
        await conn.close()


@pytest.mark.slow
async def test_an_erased_person_is_nowhere_and_old_proofs_hold(platform: Running, tmp_path: Path) -> None:
    person = Person()
    told(platform, tmp_path, person)
    before = shown(platform, person)
    assert all(secret in before for secret in (person.name, f"{person.name}-2"))
    vault = Vault.at(platform.home)
    token = vault.token(f"person:P/CN/{person.number}")
    rows = await versions(platform, token)
    assert len(rows) == 4
    key = vault.suite.key(vault.unwrap(rows[0]["wrapped"], token))
    sealed = [(row["id"], name, text) for row in rows for name, text in json.loads(row["sealed"]).items()]
    assert person.name in [unseal(key, f"{number}/{name}", text) for number, name, text in sealed]

    with platform.client("portoffice", "security-admin") as admin:
        done = admin.post("/api/erasure", json={"person": f"P/CN/{person.number}"})
        assert (done.status_code, done.json()["records"]) == (200, 3), done.text
    after = shown(platform, person)
    assert [secret for secret in person.secrets if secret in after] == []
    rows = await versions(platform, token)
    assert {row["wrapped"] for row in rows} == {None}
    assert [secret for secret in person.secrets for row in rows if secret in row["doc"]] == []
    for proof, body in person.proofs:
        assert holds(proof, body)
        body.write_bytes(body.read_bytes() + b" ")
        assert not holds(proof, body)
    with platform.client("agent") as agent:
        assert agent.get(f"{ABOARD}/{person.items[1][1]}").json()["data"]["rank"] == "Bosun"
        fresh = agent.get(f"/api/receipts/{json.loads(person.proofs[0][0].read_text())['entry']['id']}/proof")
    assert fresh.status_code == 200
    assert person.name not in fresh.text


@pytest.mark.slow
def test_only_the_security_administrator_erases(platform: Running) -> None:
    for account in platform.accounts():
        if account["role"] != "security-admin":
            with platform.client(account["org"], account["role"]) as client:
                assert client.post("/api/erasure", json={"person": "P/CN/E1"}).status_code == 403, account


def test_what_was_erased_is_in_no_file_of_the_database(platform: Running) -> None:
    """Restricted values were never there in the clear: not in tables, not in the log of changes, not in the stream."""
    person = Person()
    opens = datetime.now(UTC)
    closes = opens + timedelta(hours=2)
    body = {"number": person.number[1:], "vehicle": "鲁B88888", "opens": opens.isoformat(), "closes": closes.isoformat(),
            "direction": "in", "driver": f"P/CN/{person.number}X", "driver_name": person.name}  # fmt: skip
    with platform.client("trucker") as trucker:
        answer = trucker.post(BOOKING, json=body)
        assert answer.status_code == 201, answer.text
    for path in platform.home.rglob("*"):
        if path.is_file() and path.stat().st_size < 64 << 20:
            try:
                content = path.read_bytes()
            except OSError:
                continue
            assert person.name.encode() not in content, path
            assert f"{person.number}X".encode() not in content, path
