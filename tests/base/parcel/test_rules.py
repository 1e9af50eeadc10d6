"""What parcels' papers must be, and how they are compared, on facts alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.parcel.records import Parcel, ParcelList
from kouan.base.parcel.rules import RULES
from kouan.base.parcel.service import differences
from kouan.kernel.rules import judge
from kouan.standards.identifiers.s10 import check_digit
from tests.facts import found

GOODS = {"description": "Toy", "quantity": "1", "value": "30"}


def unmet(record: Parcel | ParcelList) -> dict[str, str]:
    """Rules that do not hold, with the field that each names."""
    rules = [rule() for rule in RULES if rule.of == record.facts.name]
    return {one.rule.code: one.unmet.field for one in judge(rules, record, found()) if one.unmet}


def parcel(**more: Any) -> Parcel:
    """A postal item with a CN 22."""
    stated = {"number": "RR123456785CN", "carriage": "post", "form": "CN22", "category": "gift", "amount": "30", "goods": [GOODS]}
    return Parcel.model_validate({**stated, **more})


def listed(**more: Any) -> ParcelList:
    """A list of one toy."""
    stated = {"number": "QD1", "platform": "SIM Mall", "order_number": "OD1", "parcel": "SF1", "amount": "30", "currency": "CNY",
              "goods": [GOODS]}  # fmt: skip
    return ParcelList.model_validate({**stated, **more})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {}),
        ({"number": "rr 123 456 785-cn"}, {}),
        ({"number": "RR123456784CN"}, {"PARCEL-S10": "number"}),
        ({"number": "SF1", "carriage": "express"}, {}),
        ({"goods": []}, {"PARCEL-CONTENTS": "goods"}),
        ({"category": None}, {"PARCEL-CONTENTS": "category"}),
        ({"form": None, "goods": [], "category": None}, {}),
        ({"amount": "31"}, {"PARCEL-SUM": "amount"}),
        ({"amount": "30.05"}, {}),
        ({"amount": "31", "goods": [GOODS, {**GOODS, "value": None}]}, {}),
    ],
)
def test_parcels(more: dict[str, Any], expected: dict[str, str]) -> None:
    assert unmet(parcel(**more)) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {}),
        ({"currency": "QQQ"}, {"LIST-CODES": "currency"}),
        ({"goods": [{**GOODS, "hs": "0000"}]}, {"LIST-CODES": "goods.0.hs"}),
        ({"goods": [{**GOODS, "hs": "9503000000"}]}, {}),
        ({"amount": "5000.01", "goods": []}, {"LIST-LIMIT": "amount"}),
        ({"amount": "5000", "goods": []}, {}),
        ({"amount": "9000", "goods": [], "mode": "9710"}, {}),
        ({"amount": "29"}, {"LIST-SUM": "amount"}),
    ],
)
def test_lists(more: dict[str, Any], expected: dict[str, str]) -> None:
    assert unmet(listed(**more)) == expected


@given(st.text("0123456789", min_size=8, max_size=8))
def test_a_postal_number_is_taken_exactly_with_its_check_digit(serial: str) -> None:
    for digit in "0123456789":
        refused = "PARCEL-S10" in unmet(parcel(number=f"RR{serial}{digit}CN"))
        assert refused == (digit != check_digit(serial))


def paper(**data: Any) -> dict[str, Any]:
    """A paper as it is shown."""
    return {"data": {"amount": "10.0", "currency": "CNY", "number": "P1", **data}}


@given(st.decimals("0", "100000", places=2), st.decimals("0", "100000", places=2))
def test_amounts_are_compared_as_numbers(one: Decimal, other: Decimal) -> None:
    mine = paper(amount=str(one), payment_number="P1")
    theirs = paper(amount=f"{other:.4f}")
    said = differences(mine, paper(), theirs, paper(amount=str(one)))
    assert (said == []) == (one == other)


def test_what_has_not_come_is_said() -> None:
    assert [one.en for one in differences(None, None, None, None)] == ["There is no list"]
    assert len(differences(paper(), None, None, None)) == 3
    other = differences(paper(payment_number="P2"), paper(), paper(), paper())
    assert [one.en for one in other] == ["The payment's number is not the one that the list names"]
