"""What permits and their uses must be, on facts alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.declaration.api import Declaration
from kouan.base.permit.kinds import KINDS, named, parts_of
from kouan.base.permit.lifecycle import CertificateLife
from kouan.base.permit.records import Certificate, Permit
from kouan.base.permit.rules import (
    PERMIT,
    Drawing,
    NotBelowDrawn,
    StatedWell,
    before,
    exceeded,
    limit_of,
    shown,
    wanted,
)
from kouan.base.permit.waiting import Awaited, Denied, answers
from kouan.kernel.rules import Found, Kept, Need, Unmet
from tests.base.permit.papers import declared, permit
from tests.facts import found, kept

REF = "permit:7/P1"


class Refs:
    """References of one test."""

    def next(self, prefix: str) -> str:
        return f"{prefix}1"


def held(state: str = "valid", **more: Any) -> Kept:
    """A kept permit of 100 kg."""
    return kept(Permit.model_validate({**permit(Refs()), **more}), state=state, filer="customs")


def asked(quantity: Any = "10", ref: str = REF, **more: Any) -> Declaration:
    """A declaration that takes some of it."""
    return Declaration.model_validate(declared("D1", ref, quantity, **more))


def drawing(record: Declaration, one: Kept, *more: tuple[Need, list[Kept]]) -> Unmet | None:
    """What the rule says of a declaration that meets one permit."""
    return Drawing().judge(record, found((wanted(one.ref), [one]), *more))


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"valid_until": "2021-01-01"}, "expired on 2021-01-01"),
        ({"valid_from": "2089-01-01"}, "valid from 2089-01-01"),
        ({"holder": "enterprise:91320100MA1X0000X1"}, "another holder"),
        ({"goods": [{"hs": "0202"}]}, "not for commodity 84581100"),
        ({"quota": "100", "unit": "NAR"}, "counts in NAR"),
        ({"quota": "9"}, "9 KGM left, 10 KGM declared, 1 KGM too much"),
        ({"uses": 3, "used": 3}, "all of them made"),
    ],
)
def test_a_permit_that_does_not_serve_is_refused_with_its_reason(stated: dict[str, Any], said: str) -> None:
    unmet = drawing(asked(), held(**stated))
    assert unmet is not None
    assert said in unmet.reason.en
    assert unmet.reason.zh != unmet.reason.en


def test_what_serves_is_not_refused() -> None:
    assert drawing(asked("100"), held()) is None
    assert drawing(asked("105"), held(tolerance=5)) is None
    assert drawing(asked("105.000001"), held(tolerance=5)) is not None
    assert drawing(asked(None), held()) is not None, "a quota wants a quantity"
    assert drawing(asked(None), held(quota=None)) is None
    assert drawing(asked(importer="ACME 1"), held(holder="enterprise:acme1")) is None
    assert Drawing().judge(asked(), found()) is None, "what is not kept here is not this rule's to judge"
    assert list(Drawing().needs(Declaration(functional_reference="D", function_code="9"), "trader")) == []


def test_a_proof_of_origin_is_for_goods_of_that_origin() -> None:
    one = held(kind="Y", origin="KR", quota=None)
    unmet = drawing(asked(None, "permit:Y/P1"), one)
    assert unmet is not None
    assert "KR / DE" in unmet.reason.en


def test_a_suspended_permit_serves_nobody() -> None:
    assert drawing(asked(), held("suspended")) is not None
    assert drawing(asked(), held("revoked")) is not None


def test_lines_are_counted_together_and_an_amendment_counts_its_own_share() -> None:
    item = declared("D1", REF, 60)["items"][0]
    twice = Declaration.model_validate({**declared("D1", REF, 60), "items": [item, {**item, "sequence": 2}]})
    assert drawing(twice, held()) is not None
    full, mine = held(drawn="100"), asked("60")
    own = (before(mine, "trader"), [kept(asked("60"), state="lodged")])
    assert drawing(mine, full) is not None
    assert drawing(mine, full, own) is None
    assert drawing(asked("60.1"), full, own) is not None
    gone = (before(mine, "trader"), [kept(asked("60"), state="cancelled")])
    assert drawing(mine, full, gone) is not None


@given(
    st.decimals("0", "1e12", places=6), st.decimals("0", "1e12", places=6), st.decimals("0.000001", "1e12", places=6),
    st.integers(0, 10),
)  # fmt: skip
def test_what_is_refused_is_what_would_break_the_bound(quota: Decimal, drawn: Decimal, more: Decimal, tolerance: int) -> None:
    one = held(quota=str(quota), drawn=str(drawn), tolerance=tolerance)
    assert isinstance(one.data, Permit)
    limit = limit_of(one.data)
    assert limit == quota * (100 + tolerance) / 100
    assert (exceeded(one, more, None) is None) == (drawn + more <= limit)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**15))
def test_quantities_are_shown_without_loss(quantity: Decimal) -> None:
    assert Decimal(shown(quantity)) == quantity
    assert "E" not in shown(quantity)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"issuer": "org:maritime"}, "issuer"),
        ({"kind": "ZZ"}, "kind"),
        ({"valid_until": "2019-01-01"}, "valid_until"),
        ({"unit": "QQQ"}, "unit"),
        ({"unit": None}, "unit"),
        ({"goods": [{"hs": "00"}]}, "goods.0.hs"),
        ({"origin": "Q9"}, "origin"),
        ({}, ""),
    ],
)
def test_a_permit_is_stated_well(wrong: dict[str, Any], field: str) -> None:
    record = Permit.model_validate({**permit(Refs()), **wrong})
    unmet = StatedWell().judge(record, found(filer="customs"))
    assert (unmet.field if unmet else "") == field


def test_only_the_platform_counts() -> None:
    stated = Permit.model_validate({**permit(Refs()), "drawn": "5"})
    assert NotBelowDrawn().judge(stated, found(filer="customs")) is not None
    need = Need(PERMIT, key=stated.key("customs"), lock=True)
    facts = found((need, [held(drawn="60", used=2)]), filer="customs")
    assert NotBelowDrawn().judge(stated, facts) is None
    lower = stated.model_copy(update={"quota": Decimal(59)})
    assert NotBelowDrawn().judge(lower, facts) is not None
    assert NotBelowDrawn().judge(stated.model_copy(update={"unit": "TNE"}), facts) is not None
    assert NotBelowDrawn().judge(stated.model_copy(update={"uses": 1}), facts) is not None


@given(st.sampled_from(sorted(KINDS)), st.text(st.characters(codec="ascii", exclude_characters=" /"), min_size=1, max_size=20))
def test_a_reference_tells_kind_and_number(kind: str, number: str) -> None:
    assert parts_of(f"permit:{kind}/{number}") == (kind, number)
    assert named(kind, number).en.endswith(number)


def verification(**more: Any) -> Certificate:
    """A verification of the citation of `asked`."""
    stated = {"declaration": "declaration:TRADER/D1", "line": 1, "permit": REF, "quantity": "10", "declarant": "org:trader"}
    return Certificate.model_validate({**stated, **more})


def told(rule: Awaited | Denied, *facts: tuple[Need, list[Kept]]) -> str:
    """What a rule at release says of `asked`."""
    unmet = rule.judge(asked(), found(*facts))
    return unmet.reason.en if unmet else ""


def answered(state: str, **more: Any) -> tuple[Need, list[Kept]]:
    """A verification as it is found."""
    return answers(asked(), "trader"), [kept(verification(**more), state=state, filer="kouan")]


def test_goods_wait_for_an_answer_and_for_a_good_one() -> None:
    away = {"reason_zh": "核查服务无法连接", "reason_en": "The service is away"}
    assert "is being verified online" in told(Awaited())
    assert "The service is away" in told(Awaited(), answered("pending", **away))
    for state in ("valid", "invalid"):
        assert told(Awaited(), answered(state)) == ""
    assert told(Denied(), answered("valid")) == ""
    assert told(Denied(), answered("invalid", reason_zh="已过期", reason_en="It has expired")) == "It has expired"
    other = (answers(asked(), "trader"), [kept(verification(quantity="11"), state="valid", filer="kouan")])
    assert told(Awaited(), other) != "", "another quantity is another question"


def test_a_permit_drawn_here_needs_no_question_until_it_is_withdrawn() -> None:
    record = (before(asked(), "trader"), [kept(asked(), state="assessed")])
    assert told(Awaited(), (Need(PERMIT, ref=REF), [held()]), record) == ""
    assert told(Denied(), (Need(PERMIT, ref=REF), [held()]), record) == ""
    assert "suspended" in told(Denied(), (Need(PERMIT, ref=REF), [held("suspended")]), record)


def test_a_verification_that_needed_no_question_begins_as_valid() -> None:
    assert CertificateLife.begin(verification(verdict="valid")) == {"answer": "valid"}
    assert CertificateLife.begin(verification()) == {"answer": "pending"}


def test_facts_of_others_are_not_mixed_up() -> None:
    other = held(number="P2")
    assert Drawing().judge(asked("500"), Found(found().at, "trader", {}, {wanted(REF): [other]})) is None
