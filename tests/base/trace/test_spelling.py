"""One key in any spelling."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.reference import kinds as _declared
from kouan.base.trace.spelling import identifier, readings, words
from kouan.kernel.references import kinds

assert _declared.__name__


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("MSKU9070323", "container:MSKU9070323"), ("msku 907032-3", "container:MSKU9070323"),
        ("ＭＳＫＵ９０７０３２３", "container:MSKU9070323"), ("container:msku9070323", "container:MSKU9070323"),
        ("Container: MSKU 9070323", "container:MSKU9070323"), ("9321483", "vessel:imo:9321483"),
        ("IMO 9321483", "vessel:imo:9321483"), ("vessel:9321483", "vessel:imo:9321483"),
        ("MMSI 414999001", "vessel:mmsi:414999001"), ("鲁B·12345", "vehicle:鲁B12345"), ("鲁 b 12345", "vehicle:鲁B12345"),
        ("declaration:trader/wh-1", "declaration:TRADER/WH-1"), ("bill: whbl2611001", "bill:WHBL2611001"),
    ],
)  # fmt: skip
def test_spellings_lead_to_one_reference(text: str, first: str) -> None:
    assert readings(text)[0] == first


def test_a_bare_number_may_be_of_any_kind_a_person_last() -> None:
    found = readings("WHBL2611001")
    assert "bill:WHBL2611001" in found
    assert "manifest:WHBL2611001" in found
    assert found[-1] == "person:WHBL2611001"


def test_a_stated_kind_is_taken_at_its_word() -> None:
    assert readings("person:P/CN/E1") == ["person:P/CN/E1"]
    assert readings("container:") == []


def test_names_are_tried_as_written_in_capitals_and_joined() -> None:
    assert words("  Wanghai   Star ") == ["Wanghai Star", "WANGHAI STAR", "WANGHAISTAR"]


def test_identifiers_of_receipts() -> None:
    number = uuid4()
    assert identifier(str(number)) == identifier(f" receipt:{number}") == number
    assert identifier("MSKU9070323") is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing_into_well_formed_references(text: str) -> None:
    for ref in readings(text):
        kind, _, value = ref.partition(":")
        assert kind in kinds()
        assert value
        assert not any(char.isspace() for char in value)
    assert all("\0" not in word for word in words(text))
    identifier(text)
