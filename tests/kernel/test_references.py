"""References: one spelling for each thing; what cannot be one is refused."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kouan.kernel.references import ANY, Reference, full, kind_of, kinds, make, tidy

TEXT = st.text(max_size=120)


def test_kinds_are_declared_with_what_is_known_of_them(nouns: ModuleType) -> None:
    assert kinds()["human"].personal
    assert kind_of("box:B1").title.en == "box"
    with pytest.raises(KeyError):
        kind_of("gone:1")


@pytest.mark.parametrize(
    ("kind", "text", "ref"),
    [("box", "b1", "box:B1"), ("box", " BOX:b1 ", "box:B1"), ("box", "box:box:1", "box:BOX:1"), ("org", "Agent", "org:agent")],
)
def test_a_bare_or_prefixed_value_has_one_spelling(nouns: ModuleType, kind: str, text: str, ref: str) -> None:
    assert make(kind, text) == ref


def test_full_width_and_blanks_are_tidied() -> None:
    assert tidy(" ＭＳＫＵ 907 0323\u3000") == "MSKU9070323"


@pytest.mark.parametrize("text", ["", "  ", "box:", "a b", "x" * 300, "a\x00b", "a\x7f", "line\nfeed"])
def test_a_value_that_cannot_stand_is_refused(nouns: ModuleType, text: str) -> None:
    with pytest.raises(ValueError, match="no box reference"):
        make("box", text)


@pytest.mark.parametrize("text", ["", "gone:1", "B1", ":1"])
def test_a_full_reference_names_a_known_kind(nouns: ModuleType, text: str) -> None:
    with pytest.raises(ValueError, match="no known kind"):
        full(text)


def test_a_condition_on_a_field_of_any_kind_is_spelled_as_the_field_keeps_it(nouns: ModuleType) -> None:
    assert make(ANY, " Box:b1 ") == TypeAdapter(nouns.Remark).validate_python({"about": "Box:b1", "text": "x"}).about == "box:B1"
    with pytest.raises(ValueError, match="no known kind"):
        make(ANY, "b1")


def test_whatever_is_made_is_a_fixed_point_without_blanks(nouns: ModuleType) -> None:
    @given(TEXT)
    def check(text: str) -> None:
        try:
            made = make("box", text)
        except ValueError:
            return
        assert make("box", made) == made == full(made)
        assert not any(c.isspace() for c in made)
        assert len(made) <= 4 + 96

    check()


def test_a_field_takes_its_own_kind_or_any(nouns: ModuleType) -> None:
    own, any_kind = TypeAdapter(nouns.BoxRef), TypeAdapter(nouns.Remark)
    assert own.validate_python("b1") == "box:B1"
    with pytest.raises(ValidationError, match="not a box reference"):
        own.validate_python("")
    assert any_kind.validate_python({"about": "Box:b1", "text": "x"}).about == "box:B1"
    with pytest.raises(ValidationError, match="reference"):
        any_kind.validate_python({"about": "b1", "text": "x"})
    with pytest.raises(ValidationError, match="string"):
        own.validate_python(7)
    assert Reference("box") == Reference("box")
