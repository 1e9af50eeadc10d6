"""Risk rules, one by one, and the score that they make together."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.declaration.api import Declaration
from kouan.kernel.rules import Need, Unmet, judge, rules_at
from kouan.supervision.targeting import rules
from kouan.supervision.targeting.scoring import FIRST, ORIGINS, THRESHOLD, content_of, drawn, verdict
from tests.facts import consignment, declaration, found, kept

LINE = Need(rules.CONSIGNMENT, ref="bill:B1")


def item(**more: object) -> dict[str, object]:
    return {"sequence": 1, "hs": "84581100", "value": "210000", "currency": "USD", "net_kg": 10400.0, **more}


def said(rule: type[rules.RiskRule], record: object, facts: object) -> Unmet | None:
    return rule().judge(record, facts)  # type: ignore[arg-type]  # fed from parametrised tests


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (rules.Explosives, "3604.10"), (rules.Waste, "38251000"), (rules.Radioactive, "2844 43"), (rules.Tobacco, "240220"),
        (rules.Arms, "93063000"), (rules.Food, "02023000"),
    ],
)  # fmt: skip
def test_goods_rule_speaks_of_its_heading_alone(rule: type[rules.GoodsRule], code: str) -> None:
    speaks = said(rule, declaration(items=[item(), item(hs=code)]), found())
    assert speaks is not None
    assert speaks.score == rule.weight
    assert speaks.field == "items.1.hs"
    assert "2" in speaks.reason.zh
    assert said(rule, declaration(), found()) is None


def test_dangerous_goods_are_maritimes_and_grave_classes_select() -> None:
    flammable = consignment(goods=[{"un_number": "1170"}])
    explosive = consignment(goods=[{"un_number": "1170"}, {"un_number": "0012"}])
    mild = said(rules.Dangerous, declaration(), found((LINE, [kept(flammable)])))
    grave = said(rules.Dangerous, declaration(), found((LINE, [kept(explosive)])))
    assert rules.Dangerous.owner == "maritime"
    assert mild is not None
    assert grave is not None
    assert mild.score < THRESHOLD <= grave.score
    assert "UN 0012" in grave.reason.en
    assert said(rules.Dangerous, declaration(), found((LINE, [kept(consignment())]))) is None


def test_a_line_of_another_bill_is_not_the_declarations() -> None:
    other = consignment(bill="B2", goods=[{"un_number": "0012"}])
    assert said(rules.Dangerous, declaration(), found((LINE, [kept(other)]))) is None


def test_low_price_is_judged_in_dollars_by_the_kilogram() -> None:
    low = declaration(items=[item(value="10000")])
    yen = declaration(items=[item(value="10000000", currency="JPY")])
    unknown = declaration(items=[item(value="1", currency="XXX")])
    speaks = said(rules.LowPrice, low, found())
    assert speaks is not None
    assert "0.96" in speaks.reason.en
    assert said(rules.LowPrice, yen, found()) is None
    assert said(rules.LowPrice, unknown, found()) is None


@pytest.mark.parametrize(("declared", "score"), [(11200, None), (12300, None), (12400, 30.0), (8000, 30.0), (7000, 55.0)])
def test_masses_may_differ_by_a_tenth(declared: float, score: float | None) -> None:
    speaks = said(rules.Mass, declaration(gross_kg=declared), found((LINE, [kept(consignment())])))
    assert (speaks.score if speaks else None) == score


def test_a_bill_mentioned_by_two_lines_counts_each_line_once() -> None:
    one = kept(consignment(gross_kg=5600.0))
    two = kept(consignment(bill="B2", master_bill="B1", gross_kg=5600.0))
    facts = found((LINE, [one, two]), (Need(rules.CONSIGNMENT, ref="bill:B2"), [two]))
    assert said(rules.Mass, declaration(bills=["B1", "B2"]), facts) is None


def test_listed_origin_and_first_filing_hang_on_what_the_site_says() -> None:
    record = declaration(items=[item(origin="XA")])
    assert said(rules.Origin, record, found(**{ORIGINS: "XA, XB"})) is not None
    assert said(rules.Origin, record, found()) is None
    assert said(rules.FirstFiling, record, found(**{FIRST: "yes"})) is not None
    assert said(rules.FirstFiling, record, found()) is None


def test_an_ordinary_declaration_is_green() -> None:
    facts = found((LINE, [kept(consignment())]))
    result = verdict(judge(rules_at("target", Declaration.facts.name), declaration(), facts), by_chance=False)
    assert (result.outcome, result.score, result.agencies, result.reasons) == ("green", 0.0, (), ())


def test_several_agencies_are_called_to_one_visit() -> None:
    record = declaration(items=[item(hs="93063000")])
    facts = found((LINE, [kept(consignment(goods=[{"un_number": "0012"}]))]))
    result = verdict(judge(rules_at("target", Declaration.facts.name), record, facts), by_chance=False)
    assert result.outcome == "targeted"
    assert result.agencies == ("customs", "border", "maritime")
    assert result.score == 100.0


CODES = ("84581100", "02023000", "24022000", "36020000", "93063000", "28444300")


@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=6))
def test_score_stays_within_bounds_and_selects_from_the_threshold_on(codes: list[str]) -> None:
    record = declaration(items=[item(hs=code) for code in codes])
    result = verdict(judge(rules_at("target", Declaration.facts.name), record, found()), by_chance=False)
    assert 0 <= result.score <= 100
    assert (result.outcome == "targeted") == (result.score >= THRESHOLD)
    assert all(reason.score > 0 and reason.zh and reason.en for reason in result.reasons)
    assert ("customs" in result.agencies) == (result.outcome == "targeted")


def test_chance_is_recorded_as_chance_and_rules_as_rules() -> None:
    findings = judge(rules_at("target", Declaration.facts.name), declaration(), found())
    assert verdict(findings, by_chance=True).chosen == "random"
    assert verdict(findings, by_chance=True).outcome == "targeted"
    risky = judge(rules_at("target", Declaration.facts.name), declaration(items=[item(hs="36020000")]), found())
    assert verdict(risky, by_chance=True).chosen == "rules"


@given(st.binary(min_size=16, max_size=16), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_draws_whatever_a_smaller_one_draws(digest: bytes, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert not drawn(digest, small) or drawn(digest, large)
    assert not drawn(digest, 0.0)
    assert drawn(digest, 1.0)


def test_about_the_share_is_drawn() -> None:


    digests = [hashlib.sha256(str(n).encode()).digest() for n in range(20_000)]
    assert 300 < sum(drawn(digest, 0.02) for digest in digests) < 500


def test_content_digest_follows_content_only() -> None:
    assert content_of(declaration()) == content_of(declaration())
    assert content_of(declaration()) != content_of(declaration(gross_kg=11201.0))
