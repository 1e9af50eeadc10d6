"""What a person types, as the index is asked; what lineage and elements say of the registry."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.app import registry
from kouan.base.catalogue import lineage, words
from kouan.base.catalogue.querying import MOST, wanted
from kouan.base.catalogue.records import Element, FieldUse
from kouan.base.catalogue.rules import leads
from kouan.kernel.records import record_type, record_types
from kouan.kernel.rules import Found, judge, rules_at
from tests.facts import NOW

registry.load()


@pytest.mark.parametrize(
    ("text", "query", "runs"),
    [
        ("集装箱", "'集装' & '装箱'", ["集装箱"]),
        ("箱", "'箱'", ["箱"]),
        ("Goods declarations", "'good':* & 'declaration':*", []),
        ("press", "'press':*", []),
        ("base.declaration hs", "'base':* & 'declaration':* & 'hs':*", []),
        ("TEU标准箱", "'teu':* & '标准' & '准箱'", ["标准箱"]),
        ("' & | ! :*", "", []),
    ],
)
def test_words_are_begun_and_chinese_stands_as_it_is(text: str, query: str, runs: list[str]) -> None:
    assert (wanted(text).query, list(wanted(text).runs)) == (query, runs)


@given(st.text(alphabet=string.printable + "集装箱货物。，'\\&|!:*()", max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_query(text: str) -> None:
    """A query is lexemes in quotes and nothing else, whatever signs were typed."""
    made = wanted(text).query
    assert made.count("'") == 2 * (made.count(" & ") + 1) or not made
    assert made.count("'") <= 2 * MOST
    assert "\\" not in made


def test_every_open_record_type_is_an_entry_with_its_stewards() -> None:
    found = {line.id: line for line in words.lines()}
    assert {f"record:{cls.facts.name}" for cls in record_types() if cls.facts.http} <= set(found)
    assert {line.kind for line in found.values()} == set(words.OWN)
    assert words.stewards(record_type("base.declaration.declaration")) == ["customs"]
    assert found["record:base.declaration.declaration"].owner == "customs"


def test_lineage_tells_what_writes_and_what_reads() -> None:
    told = lineage.of_record(record_type("base.declaration.declaration"))
    assert "wco-dec" in {one["code"] for one in told["written_by"]}
    assert told["table"] == "r_base_declaration_declaration"
    assert "supervision.inspection.order" in {one["record"] for one in told["referred_by"]}
    assert told["judged_by"]
    assert told["counted_by"]
    use = lineage.of_use(record_type("base.declaration.declaration"), "items.hs")
    assert (use["table"], use["column"]) == ("r_base_declaration_declaration", None)


def element(**more: Any) -> Element:
    stated = {"code": "T-1", "name_zh": "毛重", "name_en": "Gross mass", "definition_zh": "质量", "definition_en": "Mass", **more}
    return Element.model_validate(stated)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"used_by": [{"record": "base.declaration.declaration", "path": "items.hs"}]}, []),
        ({"used_by": [{"record": "base.declaration.declaration", "path": "items.colour"}]}, [("ELEMENT-USED", "used_by.0.path")]),
        ({"used_by": [{"record": "base.no.no", "path": "x"}]}, [("ELEMENT-USED", "used_by.0.path")]),
        ({"edition": 3}, [("ELEMENT-EDITION", "edition")]),
    ],
)
def test_an_element_is_stated_well(stated: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    findings = judge(rules_at("filing", Element.facts.name), element(**stated), Found(NOW, "portoffice"))
    assert [(f.rule.code, f.unmet.field) for f in findings if f.unmet] == expected
    assert not leads(FieldUse(record="base.declaration.declaration", path="hs.more"))
