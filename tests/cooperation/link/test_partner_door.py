"""A partner that is written after docs/links.md, at the platform's one door: what it may tell, and what it may not."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.conftest import ROOT, Running
from tests.cooperation.platforms import AGREEMENT, settled, until

PAGE = (ROOT / "docs/links.md").read_text(encoding="utf-8")
MOVE = "base.movement.move"
BOX = "container:HLXU2008419"


class Partner:
    """Another make of platform: its key and messages are those of the page's example, its door answers receipts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.way: dict[str, Any] = {}
        exec(compile(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], "docs/links.md", "exec"), self.way)
        self.public = str(self.way["public"])
        self.had: list[dict[str, Any]] = []
        self.forging = True
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b'{"ok": true}')

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                said = json.loads(body)
                partner.had.append({**said, "headers": dict(self.headers.items()), "body": body})
                of = {"message": said["message"], "digest": hashlib.sha256(body).hexdigest(), "number": f"N-{said['message']}"}
                text = json.dumps({**of, "outcome": "kept", "at": said["at"]})
                signed = partner.way["key"].sign(b"another text" if partner.forging else text.encode())
                self._answer(json.dumps({"statement": text, "signature": "v1a," + base64.b64encode(signed).decode()}).encode())

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def post(self, client: httpx.Client, *words: Any, **more: Any) -> httpx.Response:
        """A message to the platform's door."""
        headers, body = self.way["message"](*words, **more)
        return client.post(f"/api/links/{self.name}/messages", content=body, headers=headers)


@pytest.fixture
def partner() -> Iterator[Partner]:
    """A partner that is there while the test runs."""
    made = Partner(f"other-{secrets.token_hex(3)}")
    yield made
    made.server.shutdown()
    made.server.server_close()


def agreed(platform: Running, partner: Partner) -> tuple[str, str, dict[str, Any]]:
    """The platform's half, filed and signed: its number, its address, and the terms in the partner's own words."""
    number = f"HL-{partner.name}"
    fields = ["equipment", "activity", "at"]
    data = {
        "number": number, "partner": f"org:{partner.name}", "partner_level": "province", "partner_key": partner.public,
        "address": partner.url, "own_name": "wuhuang",
        "own_level": "port", "gives": [], "takes": [{"record": MOVE, "fields": fields}], "delay_seconds": 3600,
        "since": "2026-01-01T00:00:00Z", "purpose": "Transit", "readers": ["customs"],
    }  # fmt: skip
    with platform.client("portoffice", "system-admin") as admin, platform.client("portoffice") as office:
        title = {"zh": "外省平台", "en": "Platform of another province"}
        made = admin.post("/api/identity/organisations", json={"slug": partner.name, "kind": "partner", "title": title})
        assert made.status_code == 201, made.text
        filed = office.post(AGREEMENT, json=data)
        assert filed.status_code == 201, filed.text
        door = f"{AGREEMENT}/{filed.json()['item']['id']}"
        assert office.post(f"{door}/actions/sign", json={}).status_code == 200
        key = office.get("/api/links/key").json()["key"]
    terms = {
        "number": number, "delay_seconds": 3600, "since": "2026-01-01T00:00:00.000000Z", "until": None, "purpose": "Transit",
        "sides": {
            "wuhuang": {"level": "port", "key": key, "gives": []},
            partner.name: {"level": "province", "key": partner.public, "gives": [{"record": MOVE, "fields": sorted(fields), "where": []}]},
        },
    }  # fmt: skip
    return number, door, terms


def code(answer: httpx.Response) -> tuple[int, str]:
    """How a message was refused."""
    return answer.status_code, answer.json()["code"]


