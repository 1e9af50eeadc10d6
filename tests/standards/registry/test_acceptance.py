"""The standards that apply to a manifest, with versions, differences and the modules that use them; a proposal becomes a version."""

from __future__ import annotations

import secrets
import time
from typing import Any

import httpx
import pytest

from tests.conftest import Running

STANDARD, PROPOSAL = "/api/records/standards/registry/standard", "/api/records/standards/registry/proposal"


def search(client: httpx.Client, text: str) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/standards", params={"q": text})
    assert answer.status_code == 200, answer.text
    return {one["number"]: one for one in answer.json()["items"]}


def act(client: httpx.Client, item: dict[str, Any], action: str, status: int = 200) -> None:
    answer = client.post(f"{PROPOSAL}/{item['id']}/actions/{action}", json={})
    assert answer.status_code == status, answer.text


@pytest.mark.clause("H12.1*")
def test_the_standards_of_a_manifest_are_found_and_a_proposal_becomes_a_version(platform: Running) -> None:
    number, mark = f"T/SIM {secrets.randbelow(10**8)}", secrets.token_hex(4)
    with platform.client("portoffice") as office, platform.client("customs") as customs, platform.client("trader") as trader:
        found = search(trader, "manifest")
        assert {"ISO 9735", "UN/EDIFACT", "WCO Data Model", "IMO FAL Convention", "HS/T 82—2024"} <= set(found)
        assert set(found) == set(search(trader, "舱单"))
        edifact = found["UN/EDIFACT"]
        assert edifact["edition"]
        assert edifact["difference"]["zh"]
        assert "format edifact" in next(one["by"] for one in edifact["adopters"] if one["module"] == "base.exchange")
        assert "base.manifest" in {one["module"] for one in edifact["adopters"]}
        rules = next(one["by"] for one in found["HS/T 82—2024"]["adopters"] if one["module"] == "base.declaration")
        assert all(by.startswith("rule ") for by in rules)
        own = {
            "number": number, "title_zh": f"舱单地方规范 {mark}", "title_en": f"Local manifest rules {mark}", "edition": "1", "layer": "local",
            "status": "draft", "owner": "SIM", "over": "UN/EDIFACT", "demo": True,
        }  # fmt: skip
        assert office.post(STANDARD, json=own).status_code == 201
        assert search(trader, f"manifest {mark}")[number]["over"] == "UN/EDIFACT"
        change = {"title": f"P-{mark}", "number": number, "kind": "change", "grounds": "in use", "edition": "2", "status": "in_force",
                  "difference_en": "Seals are needed", "difference_zh": "须填写封志", "proposed_by": "org:trader"}  # fmt: skip
        forged = trader.post(PROPOSAL, json={**change, "proposed_by": "org:customs"})
        assert (forged.status_code, forged.json()["problems"][0]["field"]) == (422, "proposed_by")
        assert trader.post(PROPOSAL, json={**change, "number": "T/NONE 1"}).json()["problems"][0]["field"] == "number"
        item = trader.post(PROPOSAL, json=change).json()["item"]
        act(trader, item, "accept", 403)
        act(customs, item, "accept", 409)
        act(office, item, "review")
        act(customs, item, "accept")
        limit = time.monotonic() + 40
        while (now := search(trader, mark)[number])["version"] < 2:
            assert time.monotonic() < limit, "the accepted proposal made no version"
            time.sleep(0.1)
        assert (now["edition"], now["status"], now["difference"]["en"]) == ("2", "in_force", "Seals are needed")
        history = trader.get(f"{STANDARD}/{now['record']}/history").json()["versions"]
        assert [one["data"]["edition"] for one in history] == ["1", "2"]
        mine = office.post(PROPOSAL, json={**change, "title": f"Q-{mark}", "edition": "3", "proposed_by": "org:portoffice"}).json()["item"]
        act(office, mine, "review")
        act(office, mine, "accept", 403)
        act(customs, mine, "reject")
