"""Qingdao's codes with their dates from the running platform; a wrong code gives near matches."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.standards.codes import api as codes
from kouan.standards.locations.near import ALPHABET, near, slips, spellings
from tests.conftest import Running

CODES, DOOR = "/api/records/standards/locations/code", "/api/locations"


@pytest.mark.clause("G6.3*")
def test_qingdaos_codes_are_returned_with_dates_and_a_wrong_one_gives_near_matches(platform: Running) -> None:
    mark = f"SIM{secrets.token_hex(3).upper()}"
    entry = {"scheme": "gbt15514", "code": mark, "place": "CNQIN", "name_zh": "青岛（模拟代码）", "name_en": "Qingdao, simulated code",
             "since": "2016-01-01", "until": "2021-12-31", "source": "SIM"}  # fmt: skip
    with platform.client("portoffice") as office, platform.client("trader") as trader:
        assert office.post(CODES, json=entry).status_code == 201
        later = {**entry, "scheme": "gbt7407", "since": "2022-01-01", "until": None}
        assert office.post(CODES, json=later).status_code == 201
        found = trader.get(DOOR, params={"q": "青岛", "at": "2026-11-01"}).json()["places"]
        qingdao = next(one for one in found if one["un"] == "CNQIN")
        assert (qingdao["name"]["en"], qingdao["entered"]) == ("Qingdao", "2020-07")
        standing = {(one["scheme"], one["code"], one["since"], one["until"]) for one in qingdao["national"]}
        assert {("gbt7407", mark, "2022-01-01", None), ("customs", "4200", None, None)} <= standing
        assert ("gbt15514", mark, "2016-01-01", "2021-12-31") in {
            (one["scheme"], one["code"], one["since"], one["until"]) for one in qingdao["history"]
        }
        before = trader.get(f"{DOOR}/{mark.lower()}", params={"at": "2018-05-01"}).json()["places"][0]
        assert before["un"] == "CNQIN"
        assert mark in {one["code"] for one in before["national"] if one["scheme"] == "gbt15514"}
        by_office = trader.get(f"{DOOR}/4200").json()["places"]
        assert {"CNQIN", "CNQDG"} <= {one["un"] for one in by_office}
        wrong = trader.get(f"{DOOR}/CNQNI")
        assert wrong.status_code == 404
        assert "CNQIN" in {one["un"] for one in wrong.json()["near"]}
        assert trader.get(f"{DOOR}/4201").json()["near"], "one digit from an office"
        elsewhere = office.post(CODES, json={**later, "place": "CNSHA", "since": "2023-01-01"})
        assert (elsewhere.status_code, elsewhere.json()["problems"][0]["rule"]) == (422, "LOC-OVERLAP")
        nowhere = office.post(CODES, json={**entry, "code": f"{mark}X", "place": "CN999"})
        assert (nowhere.status_code, nowhere.json()["problems"][0]["field"]) == (422, "place")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.integers(2, 4), st.sampled_from(ALPHABET))
def test_one_slip_in_a_ports_code_leads_back_to_it(nth: int, at: int, char: str) -> None:
    ports = [code.code for code in codes.search("locode", "port", 60)]
    code = ports[nth % len(ports)]
    slipped = code[:at] + char + code[at + 1:]
    if slipped != code:
        assert code in near(slipped, lambda one: one in ports, 99)
        assert code in slips(slipped, ports)
    assert all(len(one) == 5 for one in spellings(slipped))
