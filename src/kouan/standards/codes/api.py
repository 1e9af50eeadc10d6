"""What others may import: look a code up, search a list, know which lists there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from kouan.standards.codes import locode
from kouan.standards.codes.catalogue import catalogue
from kouan.standards.codes.model import Code, CodeList
from kouan.standards.codes.segregation import TERMS, segregation
from kouan.standards.codes.table import Table, load

__all__ = ["TERMS", "Code", "CodeList", "ancestor", "edition", "entries", "lists", "lookup", "position", "search", "segregation"]

position = locode.position


def lists() -> tuple[CodeList, ...]:
    """All code lists, without loading them."""
    return tuple(catalogue().values())


def edition(list_name: str) -> str:
    """The edition that is carried; KeyError for an unknown list."""
    return catalogue()[list_name].edition


def lookup(list_name: str, code: str, on: date | None = None) -> Code | None:
    """The entry of a code (case, blanks, dots and hyphens are forgiven; aliases such as alpha-3 are known).

    With `on`, only an entry that stood on that day; without, the newest entry, which may have been withdrawn: see its
    `until`. None when the list does not hold the code; KeyError for an unknown list.
    """
    return _list(list_name).get(code, on)


def search(list_name: str, text: str, limit: int = 20) -> tuple[Code, ...]:
    """Entries whose code or name in either language fits, best first; KeyError for an unknown list."""
    return tuple(_list(list_name).find(text[:200], limit))


def entries(list_name: str) -> Iterator[Code]:
    """All entries of a list, withdrawn ones included, as they lie; KeyError for an unknown list."""
    return iter(_list(list_name))


def ancestor(list_name: str, code: str) -> Code | None:
    """The entry of the longest beginning that the list holds: the HS subheading of a ten-digit tariff code."""
    bare = code.replace(".", "").replace(" ", "")[:32]
    held = (lookup(list_name, bare[:length]) for length in range(len(bare), 1, -1))
    return next((entry for entry in held if entry), None)


@cache
def _list(name: str) -> Table | locode.Places:
    if name not in catalogue():
        raise KeyError(name)
    return locode.load() if name == "locode" else load(name)
