"""The intake door: single messages, batches, idempotency, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from kouan.base.exchange.codecs.sheet import to_xlsx
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, DECLARATION, RAIL, call, cuscar, declaration, fal, post, rail, sample


async def test_one_object_gets_a_receipt_and_its_record(house: House) -> None:
    async with house.client("agent") as agent:
        answer = await post(agent, "json", call(), record=CALL)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert body["records"][0]["ref"] == "portcall:CNWHH/VESSEL:IMO:9321483/2611E"
        assert body["records"][0]["record"] == CALL
        receipt = await agent.get(f"/api/receipts/{body['receipt']['id']}")
    assert receipt.status_code == 200
    assert [step["code"] for step in receipt.json()["chain"]] == ["filed"]


async def test_a_cargo_report_becomes_manifest_and_consignments_of_its_filer(house: House) -> None:
    async with house.client("carrier") as carrier:
        answer = await post(carrier, "edifact", cuscar())
    assert answer.status_code == 201, answer.text
    refs = [one["ref"] for one in answer.json()["records"]]
    assert refs[0] == "manifest:CARRIER/WHS-2611E-MAN"
    assert [ref.rpartition("/")[2] for ref in refs[1:]] == [f"BILL:WHLB2611000{n}" for n in (1, 2, 3)]
    kept = await house.rows("select doc from r_base_manifest_consignment order by seq limit 1")
    assert kept[0]["doc"]["manifest"] == "manifest:CARRIER/WHS-2611E-MAN"
    assert kept[0]["doc"]["containers"] == ["container:WHHU2040010", "container:WHHU4100042"]
    assert kept[0]["doc"]["gross_kg"] == 25220.0


async def test_a_declaration_waits_for_the_manifest_of_its_bill(house: House) -> None:
    async with house.client("trader") as trader, house.client("carrier") as carrier:
        early = await post(trader, "wco-dec", declaration(), key="d1")
        assert early.status_code == 422
        problem = early.json()
        assert problem["rule"] == "DEC-BILL-ON-MANIFEST"
        assert problem["field"] == "bills.0"
        assert "WHLB26110002" in problem["reason"]["en"]
        assert "WHLB26110002" in problem["reason"]["zh"]
        assert (await post(carrier, "edifact", cuscar())).status_code == 201
        later = await post(trader, "wco-dec", declaration(), key="d1")
    assert later.status_code == 201, later.text


async def test_a_fal_notice_is_one_submission_of_call_and_persons(house: House) -> None:
    async with house.client("agent") as agent:
        answer = await post(agent, "imo-fal", fal())
    assert answer.status_code == 201, answer.text
    records = [one["record"] for one in answer.json()["records"]]
    lists = ("ship_stores", "crew_effects", "health_declaration", "security_declaration", "waste_declaration")
    assert records == [CALL, *["base.portcall.person_aboard"] * 3, *(f"base.portcall.{name}" for name in lists)]
    clear = await house.rows("select doc::text as doc, sealed::text as sealed from r_base_portcall_person_aboard")
    assert all("TESTER" not in row["doc"] + row["sealed"] for row in clear)
    assert all("E00000001" not in row["doc"] for row in clear)


async def test_several_messages_are_answered_one_by_one(house: House) -> None:
    one = cuscar().decode("latin-1")
    head, rest = one.split("UNH+1+", 1)
    message, tail = rest.rsplit("UNT+91+1'", 1)
    second = message.replace("WHS-2611E-MAN", "WHS-2611E-MAN2").replace("WHLB2611", "WHLB2612")
    other = "UNH+3+ORDERS:D:95B:UN'\r\nBGM+294+X+9'\r\nUNT+3+3'\r\n"
    body = f"{head}UNH+1+{message}UNT+91+1'\r\nUNH+2+{second}UNT+91+2'\r\n{other}UNZ+3+WHS2611E1'".encode("latin-1")
    assert tail.strip().startswith("UNZ")
    async with house.client("carrier") as carrier:
        answer = await post(carrier, "edifact", body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [part["index"] for part in found["accepted"]] == [0, 1]
    assert [(part["index"], part["code"]) for part in found["refused"]] == [(2, "edifact.type")]
    assert "CUSCAR" in found["refused"][0]["reason"]["zh"]


async def test_a_single_message_of_another_type_says_what_is_taken(house: House) -> None:
    body = b"UNB+UNOA:3+A+B+261121:0200+1'UNH+1+ORDERS:D:95B:UN'BGM+294+X+9'UNT+3+1'UNZ+1+1'"
    async with house.client("carrier") as carrier:
        answer = await post(carrier, "edifact", body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "edifact.type"
    assert "CUSCAR" in answer.json()["reason"]["en"]


async def test_rows_of_a_csv_are_answered_by_row_and_column(house: House) -> None:
    lines = [
        "船舶(IMO编号),Ship's name,flag,航次,抵达口岸,预抵时间,船员人数",
        "IMO9321483,WANGHAI STAR,CN,1E,CNWHH,2030-11-23 14:00,21",
        ",,,,,,",
        "IMO9321483,WANGHAI STAR,CN,2E,CNWHH,2030-11-23 14:00,many",
        "IMO9321484,WANGHAI STAR,CN,3E,CNWHH,2030-11-23 14:00,21",
    ]
    async with house.client("agent") as agent:
        answer = await post(agent, "csv", "\n".join(lines).encode("gb18030"), record=CALL)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [part["index"] for part in found["accepted"]] == [0]
    first, second = found["refused"]
    assert first["position"] == "row 4"
    assert first["problems"][0]["position"] == "row 4, column 船员人数"
    assert first["field"] == "crew_count"
    assert (second["rule"], second["problems"][0]["position"]) == ("PC-IMO", "row 5, column 船舶（IMO编号）")
    kept = await house.rows("select doc from r_base_portcall_port_call")
    assert kept[0]["doc"]["eta"] == "2030-11-23T14:00:00+08:00", "a sheet's time is the port's own"


async def test_rows_of_an_xlsx_are_filed(house: House) -> None:
    rows = [["SMGS1", f"5283947{n}", "2026-11-22T03:20:00Z", "TCKU3123459;MSKU9070323"] for n in range(3)]
    body = to_xlsx(["运单号", "wagon", "货物入境时间 / Goods entry time", "集装箱"], rows)
    async with house.client("carrier") as carrier:
        answer = await post(carrier, "xlsx", body, record=RAIL)
    assert [part["index"] for part in answer.json()["accepted"]] == [0, 1, 2], answer.text
    kept = await house.rows("select doc from r_base_manifest_rail_manifest order by seq")
    assert kept[0]["doc"]["containers"] == ["container:TCKU3123459", "container:MSKU9070323"]


async def test_reused_waybills_and_wagons_do_not_collide(house: House) -> None:
    async with house.client("carrier") as carrier:
        first = await post(carrier, "json", rail(), record=RAIL)
        again = await post(carrier, "json", rail(entered_at="2026-12-01T03:20:00Z"), record=RAIL)
        repeat = await post(carrier, "json", rail(entered_at="2026-12-01T11:20:00+08:00"), record=RAIL)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (repeat.status_code, repeat.json()["code"]) == (409, "natural_key_kept")


async def test_one_key_one_receipt(house: House) -> None:
    async with house.client("agent") as agent, house.client("carrier") as carrier:
        first, second = await asyncio.gather(*(post(agent, "json", call(), record=CALL, key="k") for _ in range(2)))
        other = await post(agent, "json", call(voyage="9W"), record=CALL, key="k")
        stranger = await post(carrier, "json", call(voyage="9W"), record=CALL, key="k")
        unkeyed = await post(agent, "json", call(), record=CALL)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert stranger.status_code == 201, "another organisation's key is another key"
    assert (unkeyed.status_code, unkeyed.json()["code"]) == (409, "natural_key_kept")


async def test_a_refusal_uses_up_no_key(house: House) -> None:
    async with house.client("agent") as agent:
        refused = await post(agent, "json", call(crew_count=-1), record=CALL, key="k")
        accepted = await post(agent, "json", call(), record=CALL, key="k")
    assert (refused.status_code, accepted.status_code) == (422, 201)


async def test_a_batch_can_be_sent_again_and_its_key_is_used(house: House) -> None:
    batch = [rail(wagon=str(n)) for n in range(20)] + [rail(wagon="")]
    async with house.client("carrier") as carrier:
        first = await post(carrier, "json", batch, record=RAIL, key="b")
        again = await post(carrier, "json", batch, record=RAIL, key="b")
        other = await post(carrier, "json", batch[:3], record=RAIL, key="b")
        single = await post(carrier, "json", rail(wagon="99"), record=RAIL, key="b")
    assert len(first.json()["accepted"]) == 20
    assert [part["index"] for part in first.json()["refused"]] == [20]
    assert first.json()["accepted"] == again.json()["accepted"]
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (single.status_code, single.json()["code"]) == (409, "idempotency_key_reused")
    assert len(await house.rows("select 1 from r_base_manifest_rail_manifest")) == 20


async def test_a_declaration_for_another_office_is_taken_on_structure_alone(house: House) -> None:
    body = declaration().replace(b">9901<", b">0101<")
    assert body != declaration()
    async with house.client("trader") as trader:
        answer = await post(trader, "wco-dec", body)
    assert answer.status_code == 201, answer.text
    assert "DEC-OTHER-OFFICE" in {warning["rule"] for warning in answer.json()["records"][0]["warnings"]}


REFUSALS: list[tuple[str, str, bytes, dict[str, str], int, str]] = [
    ("agent", "nosuch", b"{}", {}, 404, "format.unknown"),
    ("agent", "json", b"{}", {}, 422, "record.missing"),
    ("agent", "json", b"{}", {"record": "base.portcall.nothing"}, 422, "record.unknown"),
    ("agent", "json", b"[]", {"record": CALL}, 422, "batch.empty"),
    ("agent", "json", b"7", {"record": CALL}, 422, "structure.json"),
    ("agent", "json", b"{", {"record": CALL}, 422, "structure.json"),
    ("agent", "csv", b"", {"record": CALL}, 422, "sheet.empty"),
    ("agent", "csv", "船名".encode(), {"record": CALL}, 422, "batch.empty"),
    ("agent", "xlsx", b"PK", {"record": CALL}, 422, "sheet.xlsx"),
    ("trader", "wco-dec", b"<Declaration", {}, 422, "wco.xml"),
    ("trader", "json", b"{}", {"record": CALL}, 403, "denied"),
    ("audit", "json", b"{}", {"record": CALL}, 401, "not_signed_in"),
]


@pytest.mark.parametrize(("org", "code", "body", "params", "status", "problem"), REFUSALS)
async def test_what_is_refused_says_why(
    house: House, org: str, code: str, body: bytes, params: dict[str, str], status: int, problem: str
) -> None:
    async with house.client(org if org != "audit" else "") as client:
        answer = await client.post(f"/api/intake/{code}", params=params, content=body)
    found = answer.json()
    assert (answer.status_code, found["code"]) == (status, problem)
    assert found["reason"]["zh"]
    assert found["reason"]["en"]
    assert found["instance"].startswith("urn:uuid:")


async def test_formats_are_named_to_who_asks_for_another(house: House) -> None:
    async with house.client("agent") as agent:
        answer = await post(agent, "edi", b"")
    assert {"edifact", "wco-dec", "imo-fal", "csv", "xlsx", "json"} <= set(answer.json()["formats"])


@pytest.mark.parametrize("key", ["", "k" * 129, "k\u00e9"])
async def test_keys_that_are_none_are_refused(house: House, key: str) -> None:
    async with house.client("agent") as agent:
        headers = {"Idempotency-Key": key.encode("latin-1")}
        answer = await agent.post("/api/intake/json", params={"record": CALL}, json=call(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["field"] == "Idempotency-Key"


async def test_a_body_over_the_limit_is_refused_before_it_is_read(house: House) -> None:
    sent = 0

    async def body() -> Any:
        nonlocal sent
        for _ in range(64):
            sent += 1 << 20
            yield b" " * (1 << 20)

    async with house.client("agent") as agent:
        stated = await agent.post(
            "/api/intake/json", params={"record": CALL}, content=b"{}", headers={"Content-Length": str(17 << 20)}
        )
        streamed = await agent.post("/api/intake/json", params={"record": CALL}, content=body())
    assert (stated.status_code, streamed.status_code) == (413, 413)
    assert sent <= 64 << 20
    assert not await house.rows("select 1 from quarantine")


XML, BLANK = b"\n<!-- padded -->", b"\n"
CUSRES = b"UNB+UNOA:3+CUSTOMS+KOUAN+261122:0400+R1'UNH+1+CUSRES:D:95B:UN'BGM+962+C-1+11'RFF+ACW:1'UNT+4+1'UNZ+1+R1'"


@pytest.mark.parametrize(("format_", "who", "body", "pad"), [
    ("wco-dec", "trader", declaration, XML), ("wco-res", "customs", lambda: sample("wco-res-wanghai-1.xml"), XML),
    ("imo-fal", "carrier", fal, BLANK), ("edifact", "customs", lambda: CUSRES, BLANK), ("edifact", "carrier", cuscar, BLANK),
])  # fmt: skip
async def test_every_format_has_the_limit_of_the_door(
    house: House, format_: str, who: str, body: Callable[[], bytes], pad: bytes
) -> None:
    """A body of 12 MiB is answered as the same one without what pads it; one of over 16 MiB by 413."""
    async with house.client(who) as client:
        bodies = [body() + pad * (size // len(pad)) for size in (12 << 20, 0, 16 << 20)]
        answers = [await client.post(f"/api/intake/{format_}", content=one) for one in bodies]
    padded, plain, large = ((answer.status_code, answer.json().get("code")) for answer in answers)
    assert padded == plain or (padded[0], plain) == (201, (409, "natural_key_kept")), [answer.text[:400] for answer in answers]
    assert large == (413, "too_large")
    assert (answers[2].json()["limit"], answers[2].json()["reason"].keys()) == (16 << 20, {"zh", "en"})


async def test_signals_go_to_their_own_door(house: House) -> None:
    async def take(who: Any, body: bytes) -> dict[str, Any]:
        return {"accepted": [{"index": 0, "by": who.slug}], "refused": [], "size": len(body)}

    house.port.extras["intake:nmea"] = take
    async with house.client("terminal") as terminal:
        answer = await post(terminal, "nmea", b"!AIVDM,1,1,,A,15N4cJ`005Jrek0H@9n`DW5608EP,0*13\r\n")
    assert answer.status_code == 200
    assert answer.json()["accepted"] == [{"index": 0, "by": "terminal"}]


async def test_a_batch_that_is_only_sent_again_fills_no_quarantine(house: House) -> None:
    async with house.client("carrier") as carrier:
        first = await post(carrier, "json", [rail()], record=RAIL)
        again = await post(carrier, "json", [rail()], record=RAIL)
    assert first.json()["accepted"]
    assert [part["code"] for part in again.json()["refused"]] == ["natural_key_kept"]
    assert "kept" not in again.json()
    assert not await house.rows("select 1 from quarantine")


async def test_the_doors_are_described(house: House) -> None:
    paths = house.app.openapi()["paths"]
    doors = {
        "/api/intake/{format}", "/api/intake/quarantine", "/api/intake/quarantine/{id}", "/api/samples", "/api/meter",
        "/api/intake/quarantine/{id}/body", "/api/samples/{name}", "/api/receipts/{id}", "/api/receipts/{id}/proof",
        "/api/inbox", "/api/inbox/{id}/answer", "/api/inbox/{id}/retry", "/api/connectors", "/api/connectors/{name}",
    }  # fmt: skip
    assert doors <= set(paths)
    assert {"200", "201", "404", "409", "413", "422", "503"} <= set(paths["/api/intake/{format}"]["post"]["responses"])


async def test_large_batches_are_filed_together(house: House) -> None:
    batch = [rail(wagon=str(n)) for n in range(600)]
    async with house.client("carrier") as carrier:
        answer = await post(carrier, "json", batch, record=RAIL, key="many")
        many = await post(carrier, "json", [rail()] * 5001, record=RAIL)
    assert len(answer.json()["accepted"]) == 600
    assert [part["index"] for part in answer.json()["accepted"]] == list(range(600))
    moments = await house.rows("select count(distinct filed_at) as batches from r_base_manifest_rail_manifest")
    assert moments[0]["batches"] < 60, "the group commit writes many filings in one transaction"
    assert (many.status_code, many.json()["code"]) == (422, "batch.too_many")


async def test_containers_must_stand_under_the_bills_cited(house: House) -> None:
    bill = {"bills": ["WHLB26110002"], "items": [{"sequence": 1, "hs": "851679"}], "function_code": "9", "office": "9901"}
    async with house.client("carrier") as carrier, house.client("trader") as trader:
        assert (await post(carrier, "edifact", cuscar())).status_code == 201
        wrong = {**bill, "functional_reference": "A", "containers": ["WHHU2040010"]}
        right = {**bill, "functional_reference": "B", "containers": ["WHHU2040026"]}
        digit = {**bill, "functional_reference": "C", "containers": ["WHHU2040027"]}
        answers = [await post(trader, "json", body, record=DECLARATION) for body in (wrong, right, digit)]
    assert [answer.status_code for answer in answers] == [422, 201, 422]
    assert answers[0].json()["rule"] == "DEC-CONTAINER-ON-BILL"
    assert "DEC-CONTAINER-DIGIT" in {problem["rule"] for problem in answers[2].json()["problems"]}


@pytest.mark.parametrize(("door", "field"), [("/api/intake/" + "x" * 33, "format"), ("/api/intake/json?record=" + "x" * 121, "record")])
async def test_what_no_format_or_record_is_called_is_refused_by_its_shape(house: House, door: str, field: str) -> None:
    async with house.client("agent") as agent:
        answer = await agent.post(door, content=b"{}")
    assert answer.status_code == 422, answer.text
    problem = answer.json()["problems"][0]
    assert problem["code"] == "shape.string_too_long"
    assert problem["field"].endswith(field)
