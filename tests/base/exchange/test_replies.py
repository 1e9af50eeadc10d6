"""Answers of partners: WCO responses, CONTRL, APERAK and CUSRES become the chain of the document that they answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.wco import responses
from kouan.base.exchange.codecs.wco.model import Amount
from kouan.base.exchange.codecs.wco.responses import Debt, Fault, Response
from tests.base.conftest import House
from tests.base.exchange.bodies import cuscar, declaration, post
from tests.base.exchange.test_amending import ITEM, declared, manifest, request, send

EDI = {"Accept": "application/edifact"}
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
NUMBER = "26CN9901A00001"


async def filed(house: House) -> dict[str, Any]:
    await manifest(house)
    answer = await send(house, declaration(), "trader", form="wco-dec")
    assert answer.status_code == 201, answer.text
    return answer.json()


def notice(function: str, minute: int, **more: Any) -> Response:
    return Response(function, f"N-{function}-{minute}", AT + timedelta(minutes=minute), "WHS-DEC-0001", NUMBER, 1, **more)


async def tell(house: House, *notices: Response) -> Any:
    return await send(house, responses.write(list(notices)), "customs", form="wco-res")


async def chain(house: House, number: str) -> list[str]:
    async with house.client("trader") as trader:
        found = (await trader.get(f"/api/receipts/{number}")).json()
    return [step["code"] for step in found["chain"]]


async def test_a_series_of_notices_becomes_the_chain_of_the_declaration(house: House) -> None:
    receipt = (await filed(house))["receipt"]["id"]
    debt = Debt(payable=Amount(Decimal("224.00"), "CNY"))
    for one in (notice("01", 1), notice("13", 2, debts=(debt,)), notice("09", 3)):
        answer = await tell(house, one)
        assert answer.status_code == 201, answer.text
        assert answer.json()["records"][0]["warnings"] == []
    assert await chain(house, receipt) == ["filed", "accepted", "taxed", "completed"]
    rows = await house.rows("select doc from r_base_receipt_response order by seq")
    assert [row["doc"]["notice"] for row in rows] == ["DMSACC", "DMSTAX", "DMSCLE"]
    assert (rows[1]["doc"]["payable"], rows[1]["doc"]["currency"]) == ("224.00", "CNY")
    assert {row["doc"]["number"] for row in rows} == {NUMBER}


async def test_what_cannot_follow_or_is_about_nothing_is_kept_and_flagged(house: House) -> None:
    await filed(house)
    assert (await tell(house, notice("03", 1, errors=(Fault("E1", "wrong"),)))).status_code == 201
    late = (await tell(house, notice("09", 2))).json()["records"][0]
    assert [w["code"] for w in late["warnings"]] == ["RSP-ORDER"]
    stray = await tell(house, Response("01", "N-1", AT, "NOBODYS", "", 1))
    assert stray.status_code == 201
    assert [w["code"] for w in stray.json()["records"][0]["warnings"]] == ["RSP-ABOUT"]


async def test_several_notices_in_one_message_are_answered_one_by_one(house: House) -> None:
    receipt = (await filed(house))["receipt"]["id"]
    answer = await tell(house, notice("01", 1), notice("08", 2))
    assert answer.status_code == 200
    assert len(answer.json()["accepted"]) == 2
    assert await chain(house, receipt) == ["filed", "accepted", "released"]


async def test_a_declaration_is_amended_by_the_number_that_customs_gave_it(house: House) -> None:
    await filed(house)
    body = request("|" + ITEM.format(n=1, kg=7000), number=NUMBER, reference="AMD-1", pointers="1:42A 1:67A 1:68A")
    early = await send(house, body, "trader", form="wco-dec")
    assert early.json()["code"] == "wco.unknown"
    assert (await tell(house, notice("01", 1))).status_code == 201
    assert (await send(house, body, "trader", form="wco-dec")).status_code == 201
    after = await declared(house)
    assert (after["version"], after["items"][0]["gross_kg"]) == (2, 7000)


async def test_a_trader_does_not_speak_for_customs(house: House) -> None:
    await filed(house)
    answer = await send(house, responses.write([notice("08", 1)]), "trader", form="wco-res")
    assert answer.status_code == 403


def message(kind: str, *segments: str) -> bytes:
    inner = "".join(f"{segment}'" for segment in segments)
    head = "UNB+UNOA:3+CUSTOMS+KOUAN+261122:0400+R1'"
    return f"{head}UNH+1+{kind}:D:95B:UN'{inner}UNT+{len(segments) + 2}+1'UNZ+1+R1'".encode()


async def test_cusres_and_aperak_answer_a_manifest(house: House) -> None:
    async with house.client("carrier") as carrier:
        first = (await post(carrier, "edifact", cuscar())).json()
    number = first["records"][0]["ref"].rpartition("/")[2]
    released = message("CUSRES", "BGM+962+C-1+11", "DTM+148:202611220405:203", "GIS+4", f"RFF+ACW:{number}", "RFF+ABT:26M1")
    rejected = message("APERAK", "BGM+313+A-1+27", f"RFF+ACW:{number}", "ERC+12", "FTX+AAO+++Weight is missing")
    control = message("CONTRL", f"UCI+{number}+KOUAN+CUSTOMS+4+29+UNZ+2")
    for body in (released, rejected, control):
        answer = await send(house, body, "customs")
        assert answer.status_code == 201, answer.text
    rows = await house.rows("select doc from r_base_receipt_response order by seq")
    assert [(r["doc"]["notice"], r["doc"]["code"]) for r in rows] == [
        ("CUSRES", "released"), ("APERAK", "rejected"), ("CONTRL", "rejected"),
    ]  # fmt: skip
    assert {r["doc"]["about"] for r in rows} == {first["records"][0]["ref"]}
    assert (rows[0]["doc"]["number"], rows[0]["doc"]["at"]) == ("26M1", "2026-11-22T04:05:00Z")
    assert rows[1]["doc"]["reason_en"] == "12; Weight is missing"
    nameless = await send(house, message("APERAK", "BGM+312+A-2+29"), "customs")
    assert (nameless.status_code, nameless.json()["code"]) == (422, "edifact.reply.nameless")


async def test_an_acknowledged_frame_around_a_refused_message_refuses_it(house: House) -> None:
    async with house.client("carrier") as carrier:
        first = (await post(carrier, "edifact", cuscar())).json()
    number = first["records"][0]["ref"].rpartition("/")[2]
    told = (
        ("R1", message("CONTRL", f"UCI+{number}+KOUAN+CUSTOMS+7"), "accepted"),
        ("R2", message("CONTRL", f"UCI+{number}+KOUAN+CUSTOMS+7", "UCM+1+CUSCAR:D:95B:UN+4+29+UNT+2"), "rejected"),
        ("R3", message("CUSRES", "BGM+962+C-3+11", "GEI+4+4:109", f"RFF+ACW:{number}"), "released"),
        ("R4", message("APERAK", "BGM+11+A-4+44", f"RFF+AGO:{number}"), "accepted"),
    )
    for reference, body, _ in told:
        body = body.replace(b"UNH+1+", f"UNH+{reference}+".encode()).replace(b"+1'UNZ", f"+{reference}'UNZ".encode())
        answer = await send(house, body, "customs")
        assert answer.status_code == 201, answer.text
    rows = await house.rows("select doc from r_base_receipt_response order by seq")
    assert [row["doc"]["code"] for row in rows] == [code for _, _, code in told]
    assert rows[1]["doc"]["reason_en"] == "ISO 9735 0085 UCM:1:29"


async def test_answers_are_not_answered_without_end(house: House) -> None:
    """ISO 9735-4: no CONTRL answers a CONTRL; an APERAK is told whether it could be read, and no more."""
    async with house.client("carrier") as carrier:
        number = (await post(carrier, "edifact", cuscar())).json()["records"][0]["ref"].rpartition("/")[2]
    async with house.client("customs") as customs:
        for kind, segments, kinds in (
            ("CONTRL", (f"UCI+{number}+KOUAN+CUSTOMS+7",), None), ("APERAK", ("BGM+312+A-1+29", f"RFF+ACW:{number}"), ["CONTRL"]),
        ):
            answer = await customs.post("/api/intake/edifact", content=message(kind, *segments), headers=EDI)
            assert answer.status_code == 201, answer.text
            if kinds is None:
                assert answer.json()["receipt"]["id"]
            else:
                assert [one.messages[0].type for one in edifact.parse(answer.content)] == kinds
        broken = await customs.post("/api/intake/edifact", content=message("CONTRL", f"UCI+{number}+A+B+7").replace(b"UNT+3", b"UNT+9"))
    assert (broken.status_code, broken.headers["content-type"].partition(";")[0]) == (422, "application/problem+json")
