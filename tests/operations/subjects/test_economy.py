"""Industry split and hinterland by city come out of declarations (7.2.4 a) 8))."""

from __future__ import annotations

import random
import secrets
from typing import Any

import pytest
from playwright.sync_api import expect

from kouan.standards.identifiers.uscc import check_character, organisation_check
from kouan.standards.locations.api import divisions, of_firm
from tests.conftest import Running
from tests.journeys.browser import signed_in
from tests.operations.subjects.test_acceptance import file

DECLARATION, DOOR = "/api/records/base/declaration/declaration", "/api/subjects/economy"
PATIENCE = 90_000


def firm(division: str) -> str:
    """A credit code of a firm that does not exist, registered in a division."""
    body = f"MA{secrets.randbelow(10**6):06}"
    bare = f"91{division}{body}{organisation_check(body)}"
    return bare + check_character(bare)


def test_a_firm_is_placed_by_its_code() -> None:
    assert len(divisions()) == 364
    assert all(73 < one.lon < 136 and 15 < one.lat < 54 and one.name.zh and one.name.en.isascii() for one in divisions().values())
    assert all(code[:2] in divisions() for code in divisions())
    told = {
        firm("370211"): ("37", "3702"), "3702960ABC": ("37", "3702"), firm("310115"): ("31", "31"), firm("379999"): ("37", None),
        firm("990000"): (None, None), "org:trader": (None, None), "": (None, None),
    }  # fmt: skip
    for code, expected in told.items():
        assert tuple(one.code if one else None for one in of_firm(code)) == expected, code


def economy(platform: Running, org: str, **asked: Any) -> dict[str, Any]:
    with platform.client(org) as client:
        found: dict[str, Any] = client.get(DOOR, params=asked).raise_for_status().json()
    return found


def parts(found: dict[str, Any], name: str) -> dict[str, tuple[int, float, int]]:
    return {one["code"]: (one["declarations"], one["gross_kg"], one["traders"]) for one in found[name]}


def grown(before: dict[str, Any], after: dict[str, Any], name: str, codes: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """By how much some parts grew."""
    old, new = parts(before, name), parts(after, name)
    pairs = {code: (new.get(code, (0, 0, 0)), old.get(code, (0, 0, 0))) for code in codes}
    return {code: tuple(round(x - y, 3) for x, y in zip(*pair, strict=True)) for code, pair in pairs.items()}


@pytest.mark.browser
@pytest.mark.clause("H7.2.4a8")
def test_the_industry_split_and_the_hinterland_are_what_declarations_say(platform: Running) -> None:
    run, currency = secrets.token_hex(4).upper(), "SEK"
    known = {code for org in ("customs", "agent") for code in parts(economy(platform, org), "hinterland")}
    # Places and goods of which no other test declares any.
    codes = tuple(random.sample(sorted(code for code in divisions() if len(code) == 4 and code not in known), 2))
    first, second = (firm(f"{code}00") for code in codes)
    before = {org: economy(platform, org) for org in ("customs", "agent", "terminal")}

    def declared(n: int, kind: str, trader: str, *goods: tuple[str, float, str]) -> None:
        items = [
            {"sequence": at, "hs": hs, "gross_kg": kg, "value": value, "currency": currency} for at, (hs, kg, value) in enumerate(goods, 1)
        ]
        told = {"functional_reference": f"EC{run}{n}", "function_code": "9", "type_code": kind, "items": items, "office": "0000"}
        with platform.client("agent") as agent:
            file(agent, DECLARATION, **told, **{"importer" if kind == "IMA" else "exporter": trader})

    declared(1, "IMA", first, ("640391", 1500.5, "100.00"), ("640299", 99.5, "50.00"), ("970110", 10, "5.00"))
    declared(2, "IMA", first, ("640391", 1000, "70.00"))
    declared(3, "EXA", second, ("710812", 400, "20.00"))
    declared(4, "IMA", "", ("", 7, "1.00"))
    for org in ("customs", "agent"):
        after = economy(platform, org)
        # Two lines of one section are one declaration of it; a declaration counts in each section of which it has goods.
        assert grown(before[org], after, "industries", ("XII", "XXI", "XIV")) == {
            "XII": (2, 2600, 0), "XXI": (1, 10, 0), "XIV": (1, 400, 0),
        }  # fmt: skip
        assert grown(before[org], after, "hinterland", codes) == {codes[0]: (2, 2610, 1), codes[1]: (1, 400, 1)}
        assert {one["currency"]: one["amount"] for one in after["total"]["values"]}[currency] >= 246
        assert sum(one["declarations"] for one in after["hinterland"]) == after["total"]["declarations"]
        assert parts(after, "hinterland")[""][0] >= 1, "whose place is not stated is counted as such"
    city, told = next(one for one in after["hinterland"] if one["code"] == codes[0]), divisions()[codes[0]]
    assert (city["title"], city["lon"], city["lat"], city["known"]) == (told.name.out(), told.lon, told.lat, True)
    assert sum(one["traders"] for one in after["sizes"]) == after["total"]["traders"]
    exports = economy(platform, "agent", way="export")
    assert codes[1] in parts(exports, "hinterland")
    assert codes[0] not in parts(exports, "hinterland")
    assert (economy(platform, "customs")["whole"], after["whole"]) == (True, False)
    # Who sees only the logistic part of declarations is told nothing of their traders and goods.
    assert economy(platform, "terminal")["total"] == before["terminal"]["total"] == {
        "declarations": 0, "traders": 0, "gross_kg": 0.0, "values": [],
    }  # fmt: skip
    with platform.client("customs") as customs:
        for wrong in ({"since": "2026-13-01"}, {"since": "2026-02-01", "until": "2026-01-01"}, {"since": "x"}, {"way": "up"}):
            assert customs.get(DOOR, params=wrong).status_code == 422, wrong
    with signed_in(platform, "customs", "officer") as page:
        page.goto(f"{platform.url}/operations/subjects/economy")
        for code in codes:
            expect(page.locator(f"[data-test=map] [data-code='{code}'] text")).to_contain_text(divisions()[code].name.zh, timeout=PATIENCE)
        expect(page.locator("[data-test=industries]")).to_contain_text("XXI", timeout=PATIENCE)
