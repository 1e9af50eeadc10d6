"""Code sets by date from the running platform; an ended code is refused in a declaration dated after its end."""

from __future__ import annotations

import csv
import io
import secrets
import zipfile
from typing import Any

import pytest

from kouan_sim.identifiers import References
from tests.conftest import Running

ENTRY = "/api/records/standards/parameters/entry"
DECLARATION = "/api/records/base/declaration/declaration"


def call(platform: Running, org: str, method: str, path: str, status: int, **more: Any) -> Any:
    with platform.client(org) as client:
        answer = client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def code() -> str:
    """A commodity code of our own, below heading 9899 that the Harmonized System does not use."""
    return f"98{secrets.randbelow(100):02}{secrets.randbelow(100):02}{secrets.randbelow(10000):04}"


def amend(platform: Running, code: str, **more: Any) -> Any:
    """The port office's own code, marked as demo."""
    entry = {
        "set_name": "hs",
        "code": code,
        "name_zh": "演示代码",
        "name_en": "Demo code",
        "since": "2022-01-01",
        "demo": True,
        **more,
    }
    return call(platform, "portoffice", "POST", ENTRY, 201, json=entry)["item"]


@pytest.mark.clause("H7.2.5b1")
def test_sets_are_fetched_by_date(platform: Running) -> None:
    with platform.client("trader") as trader:
        listed = {one["set"]: one for one in trader.get("/api/parameters").json()["items"]}
        assert {"hs", "currency", "locode"} <= set(listed)
        assert all(one["version"] and one["source"] for one in listed.values())
        old, new = (
            trader.get("/api/parameters/currency/DEM", params={"at": day}).json()["item"]["verdict"]
            for day in ("1999-06-01", "2026-06-01")
        )
        assert (old, new) == ("stands", "expired")
        port = trader.get("/api/parameters/port/CNSHA").json()
        assert (port["set"], port["item"]["code"]) == ("locode", "CNSHA")
        first = trader.get("/api/parameters/currency", params={"at": "2026-06-01", "limit": 100}).json()
        rest = trader.get(
            "/api/parameters/currency", params={"at": "2026-06-01", "limit": 500, "after": first["next"]}
        ).json()
        codes = [item["code"] for item in (*first["items"], *rest["items"])]
        assert codes == sorted(set(codes))
        assert "DEM" not in codes
        assert "CNY" in codes
        assert trader.get("/api/parameters/hs", params={"q": "8516"}).json()["items"]
        some = trader.get("/api/parameters/hs", params={"code": ["8708309910", "00", "87"]}).json()["items"]
        assert [(one["asked"], one["code"]) for one in some] == [("8708309910", "870830"), ("87", "87")]
        assert some[0]["name"]["zh"] == f"87 {some[1]['name']['zh']}", "what nobody translated reads as what stands above it"
        assert trader.get("/api/parameters/currency", params={"code": ["x"] * 101}).status_code == 422
        assert trader.get("/api/parameters/nothing", params={"code": "1"}).status_code == 404
        assert trader.get("/api/parameters/nothing").status_code == 404
        assert trader.get("/api/parameters/hs/989898").json()["code"] == "code_unknown"


@pytest.mark.clause("H7.2.5b1")
def test_a_set_is_downloaded_with_its_version(platform: Running) -> None:
    with platform.client("trader") as trader:
        path = "/api/parameters/currency/download"
        sheets = {
            kind: trader.get(path, params={"format": kind, "at": "2026-06-01"}) for kind in ("csv", "json", "xlsx")
        }
        rows = list(csv.DictReader(io.StringIO(sheets["csv"].content.decode("utf-8-sig"))))
        assert [row["code"] for row in rows] == [row["code"] for row in sheets["json"].json()]
        assert zipfile.is_zipfile(io.BytesIO(sheets["xlsx"].content))
        version = trader.get("/api/parameters/currency").json()["version"]
        etag = sheets["csv"].headers["etag"]
        assert version in etag
        assert trader.get(path, params={"at": "2026-06-01"}, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.clause("H7.2.5b1")
def test_an_amendment_makes_a_version_and_is_judged(platform: Running, code: str) -> None:
    before = call(platform, "trader", "GET", "/api/parameters/hs/versions", 200)
    item = amend(platform, code, until="2026-06-30")
    after = call(platform, "trader", "GET", "/api/parameters/hs/versions", 200)
    assert after["version"] != before["version"]
    assert item["ref"] in {one.get("ref") for one in after["versions"]}
    told = call(platform, "trader", "GET", f"/api/parameters/hs/{code}", 200, params={"at": "2026-06-30"})
    assert (told["item"]["verdict"], told["item"]["demo"], told["item"]["until"]) == ("stands", True, "2026-06-30")
    assert code in {
        one["code"] for one in call(platform, "trader", "GET", "/api/parameters/hs", 200, params={"q": code})["items"]
    }
    entry = {"set_name": "hs", "code": code, "name_zh": "演示", "name_en": "Demo", "since": "2026-01-01"}
    wrong = [
        ({}, "PAR-OVERLAP"),
        ({"set_name": "none"}, "PAR-SET"),
        ({"code": "X1"}, "PAR-CODE"),
        ({"since": "2027-01-01", "until": "2026-12-31"}, "PAR-DATES"),
    ]
    for change, rule in wrong:
        assert call(platform, "portoffice", "POST", ENTRY, 422, json={**entry, **change})["rule"] == rule
    call(platform, "trader", "POST", ENTRY, 403, json=entry)


@pytest.mark.clause("H7.2.5b1")
def test_an_ended_code_is_refused_in_a_declaration_dated_after_its_end(platform: Running, code: str) -> None:
    refs = References()

    def declare(day: str, status: int, hs: str = code, currency: str = "USD") -> Any:
        item = {"sequence": 1, "hs": hs, "origin": "KR", "value": "100", "currency": currency, "net_kg": 1}
        body = {
            "functional_reference": refs.next("PAR"),
            "function_code": "9",
            "office": "9901",
            "items": [item],
            "accepted_at": f"{day}T04:00:00Z",
        }
        return call(platform, "trader", "POST", DECLARATION, status, json=body)

    assert declare("2026-06-30", 422)["rule"] == "DEC-HS"
    amend(platform, code, until="2026-06-30")
    declare("2026-06-30", 201)
    refusal = declare("2026-07-01", 422)
    assert (refusal["rule"], refusal["field"]) == ("DEC-CODE-DATE", "items.0.hs")
    assert "2026-06-30" in refusal["reason"]["zh"]
    assert declare("2021-12-31", 422)["rule"] == "DEC-CODE-DATE"
    assert declare("2026-06-30", 422, currency="DEM")["field"] == "items.0.currency"
