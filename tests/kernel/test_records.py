"""Records: natural keys, references, levels, unknown fields."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kouan.kernel.records import Part, field, record_type, record_types, reference_of, type_of_ref

KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).map(str.strip).filter(bool)


def test_records_are_found_by_name_and_by_the_reference_that_names_them(nouns: ModuleType) -> None:
    assert [t.facts.ref for t in record_types()] == ["case", "dossier", "draw", "quota", "remark", "thing"]
    assert record_type("test.store.thing") is nouns.Thing
    assert type_of_ref("thing:TRADER/N-1") is nouns.Thing
    assert type_of_ref("nobody:1") is None
    with pytest.raises(KeyError):
        record_type("test.store.gone")


def test_unknown_fields_are_refused_and_blanks_stripped(nouns: ModuleType) -> None:
    with pytest.raises(ValidationError):
        nouns.Thing(number="N-1", other=1)
    with pytest.raises(ValidationError):
        nouns.Thing(number="N-1", lines=[{"other": 1}])
    assert nouns.Thing(number="  N-1 ").number == "N-1"


def test_what_the_platform_states_is_read_only_in_the_schema_and_kept_all_the_same() -> None:
    class Approved(Part):
        by: str = field("批准人", "Approved by", read_only=True, account=True, default="")
        said: str = field("说明", "Said", default="")

    shape = Approved.model_json_schema()["properties"]
    assert (shape["by"]["readOnly"], shape["by"]["x-kouan"]["account"]) == (True, True)
    assert "readOnly" not in shape["said"]
    assert "account" not in shape["said"]["x-kouan"]
    assert Approved(by="somebody").by == "somebody"


def test_a_record_is_frozen(nouns: ModuleType) -> None:
    thing = nouns.Thing(number="N-1")
    with pytest.raises(ValidationError):
        thing.number = "N-2"


def test_the_natural_key_names_the_filer_where_it_says_so(nouns: ModuleType) -> None:
    assert nouns.Thing(number="N-1").key("trader") == "trader|N-1"
    assert nouns.Case(number="N-1").key("trader") == "N-1"


def test_different_keys_stay_different(nouns: ModuleType) -> None:
    remark = nouns.Remark

    @given(st.tuples(KEYS, KEYS), st.tuples(KEYS, KEYS))
    def check(one: tuple[str, str], other: tuple[str, str]) -> None:
        made = [remark.model_construct(about=about, text=text) for about, text in (one, other)]
        assert (made[0].key("a") == made[1].key("a")) == (one == other)

    check()


def test_a_separator_inside_a_part_does_not_make_two_keys_one(nouns: ModuleType) -> None:
    twins = (("1|2", "3"), ("1", "2|3"), ("1\\", "2|3"), ("1\\|2", "3"))
    assert len({nouns.Remark.model_construct(about=a, text=b).key("x") for a, b in twins}) == len(twins)


def test_references_are_found_in_parts_and_lists_once_and_in_order(nouns: ModuleType) -> None:
    thing = nouns.Thing(
        number="N-1", boxes=["b1", "B2", "b1"], parent="t9", partner="ORG:Agent",
        lines=[{"box": "b3", "human": "h1"}, {"box": "b1"}],
    )  # fmt: skip
    assert list(thing.references()) == ["box:B1", "box:B2", "thing:T9", "box:B3", "human:H1", "org:agent"]


def test_the_kind_of_a_reference_field_is_known_through_lists_and_options(nouns: ModuleType) -> None:
    fields = nouns.Thing.model_fields
    assert {name: reference_of(fields[name]) for name in ("number", "boxes", "parent", "partner")} == {
        "number": "", "boxes": "box", "parent": "thing", "partner": "org",
    }  # fmt: skip


def test_levels_and_names_are_kept_with_the_fields(nouns: ModuleType) -> None:
    assert nouns.Dossier.sealed() == ("name", "code")
    assert nouns.Thing.sealed() == ()
    assert nouns.Thing.fields["size"].unit == "m"
    assert nouns.Thing.fields["size"].title.out() == {"zh": "长", "en": "Size"}
    assert nouns.Thing.doc() == "A record with a filterable field of every type."


def test_an_erased_person_leaves_a_readable_record(nouns: ModuleType) -> None:
    kept = nouns.Dossier.model_validate({"number": "D-1", "person": "human:T_X"})
    assert (kept.name, kept.code) == (None, None)
