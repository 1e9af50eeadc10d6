"""Documents across the border on the running platform: a partner's window signs, the port verifies, maps, links, answers."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from kouan_sim.foreign import Window, agreed
from kouan_sim.identifiers import References
from tests.base.permit.papers import DECLARATION, PERMIT, declared
from tests.conftest import Running
from tests.sims import at_work, call, until

PARTNER, MESSAGE, CERTIFICATE, DISPATCH = (
    f"/api/records/cooperation/gateway/{name}" for name in ("partner", "message", "certificate", "dispatch")
)
REFS = References()
Abroad = tuple[Window, asyncio.AbstractEventLoop]


@pytest.fixture(scope="module")
def abroad(platform: Running) -> Iterator[Abroad]:
    """A foreign window at work, and the agreement with it."""
    window = Window(f"XS-{secrets.token_hex(4).upper()}")
    with at_work(window.server) as loop:
        window.trust(call(platform, "customs", "GET", "/api/gateway/key")["public_key"])
        call(platform, "portoffice", "POST", PARTNER, 201, json=agreed(window))
        yield window, loop


def origin(number: str, **other: Any) -> dict[str, Any]:
    """A certificate of origin in the window's own fields and codes."""
    return {
        "certificateNo": number, "formType": "CO", "consigneeCode": "TRADER", "exporterName": "SIM Export Co", "issuingBody": "SIM Chamber",
        "dates": {"issued": "2026-11-01", "until": "2027-11-01"}, "originCountry": "DEU",
        "goods": [{"hsCode": "845811", "text": "SIM lathes"}], **other,
    }  # fmt: skip


def changed(message: bytes) -> bytes:
    """The same envelope with one byte of its payload changed, still well-formed."""
    parts = orjson.loads(message)
    payload = base64.urlsafe_b64decode(parts["payload"] + "==")
    assert b"SIM Export Co" in payload
    other = payload.replace(b"SIM Export Co", b"SIM Export Cq")
    return orjson.dumps({**parts, "payload": base64.urlsafe_b64encode(other).decode().rstrip("=")})


def hand_in(platform: Running, org: str, message: bytes, status: int = 201) -> Any:
    return call(platform, org, "POST", "/api/intake/jws", status, content=message)


