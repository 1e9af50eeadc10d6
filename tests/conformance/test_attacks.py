"""What an account of few rights tries at the doors of the digital base, and does not get."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.shipment import Shipment

DECLARATIONS, SUBSCRIPTIONS, SOURCES = "/api/records/base/declaration/declaration", "/api/records/base/push/subscription", "/api/ingest"
PATIENCE = 60.0
TITLE = {"zh": "攻防测试", "en": "Attack"}


def until(look: Callable[[], Any], why: str) -> Any:
    """The first answer that is something."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(why)


class Service:
    """A service account of an organisation with one role and a level, and a token of it."""

    def __init__(self, platform: Running, org: str, role: str, clearance: int = 2, **token: Any) -> None:
        self._platform = platform
        with platform.client("portoffice", "system-admin") as system, platform.client("portoffice", "security-admin") as security:
            number = next(one["id"] for one in system.get("/api/identity/organisations").json() if one["slug"] == org)
            stated = {"org": number, "name": f"svc-{secrets.token_hex(4)}", "title": TITLE, "kind": "service"}
            made = system.post("/api/identity/accounts", json=stated)
            assert made.status_code == 201, made.text
            self.id = made.json()["account"]["id"]
            given = security.put(f"/api/identity/accounts/{self.id}/roles", json={"roles": [role], "clearance": clearance})
            assert given.status_code == 200, given.text
            issued = security.post(f"/api/identity/accounts/{self.id}/tokens", json={"name": "t", **token})
            assert issued.status_code == 201, issued.text
        self.client = platform.client()
        self.client.headers["Authorization"] = f"Bearer {issued.json()['secret']}"

    def switch_off(self) -> None:
        """It is no more."""
        with self._platform.client("portoffice", "security-admin") as security:
            assert security.put(f"/api/identity/accounts/{self.id}/active", json={"active": False}).status_code == 200


@pytest.fixture(scope="module")
def shipment(platform: Running) -> Shipment:
    found = Shipment(platform)
    found.file()
    return found


def test_a_join_by_a_column_that_is_not_shown_tells_nothing_of_it(platform: Running, shipment: Shipment) -> None:
    """A terminal sees a declaration, not its importer: a guess at it, joined to it, loads what a wrong guess loads."""
    with platform.client("terminal") as terminal, platform.client("customs") as customs:
        whose = customs.get(DECLARATIONS, params={"functional_reference": shipment.reference}).json()["items"][0]["data"]["importer"]
        loaded = {}
        for client in (terminal, customs):
            saved = {"name": whose, "way": "builder", "content": '{"from": "base.place.place"}'}
            client.post("/api/records/base/query/saved", json=saved).raise_for_status()
            asked = {"from": "base.query.saved", "where": [{"column": "name", "value": whose}], "select": ["name"],
                     "join": [{"record": "base.declaration.declaration", "on": "name", "to": "importer"}]}  # fmt: skip
            told = client.post("/api/query", json=asked).json()
            loaded[client] = (told["loaded"]["base.declaration.declaration"], told["count"])
        assert loaded[customs][0] >= 1, "the guess is right"
        assert loaded[terminal] == (0, 0)


def test_a_token_opens_no_door_outside_its_scopes(platform: Running, shipment: Shipment) -> None:
    """What a token's scopes say is what it can: one that looks at declarations files none, and sees nothing else."""
    client = Service(platform, "trader", "clerk", scopes=["base.declaration:read", "base.query"]).client
    assert client.get("/api/me").status_code == 200
    assert client.get(DECLARATIONS, params={"functional_reference": shipment.reference}).json()["items"]
    assert client.post(f"{DECLARATIONS}/search", json={"where": {}}).status_code == 200
    assert client.post("/api/query/sql", json={"sql": "select 1"}).status_code == 200
    refused = [
        client.post(DECLARATIONS, json={}), client.get("/api/records/base/manifest/consignment"), client.get("/api/shared"),
        client.post("/api/trace", json={"ref": shipment.box}), client.get("/api/live"), client.get("/api/identity/tokens"),
        client.post("/api/intake/edifact", content=b"UNB+"), client.get("/api/catalogue"), client.get(SUBSCRIPTIONS),
    ]  # fmt: skip
    assert [answer.status_code for answer in refused] == [403] * len(refused), [str(answer.request.url) for answer in refused]
    assert {answer.json()["code"] for answer in refused} == {"out_of_scope"}
    writer = Service(platform, "trader", "clerk", scopes=["base.declaration.declaration:write"]).client
    assert writer.get(DECLARATIONS).status_code == 403
    assert writer.post(DECLARATIONS, json={}).status_code == 422
    with platform.client("portoffice", "security-admin") as security:
        wrong = Service(platform, "trader", "viewer")
        made = security.post(f"/api/identity/accounts/{wrong.id}/tokens", json={"name": "t", "scopes": ["everything: please"]})
    assert made.status_code == 422, "what would narrow nothing is not taken"


