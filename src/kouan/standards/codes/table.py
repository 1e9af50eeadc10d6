"""Small lists: read whole from CSV on first use, found by code or alias, searched by name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from kouan.kernel.text import Text
from kouan.standards.codes.catalogue import rows
from kouan.standards.codes.folding import fold
from kouan.standards.codes.model import Code

COLUMNS = ("code", "zh", "en", "since", "until", "parent", "also")
_NO = 9
_PUNCTUATION = re.compile(r"[\s.\-/]")


class Table:
    """One list in memory. A code may have stood for different things at different times: the newest comes first."""

    def __init__(self, name: str, rows: Iterable[dict[str, str]]) -> None:
        self.name = name
        self._codes: dict[str, list[Code]] = defaultdict(list)
        self._also: dict[str, list[Code]] = defaultdict(list)
        for row in rows:
            code = _code(name, row)
            self._codes[_key(code.code)].append(code)
            for alias in row["also"].split():
                self._also[alias].append(code)
        for entries in (*self._codes.values(), *self._also.values()):
            entries.sort(key=_newest_first)
        self._folded: list[tuple[str, str, str, Code]] = []

    def __len__(self) -> int:
        return sum(len(entries) for entries in self._codes.values())

    def __iter__(self) -> Iterator[Code]:
        return (code for entries in self._codes.values() for code in entries)

    def get(self, code: str, on: date | None) -> Code | None:
        """The entry that stood on the day; without a day the newest one."""
        key = _key(code)
        for entries in (self._codes.get(key, ()), self._also.get(key, ())):
            for entry in entries:
                if on is None or entry.stands(on):
                    return entry
        return None

    def find(self, text: str, limit: int) -> list[Code]:
        """Entries whose code or name fits, best first: code, name's beginning, a word's beginning, anywhere, words."""
        wanted = fold(text).strip()
        if not wanted:
            return []
        if not self._folded:
            self._folded = [(fold(c.code), fold(c.name.zh), fold(c.name.en), c) for c in self]
        hits = []
        for code, zh, en, entry in self._folded:
            rank = _rank(wanted, code, zh, en)
            if rank < _NO:
                hits.append((rank, not entry.translated, len(en), code, entry))
        return [hit[-1] for hit in sorted(hits, key=lambda hit: hit[:4])[:limit]]


def load(name: str) -> Table:
    """Read a list from the built data."""
    return Table(name, rows(f"{name}.csv"))


def _code(list_name: str, row: dict[str, str]) -> Code:
    facts = {k: v for k, v in row.items() if k not in COLUMNS and v}
    zh, en = row["zh"], row["en"]
    return Code(list_name, row["code"], Text(zh or en, en), bool(zh), _day(row["since"]), _day(row["until"]),
                row["parent"], facts)


def _key(code: str) -> str:
    return _PUNCTUATION.sub("", code).upper()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _newest_first(code: Code) -> int:
    return -(code.until or date.max).toordinal()


def _rank(wanted: str, code: str, zh: str, en: str) -> int:
    if code.startswith(wanted):
        return 0 if code == wanted else 1
    if zh.startswith(wanted) or en.startswith(wanted):
        return 2
    if f" {wanted}" in en:
        return 3
    if wanted in zh or wanted in en:
        return 4
    return 5 if " " in wanted and all(word in en for word in wanted.split()) else _NO