def certificate(platform: Running, org: str, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(platform, org, "GET", CERTIFICATE, params={"number": number})["items"]
    return found


def linked(platform: Running, org: str, number: str) -> dict[str, Any]:
    """The certificate once it is linked."""
    return until(lambda: certificate(platform, org, number), lambda found: found and found[0]["state"] == "linked")[0]


@pytest.mark.clause("H7.2.1e")
def test_a_signed_certificate_is_linked_to_its_declaration_and_a_changed_byte_fails(platform: Running, abroad: Abroad) -> None:
    window, _ = abroad
    number = REFS.next("CO")
    item = call(platform, "trader", "POST", DECLARATION, 201, json=declared(REFS.next("D"), f"Y/{number}"))["item"]
    message = window.message(f"M-{number}", "origin", origin(number))

    problem = hand_in(platform, "trader", changed(message), 422)
    assert (problem["rule"], problem["field"]) == ("XB-SIGNATURE", "envelope")
    assert problem["reason"]["zh"] != problem["reason"]["en"]
    with platform.client("trader") as client:
        body = client.get(f"/api/intake/quarantine/{problem['kept']}/body")
    assert body.content == changed(message)
    assert certificate(platform, "customs", number) == []

    receipt = hand_in(platform, "trader", message)["receipt"]["id"]
    assert call(platform, "trader", "GET", f"/api/receipts/{receipt}")["receipt"]["records"]
    kept = linked(platform, "customs", number)["data"]
    assert kept["declaration"] == item["ref"]
    assert (kept["origin"], kept["hs"], kept["valid_until"]) == ("DE", ["845811"], "2027-11-01")
    assert {"theirs": "originCountry", "said": "DEU", "ours": "origin", "kept": "DE"} in kept["mapped"]
    assert certificate(platform, "trader", number)[0]["data"]["declaration"] == item["ref"]
    assert certificate(platform, "trucker", number) == []
    again = hand_in(platform, "customs", message, 409)
    assert again["rule"] == "natural_key"


@pytest.mark.clause("H7.2.1e")
def test_what_no_agreement_covers_is_refused_and_a_later_declaration_is_linked(platform: Running, abroad: Abroad) -> None:
    window, _ = abroad
    number = REFS.next("CO")
    told = [
        (window.message(f"A-{number}", "origin", origin(number), agreement="OTHER"), "XB-AGREEMENT"),
        (window.message(f"B-{number}", "manifest", origin(number)), "XB-AGREEMENT"),
        (window.message(f"C-{number}", "origin", origin(number, originCountry="ZZZ")), "XB-MAPPING"),
        (window.message(f"D-{number}", "origin", {"formType": "CO"}), "XB-MAPPING"),
        (window.message(f"E-{number}", "origin", origin(number), **{"from": "NOBODY"}), "XB-AGREEMENT"),
        (Window(window.code).message(f"F-{number}", "origin", origin(number)), "XB-SIGNATURE"),
    ]
    for message, rule in told:
        problem = hand_in(platform, "customs", message, 422)
        assert problem["rule"] == rule
        assert problem["kept"]
    hand_in(platform, "customs", window.message(f"G-{number}", "origin", origin(number)))
    assert until(lambda: certificate(platform, "customs", number), bool)[0]["state"] == "unlinked"
    item = call(platform, "trader", "POST", DECLARATION, 201, json=declared(REFS.next("D"), f"Y/{number}"))["item"]
    assert linked(platform, "trader", number)["data"]["declaration"] == item["ref"]


def test_a_certificate_is_cited_by_several_declarations_and_each_declarant_sees_its_own(platform: Running, abroad: Abroad) -> None:
    """One comes before it, one is named by the partner, one comes after; nobody learns of another's declaration by it."""
    window, _ = abroad
    number = REFS.next("CO")
    before = call(platform, "trader", "POST", DECLARATION, 201, json=declared(REFS.next("D"), f"Y/{number}"))["item"]
    hand_in(platform, "customs", window.message(f"S-{number}", "origin", origin(number)))
    assert linked(platform, "customs", number)["data"]["declarations"] == [before["ref"]]
    after = [
        call(platform, org, "POST", DECLARATION, 201, json=declared(REFS.next("D"), f"Y/{number}"))["item"] for org in ("agent", "trader")
    ]
    wanted = {before["ref"], *(one["ref"] for one in after)}

    def cited(org: str) -> list[dict[str, Any]]:
        return certificate(platform, org, number)

    kept = until(lambda: cited("customs"), lambda found: set(found[0]["data"]["declarations"]) == wanted)[0]
    assert kept["data"]["declaration"] == before["ref"], "the first stays the first"
    assert sorted(kept["data"]["declarants"]) == ["org:agent", "org:trader"]
    (seen,) = cited("agent")
    assert seen["data"]["number"] == number
    assert not {"declaration", "declarations", "declarants", "mapped"} & {name for name, value in seen["data"].items() if value}
    assert {name for name in ("declarations", "declarants") if cited("trader")[0]["data"].get(name)} == set(), "nor does the first"
    # A newer edition keeps all of them.
    hand_in(platform, "customs", window.message(f"T-{number}", "origin", origin(number, exporterName="SIM Export Co II")))
    newer = until(lambda: cited("customs"), lambda found: found[0]["data"]["exporter"] == "SIM Export Co II")[0]
    assert set(newer["data"]["declarations"]) == wanted


def test_an_export_goes_to_the_partner_of_its_destination_in_its_codes_and_to_no_other(platform: Running, abroad: Abroad) -> None:
    window, _ = abroad
    number = REFS.next("E")
    stated = {**declared(number, f"Y/{number}"), "type_code": "EXA", "destination": "XS"}
    stated["items"][0] |= {"origin": "CN", "permits": []}
    went, home, other = (
        call(platform, "trader", "POST", DECLARATION, 201, json={**stated, "functional_reference": f"{number}{n}", **more})["item"]
        for n, more in enumerate(({}, {"type_code": "IMA"}, {"destination": "DE"}))
    )
    asked = {"partner": f"foreignpartner:{window.code}", "doc_kind": "export"}

    def sent(item: dict[str, Any], n: int) -> dict[str, Any]:
        data = {**asked, "number": f"{number}{n}", "subject": item["ref"]}
        way = f"{DISPATCH}/" + call(platform, "trader", "POST", DISPATCH, 201, json=data)["item"]["id"]
        found: dict[str, Any] = until(lambda: call(platform, "trader", "GET", way), lambda one: one["state"] in ("acknowledged", "failed"))
        return found

    out = sent(went, 0)
    assert out["state"] == "acknowledged"
    assert window.came[out["id"]]["document"] == {
        "declarationNo": f"{number}0", "importCountry": "XSS", "goods": {"hsCode": "84581100", "origin": "CHN"},
    }  # fmt: skip
    for wrong, n in ((home, 1), (other, 2)):
        failed = sent(wrong, n)
        assert (failed["state"], said(failed)) == ("failed", [("mapping", False)])
        assert failed["id"] not in window.came


def said(item: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(step["what"], step["ok"]) for step in item["data"]["steps"]]


@pytest.mark.clause("H7.2.5a4")
def test_a_certificate_is_exchanged_and_mapping_signature_and_acknowledgement_are_logged(platform: Running, abroad: Abroad) -> None:
    window, loop = abroad
    number = REFS.next("CO")
    hand_in(platform, "customs", window.message(f"IN-{number}", "aeo", {"operatorNo": number, "operatorName": "SIM Operator"}))

    def came() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = call(platform, "customs", "GET", MESSAGE, params={"message_id": f"IN-{number}"})["items"]
        return found

    inward = until(came, lambda found: found and found[0]["state"] == "acknowledged")[0]
    assert [what for what, _ in said(inward)] == ["signature", "agreement", "mapping", "keeping", "acknowledgement"]
    assert all(ok for _, ok in said(inward))
    told = next(one for one in window.told if one["of"] == f"IN-{number}")
    assert (told["status"], told["digest"]) == ("accepted", inward["data"]["digest"])

    permit = {"kind": "Y", "number": number, "issuer": "org:customs", "holder": "enterprise:TRADER", "goods": [{"hs": "845811"}],
              "valid_from": "2026-01-01", "valid_until": "2090-01-01", "origin": "CN"}  # fmt: skip
    subject = call(platform, "customs", "POST", PERMIT, 201, json=permit)["item"]["ref"]
    asyncio.run_coroutine_threadsafe(window.server.close(), loop).result(30)
    asked = {"number": number, "partner": f"foreignpartner:{window.code}", "doc_kind": "origin", "subject": subject}
    item = call(platform, "customs", "POST", DISPATCH, 201, json=asked)["item"]

    def went() -> dict[str, Any]:
        found: dict[str, Any] = call(platform, "customs", "GET", f"{DISPATCH}/{item['id']}")
        return found

    until(went, lambda one: ("sending", False) in said(one))
    asyncio.run_coroutine_threadsafe(window.server.open(), loop).result(30)
    outward = until(went, lambda one: one["state"] == "acknowledged")
    steps = dict(said(outward))
    assert steps == {"mapping": True, "signing": True, "sending": True, "acknowledgement": True}
    came_there = window.came[item["id"]]
    assert came_there["document"] == {
        "certificateNo": number, "originCountry": "CHN", "dates": {"until": "2090-01-01"}, "goods": {"hsCode": "845811"},
    }  # fmt: skip
    assert outward["data"]["reference"] == came_there["reference"]
    actions = [one["action"] for one in call(platform, "customs", "GET", f"{DISPATCH}/{item['id']}/history")["versions"]]
    assert {"map", "sign", "acknowledge"} <= set(actions)
    assert not window.wrong


def test_nobody_sends_what_it_may_not_see(platform: Running, abroad: Abroad) -> None:
    window, _ = abroad
    number = REFS.next("X")
    permit = {"kind": "Y", "number": number, "issuer": "org:customs", "holder": "enterprise:SOMEBODY", "valid_from": "2026-01-01",
              "valid_until": "2090-01-01"}  # fmt: skip
    subject = call(platform, "customs", "POST", PERMIT, 201, json=permit)["item"]["ref"]
    asked = {"number": number, "partner": f"foreignpartner:{window.code}", "doc_kind": "origin", "subject": subject}
    item = call(platform, "trader", "POST", DISPATCH, 201, json=asked)["item"]
    found = until(lambda: call(platform, "trader", "GET", f"{DISPATCH}/{item['id']}"), lambda one: one["state"] != "asked")
    assert found["state"] == "failed"
    assert item["id"] not in window.came
    problem = call(platform, "trader", "POST", DISPATCH, 422, json={**asked, "number": f"{number}B", "doc_kind": "aeo"})
    assert problem["rule"] == "XB-SEND"
