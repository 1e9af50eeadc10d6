"""Officers and traders open a shipment, a firm and a commodity: every total is what its source documents say, nobody sees more."""

from __future__ import annotations

import random
import secrets
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.shipment import Shipment

TRADER, HAULIER, OPERATOR = "91379999MA0WHH048N", "91379999MA0WHH056H", "91379999MA0WHH0134"
TRADE, SUBJECTS = "/api/records/base/trade", "/api/subjects"
DECLARATION = "/api/records/base/declaration/declaration"
PATIENCE = 120.0


def file(client: httpx.Client, door: str, **told: Any) -> dict[str, Any]:
    answer = client.post(door, json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["item"]
    return found


def ask(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(f"{SUBJECTS}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def papers(client: httpx.Client, number: str, amount: str = "1000", **more: Any) -> dict[str, dict[str, Any]]:
    """Order, payment, invoice and policy of the trader's firm under one order number."""
    money = {"firm": TRADER, "amount": amount, "currency": "USD"}
    told = {
        "order": {"number": number, "way": "in", "country": "DE", "terms": "CIF"},
        "payment": {"number": f"TT{number}", "order_number": number},
        "invoice": {"number": f"INV{number}", "order_number": number, **more},
        "policy": {"number": f"POL{number}", "order_number": number, "insurer": "SIM Marine (fictional)"},
    }
    return {name: file(client, f"{TRADE}/{name}", **money, **body) for name, body in told.items()}


def slots(told: dict[str, Any]) -> dict[str, set[str]]:
    """The references of the papers at each place."""
    return {one["slot"]: {paper["ref"] for paper in one["documents"]} for domain in told["domains"] for one in domain["papers"]}


def steps(told: dict[str, Any]) -> dict[str, bool]:
    return {one["step"]: one["done"] for one in told["chain"]}


@pytest.mark.clause("H7.2.2c")
def test_one_order_number_joins_order_payment_bill_declaration_and_release(platform: Running) -> None:
    number = f"PO-{secrets.token_hex(5).upper()}"
    cargo = Shipment(platform)
    cargo.file()
    with platform.client("trader") as trader, platform.client("customs") as customs, platform.client("carrier") as carrier:
        filed = papers(trader, number, "210000", bills=[cargo.bill.number])
        packed = file(trader, "/api/records/base/transport/packing_list", number=f"PL{number}", bill=cargo.bill.number)
        limit = time.monotonic() + PATIENCE
        while not steps(told := ask(trader, "shipment", of=number))["release"]:
            assert time.monotonic() < limit, told["chain"]
            time.sleep(0.3)
        assert [one["code"] for one in told["domains"]] == ["clearance", "logistics", "transaction", "finance", "trade"]
        assert all(any(slot["documents"] for slot in one["papers"]) for one in told["domains"] if one["code"] != "logistics")
        assert told["orders"] == [f"trade:{TRADER}/{number}"]
        whole = ask(customs, "shipment", of=number)
        found = slots(whole)
        assert all(one["ref"] in found[name] for name, one in filed.items())
        assert packed["ref"] in found["packing_list"]
        assert [step for step, done in steps(whole).items() if done] == ["order", "payment", "bill", "declaration", "release"]
        assert whole["gaps"] == []
        (declared,) = found["declaration"]
        assert declared.endswith(f"/{cargo.reference}")
        assert next(one for one in whole["chain"] if one["step"] == "release")["refs"] == [declared]
        for key in (cargo.bill.number, cargo.box, declared, filed["payment"]["ref"], f"INV{number}"):
            assert slots(ask(customs, "shipment", of=key))["order"] == {filed["order"]["ref"]}, key
        followed = customs.post("/api/trace", json={"ref": number}).json()
        refs = {one["ref"] for one in followed["documents"]}
        assert {declared, packed["ref"], *(one["ref"] for one in filed.values())} <= refs
        assert any(one["kind"] == "release" for one in followed["events"])
        assert carrier.get(f"{SUBJECTS}/shipment", params={"of": number}).status_code == 404
        beside = ask(carrier, "shipment", of=cargo.bill.number)
        assert not beside["orders"]
        assert not any(slots(beside)[name] for name in filed)


@pytest.mark.clause("H7.2.4a5")
def test_a_shipment_shows_its_linked_papers_and_names_the_gaps(platform: Running) -> None:
    number, bill = f"PO-{secrets.token_hex(5).upper()}", f"SUBJ{secrets.token_hex(4).upper()}"
    money = {"firm": TRADER, "order_number": number, "amount": "1000", "currency": "USD"}
    with platform.client("trader") as trader, platform.client("customs") as customs, platform.client("carrier") as carrier:

        def gaps(client: httpx.Client = customs, of: str = bill) -> set[tuple[str, str]]:
            return {(one["slot"], one["code"]) for one in ask(client, "shipment", of=of)["gaps"]}

        invoice = file(trader, f"{TRADE}/invoice", number=f"I{number}", bills=[bill], **money)
        missing = {(name, "missing") for name in ("order", "payment", "packing_list", "policy", "bill", "declaration")}
        assert gaps() == missing
        first = ask(customs, "shipment", of=f"I{number}")
        assert {one["owner"]["org"] for one in first["gaps"]} == {"trader", "carrier"}
        assert all("none was received" in one["reason"]["en"] for one in first["gaps"])
        assert any("that your organisation may see" in one["reason"]["en"] for one in ask(trader, "shipment", of=bill)["gaps"])
        packed = file(trader, "/api/records/base/transport/packing_list", number=f"P{number}", bill=bill)
        policy = file(trader, f"{TRADE}/policy", number=f"Q{number}", bills=[bill], **{**money, "amount": "900"})
        paper = file(carrier, "/api/records/base/transport/document", number=bill, form="seaway-bill", consignee_code="trader")
        declared = file(
            trader, DECLARATION, functional_reference=f"D{secrets.token_hex(5)}", function_code="9", bills=[bill], invoice_amount="1000",
            invoice_currency="USD",
        )  # fmt: skip
        assert gaps() == {("order", "missing"), ("payment", "missing"), ("policy", "uninsured"), ("declaration", "not_released")}
        order = file(
            trader, f"{TRADE}/order", number=number, firm=TRADER, way="in", amount="1200", currency="USD", bills=[bill, f"{bill}X"]
        )  # fmt: skip
        file(trader, f"{TRADE}/payment", number=f"T{number}", **{**money, "amount": "400"})
        assert gaps() == {
            ("payment", "unpaid"), ("invoice", "invoiced"), ("policy", "uninsured"), ("declaration", "not_released"), ("bill", "cited"),
        }  # fmt: skip
        unpaid = next(one for one in ask(customs, "shipment", of=bill)["gaps"] if one["code"] == "unpaid")
        assert unpaid["reason"]["en"] == "400 USD of 1200 USD ordered are paid"
        found = ask(customs, "shipment", of=number)
        expected = {"invoice": invoice, "packing_list": packed, "policy": policy, "bill": paper, "declaration": declared, "order": order}
        assert all(slots(found)[name] == {one["ref"]} for name, one in expected.items())
        drawn = {one["ref"]: one for domain in found["domains"] for slot in domain["papers"] for one in slot["documents"]}
        assert drawn[invoice["ref"]]["links"] == [f"enterprise:{TRADER}", f"bill:{bill}", f"trade:{TRADER}/{number}"]
        assert (drawn[invoice["ref"]]["id"], drawn[invoice["ref"]]["amount"]) == (invoice["id"], "1000")
        # The agent has an order of the same number: a number alone does not say which, the whole reference does.
        with platform.client("agent") as agent:
            file(agent, f"{TRADE}/order", number=number, firm=HAULIER, way="in", amount="1", currency="USD")
        refused = customs.get(f"{SUBJECTS}/shipment", params={"of": number})
        assert (refused.status_code, refused.json()["code"]) == (422, "ambiguous")
        assert slots(ask(customs, "shipment", of=f"trade:{TRADER}/{number}"))["order"] == {order["ref"]}
        assert slots(ask(trader, "shipment", of=number))["order"] == {order["ref"]}
        for key, status in ((f"NO{number}", 404), ("", 422), ("person:ID/CN/1", 422), ("a\x00b", 422)):
            assert customs.get(f"{SUBJECTS}/shipment", params={"of": key}).status_code == status, key


def firm_code() -> str:
    """A unified social credit code with its check character (GB 32100)."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [pow(3, place, 31) for place in range(17)]
    bare = "91379999MA" + "".join(random.choices(signs, k=7))
    total = sum(signs.index(sign) * weight for sign, weight in zip(bare, weights, strict=True))
    return bare + signs[(31 - total % 31) % 31]


def totals(told: dict[str, Any]) -> dict[str, tuple[int, dict[str, str]]]:
    """Of each source how many records, and what they come to."""
    return {
        one["code"]: (one["count"], {amount["unit"]: amount["total"] for amount in one["totals"]})
        for facet in told["facets"] for one in facet["sources"]
    }  # fmt: skip


def declare(client: httpx.Client, **told: Any) -> None:
    file(client, DECLARATION, functional_reference=f"E{secrets.token_hex(5)}", function_code="9", **told)


def firm_papers(platform: Running, code: str) -> None:
    """What is known of a firm: its file, declarations that name it in four ways and a namesake's, transport, trade, production."""
    number, bill = f"37{secrets.randbelow(10**8):08}", f"FIRM{secrets.token_hex(4).upper()}"
    money = {"firm": code, "currency": "USD"}
    with platform.client("customs") as customs, platform.client("trader") as trader, platform.client("carrier") as carrier:
        file(
            customs, "/api/records/base/enterprise/enterprise", code=code, name_zh="题目贸易（虚构）", grade="aeo", simulated=True,
            qualifications=[{"kind": "declarant", "number": number}], violations=[{"number": "V1"}, {"number": "V2"}],
        )  # fmt: skip
        file(carrier, "/api/records/base/transport/document", number=bill, form="seaway-bill", consignee_code=code, gross_kg=1200.5)
        file(trader, "/api/records/base/transport/packing_list", number=f"P{bill}", bill=bill, consignee_code=code, gross_kg=800)
    with platform.client("agent") as agent, platform.client("portoffice") as office:
        for name, value, amount in (("declarant", code, "10.50"), ("importer", number, "20"), ("exporter", code, "30")):
            declare(agent, **{name: value}, invoice_amount=amount, invoice_currency="USD")
        declare(agent, agent=code, invoice_amount="40", invoice_currency="EUR")
        declare(agent, declarant="题目贸易（虚构）", invoice_amount="1", invoice_currency="USD")
        for n, amount in enumerate(("100", "250.25")):
            file(agent, f"{TRADE}/order", number=f"{bill}-{n}", way="in", amount=amount, **money)
            file(agent, f"{TRADE}/payment", number=f"T{bill}-{n}", order_number=f"{bill}-{n}", amount=amount, **money)
        file(agent, f"{TRADE}/invoice", number=f"I{bill}", order_number=f"{bill}-0", amount="100", **money)
        file(agent, f"{TRADE}/policy", number=f"Q{bill}", order_number=f"{bill}-0", amount="110", **money)
        for output in ("5000000", "6000000"):
            report = {"firm": code, "month": "2026-10", "output_cny": output, "employees": 12}
            assert office.post("/api/records/base/enterprise/production", json=report).status_code in (200, 201)


FOUND = {
    "enterprise": (1, {}), "credit": (1, {"findings": "2"}), "declaration": (4, {"EUR": "40", "USD": "60.5"}),
    "document": (1, {"kg": "1200.5"}), "packing_list": (1, {"kg": "800"}), "order": (2, {"USD": "350.25"}),
    "invoice": (1, {"USD": "100"}), "payment": (2, {"USD": "350.25"}), "policy": (1, {"USD": "110"}),
    "production": (1, {"CNY": "6000000"}), "move": (0, {}),
}  # fmt: skip
FACETS = ["basic", "credit", "declaration", "logistics", "trade", "finance", "production", "operation"]


@pytest.mark.clause("H7.2.4a1")
def test_a_firm_opens_in_eight_facets_whose_totals_are_the_source_documents(platform: Running) -> None:
    code = firm_code()
    firm_papers(platform, code)
    with platform.client("customs") as customs, platform.client("carrier") as carrier, platform.client("portoffice") as office:
        told = ask(customs, "enterprise", of=f" {code.lower()} ")
        assert (told["code"], told["item"]["data"]["grade"], told["simulated"]) == (code, "aeo", True)
        assert [one["code"] for one in told["facets"]] == FACETS
        found = totals(told)
        assert {name: found[name] for name in FOUND} == FOUND
        for name, (count, amounts) in found.items():
            rows = drilled(customs, name, of=code)
            assert len(rows) == count, name
            sums = {unit: sum(Decimal(one["value"]) for one in rows if one["unit"] == unit) for unit in amounts}
            assert sums == {unit: Decimal(total) for unit, total in amounts.items()}, name
            for one in rows[:1]:
                assert customs.get(f"/api/records/{one['record'].replace('.', '/')}/{one['id']}").json()["ref"] == one["ref"]
        assert totals(ask(customs, "enterprise", of=code, until="2020-01-01"))["order"] == (0, {})
        assert totals(ask(customs, "enterprise", of=code, since="2020-01-01"))["order"] == found["order"]
        seen = totals(ask(carrier, "enterprise", of=code))
        assert {name for name, (count, _) in seen.items() if count} == {"enterprise", "credit", "document"}, "counted is what is seen"
        assert seen["credit"] == (1, {}), "the grade is public, violations are not"
        hidden = totals(ask(office, "enterprise", of=code))
        assert (hidden["declaration"], hidden["production"]) == ((0, {}), found["production"])
        wrong = ("", f"?of={'A' * 61}", "?of=X&since=1800-01-01", f"/order/records?of={code}&after=x")
        for path in wrong:
            assert customs.get(f"{SUBJECTS}/enterprise{path}").status_code == 422, path
        assert customs.get(f"{SUBJECTS}/enterprise/no.such/records", params={"of": code}).status_code == 404


def test_what_a_terminal_did_is_its_operation_facet(platform: Running) -> None:
    with platform.client("terminal") as terminal:
        told = {"bill": f"MV{secrets.token_hex(6)}", "activity": "shift", "at": datetime.now(UTC).isoformat(), "gross_kg": 7}
        move = file(terminal, "/api/records/base/movement/move", **told)
        behind = ask(terminal, "enterprise/move/records", of=OPERATOR, limit=200)
        assert move["id"] in {one["id"] for one in behind["items"]}
        assert totals(ask(terminal, "enterprise", of=OPERATOR))["move"][0] >= behind["source"]["count"] > 0


def drilled(client: httpx.Client, name: str, **asked: Any) -> list[dict[str, Any]]:
    """All records behind a total, page by page."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        answer = ask(client, f"enterprise/{name}/records", limit=3, after=after, **asked)
        rows += answer["items"]
        after = answer["next"]
        if not after or len(rows) > 60:
            return rows


@pytest.mark.clause("H7.2.4a2")
def test_an_eight_digit_code_has_its_rate_twelve_months_and_five_partners(platform: Running) -> None:
    code = f"845891{secrets.randbelow(100):02}"
    year = 2001 + random.randrange(19)
    lines = [
        ("01-15", "IMA", "DE", "900", "4000"), ("03-02", "IMA", "KR", "800", "4000"), ("03-30", "IMA", "JP", "700", "1000"),
        ("06-01", "IMA", "IT", "600", "4000"), ("06-02", "IMA", "CH", "500", "4000"), ("06-03", "IMA", "FR", "400", "4000"),
        ("12-31", "EXA", "CN", "300", "4000"), ("11-11", "IMA", "DE", "50", "4000"),
    ]  # fmt: skip
    with platform.client("customs") as customs, platform.client("agent") as agent, platform.client("terminal") as terminal:
        rate = {"hs": code, "kind": "mfn", "percent": "9.7", "demo": True}
        file(customs, "/api/records/standards/parameters/rate", **rate, since="2020-01-01", until="2025-12-31")
        file(customs, "/api/records/standards/parameters/rate", **{**rate, "percent": "4"}, since="2026-01-01")
        filed = [
            file(agent, DECLARATION, functional_reference=f"C{secrets.token_hex(5)}", function_code="9", type_code=kind,
                 destination="IT" if kind == "EXA" else "CN", accepted_at=f"{year}-{day}T12:00:00+08:00", items=[
                     {"sequence": 1, "hs": f"{code[:4]}.{code[4:]}", "origin": origin, "value": value, "currency": "USD", "procedure": mode,
                      "net_kg": 2.5}, {"sequence": 2, "hs": "010121", "origin": "AU", "value": "1", "currency": "USD"}])
            for day, kind, origin, value, mode in lines
        ]  # fmt: skip
        asked = {"of": code, "month": f"{year}-12"}
        told = ask(customs, "commodity", **asked)
        percents = [ask(customs, "commodity", **asked, on=on)["rates"][0]["percent"] for on in ("2025-12-31", "2026-01-01")]
        assert percents == ["9.7", "4"]
        assert all(one["demo"] for one in told["rates"] if one["hs"] == code)
        assert told["name"]["zh"]
        assert [one["month"] for one in told["months"]] == [f"{year}-{n:02}" for n in range(1, 13)]
        assert [one["lines"] for one in told["months"]] == [1, 0, 2, 0, 0, 3, 0, 0, 0, 0, 1, 1]
        assert [one["code"] for one in told["partners"]] == ["DE", "IT", "KR", "JP", "CH"], "five, by value; an export's is its destination"
        assert told["partners"][0]["values"] == [{"currency": "USD", "total": "950"}]
        assert told["partner_unstated"] == 0
        assert [(one["code"], one["lines"]) for one in told["modes"]] == [("4000", 7), ("1000", 1)]
        assert {one["way"]: one["values"][0]["total"] for one in told["ways"]} == {"in": "3950", "out": "300"}
        assert told["total"] == {"lines": 8, "declarations": 8, "net_kg": 20.0, "values": [{"currency": "USD", "total": "4250"}]}
        assert sum(Decimal(one["values"][0]["total"]) for one in told["months"] if one["values"]) == 4250
        assert told["whole"]
        assert ask(customs, "commodity", **asked, way="out")["total"]["lines"] == 1
        items: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            behind = ask(customs, "commodity/declarations", **asked, limit=3, after=after)
            assert behind["total"] == told["total"]
            items += behind["items"]
            after = behind["next"]
        assert {one["id"] for one in items} == {one["id"] for one in filed}
        german = ask(customs, "commodity/declarations", **asked, partner="DE")
        assert [one["id"] for one in german["items"]] == [filed[7]["id"], filed[0]["id"]]
        march = ask(customs, "commodity/declarations", **asked, only=f"{year}-03", mode="1000")
        assert [one["id"] for one in march["items"]] == [filed[2]["id"]]
        blind = ask(terminal, "commodity", **asked)
        assert (blind["total"]["lines"], blind["partners"], blind["whole"]) == (0, [], False), "goods are not the terminal's to see"
        answer = agent.post(f"{DECLARATION}/{filed[0]['id']}/actions/cancel", json={})
        assert answer.status_code == 200, answer.text
        assert ask(agent, "commodity", **asked)["total"]["lines"] == 7, "what is cancelled does not count"
        refused = ("?of=12", *(f"?of={code}&{wrong}" for wrong in ("month=2026-13", "way=x", "on=x")), f"/declarations?of={code}&after=x")
        for path in refused:
            assert customs.get(f"{SUBJECTS}/commodity{path}").status_code == 422, path
