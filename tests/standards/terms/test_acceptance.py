"""Terms by the API: definition, both names, source clause; the classification beside."""

from __future__ import annotations

import pytest

from tests.conftest import Running


@pytest.mark.clause("H12.2a*")
def test_a_term_is_looked_up_in_either_language(platform: Running) -> None:
    with platform.client("trader") as trader:
        for text in ("数字底座", "digital base", "DIGITAL-BASE"):
            first = trader.get("/api/terms", params={"q": text}).json()["items"][0]
            assert (first["name"]["zh"], first["name"]["en"]) == ("数字底座", "digital base")
        term = trader.get("/api/terms/digital-base").json()
        assert term["source"] == {"standard": "HS/T 82—2024", "clause": "3.2"}
        assert len(term["definition"]["en"]) > 40
        assert {"id", "name"} == set(term["related"][0])
        assert trader.get("/api/terms/数字底座").json()["id"] == "digital-base"
        missing = trader.get("/api/terms/nothing-of-the-kind")
        assert (missing.status_code, missing.json()["code"]) == (404, "term_unknown")
        assert trader.get("/api/terms", params={"q": "ISO 6346"}).json()["found"] >= 2


@pytest.mark.clause("H12.2a*")
def test_terms_codes_and_classification_are_machine_readable_lists(platform: Running) -> None:
    with platform.client("customs") as customs:
        told = customs.get("/api/classification").json()
        assert {board["id"] for board in told["boards"]} >= {"base", "supervision", "standards"}
        assert {one["list"] for one in told["codes"]} >= {"hs", "currency", "locode"}
        everything = customs.get("/api/terms", params={"limit": 500}).json()
        assert everything["total"] == len(everything["items"]) >= 60
        for board in told["boards"]:
            mine = customs.get("/api/terms", params={"category": board["id"]}).json()
            assert mine["found"] == board["terms"]
        assert any(topic["clause"] == "7.2.5" for board in told["boards"] for topic in board["topics"])
