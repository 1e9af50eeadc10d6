"""Messages about what is kept: manifests changed, cut, cancelled; declarations amended whole or in part."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kouan.base.exchange.codecs import wco
from tests.base.conftest import House
from tests.base.exchange.bodies import cuscar, declaration, post

LINES = "select doc from r_base_manifest_consignment order by seq"
HEAD = "select doc, version from r_base_manifest_manifest"


def changed(function: str, body: bytes = b"") -> bytes:
    """The sample cargo report under another message function."""
    found, count = re.subn(rb"(BGM\+[^+]*\+[^+]*\+)9'", rb"\g<1>%s'" % function.encode(), body or cuscar())
    assert count == 1
    return found


def only(body: bytes, *bills: bytes) -> bytes:
    """The report with some of its bills alone, and its segments counted again."""
    text = body.decode("latin-1")
    head, *lines = re.split(r"(?=CNI\+)", text)
    tail = text[text.index("UNT+") :]
    lines[-1] = lines[-1].split("UNT+")[0]
    kept = [line for line in lines if any(bill.decode() in line for bill in bills)]
    inner = head + "".join(kept)
    count = inner[inner.index("UNH+") :].count("'") + 1
    return (inner + re.sub(r"UNT\+\d+", f"UNT+{count}", tail)).encode("latin-1")


async def manifest(house: House) -> None:
    async with house.client("carrier") as carrier:
        assert (await post(carrier, "edifact", cuscar())).status_code == 201


async def send(house: House, body: bytes, org: str = "carrier", key: str = "", form: str = "edifact") -> Any:
    async with house.client(org) as client:
        return await post(client, form, body, key=key)


async def standing(house: House) -> dict[str, str]:
    rows = await house.rows(LINES)
    return {row["doc"]["bill"].partition(":")[2]: row["doc"]["status"] for row in rows}


async def test_a_manifest_is_replaced_under_its_key_and_what_is_left_out_is_withdrawn(house: House) -> None:
    await manifest(house)
    body = only(changed("5"), b"WHLB26110001", b"WHLB26110002").replace(b"MEA+AAE+G+KGM:", b"MEA+AAE+G+KGM:1")
    answer = await send(house, body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["records"][0]["ref"] == "manifest:CARRIER/WHS-2611E-MAN"
    (head,) = await house.rows(HEAD)
    assert (head["doc"]["function"], head["doc"]["consignments"], head["version"]) == ("change", 2, 2)
    assert await standing(house) == {
        "WHLB26110001": "declared", "WHLB26110002": "declared", "WHLB26110003": "withdrawn",
    }  # fmt: skip
    async with house.client("carrier") as carrier:
        receipt = await carrier.get(f"/api/receipts/{answer.json()['receipt']['id']}")
    assert receipt.status_code == 200
    assert receipt.json()["receipt"]["format"] == "edifact"
    versions = await house.rows("select record, version, action from version where version > 1 order by record")
    assert {row["action"] for row in versions} == {"amend"}


async def test_a_change_touches_the_lines_that_it_names_and_adds_new_ones(house: House) -> None:
    await manifest(house)
    body = only(changed("4"), b"WHLB26110002").replace(b"WHLB26110002", b"WHLB26110009")
    assert (await send(house, body)).status_code == 201
    assert await standing(house) == {f"WHLB2611000{n}": "declared" for n in (1, 2, 3, 9)}
    (head,) = await house.rows(HEAD)
    assert head["doc"]["consignments"] == 4
    again = await send(house, only(changed("2"), b"WHLB26110001"))
    assert (again.status_code, again.json()["code"]) == (409, "cuscar.line.kept")
    gone = await send(house, only(changed("3"), b"WHLB26110001"))
    assert gone.status_code == 201
    assert (await standing(house))["WHLB26110001"] == "withdrawn"
    unknown = await send(house, only(changed("3"), b"WHLB26110001"))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "cuscar.line.unknown")
    back = await send(house, only(changed("2"), b"WHLB26110001"))
    assert back.status_code == 201
    assert (await standing(house))["WHLB26110001"] == "declared"


async def test_a_cancelled_manifest_is_not_changed_any_more_and_its_key_stays_taken(house: House) -> None:
    await manifest(house)
    first = await send(house, changed("1"), key="cancel-1")
    assert first.status_code == 201, first.text
    assert set((await standing(house)).values()) == {"withdrawn"}
    repeated = await send(house, changed("1"), key="cancel-1")
    assert (repeated.status_code, repeated.json()["receipt"]) == (201, first.json()["receipt"])
    other = await send(house, changed("5"), key="cancel-1")
    assert other.json()["code"] == "idempotency_key_reused"
    late = await send(house, changed("4"))
    assert (late.status_code, late.json()["code"]) == (409, "cuscar.cancelled")
    assert late.json()["reason"]["zh"]
    anew = await send(house, cuscar())
    assert anew.json()["code"] == "natural_key_kept"


async def test_nobody_changes_what_is_not_theirs_or_not_there(house: House) -> None:
    unknown = await send(house, changed("5"))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "cuscar.unknown")
    assert unknown.json()["kept"]
    await manifest(house)
    stranger = await send(house, changed("1"), org="agent")
    assert (stranger.status_code, stranger.json()["code"]) == (422, "cuscar.unknown")
    assert set((await standing(house)).values()) == {"declared"}


async def test_a_line_that_is_declared_is_not_withdrawn(house: House) -> None:
    await manifest(house)
    assert (await send(house, declaration(), "trader", form="wco-dec")).status_code == 201
    bill = (await house.rows("select doc from r_base_declaration_declaration"))[0]["doc"]["bills"][0].partition(":")[2]
    refused = await send(house, changed("1"))
    assert (refused.status_code, refused.json()["code"]) == (422, "MAN-DECLARED")
    assert bill in refused.json()["reason"]["en"]
    assert set((await standing(house)).values()) == {"declared"}
    cut = await send(house, only(changed("3"), bill.encode()))
    assert cut.json()["code"] == "MAN-DECLARED"
    others = [name.encode() for name in await standing(house) if name != bill]
    assert (await send(house, only(changed("3"), others[0]))).status_code == 201


async def test_a_declaration_of_a_withdrawn_bill_is_refused(house: House) -> None:
    await manifest(house)
    assert (await send(house, changed("1"))).status_code == 201
    refused = await send(house, declaration(), "trader", form="wco-dec")
    assert (refused.status_code, refused.json()["code"]) == (422, "DEC-BILL-ON-MANIFEST")


SPACE = 'xmlns:dec="urn:wco:datamodel:WCO:DEC-DMS:2"'


def request(inner: str, *, number: str = "", reference: str = "", kind: str = "COR", pointers: str = "") -> bytes:
    """A request (function 13) about a kept declaration."""
    named = f"<dec:FunctionalReferenceID>{reference}</dec:FunctionalReferenceID>" if reference else ""
    named += f"<dec:ID>{number}</dec:ID>" if number else ""
    steps = "".join(
        f"<dec:Pointer><dec:SequenceNumeric>{n}</dec:SequenceNumeric><dec:DocumentSectionCode>{s}</dec:DocumentSectionCode></dec:Pointer>"
        for n, s in (step.split(":") for step in pointers.split())
    )
    amendment = f"<dec:Amendment><dec:ChangeReasonCode>28</dec:ChangeReasonCode>{steps}</dec:Amendment>"
    head, _, goods = inner.partition("|")
    body = f"""<dec:Declaration {SPACE}><dec:FunctionCode>13</dec:FunctionCode>{named}
      <dec:TypeCode>{kind}</dec:TypeCode>{head}{amendment if pointers else ""}{goods}</dec:Declaration>"""
    assert not wco.check(body.encode()), wco.check(body.encode())
    return body.encode()


ITEM = """<dec:GoodsShipment><dec:GovernmentAgencyGoodsItem><dec:SequenceNumeric>{n}</dec:SequenceNumeric>
  <dec:Commodity><dec:GoodsMeasure><dec:GrossMassMeasure>{kg}</dec:GrossMassMeasure></dec:GoodsMeasure></dec:Commodity>
  </dec:GovernmentAgencyGoodsItem></dec:GoodsShipment>"""


async def declared(house: House) -> dict[str, Any]:
    rows = await house.rows("select doc, version from r_base_declaration_declaration order by seq")
    return {**rows[0]["doc"], "version": rows[0]["version"], "all": len(rows)}


@pytest.mark.parametrize("named", ["receipt", "reference", "ref"])
async def test_a_declaration_is_amended_in_part_by_any_of_its_names(house: House, named: str) -> None:
    await manifest(house)
    first = (await send(house, declaration(), "trader", form="wco-dec")).json()
    before = await declared(house)
    number = {
        "receipt": first["receipt"]["id"], "reference": before["functional_reference"], "ref": first["records"][0]["ref"],
    }[named]  # fmt: skip
    body = request("|" + ITEM.format(n=1, kg=7000), number=number, reference="AMD-1", pointers="1:42A 1:67A 1:68A")
    answer = await send(house, body, "trader", form="wco-dec")
    assert answer.status_code == 201, answer.text
    assert answer.json()["receipt"]["id"] != first["receipt"]["id"]
    after = await declared(house)
    assert (after["all"], after["version"]) == (1, 2)
    assert after["items"][0]["gross_kg"] == 7000
    kept = {"items", "gross_kg", "version", "function_code"}
    assert {k: v for k, v in after.items() if k not in kept} == {k: v for k, v in before.items() if k not in kept}
    assert {k: v for k, v in after["items"][0].items() if k != "gross_kg"} == {
        k: v for k, v in before["items"][0].items() if k != "gross_kg"
    }


async def test_an_item_that_a_pointer_names_and_the_message_lacks_goes(house: House) -> None:
    await manifest(house)
    assert (await send(house, declaration(), "trader", form="wco-dec")).status_code == 201
    before = await declared(house)
    name = before["functional_reference"]
    more = request("|" + ITEM.format(n=2, kg=10), reference=name, pointers="1:42A 1:67A 2:68A")
    refused = await send(house, more, "trader", form="wco-dec")
    assert (refused.status_code, refused.json()["code"]) == (422, "DEC-HS")
    gone = await send(house, request("", reference=name, pointers="1:42A 1:67A 1:68A"), "trader", form="wco-dec")
    assert (gone.status_code, gone.json()["code"]) == (422, "DEC-ITEMS")
    assert await declared(house) == before


async def test_a_whole_declaration_takes_the_place_of_the_former(house: House) -> None:
    await manifest(house)
    assert (await send(house, declaration(), "trader", form="wco-dec")).status_code == 201
    before = await declared(house)
    body = declaration().replace(b"<dec:FunctionCode>9<", b"<dec:FunctionCode>13<", 1)
    body = body.replace(b"<dec:TypeCode>IMA<", b"<dec:TypeCode>COR<", 1).replace(b">24800<", b">25000<")
    answer = await send(house, body, "trader", form="wco-dec")
    assert answer.status_code == 201, answer.text
    after = await declared(house)
    assert (after["invoice_amount"], after["type_code"], after["all"]) == ("25000", "IMA", 1)
    assert after["items"][0]["hs"] == before["items"][0]["hs"]


async def test_a_declaration_of_another_or_of_nobody_is_not_changed(house: House) -> None:
    await manifest(house)
    first = (await send(house, declaration(), "trader", form="wco-dec")).json()
    body = request("|" + ITEM.format(n=1, kg=1), number=first["receipt"]["id"], reference="AMD-1", pointers="1:42A 1:68A")
    for org in ("agent", "carrier"):
        refused = await send(house, body, org, form="wco-dec")
        assert (refused.status_code, refused.json()["code"]) == (422, "wco.unknown"), org
    assert (await declared(house))["version"] == 1
