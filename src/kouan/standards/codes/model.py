"""What a code and a code list are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list.

    `name` holds both languages; where nobody has written the Chinese, both are the source's name and `translated` is
    false. `since` and `until` are the first and the last day on which the code stood; None means not known or open.
    `parent` is the code above it (HS heading, country of a place). `facts` are what else the list says, by column.
    """

    list_name: str
    code: str
    name: Text
    translated: bool = True
    since: date | None = None
    until: date | None = None
    parent: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    def stands(self, on: date) -> bool:
        """Whether the code was in the list on that day, as far as its dates are known."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list: its name, whose it is, which edition is carried, and how many codes it has."""

    name: str
    title: Text
    source: str
    edition: str
    count: int
