"""What a term and a class of terms are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kouan.kernel.text import Text

SOURCE = "HS/T 82—2024"


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its names, a definition in this project's own words, where the standard uses it, what else defines it.

    `clause` is the place in HS/T 82—2024; `standards` are the standards that apply, `related` other terms by identifier.
    """

    id: str
    category: str
    name: Text
    definition: Text
    clause: str
    standards: tuple[str, ...]
    related: tuple[str, ...]

    def out(self) -> dict[str, Any]:
        """The JSON shape of a term."""
        return {
            "id": self.id,
            "category": self.category,
            "name": self.name.out(),
            "definition": self.definition.out(),
            "source": {"standard": SOURCE, "clause": self.clause},
            "standards": list(self.standards),
            "related": list(self.related),
        }