def test_a_partner_of_another_make(platform: Running, partner: Partner) -> None:
    number, door, terms = agreed(platform, partner)
    content = {"equipment": BOX, "activity": "load", "at": "2026-11-22T03:20:00Z"}
    with platform.client() as stranger, platform.client("portoffice") as office:
        # The platform's own word: signed by its key; a receipt that is not the partner's does not settle it.
        word = until(lambda: partner.had)[0]
        headers = {name.lower(): value for name, value in word["headers"].items()}
        own = Ed25519PublicKey.from_public_bytes(base64.b64decode(terms["sides"]["wuhuang"]["key"].removeprefix("whpk_")))
        text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + word["body"]
        own.verify(base64.b64decode(headers["webhook-signature"].removeprefix("v1a,")), text)
        assert {**word["content"], "until": None} == terms
        until(lambda: len(partner.had) > 1)
        partner.forging = False
        had = f"/api/records/cooperation/link/receipt?agreement={number}&direction=had"
        until(lambda: office.get(had).json()["items"])
        assert len({one["message"] for one in partner.had}) == 1, "the same message on every try"

        # Nothing is taken before both have signed the same terms.
        early = partner.post(stranger, "m-0", number, MOVE, "move:1", 1, content)
        assert code(early) == (422, "link.not_in_force")
        other = {**terms, "delay_seconds": 60}
        differs = partner.post(stranger, "s-0", number, "cooperation.link.agreement", "agreement:X", 1, other, what="sign")
        assert code(differs) == (422, "link.terms")
        assert "delay_seconds" in differs.json()["reason"]["en"]
        assert partner.post(stranger, "s-1", number, "cooperation.link.agreement", "agreement:X", 1, terms, what="sign").status_code == 200
        assert office.get(door).json()["state"] == "in-force"

        _told(platform, stranger, partner, number, content)
        _refused(stranger, partner, number, content)
        noted = office.get(f"/api/records/cooperation/link/refusal?partner=org:{partner.name}").json()["items"]
        assert {"link.not_in_force", "link.terms", "link.fields", "link.record", "link.agreement"} <= {one["data"]["code"] for one in noted}
        assert "SECRET" not in json.dumps(noted)

        late = partner.way["message"]("m-8", number, MOVE, "move:8", 1, content)  # said before the end, told after it
        assert partner.post(stranger, "e-1", number, "cooperation.link.agreement", "agreement:X", 2, terms, what="end").status_code == 200
        assert office.get(door).json()["state"] == "ended"
        assert stranger.post(f"/api/links/{partner.name}/messages", headers=late[0], content=late[1]).status_code == 200
        after = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        assert code(partner.post(stranger, "m-9", number, MOVE, "move:9", 1, content, at=after)) == (422, "link.not_in_force")
    settled(platform, partner.name)


def rekeyed(partner: Partner, number: str, message: str, former: Any, new: Any) -> tuple[dict[str, str], bytes]:
    """The announcement that a key follows another, as docs/links.md words it."""
    names = {name: written(key) for name, key in (("former", former), ("key", new))}
    proof = new.sign(f"kouan-link-rekey/1 {names['former']} {names['key']}".encode())
    content = {**names, "proof": "v1a," + base64.b64encode(proof).decode()}
    headers, body = partner.way["message"](message, number, "cooperation.link.agreement", "agreement:X", 9, content, what="rekey")
    return dict(headers), bytes(body)


