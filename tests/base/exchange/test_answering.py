"""Answers in the sender's own standard: CONTRL and APERAK at the door and again later, WCO responses for declarants."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.wco import responses
from tests.base.conftest import House
from tests.base.exchange.bodies import cuscar, declaration, post
from tests.base.exchange.codecs.test_edifact_packages import NASTY, package
from tests.base.exchange.test_amending import changed

EDI = {"Accept": "application/edifact"}


async def send(house: House, body: bytes, org: str = "carrier", **headers: str) -> httpx.Response:
    async with house.client(org) as client:
        return await client.post("/api/intake/edifact", content=body, headers={**EDI, **headers})


def read(answer: httpx.Response) -> list[edifact.Interchange]:
    assert answer.headers["content-type"] == "application/edifact", answer.text
    return list(edifact.parse(answer.content))


def tags(message: edifact.Message, *names: str) -> list[tuple[Any, ...]]:
    return [segment.elements for segment in message.segments if segment.tag in names]


async def fetch(house: House, number: str, org: str = "carrier", form: str = "edifact") -> httpx.Response:
    async with house.client(org) as client:
        return await client.get(f"/api/receipts/{number}/answer", params={"format": form})


async def test_an_accepted_report_is_acknowledged_and_the_answer_fetched_again(house: House) -> None:
    answer = await send(house, cuscar())
    assert answer.status_code == 201
    syntax, content = read(answer)
    assert (syntax.sender, syntax.recipient) == ("CNWHH9901", "WHAGENT")
    assert syntax.messages[0].type == "CONTRL"
    assert tags(syntax.messages[0], "UCI", "UCM") == [(("WHS2611E1",), ("WHAGENT",), ("CNWHH9901",), ("7",))]
    (aperak,) = content.messages
    (begin,) = tags(aperak, "BGM")
    assert (begin[0], begin[2]) == (("312",), ("29",))
    assert tags(aperak, "RFF") == [(("ACW", "WHS-2611E-MAN"),)]
    receipt = str(UUID(begin[1][0]))
    again = await fetch(house, receipt)
    assert (again.status_code, again.content) == (200, answer.content)
    assert (await fetch(house, receipt, "trader")).status_code == 404
    assert (await fetch(house, receipt, form="wco")).status_code == 404


async def test_a_test_is_looked_at_and_told_but_not_filed(house: House) -> None:
    head, rest = cuscar().split(b"+WHS2611E1'", 1)
    answer = await send(house, head + b"+WHS2611E1++++++1'" + rest)
    assert answer.status_code == 422
    syntax, content = read(answer)
    assert (syntax.test, content.test) == (True, True), "the answers to a test are marked as such"
    assert [t[3] for t in tags(syntax.messages[0], "UCI")] == [("7",)], "its syntax is right"
    (aperak,) = content.messages
    assert [t[0] for t in tags(aperak, "BGM")] == [("313",)]
    assert "marked as a test" in "".join("".join(t[3]) for t in tags(aperak, "FTX"))
    assert (await send(house, cuscar())).status_code == 201, "nothing was kept of the test"


async def test_damage_is_told_with_its_code_and_place(house: House) -> None:
    answer = await send(house, cuscar().replace(b"UNT+91", b"UNT+70"))
    assert answer.status_code == 422
    (syntax,) = read(answer)
    assert [t[3:] for t in tags(syntax.messages[0], "UCI")] == [(("4",),)]
    assert tags(syntax.messages[0], "UCM") == [(("1",), ("CUSCAR", "D", "95B", "UN"), ("4",), ("29",), ("UNT",), ("2",))]
    async with house.client("carrier") as carrier:
        held = (await carrier.get("/api/intake/quarantine")).json()["items"][0]
    assert (await fetch(house, held["id"])).content == answer.content


async def test_a_byte_outside_the_character_set_is_told_with_its_data_element(house: House) -> None:
    body = cuscar()
    at = body.index(b"TDT+") + len(b"TDT+20+2")
    answer = await send(house, body[:at] + b"\x07" + body[at + 1 :])
    assert answer.status_code == 422
    (syntax,) = read(answer)
    message = syntax.messages[0]
    number = body[body.index(b"UNH+") : at].count(b"'") + 1
    assert tags(message, "UCS") == [((str(number),),)]
    assert tags(message, "UCD") == [(("21",), ("3", "1"))]


async def test_what_the_rules_refuse_is_told_by_aperak_in_the_language_asked_for(house: House) -> None:
    unknown = await send(house, changed("5"), **{"Accept-Language": "zh-CN"})
    assert unknown.status_code == 422
    syntax, content = read(unknown)
    assert [t[3] for t in tags(syntax.messages[0], "UCI")] == [("7",)]
    (aperak,) = content.messages
    assert [(t[0], t[2]) for t in tags(aperak, "BGM")] == [(("313",), ("27",))]
    assert tags(aperak, "ERC") == [(("UNKNOWN",),)]
    assert "没有收到过" in "".join("".join(t[3]) for t in tags(aperak, "FTX"))
    assert (await send(house, cuscar())).status_code == 201
    twice = await send(house, cuscar())
    assert twice.status_code == 409
    assert tags(read(twice)[1].messages[0], "ERC") == [(("NATURALK",),)]


async def test_answers_keep_the_senders_syntax_and_separators(house: House) -> None:
    body = cuscar().replace(b"?", b"").decode("latin-1")
    odd = body.translate(str.maketrans({"+": "|", ":": "^", "'": "~"}))
    odd = "UNA^|.\\ ~" + re.sub(r"UNOA\^\d|UNO.\^\d", "UNOC^2", odd.removeprefix("UNA^|.? ~"))
    answer = await send(house, odd.encode("latin-1"))
    assert answer.status_code == 201, answer.text
    assert answer.content.startswith(b"UNA^|.\\ ~UNB|UNOC^2|CNWHH9901|WHAGENT|")
    assert [one.syntax for one in read(answer)] == ["UNOC:2", "UNOC:2"]


async def test_messages_of_one_interchange_are_judged_one_by_one(house: House) -> None:
    one = cuscar().decode("latin-1")
    head, rest = one.split("UNH+1+", 1)
    message, _ = rest.rsplit("UNT+91+1'", 1)
    second = message.replace("WHS-2611E-MAN", "WHS-2611E-MAN2").replace("WHLB2611", "WHLB2612")
    broken = message.replace("GID+1+520:BG", "GID+1+MANY:BG").replace("WHS-2611E-MAN", "WHS-2611E-MAN3")
    other = "UNH+4+ORDERS:D:95B:UN'BGM+220+X+9'UNT+3+4'"
    body = (
        f"{head}UNH+1+{message}UNT+91+1'UNH+2+{second}UNT+91+2'UNH+3+{broken}UNT+91+3'{other}UNZ+4+WHS2611E1'"
    ).encode("latin-1")
    answer = await send(house, body)
    assert answer.status_code == 200
    syntax, content = read(answer)
    assert [t[3] for t in tags(syntax.messages[0], "UCI")] == [("7",)]
    assert [(t[0], t[2], t[3]) for t in tags(syntax.messages[0], "UCM")] == [(("4",), ("4",), ("17",))]
    said = {tags(m, "RFF")[0][0][1]: tags(m, "BGM")[0][0][0] for m in content.messages}
    assert said == {"WHS-2611E-MAN": "312", "WHS-2611E-MAN2": "312", "WHS-2611E-MAN3": "313"}


async def test_what_is_no_interchange_is_refused_in_json(house: House) -> None:
    for body in (b"hello", b"", b"UNB+garbage"):
        answer = await send(house, body)
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("application/problem+json")
    async with house.client("carrier") as carrier:
        plain = await post(carrier, "edifact", cuscar())
    assert plain.status_code == 201
    assert plain.json()["receipt"]["id"]
    assert (await fetch(house, plain.json()["receipt"]["id"])).status_code == 200


@pytest.mark.parametrize(
    ("accept", "sent", "own"),
    [
        ("*/*", "application/edifact", True), ("*/*", "application/octet-stream", True), ("", "application/EDIFACT; charset=x", True),
        ("application/json", "application/edifact", False), ("application/json, */*", "application/edifact", False),
        ("application/edifact;q=0.2, application/json", "", False), ("application/edifact, application/json;q=0.9", "", True),
        ("text/html", "", True), ("application/problem+json", "application/edifact", False), ("application/json;q=x", "", True),
    ],
)
async def test_what_is_sent_as_edifact_is_answered_in_edifact_by_itself(house: House, accept: str, sent: str, own: bool) -> None:
    headers = {"Accept": accept, "Content-Type": sent}
    async with house.client("carrier") as carrier:
        for body in (cuscar(), cuscar().replace(b"UNT+91", b"UNT+70")):
            answer = await carrier.post("/api/intake/edifact", content=body, headers=headers)
            assert answer.status_code in (201, 409, 422)
            if own:
                assert read(answer)[0].messages[0].type == "CONTRL"
            else:
                assert "json" in answer.headers["content-type"]


async def test_a_package_is_set_aside_and_the_receipt_says_so(house: House) -> None:
    whole = cuscar().decode("latin-1").replace("UNZ+1", package(NASTY).decode("latin-1") + "UNZ+2").encode("latin-1")
    async with house.client("carrier") as carrier:
        filed = await post(carrier, "edifact", whole)
        assert filed.status_code == 201, filed.text
        (note,) = [w for one in filed.json()["records"] for w in one["warnings"] if w["code"] == "edifact.note.package"]
        assert note["position"] == f"byte {whole.index(NASTY)}"
        assert f"{len(NASTY)} bytes" in note["reason"]["en"]
        kept = await carrier.get(f"/api/receipts/{filed.json()['receipt']['id']}/answer", params={"format": "edifact"})
        assert note["position"] in kept.text.replace(":", "")  # free text is cut into pieces of 70
        wrong = await post(carrier, "edifact", whole.replace(b"UNZ+2", b"UNZ+1", 2).replace(b"'UNZ+1+R1'UNB", b"'UNZ+2+R1'UNB"))
        assert wrong.json()["code"] == "edifact.unz.count"
        dialogue = await post(carrier, "edifact", b"UIB+UNOA:4+1'UIZ+1+1'")
        assert (dialogue.status_code, dialogue.json()["code"]) == (422, "edifact.interactive")
        assert dialogue.json()["reason"]["zh"] != dialogue.json()["reason"]["en"]


async def test_a_declarant_is_answered_in_wco_responses(house: House) -> None:
    async with house.client("trader") as trader:
        early = await post(trader, "wco-dec", declaration())
        assert early.status_code == 422
        refused = await fetch(house, early.json()["kept"], "trader", "wco")
        assert refused.headers["content-type"] == "application/xml"
        received, rejected = responses.read(refused.content)
        assert (received.name, rejected.name) == ("DMSRCV", "DMSREJ")
        assert rejected.answered == received.answered == "WHS-DEC-0001"
        assert rejected.errors[0].code == "DECBILLO"
        assert "DEC-BILL-ON-MANIFEST" in rejected.errors[0].text
        async with house.client("carrier") as carrier:
            assert (await post(carrier, "edifact", cuscar())).status_code == 201
        filed = await post(trader, "wco-dec", declaration())
    number = filed.json()["receipt"]["id"]
    assert [one.name for one in responses.read((await fetch(house, number, "trader", "wco")).content)] == ["DMSRCV"]
    async with house.client("customs") as customs:
        ref = filed.json()["records"][0]["ref"]
        for code in ("accepted", "released"):
            said = {"about": ref, "code": code, "reference": f"C-{code}", "at": "2026-11-22T03:20:00Z"}
            assert (await post(customs, "json", said, record="base.receipt.response")).status_code == 201
    found = responses.read((await fetch(house, number, "trader", "wco")).content)
    assert [one.name for one in found] == ["DMSRCV", "DMSACC", "DMSROG"]
    assert {(one.id, one.answered) for one in found} == {(number, "WHS-DEC-0001")}
    assert (await fetch(house, number, "carrier", "wco")).status_code == 404


@pytest.mark.parametrize("form", ["xml", ""])
async def test_an_unknown_form_is_refused(house: House, form: str) -> None:
    answer = await fetch(house, "0190a3a4-0000-7000-8000-000000000000", form=form)
    assert answer.status_code == 422


def twin(number: str) -> bytes:
    """Another cargo report like the sample, in an interchange of its own."""
    body = cuscar().replace(b"WHS2611E1", f"WHS2611E{number}".encode())
    return body.replace(b"WHS-2611E-MAN", f"WHS-2611E-MAN{number}".encode()).replace(b"WHLB2611", f"WHLB{number}611".encode())


async def test_a_damaged_interchange_is_refused_alone_and_never_acknowledged(house: House) -> None:
    damaged = twin("2").replace(b"UNZ+1", b"UNZ+2")
    answer = await send(house, cuscar() + b"\r\n" + damaged + twin("3"))
    assert answer.status_code == 200, answer.text
    controls = [one for one in read(answer) if one.messages[0].type == "CONTRL"]
    assert [tags(one.messages[0], "UCI")[0][3] for one in controls] == [("7",), ("4",), ("7",)]
    assert tags(controls[1].messages[0], "UCI")[0][4:] == (("29",), ("UNZ",), ("2",))
    kept = await house.rows("select ref from r_base_manifest_manifest order by seq")
    assert [row["ref"].rpartition("/")[2] for row in kept] == ["WHS-2611E-MAN", "WHS-2611E-MAN3"]
    # Where it cannot be told how far the damage goes nothing is taken, and nobody hears otherwise.
    for rest in (twin("5").replace(b"Wanghai", b"Wang\xffai"), b"-- sent from a mailbox"):
        answer = await send(house, twin("4") + rest)
        assert answer.status_code == 422, answer.text
        assert {tags(one.messages[0], "UCI")[0][3] for one in read(answer)} == {("4",)}
    assert len(await house.rows("select ref from r_base_manifest_manifest")) == 2
