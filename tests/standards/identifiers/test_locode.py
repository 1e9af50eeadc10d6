"""UN/LOCODE: shape, country, place in the list, codes of the site's own."""

from __future__ import annotations

import pytest

from kouan.standards.identifiers.locode import check


@pytest.mark.parametrize(("written", "value", "kind"), [
    ("CNSHG", "CNSHG", "seaport"), ("cn shg", "CNSHG", "seaport"), ("NL-RTM", "NLRTM", "seaport"),
    ("DEFRA", "DEFRA", "seaport"),
    ("CNPEK", "CNPEK", "place"), ("ＳＧＳＩＮ", "SGSIN", "seaport"),
])
def test_listed_places_pass(written: str, value: str, kind: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code, verdict.value, verdict.kind) == (True, "locode.ok", value, kind)


@pytest.mark.parametrize(("written", "code"), [
    ("CNSH", "locode.structure"), ("CN1SH", "locode.structure"), ("QQSHG", "locode.country"),
    ("CNWHH", "locode.unlisted"),
    ("", "locode.empty"), ("上海港口岸", "locode.structure"),
])
def test_faults(written: str, code: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code) == (False, code)
    assert all(check(repair).ok for repair in verdict.repairs)


def test_an_unlisted_code_names_the_edition() -> None:
    reason = check("CNWHH").reason
    assert reason is not None
    assert "2019-2" in reason.en
    assert "2022" in reason.zh


def test_a_code_of_the_site_s_own_passes() -> None:
    verdict = check("cn whh", own={"CNWHH"})
    assert (verdict.ok, verdict.code) == (True, "locode.own")


def test_seaports_are_suggested_first() -> None:
    assert check("NLR7M").repairs[0] == "NLRTM"
