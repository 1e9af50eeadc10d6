"""A national library is followed on the running platform: what changed there changes the firm here, and the list tells."""

from __future__ import annotations

import random
import secrets
from typing import Any

import httpx
import pytest

from kouan.standards.identifiers.api import uscc
from kouan_sim.httpd import Reply, Request, Server
from kouan_sim.library import Library
from tests.conftest import Running
from tests.sims import at_work, call, until

ENTERPRISE, PLACE = "/api/records/base/enterprise/enterprise", "/api/records/base/place/place"
LIBRARY, CHANGE = "/api/records/base/registers/library", "/api/records/base/registers/change"


def credit_code() -> str:
    """A code of a firm that nobody else has."""
    bare = f"91379999MA{random.randrange(10**7):07}"
    return bare + uscc.check_character(bare)


def firm(platform: Running, **more: Any) -> dict[str, Any]:
    """A firm on file here."""
    data = {"code": credit_code(), "name_zh": "旧名贸易（虚构）", "representative": "张三", "simulated": True, **more}
    found: dict[str, Any] = call(platform, "customs", "POST", ENTERPRISE, 201, json=data)["item"]
    return found


def follow(platform: Running, address: str, **more: Any) -> dict[str, Any]:
    """Follow a library; its record."""
    data = {"code": f"L-{secrets.token_hex(4).upper()}", "name_zh": "国家资源库（模拟）", "name_en": "SIM national library", "address": address,
            "families": ["legal_person", "licence", "place"], "every_minutes": 10080, "simulated": True, **more}  # fmt: skip
    found: dict[str, Any] = call(platform, "portoffice", "POST", LIBRARY, 201, json=data)["item"]
    return found


def sync(platform: Running, library: dict[str, Any], *, well: bool = True) -> dict[str, Any]:
    """Read it now, until that goes well or as badly as it must; the worker may be reading it for the first time just then."""

    def done(said: httpx.Response) -> bool:
        return said.status_code != 409 and (said.status_code != 200 or (said.json()["problem"] is None) is well)

    with platform.client("portoffice") as client:
        answer = until(lambda: client.post(f"/api/registers/libraries/{library['id']}/sync"), done)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def changes(platform: Running, org: str, library: dict[str, Any], **more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(platform, org, "GET", CHANGE, params={"library": library["ref"], **more})["items"]
    return found


def said(change: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {one["name"]: (one.get("before"), one.get("after")) for one in change["data"]["differences"]}


def read(platform: Running, item: dict[str, Any], org: str = "customs") -> dict[str, Any]:
    found: dict[str, Any] = call(platform, org, "GET", f"{ENTERPRISE}/{item['id']}")["data"]
    return found


@pytest.mark.clause("H7.2.1g")
def test_a_changed_licence_updates_the_firm_and_the_change_list_shows_it(platform: Running) -> None:
    one, graded = firm(platform), firm(platform, grade="aeo", aeo_code=f"CN{random.randrange(10**9)}")
    code, strange = one["data"]["code"], credit_code()
    place = call(platform, "portoffice", "POST", PLACE, 201, json={
        "code": f"SIM/{secrets.token_hex(5).upper()}", "kind": "yard", "name_zh": "旧堆场", "name_en": "Old yard",
        "geometry": {"type": "Point", "coordinates": [121.6, 36.05]}})["item"]  # fmt: skip
    source = Library()
    source.put("legal_person", code, name="新名贸易（虚构）", status="active", representative="李四", capital="100 万元")
    source.put("legal_person", graded["data"]["code"], name="旧名贸易（虚构）", status="revoked")
    source.put("legal_person", strange, name="不相关", status="active")
    source.put("licence", code, number="SIM-L-1", authority="SIM registry", since="2020-01-01", until="2030-01-01")
    source.put("place", place["data"]["code"], name="新堆场")
    with at_work(source.server):
        library = follow(platform, source.server.url)
        sync(platform, library)
        kept = read(platform, one)
        assert (kept["name_zh"], kept["capital"]) == ("新名贸易（虚构）", "100 万元")
        assert [(q["kind"], q["number"], q["until"]) for q in kept["qualifications"]] == [("business", "SIM-L-1", "2030-01-01")]
        assert call(platform, "customs", "GET", f"{PLACE}/{place['id']}")["data"]["name_zh"] == "新堆场"
        assert read(platform, graded)["status"] == "active"

        listed = {(c["data"]["family"], c["data"]["enterprise"]): c for c in changes(platform, "customs", library)}
        person = listed["legal_person", f"enterprise:{code}"]
        assert said(person)["name_zh"] == ("旧名贸易（虚构）", "新名贸易（虚构）")
        assert said(person)["representative"] == ("***", "***"), "restricted values are not copied into the list"
        refused = listed["legal_person", f"enterprise:{graded['data']['code']}"]
        assert refused["state"] == "refused"
        assert refused["data"]["reason_en"] == "A revoked or dissolved firm is no authorised operator"
        assert listed["place", None]["data"]["place"] == place["ref"]
        assert ("legal_person", f"enterprise:{strange}") not in listed
        with platform.client("trucker") as client:
            assert client.get(CHANGE, params={"library": library["ref"]}).json()["items"] == []

        again = sync(platform, library)
        assert (again["read"], again["changed"], again["problem"]) == (0, 0, None)
        source.put("licence", code, number="SIM-L-1", until="2035-06-30")
        sync(platform, library)
        assert read(platform, one)["qualifications"][0]["until"] == "2035-06-30"
        (last,) = changes(platform, "portoffice", library, seq="6")
        assert "2030-01-01" in str(said(last)["qualifications"][0])
        assert "2035-06-30" in str(said(last)["qualifications"][1])


def test_a_library_that_is_away_or_talks_nonsense_is_told_and_changes_nothing(platform: Running) -> None:
    one = firm(platform)
    item = {"seq": 1, "code": one["data"]["code"], "name": "改名", "status": "active"}
    answers: list[Any] = [{"items": [{**item, "status": "?"}]}, {"items": [item, item]}, [1], {"items": [{**item, "name": "a\nb"}]}, None]

    async def handle(_: Request) -> Reply:
        return Reply(200, answers[0])

    server = Server(handle)
    with at_work(server):
        library = follow(platform, server.url, families=["legal_person"])
        while len(answers) > 1:
            found = sync(platform, library, well=False)
            assert found["problem"]["zh"] != found["problem"]["en"]
            assert (found["read"], found["changes"]) == (0, [])
            answers.pop(0)
    assert sync(platform, library, well=False)["problem"]
    assert read(platform, one)["name_zh"] == "旧名贸易（虚构）"
    assert call(platform, "customs", "POST", f"/api/registers/libraries/{library['id']}/sync", 403)["rule"] == "filer"
    call(platform, "trader", "POST", f"/api/registers/libraries/{library['id']}/sync", 404)