def written(key: Any) -> str:
    return "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def test_a_partner_changes_its_key_and_the_old_one_is_refused_once_the_new_one_spoke(platform: Running, partner: Partner) -> None:
    partner.forging = False
    number, door, terms = agreed(platform, partner)
    content = {"equipment": BOX, "activity": "load", "at": "2026-11-22T03:20:00Z"}
    way = f"/api/links/{partner.name}/messages"
    old, new, other = partner.way["key"], *(Ed25519PrivateKey.generate() for _ in range(2))
    with platform.client() as stranger, platform.client("portoffice") as office, platform.client("trader") as trader:
        until(lambda: partner.had)
        assert partner.post(stranger, "s-1", number, "cooperation.link.agreement", "agreement:X", 1, terms, what="sign").status_code == 200

        # Not by another's proof, and not by a key that nobody pinned.
        headers, body = rekeyed(partner, number, "k-0", old, new)
        forged = json.loads(body)
        forged["content"]["key"] = written(other)
        headers, body = partner.way["message"](
            "k-0", number, "cooperation.link.agreement", "agreement:X", 9, forged["content"], what="rekey")
        assert code(stranger.post(way, content=body, headers=headers)) == (422, "link.rekey")
        partner.way["key"] = other
        headers, body = rekeyed(partner, number, "k-1", old, other)
        assert code(stranger.post(way, content=body, headers=headers)) == (401, "link.signature")
        partner.way["key"] = old

        headers, body = rekeyed(partner, number, "k-2", old, new)
        answer = stranger.post(way, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert json.loads(answer.json()["statement"])["key"] == terms["sides"]["wuhuang"]["key"], "a receipt names its key"
        assert stranger.post(way, content=body, headers=headers).json() == answer.json(), "the same receipt again"
        # Whoever has the old key cannot lead the link away now; its owner goes on by it until the new one has spoken.
        headers, body = rekeyed(partner, number, "k-3", old, other)
        assert code(stranger.post(way, content=body, headers=headers)) == (422, "link.rekeyed")
        assert partner.post(stranger, "m-1", number, MOVE, f"move:{partner.name}1", 1, content).status_code == 200
        partner.way["key"] = new
        assert partner.post(stranger, "m-2", number, MOVE, f"move:{partner.name}2", 1, content).status_code == 200
        partner.way["key"] = old
        assert code(partner.post(stranger, "m-3", number, MOVE, f"move:{partner.name}3", 1, content)) == (401, "link.signature")
        (change,) = office.get(f"/api/records/cooperation/link/rekey?partner=org:{partner.name}").json()["items"]
        said = change["data"]
        assert (said["direction"], said["successor"], bool(said["confirmed_at"])) == ("theirs", written(new), True)
        assert trader.get(f"/api/records/cooperation/link/rekey?partner=org:{partner.name}").json().get("items", []) == []

        heard = [one for one in office.get("/api/links/partners").json() if one["partner"] == f"org:{partner.name}"]
        assert [(one["agreement"], one["silent"], one["heard_at"] is not None) for one in heard] == [(number, False, True)]
        assert trader.get("/api/links/partners").status_code == 403
        assert trader.post("/api/links/key/rotate").status_code == 403
        # The end is said under the terms of the beginning, by the key of now.
        partner.way["key"] = new
        assert partner.post(stranger, "e-1", number, "cooperation.link.agreement", "agreement:X", 2, terms, what="end").status_code == 200
        assert office.get(door).json()["state"] == "ended"
    settled(platform, partner.name)


def test_the_platform_changes_its_own_key_and_each_partner_is_told_under_the_old_one(platform: Running, partner: Partner) -> None:
    partner.forging = False
    number, _, terms = agreed(platform, partner)
    before = terms["sides"]["wuhuang"]["key"]
    with platform.client() as stranger, platform.client("portoffice") as office, platform.client("customs") as customs:
        until(lambda: partner.had)
        assert partner.post(stranger, "s-1", number, "cooperation.link.agreement", "agreement:X", 1, terms, what="sign").status_code == 200
        assert customs.post("/api/links/key/rotate").status_code == 403
        assert office.post("/api/links/key/finish").status_code == 409
        asked = office.post("/api/links/key/rotate").json()
        assert (asked["key"], asked["partners"]) == (before, [{"partner": f"org:{partner.name}", "acknowledged": False}])
        assert office.post("/api/links/key/rotate").json()["next"] == asked["next"], "one at a time"
        told = until(lambda: [one for one in partner.had if one["what"] == "rekey"])[0]
        assert signed_by(told) == [before]
        assert (told["content"]["former"], told["content"]["key"]) == (before, asked["next"])
        public(asked["next"]).verify(
            base64.b64decode(told["content"]["proof"].removeprefix("v1a,")), f"kouan-link-rekey/1 {before} {asked['next']}".encode()
        )
        until(lambda: office.get("/api/links/key").json() == {"key": asked["next"], "next": None, "site": "CNWHH"})
        # What goes out from now on is signed by the new key; so are the receipts for what comes.
        kept = partner.post(stranger, "e-1", number, "cooperation.link.agreement", "agreement:X", 2, terms, what="end").json()
        assert json.loads(kept["statement"])["key"] == asked["next"]
        public(asked["next"]).verify(base64.b64decode(kept["signature"].removeprefix("v1a,")), kept["statement"].encode())
    settled(platform, partner.name)


def public(key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))


