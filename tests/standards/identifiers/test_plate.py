"""Vehicle plates of the Mainland, Hong Kong and Macao."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.identifiers.plate import check


@pytest.mark.parametrize(("written", "value", "kind"), [
    ("鲁B12345", "鲁B12345", "mainland.civil"), ("鲁b·12345", "鲁B12345", "mainland.civil"),
    ("京 A 8Z9X1", "京A8Z9X1", "mainland.civil"),
    ("魯Ｂ１２３４５", "鲁B12345", "mainland.civil"), ("鲁BD12345", "鲁BD12345", "mainland.new-energy"),
    ("粤BFA5678", "粤BFA5678", "mainland.new-energy"),
    ("鲁B12345F", "鲁B12345F", "mainland.new-energy"),
    ("鲁B1234挂", "鲁B1234挂", "mainland.trailer"), ("鲁B1234学", "鲁B1234学", "mainland.learner"),
    ("鲁B1234警", "鲁B1234警", "mainland.police"), ("粤X1234应急", "粤X1234应急", "mainland.emergency"),
    ("粤Z1234港", "粤Z1234港", "mainland.cross-border"), ("粵ZA123澳", "粤ZA123澳", "mainland.cross-border"),
    ("224578使", "224578使", "mainland.embassy"), ("使224578", "使224578", "mainland.embassy"),
    ("沪A0023领", "沪A0023领", "mainland.consulate"), ("WJ鲁1234X", "WJ鲁1234X", "mainland.armed-police"),
    ("KA12345", "KA12345", "mainland.military"), ("民航A1234", "民航A1234", "mainland.civil-aviation"),
    ("AB 1234", "AB1234", "hongkong.civil"), ("XY 7", "XY7", "hongkong.civil"),
    ("12345T", "12345T", "hongkong.trailer"),
    ("MA-12-34", "MA-12-34", "macao.civil"), ("m-12-34", "M-12-34", "macao.civil"),
    ("AA‐00‐12", "AA-00-12", "macao.civil"),
    ("MA0012", "MA-00-12", "macao.civil"), ("CM-12345", "CM-12345", "macao.motorcycle"),
])
def test_plates_pass(written: str, value: str, kind: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.value, verdict.kind) == (True, value, kind)
    assert check(value).value == value


@pytest.mark.parametrize(("written", "code"), [
    ("鲁BI2345", "plate.letter"), ("鲁B1234O", "plate.letter"), ("鲁I12345", "plate.letter"), ("鲁B123", "plate.structure"),
    ("鲁B1234567", "plate.structure"), ("卢B12345", "plate.structure"), ("AI 1234", "plate.letter"),
    ("AB 0123", "plate.structure"),
    ("粤A1234港", "plate.structure"), ("", "plate.empty"), ("· ·", "plate.empty"),
])
def test_what_is_no_plate_fails(written: str, code: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code) == (False, code)
    assert all(check(repair).ok for repair in verdict.repairs)


@pytest.mark.parametrize(("written", "repair"), [
    ("鲁BI2345", "鲁B12345"), ("鲁B1234O", "鲁B12340"), ("鲁812345", "鲁B12345"), ("粤Z123O港", "粤Z1230港"),
    ("鲁BDO2345", "鲁BD02345"),
])
def test_misread_plates_are_repaired(written: str, repair: str) -> None:
    assert check(written).repairs[0] == repair


def test_a_plate_of_hong_kong_or_macao_is_a_caution() -> None:
    verdict = check("MA 1234")
    assert (verdict.ok, verdict.code, verdict.repairs) == (True, "plate.hongkong_or_macao", ("MA-12-34",))
    assert verdict.reason is not None


@given(st.from_regex("[鲁粤京沪][A-HJ-Z][0-9A-HJ-NP-Z]{5}", fullmatch=True))
def test_all_civil_plates_pass(plate: str) -> None:
    assert check(plate).ok


@given(st.text("鲁粤ZAB08OI挂港-", min_size=6, max_size=8))
def test_every_repair_passes(text: str) -> None:
    assert all(check(repair).ok for repair in check(text).repairs)
