"""Erasing a person reaches what never became a record: refused bodies, rows set aside, staged rows; and every spelling of the document."""

from __future__ import annotations

import json
import secrets
from typing import Any

from kouan.base.erasure import searching
from kouan.base.erasure.jobs import FinishSearches
from kouan.base.exchange.api import to_xlsx
from kouan.kernel.erasure import erase, kept_as
from kouan.kernel.formats import Draft
from kouan.kernel.references import kinds, make, reference_kind
from tests.base.conftest import House
from tests.base.enterprise.test_acceptance import firm
from tests.base.exchange.bodies import CALL
from tests.base.ingest.test_acceptance import Extraction
from tests.conftest import Running

LIST = "base.parcel.list"


def card() -> str:
    return f"3702{secrets.randbelow(10**13):013}X"


def parcel(number: str, amount: str, kind: str = "I") -> dict[str, Any]:
    run = secrets.token_hex(4).upper()
    return {"number": f"QD{run}", "mode": "9610", "platform": "SIM Mall", "order_number": f"OD{run}", "parcel": f"SF{run}",
            "buyer": f"{kind}/CN/{number}", "payer": f"QUINCY{run}", "amount": amount, "currency": "CNY"}  # fmt: skip


def admin(platform: Running, door: str, **asked: Any) -> dict[str, Any]:
    with platform.client("portoffice", "security-admin") as client:
        answer = client.post(f"/api/erasure{door}", json=asked, timeout=120)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(answer: dict[str, Any]) -> dict[str, int]:
    assert answer["search"]["possible"], answer
    assert answer["search"]["ended"], answer
    return {one["place"]: one["told"] for one in answer["search"]["places"]}


def test_refused_bodies_that_tell_of_an_erased_person_lose_their_content(platform: Running) -> None:
    number, other = card(), card()
    wrong, stranger = parcel(f"{number[:6]} {number[6:14]}-{number[14:].lower()}", "many"), parcel(other, "many")
    rows = [list(parcel(number, "many").values())]
    sent = [("json", json.dumps(wrong).encode()), ("json", json.dumps(stranger).encode()),
            ("xlsx", to_xlsx(list(wrong), rows)), ("csv", (",".join(wrong) + "\n" + ",".join(rows[0])).encode("utf-16"))]  # fmt: skip
    with platform.client("trader") as trader:
        kept = []
        for form, body in sent:
            answer = trader.post(f"/api/intake/{form}", params={"record": LIST}, content=body)
            kept.append((answer.json()["kept"], body))
        doors = [f"/api/intake/quarantine/{id_}/body" for id_, _ in kept]
        assert [trader.get(door).content for door in doors] == [body for _, body in kept]
        assert told(admin(platform, "/examine", person=f"ID/CN/{number}")) == {"bodies": 3, "rows": 0, "staged": 0}
        assert told(admin(platform, "", person=f"ID/CN/{number}")) == {"bodies": 3, "rows": 0, "staged": 0}
        assert [trader.get(door).status_code for door in doors] == [404, 200, 404, 404]
        assert "依法删除" in trader.get(doors[0], headers={"Accept-Language": "zh"}).text
        items = {one["id"]: one for one in trader.get("/api/intake/quarantine").json()["items"]}
        chain = trader.get(f"/api/receipts/{kept[0][0]}").text
    assert [items[id_]["erased"] for id_, _ in kept] == [True, False, True, True]
    assert items[kept[0][0]]["problem"]["code"], "the reason stays"
    assert number not in json.dumps(items) + chain
    assert other in kept[1][1].decode()
    assert told(admin(platform, "/examine", person=f"ID/CN/{number}")) == {"bodies": 0, "rows": 0, "staged": 0}


def test_rows_of_extraction_that_tell_of_an_erased_person_lose_their_content(platform: Running) -> None:
    number, other = card(), card()
    at = Extraction(platform, "trader")
    lists = [parcel(number, "many"), parcel(other, "many"), parcel(number, "12.50")]
    columns = [{"into": name, "column": name} for name in lists[0]]
    body = "\n".join([",".join(lists[0]), *(",".join(one.values()) for one in lists)]).encode()
    done = at.run(at.source(kind="upload", target=LIST, columns=columns), body, "lists.csv")
    assert (done["counts"]["kept"], done["counts"]["refused"]) == (1, 2), done
    free = at.run(at.source(kind="upload", target="dataset:persons", columns=columns), body, "free.csv")
    aside = at.client.get(f"/api/ingest/runs/{done['id']}/refused")
    assert aside.text.count(number) >= 1, aside.text
    staged = at.client.get(f"/api/ingest/runs/{free['id']}/rows").text
    assert staged.count(number) == 2, staged
    before = told(admin(platform, "/examine", person=f"I/CN/{number}"))
    assert (before["bodies"], before["rows"]) == (0, 1)
    assert before["staged"] >= 2
    answer = admin(platform, "", person=f"I/CN/{number}")
    assert told(answer) == before
    assert answer["records"] == 1

    rows = at.client.get(f"/api/ingest/runs/{done['id']}/refused").json()["items"]
    assert sorted(one["erased"] for one in rows) == [False, True]
    gone = next(one for one in rows if one["erased"])
    assert gone["data"] == {}
    assert gone["problems"], "the reason stays"
    assert other in json.dumps(rows)
    settled = at.client.post(
        f"/api/ingest/runs/{done['id']}/refused/{gone['piece']}/{gone['row']}", json={"action": "release", "note": "as it is"}
    )
    assert settled.status_code == 409, settled.text
    for run in (done["id"], free["id"]):
        for door in ("rows?part=raw", "rows?part=clean", "changes", "refused", "refused/download"):
            found = at.client.get(f"/api/ingest/runs/{run}/{door}")
            assert found.status_code == 200, found.text
            assert number not in found.text
    left = at.client.get(f"/api/ingest/runs/{free['id']}/rows").json()["items"]
    assert len(left) == 3, "erased rows stay, empty"
    assert other in json.dumps(left)
    assert told(admin(platform, "/examine", person=f"I/CN/{number}")) == {"bodies": 0, "rows": 0, "staged": 0}


