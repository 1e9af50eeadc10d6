"""Filing rules of declarations, on facts alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.kernel.rules import Found, Kept, Need, judge, needs_of, rules_at
from tests.base.conftest import load

load()
AT = datetime(2026, 11, 22, tzinfo=UTC)
LINE = Consignment.facts.name
RULES = [rule for rule in rules_at("filing", Declaration.facts.name) if rule.__module__.startswith("kouan.base.declaration.")]


def kept(**fields: Any) -> Kept:
    data = Consignment.model_validate({"manifest": "manifest:CARRIER/M1", "bill": "B1", **fields})
    return Kept("1", f"consignment:{data.bill}", LINE, 1, "kept", {}, AT, 16, "carrier", data)


def declared(**fields: Any) -> Declaration:
    return Declaration.model_validate({
        "functional_reference": "D1", "function_code": "9", "office": "9901",
        "items": [{"sequence": 1, "hs": "8516790000"}], **fields,
    })  # fmt: skip


def unmet(record: Declaration, *lines: Kept) -> dict[str, str]:
    """Rules that do not hold, with the field that each names."""
    found = {}
    for need in needs_of(RULES, record, "trader"):
        found[need] = [line for line in lines if need.ref in set(line.data.references())]
    facts = Found(AT, "trader", {"office": "9901", "code": "CNWHH"}, found)
    return {one.rule.code: one.unmet.field for one in judge(RULES, record, facts) if one.unmet}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"items": []}, {"DEC-ITEMS": "items"}),
        ({"items": [{"sequence": 1, "hs": ""}]}, {"DEC-HS": "items.0.hs"}),
        ({"items": [{"sequence": 1, "hs": "851679"}, {"sequence": 2, "hs": "123456"}]}, {"DEC-HS": "items.1.hs"}),
        ({"items": [{"sequence": 1, "hs": "8516"}]}, {"DEC-HS": "items.0.hs"}),
        ({"items": [{"sequence": 1, "hs": "8516.79-00"}]}, {}),
        ({"bills": ["B1"]}, {}),
        ({"bills": ["b 1"]}, {}),
        ({"bills": ["B1", "B9"]}, {"DEC-BILL-ON-MANIFEST": "bills.1"}),
        ({"bills": ["MASTER"]}, {}),
        ({"bills": ["B1"], "containers": ["WHHU2040010"]}, {}),
        ({"bills": ["B1"], "containers": ["WHHU2040010", "WHHU2040026"]}, {"DEC-CONTAINER-ON-BILL": "containers.1"}),
        ({"bills": ["B9"], "containers": ["WHHU2040026"]}, {"DEC-BILL-ON-MANIFEST": "bills.0"}),
        ({"containers": ["WHHU2040011"]}, {"DEC-CONTAINER-DIGIT": "containers.0"}),
        ({"vessel": "imo:9321484"}, {"DEC-IDENTIFIERS": "vessel"}),
        ({"office": "0101", "bills": ["B9"], "items": []}, {"DEC-OTHER-OFFICE": "office"}),
        ({"office": None, "bills": ["B9"], "items": []}, {"DEC-OTHER-OFFICE": "office"}),
        (
            {"office": "0101", "containers": ["WHHU2040011"]},
            {"DEC-OTHER-OFFICE": "office", "DEC-IDENTIFIERS": "containers.0"},
        ),
    ],
)
def test_rules(fields: dict[str, Any], expected: dict[str, str]) -> None:
    line = kept(containers=["WHHU2040010"], master_bill="MASTER")
    assert unmet(declared(**fields), line) == expected


def test_only_our_office_refuses() -> None:
    refusing = {rule.code for rule in RULES if rule.severity == "refuse"}
    assert refusing == {"DEC-ITEMS", "DEC-HS", "DEC-BILL-ON-MANIFEST", "DEC-CONTAINER-ON-BILL", "DEC-CONTAINER-DIGIT", "DEC-CODE-DATE"}
    elsewhere = declared(office="0101", bills=["B9"], containers=["WHHU2040011"], items=[])
    assert not refusing & set(unmet(elsewhere))


def test_many_missing_bills_are_named_in_short() -> None:
    record = declared(bills=[f"X{n}" for n in range(40)])
    facts = Found(AT, "trader", {"office": "9901"}, {})
    found = next(one for one in judge(RULES, record, facts) if one.rule.code == "DEC-BILL-ON-MANIFEST")
    assert found.unmet is not None
    assert found.unmet.reason.en.endswith("X4 … (+35) is on no manifest that was received")


def test_a_bill_that_is_only_mentioned_elsewhere_does_not_count() -> None:
    other = kept(bill="B2")
    facts = Found(AT, "trader", {"office": "9901"}, {Need(LINE, ref="bill:B1"): [other]})
    rules = [one.rule.code for one in judge(RULES, declared(bills=["B1"]), facts) if one.unmet]
    assert rules == ["DEC-BILL-ON-MANIFEST"]


def test_reasons_stand_in_both_languages_and_name_their_clause() -> None:
    for rule in RULES:
        assert rule.title.zh
        assert rule.clause
        assert rule.owner
