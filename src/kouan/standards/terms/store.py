"""The list of terms, read once; found by identifier, searched by name and definition in either language."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from kouan.kernel.text import Text
from kouan.standards.terms.model import Term

NO = 9


@cache
def terms() -> dict[str, Term]:
    """All terms by identifier, in the order of the list."""
    text = files(__package__).joinpath("data", "terms.csv").read_text(encoding="utf-8")
    return {term.id: term for term in map(_term, csv.DictReader(text.splitlines()))}


def find(text: str, category: str = "") -> list[Term]:
    """Terms that fit a text, best first: the name itself, its beginning, in the name, in the identifier, in the definition."""
    wanted = text.strip().casefold()
    fitting = (term for term in terms().values() if category in ("", term.category))
    if not wanted:
        return list(fitting)
    ranked = [(rank, at, term) for at, term in enumerate(fitting) if (rank := _rank(wanted, term)) < NO]
    return [term for _, _, term in sorted(ranked, key=lambda one: one[:2])]


def _term(row: dict[str, str]) -> Term:
    standards = tuple(one.strip() for one in row["standards"].split(";") if one.strip())
    return Term(
        row["id"], row["category"], Text(row["zh"], row["en"]), Text(row["def_zh"], row["def_en"]), row["clause"], standards,
        tuple(row["related"].split()),
    )  # fmt: skip


def _rank(wanted: str, term: Term) -> int:
    names = [term.name.zh.casefold(), term.name.en.casefold()]
    tests = (
        wanted in names,
        any(name.startswith(wanted) for name in names),
        any(wanted in name for name in names),
        wanted in term.id or wanted.replace(" ", "-") in term.id,
        any(wanted in standard.casefold() for standard in term.standards),
        any(wanted in text for text in _definitions(term)),
    )
    return next((rank for rank, fits in enumerate(tests) if fits), NO)


def _definitions(term: Term) -> Iterator[str]:
    yield term.definition.zh.casefold()
    yield term.definition.en.casefold()