def test_what_is_sealed_under_a_bare_number_is_erased(platform: Running) -> None:
    one = firm()
    with platform.client("customs") as customs:
        filed = customs.post("/api/records/base/enterprise/enterprise", json=one)
        assert filed.status_code == 201, filed.text
        item = f"/api/records/base/enterprise/enterprise/{filed.json()['item']['id']}"
        assert one["representative"] in customs.get(item).text
        before = admin(platform, "/examine", subject=f"enterprise:{one['code']}")
        assert [(found["record"], found["opened"]) for found in before["types"]] == [("base.enterprise.enterprise", 1)]
        done = admin(platform, "", subject=f"enterprise:{one['code'].lower()}")
        assert done["records"] == 1
        assert done["salts"] >= 1
        assert one["representative"] not in customs.get(item).text
        assert one["code"] in customs.get(item).text
    after = admin(platform, "/examine", subject=f"enterprise:{one['code']}")
    assert (after["key"], [found["opened"] for found in after["types"]]) == (False, [0])


def test_one_identity_card_is_one_person_however_its_kind_is_written(platform: Running) -> None:
    number = card()
    with platform.client("trader") as trader:
        ids = []
        for kind in ("ID", "I", "id"):
            filed = trader.post("/api/records/base/parcel/list", json=parcel(number, "10", kind))
            assert filed.status_code == 201, filed.text
            ids.append(filed.json()["item"])
        assert len({item["data"]["buyer"] for item in ids}) == 1
        assert admin(platform, "", person=f"ID/CN/{number}")["records"] == 3
        for item in ids:
            assert "QUINCY" not in trader.get(f"/api/records/base/parcel/list/{item['id']}").text


def call(number: str, kind: str = "I", crew: Any = 1) -> dict[str, Any]:
    return {"vessel": "9074729", "ship_name": "SIM", "flag": "CN", "voyage": secrets.token_hex(4).upper(), "port": "CNWHH",
            "eta": "2026-11-24T08:00:00Z", "crew_count": crew, "master": f"{kind}/CN/{number}", "master_name": "QUINCY"}  # fmt: skip


async def test_a_search_that_was_cut_off_is_ended_by_the_job_and_forgets_whom_it_sought(house: House) -> None:
    number = card()
    async with house.client("agent") as agent:
        answer = await agent.post("/api/intake/json", params={"record": CALL}, content=json.dumps(call(number, crew="many")))
        door = f"/api/intake/quarantine/{answer.json()['kept']}/body"
        assert number in (await agent.get(door)).text
        assert await searching.begin(house.port, make("person", f"I/CN/{number}"))
        (left,) = await house.rows("select wrapped from erasure_search")
        assert number.encode() not in left["wrapped"]
        assert (await agent.get(door)).status_code == 200
        await FinishSearches().run(house.port)
        assert (await agent.get(door)).status_code == 404
    assert not await house.rows("select 1 from erasure_search")


async def test_what_is_kept_under_the_former_spelling_is_found_and_erased(house: House) -> None:
    number, now = card(), kinds()["person"]
    filer = house.who("agent")
    reference_kind("person", now.title, personal=True)
    try:
        await house.port.file(filer, [Draft(CALL, call(number, "ID"))])
    finally:
        reference_kind("person", now.title, normal=now.normal, personal=True, former=now.former)
    await house.port.file(filer, [Draft(CALL, call(number))])
    masters = {row["master"] for row in await house.rows("select doc ->> 'master' master from r_base_portcall_port_call")}
    assert len(masters) == 2
    subjects = kept_as(house.port, make("person", f"I/CN/{number}"))
    assert set(subjects) == masters
    assert (await erase(house.port, filer, subjects)).records == 2
    assert not await house.rows("select 1 from subject_key")
