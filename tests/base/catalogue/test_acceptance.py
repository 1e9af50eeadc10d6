"""The catalogue on the running platform: found in both languages, applied for, approved, used; elements in editions."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from kouan_sim.identifiers import References
from tests.base.grant.calls import call, hang_up, until
from tests.conftest import Running

DATASET, ELEMENT = "/api/records/base/catalogue/dataset", "/api/records/base/catalogue/element"
GRANT, DECLARATION = "/api/records/base/grant/grant", "base.declaration.declaration"


@pytest.fixture(scope="module", autouse=True)
def hanging_up() -> Iterator[None]:
    """Close the clients behind the tests of this file."""
    yield
    hang_up()


def found(platform: Running, text: str, org: str = "trucker", **more: Any) -> list[str]:
    """What a search finds, best first."""
    return [one["id"] for one in call(platform, org, "GET", "/api/catalogue", params={"q": text, **more})["items"]]


@pytest.mark.clause("H7.2.3c2")
def test_a_guest_applies_and_after_the_owner_s_approval_the_same_query_works(platform: Running) -> None:
    refs = References()
    number = refs.next("CT")
    stated = {"functional_reference": number, "function_code": "9", "type_code": "IMA", "office": "9901", "hs": "851679", "origin": "KR",
              "items": [{"sequence": 1, "hs": "851679", "origin": "KR", "description": "Kettles", "net_kg": 1, "gross_kg": 2}]}  # fmt: skip
    call(platform, "trader", "POST", f"/api/records/{DECLARATION.replace('.', '/')}", 201, json=stated)
    assert found(platform, "报关单")[0] == f"record:{DECLARATION}"
    assert found(platform, "goods declaration")[0] == f"record:{DECLARATION}"
    entry = call(platform, "trucker", "GET", f"/api/catalogue/entries/record:{DECLARATION}")
    assert (entry["owners"][0], entry["applied_for"]) == ("customs", True)
    assert entry["newest"]
    assert {"name": "gross_kg", "unit": "kg"}.items() <= next(f for f in entry["fields"] if f["name"] == "gross_kg").items()
    samples = f"/api/catalogue/entries/record:{DECLARATION}/samples"
    assert call(platform, "trucker", "GET", samples)["items"] == [], "found and understood, not read"
    terminal = call(platform, "terminal", "GET", samples)["items"]
    assert terminal
    assert all("items" not in item["data"] for item in terminal), "samples show a reader's own part"

    query = {"params": {"functional_reference": number}}
    door = f"/api/shared/{DECLARATION}"
    assert call(platform, "trucker", "GET", door, 403, **query)["code"] == "no_grant"
    asked = {"purpose": "plan of truck capacity", "valid_until": until(30), "shows": ["functional_reference", "origin", "hs"],
             "where": [{"name": "functional_reference", "value": number}]}  # fmt: skip
    apply = f"/api/catalogue/entries/record:{DECLARATION}/apply"
    call(platform, "trucker", "POST", apply, 403, role="viewer", json=asked)
    made = call(platform, "trucker", "POST", apply, 201, json=asked)
    assert (made["state"], made["data"]["grantor"]) == ("applied", "org:customs")
    assert call(platform, "trucker", "GET", door, 403, **query)["code"] == "no_grant", "applied for is not granted"
    waits = {org: call(platform, org, "GET", "/api/worklist")["items"] for org in ("customs", "trucker")}
    assert [made["id"] in {item["id"] for item in items} for items in waits.values()] == [True, False], "it waits for its owner"
    approve = f"{GRANT}/{made['id']}/actions/approve"
    call(platform, "trucker", "POST", approve, 403, json={})
    call(platform, "customs", "POST", approve, json={"data": {"shows": ["functional_reference", "origin"], "reason": "origin will do"}})
    (item,) = call(platform, "trucker", "GET", door, **query)["items"]
    assert item["data"] == {"functional_reference": number, "origin": "KR"}
    call(platform, "customs", "POST", f"{GRANT}/{made['id']}/actions/revoke", json={})
    call(platform, "trucker", "GET", door, 403, **query)


def test_an_entry_tells_the_latest_score_to_those_who_may_see_scores(platform: Running) -> None:
    entry = f"/api/catalogue/entries/record:{DECLARATION}"
    score = call(platform, "portoffice", "POST", "/api/quality/measure", json={"record": DECLARATION})
    told = call(platform, "customs", "GET", entry)["quality"]
    assert {one["title"]["en"].lower(): one["score"] for one in told} == {
        name: score[name] for name in ("compliance", "completeness", "authenticity", "timeliness")
    }
    assert call(platform, "trucker", "GET", entry)["quality"] == [], "scores are seen by customs, the port office and the data's owner"


@pytest.mark.clause("H7.2.3c2")
def test_an_outside_data_set_is_registered_found_renewed_applied_for_and_withdrawn(platform: Running) -> None:
    code = f"TIDES-{secrets.token_hex(4).upper()}"
    word = f"潮位{secrets.choice('甲乙丙丁')}站{secrets.choice('东南西北')}"
    stated = {
        "code": code, "title_zh": f"{word}逐时潮位（模拟）", "title_en": f"Hourly tides {code} (simulated)", "simulated": True,
        "keywords": ["水文"], "columns": [{"name": "height", "title_zh": "潮高", "title_en": "Height", "unit": "m"}],
        "access": "https://tides.example/hourly.csv",
    }  # fmt: skip
    kept = call(platform, "maritime", "POST", DATASET, 201, json=stated)["item"]
    entry = f"dataset:{code}"
    for text in (word, word[1:3], code.lower(), "hourly tide " + code[6:10]):
        assert entry in found(platform, text), text
    assert found(platform, f"{word[0]}{word[-1]}逐时") == [], "signs that stand apart are no part of it"
    shown = call(platform, "trucker", "GET", f"/api/catalogue/entries/{entry}")
    assert (shown["owners"], shown["fields"][0]["unit"]) == (["maritime"], "m")
    assert "access" not in str(shown["about"])
    assert "access" not in call(platform, "trucker", "GET", f"{DATASET}/{kept['id']}")["data"]

    asked = {"purpose": "berthing", "valid_until": until(9)}
    made = call(platform, "trucker", "POST", f"/api/catalogue/entries/{entry}/apply", 201, json=asked)
    call(platform, "maritime", "POST", f"{GRANT}/{made['id']}/actions/approve", json={})
    (item,) = call(platform, "trucker", "GET", "/api/shared/base.catalogue.dataset", params={"code": code})["items"]
    assert item["data"]["access"] == "https://tides.example/hourly.csv"

    with platform.client("maritime") as client:
        changed = client.put(f"{DATASET}/{kept['id']}", json={**stated, "title_zh": f"新名{word}"}, headers={"If-Match": "1"})
        assert changed.status_code == 200, changed.text
    assert found(platform, f"新名{word}")[0] == entry
    graph = call(platform, "trucker", "GET", "/api/catalogue/dcat", params={"after": entry[:-1], "limit": 1})
    (first,) = graph["dcat:dataset"]
    assert (graph["@type"], first["dct:identifier"]) == ("dcat:Catalog", entry)
    assert {"@language": "zh", "@value": f"新名{word}"} in first["dct:title"]
    call(platform, "maritime", "POST", f"{DATASET}/{kept['id']}/actions/withdraw", json={})
    assert entry not in found(platform, word)
    call(platform, "trucker", "GET", f"/api/catalogue/entries/{entry}", 404)


def test_signals_indicators_and_code_lists_are_found_and_not_applied_for(platform: Running) -> None:
    for text, entry in (("经度", "signal:position"), ("UN/LOCODE", "codes:locode"), ("release time", None)):
        ids = found(platform, text)
        assert ids, text
        assert entry is None or entry in ids
    entry = call(platform, "customs", "GET", "/api/catalogue/entries/codes:locode")
    assert entry["doors"]["parameters"] == "/api/parameters/locode"
    (indicator, *_) = found(platform, "", kind="indicator")
    assert call(platform, "customs", "GET", f"/api/catalogue/entries/{indicator}")["formula"]["zh"]
    body = {"purpose": "none", "valid_until": until(1)}
    refusal = call(platform, "customs", "POST", f"/api/catalogue/entries/{indicator}/apply", 422, json=body)
    assert refusal["code"] == "entry_open"
    call(platform, "portoffice", "GET", "/api/catalogue", 403, role="security-admin")
    assert found(platform, "';--") == []


@pytest.mark.clause("H7.2.3c1")
def test_a_changed_definition_is_a_new_edition_and_the_first_stays_readable(platform: Running) -> None:
    code = f"MASS-{secrets.token_hex(4).upper()}"
    uses = [{"record": DECLARATION, "path": "gross_kg"}, {"record": "base.manifest.consignment", "path": "goods.gross_kg"}]
    stated = {"code": code, "name_zh": f"毛重{code}", "name_en": f"Gross mass {code}", "definition_zh": "货物连同包装的质量", "unit": "kg",
              "definition_en": "Mass of goods with their packing", "representation": "n..16,6", "used_by": uses}  # fmt: skip
    kept = call(platform, "portoffice", "POST", ELEMENT, 201, json=stated)["item"]
    door, act = f"/api/catalogue/elements/{code}", f"{ELEMENT}/{kept['id']}/actions"
    assert call(platform, "trader", "GET", door, 404)["code"] == "edition_unknown", "a draft counts for nobody"
    assert found(platform, code) == []
    call(platform, "portoffice", "POST", f"{act}/publish", json={})
    assert found(platform, code) == [f"element:{code}"]
    call(platform, "trader", "POST", f"{act}/revise", 403, json={"data": {"unit": "t"}})
    changed = {"definition_en": "Mass of goods, packing included, without the container"}
    call(platform, "portoffice", "POST", f"{act}/revise", json={"data": changed})
    assert call(platform, "trader", "GET", door)["edition"] == 1, "a revision counts when it is published"
    call(platform, "portoffice", "POST", f"{act}/publish", json={})

    second = call(platform, "trader", "GET", door)
    assert (second["edition"], [one["edition"] for one in second["editions"]]) == (2, [1, 2])
    assert second["editions"][1]["changed"] == ["definition_en"]
    first = call(platform, "trader", "GET", door, params={"edition": 1})
    assert first["definition"]["definition_en"] == stated["definition_en"]
    assert "without the container" in second["definition"]["definition_en"]
    tables = {one["table"]: one for one in second["lineage"]["tables"]}
    assert set(tables) == {"r_base_declaration_declaration", "r_base_manifest_consignment"}
    assert tables["r_base_declaration_declaration"]["written_by"]
    assert code in next(
        f for f in call(platform, "trader", "GET", f"/api/catalogue/entries/record:{DECLARATION}")["fields"] if f["name"] == "gross_kg"
    )["elements"]
    call(platform, "portoffice", "POST", f"{act}/revise", 422, json={"data": {"used_by": [{"record": DECLARATION, "path": "weight"}]}})