def signed_by(word: dict[str, Any]) -> list[str]:
    """Which of the platform's keys named in a word signed it."""
    headers = {name.lower(): value for name, value in word["headers"].items()}
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + word["body"]
    found = []
    for key in (word["content"]["former"], word["content"]["key"]):
        try:
            public(key).verify(base64.b64decode(headers["webhook-signature"].removeprefix("v1a,")), text)
        except InvalidSignature:
            continue
        found.append(key)
    return found


def _told(platform: Running, stranger: httpx.Client, partner: Partner, number: str, content: dict[str, Any]) -> None:
    """Kept once, answered by the same receipt again; an older version does not come back."""
    late = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    first = partner.post(stranger, "m-2", number, MOVE, "move:1", 2, content, at=late)
    assert first.status_code == 200, first.text
    again = partner.post(stranger, "m-2", number, MOVE, "move:1", 2, content, at=late)
    assert again.json() == first.json()
    older = partner.post(stranger, "m-1", number, MOVE, "move:1", 1, {**content, "activity": "discharge"})
    assert json.loads(older.json()["statement"])["outcome"] == "superseded"
    with platform.client("customs") as customs:
        items = customs.post("/api/trace/links", json={"ref": BOX}).json()["items"]
        (said,) = [one for one in items if one["partner"] == f"org:{partner.name}"]
    assert (said["version"], said["content"]["activity"], said["within"]) == (2, "load", False), "told two hours late, and said so"
    with platform.client("trader") as trader:
        assert partner.name not in trader.post("/api/trace/links", json={"ref": BOX}).text


def _refused(stranger: httpx.Client, partner: Partner, number: str, content: dict[str, Any]) -> None:
    """What was not agreed, and what is not signed, is not taken."""
    other = partner.post(stranger, "m-2", number, MOVE, "move:1", 3, content)
    assert code(other) == (409, "idempotency_key_reused")
    beyond = partner.post(stranger, "m-3", number, MOVE, "move:3", 1, {**content, "seals": ["SECRET"]})
    assert code(beyond) == (422, "link.fields")
    assert (beyond.json()["field"], "seals" in beyond.json()["reason"]["zh"]) == ("content.seals", True)
    assert code(partner.post(stranger, "m-4", number, "base.manifest.manifest", "manifest:1", 1, {})) == (422, "link.record")
    assert code(partner.post(stranger, "m-5", "HL-none", MOVE, "move:5", 1, content)) == (422, "link.agreement")
    headers, body = partner.way["message"]("m-6", number, MOVE, "move:6", 1, content)
    way = f"/api/links/{partner.name}/messages"
    for forged in ({**headers, "webhook-id": "m-7"}, {**headers, "webhook-timestamp": str(int(time.time()) - 3600)}, {}):
        assert code(stranger.post(way, content=body, headers=forged)) == (401, "link.signature")
    assert code(stranger.post(way, content=body + b" ", headers=headers)) == (401, "link.signature")
    assert code(stranger.post("/api/links/customs/messages", content=body, headers=headers)) == (401, "link.signature")
    assert stranger.get(f"/api/links/{partner.name}/check").status_code == 401
    for number_, broken in (("b-1", b"{"), ("b-2", b"[]"), ("b-3", b"\xff"), ("b-4", b'{"form": "kouan-link/1"}')):
        stamp = str(int(time.time()))
        signed = partner.way["key"].sign(f"{number_}.{stamp}.".encode() + broken)
        stated = {"webhook-id": number_, "webhook-timestamp": stamp, "webhook-signature": "v1a," + base64.b64encode(signed).decode()}
        assert code(stranger.post(way, content=broken, headers=stated)) == (422, "link.message")


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples use curl")
def test_the_examples_of_the_page_run(platform: Running) -> None:
    script = "set -eu\n" + "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "PATH": path, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"key":"whpk_' in done.stdout
    assert '"ref":"container:MSKU9070323"' in done.stdout