def test_messages_show_no_more_than_lists_and_are_on_record_like_them(platform: Running) -> None:
    """An account of level 1 reads no value of level 2 out of its organisation's subscription; who reads messages is on record."""
    low, clerk = Service(platform, "trader", "viewer", clearance=1), Service(platform, "trader", "clerk")
    about = {"name": f"t-{secrets.token_hex(4)}", "channel": "sse", "records": ["base.declaration.declaration"]}
    ids = {}
    for content in ("state", "difference"):
        stated = {**about, "name": f"{about['name']}-{content}", "content": content}
        ids[content] = clerk.client.post(SUBSCRIPTIONS, json=stated).raise_for_status().json()["item"]["id"]
    shipment = Shipment(platform)
    shipment.file()

    def told(client: httpx.Client, content: str) -> Any:
        items = client.get(f"/api/push/subscriptions/{ids[content]}/events").json()["items"]
        return next((one for one in items if one["ref"].endswith(shipment.reference) and one["what"] == "filed"), None)

    for content, part in (("state", "data"), ("difference", "changed")):
        whole = until(lambda content=content: told(clerk.client, content), "the declaration is told")
        masked = told(low.client, content)
        amount = whole[part]["invoice_amount"]
        assert amount not in (None, "***")
        assert masked[part]["invoice_amount"] == ("***" if content == "state" else {"from": "***", "to": "***"})
        assert masked[part]["importer"] == whole[part]["importer"]
    assert low.client.get(f"/api/live/push/{ids['state']}").status_code == 403
    with platform.client("portoffice", "security-admin") as security:
        asked = {"account": low.id, "since": "2026-01-01T00:00:00Z"}
        rows = until(lambda: security.get("/api/datause/rows", params=asked).json()["items"], "who read messages is on record")
    assert whole["record_id"] in {row["id"] for row in rows}


def ended(client: httpx.Client, run: str) -> Any:
    return until(lambda: (f := client.get(f"{SOURCES}/runs/{run}").json())["state"] in ("done", "failed", "stopped") and f, "it ends")


def test_a_run_has_no_more_rights_than_its_account_has_left(platform: Running) -> None:
    """Whoever began an extraction is switched off: what goes on in that account's name files nothing."""
    service = Service(platform, "terminal", "operator")
    code = f"t-{secrets.token_hex(6)}"
    source = {"code": code, "name": code, "kind": "upload", "target": "base.movement.status", "format": "parquet",
              "columns": [{"into": "equipment", "column": "箱号"}]}  # fmt: skip
    number = service.client.post("/api/records/base/ingest/source", json=source).raise_for_status().json()["item"]["id"]
    begun = service.client.post(f"{SOURCES}/sources/{number}/runs", content=b"no parquet").raise_for_status().json()["id"]
    assert ended(service.client, begun)["state"] == "failed"
    service.switch_off()
    with platform.client("terminal") as terminal:
        terminal.post(f"{SOURCES}/runs/{begun}/resume").raise_for_status()
        found = ended(terminal, begun)
    assert found["state"] == "failed"
    assert "switched off" in found["error"]["en"]


def test_a_row_that_could_not_be_read_is_as_restricted_as_what_it_may_hold(platform: Running) -> None:
    """The text of a broken row of a type with restricted fields is masked below level 3, and its reading is on the audit trail."""
    secret = f"1390000{secrets.randbelow(10**4):04}"
    body = f"code,name_zh,phone\n91379999MA0WHH048N,甲,{secret},one,too,many\n".encode()
    with platform.client("customs") as customs, platform.client("customs", "viewer") as viewer:
        code = f"t-{secrets.token_hex(6)}"
        columns = [{"into": into, "column": column} for into, column in (("code", "code"), ("name_zh", "name_zh"),
                                                                          ("representative_phone", "phone"))]  # fmt: skip
        source = {"code": code, "name": code, "kind": "upload", "target": "base.enterprise.enterprise", "columns": columns}
        number = customs.post("/api/records/base/ingest/source", json=source).raise_for_status().json()["item"]["id"]
        run = customs.post(f"{SOURCES}/sources/{number}/runs", content=body, params={"name": "a.csv"}).raise_for_status().json()["id"]
        assert ended(customs, run)["counts"]["refused"] == 1
        seen = viewer.get(f"{SOURCES}/runs/{run}/refused")
        assert seen.json()["items"][0]["data"] == {"text": "***"}
        assert secret not in seen.text + viewer.get(f"{SOURCES}/runs/{run}/refused/download").text
        assert secret in customs.get(f"{SOURCES}/runs/{run}/refused").json()["items"][0]["data"]["text"]
        with platform.client("portoffice", "audit-admin") as auditor:
            said = auditor.get("/api/identity/audit", params={"action": "base.ingest.run:read", "limit": 100}).json()["items"]
    assert [one["ref"] for one in said].count(f"ingestrun:{run}") == 1
