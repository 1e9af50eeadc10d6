"""The list of terms is whole: both languages, sources, links that lead somewhere."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards import terms as package
from kouan.standards.clauses.api import BOARDS
from kouan.standards.terms.api import find, terms

HAN = re.compile(r"[\u4e00-\u9fff]")
ROWS = list(csv.DictReader(files(package).joinpath("data", "terms.csv").read_text("utf-8").splitlines()))


def test_there_are_enough_and_each_once() -> None:
    assert len(ROWS) == len(terms()) >= 60
    assert all(None not in row and None not in row.values() for row in ROWS)
    for language in ("zh", "en"):
        assert len({row[language] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("term", terms().values(), ids=lambda term: term.id)
def test_a_term_is_complete(term: object) -> None:
    one = terms()[term.id]  # type: ignore[attr-defined]  # a Term; parametrize knows no types
    assert HAN.search(one.name.zh)
    assert HAN.search(one.definition.zh)
    assert not HAN.search(one.name.en + one.definition.en)
    assert one.category in BOARDS
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)*", one.clause)
    assert set(one.related) <= set(terms()) - {one.id}
    assert one.definition.en.casefold() != one.name.en.casefold()


def test_every_term_is_found_first_by_its_own_name() -> None:
    assert [term.id for term in terms().values() if find(term.name.zh)[0] is not term or find(term.name.en)[0] is not term] == []


@given(st.text(max_size=60))
def test_any_text_can_be_looked_up(text: str) -> None:
    assert len(find(text)) <= len(terms())
