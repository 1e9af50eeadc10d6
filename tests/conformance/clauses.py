"""Whether a clause that a word cites is one of the mission's: a row, or a headline above rows."""

from __future__ import annotations

import re

from kouan.standards.clauses import api as clauses

STANDARD = "HS/T 82"


def is_known(cited: str) -> bool:
    """A row's id (`H7.2.5b2`), a clause (`7.2.1 a) 1)`) or a headline (`10.1`) of the mission."""
    if clauses.get(cited):
        return True
    bare = re.sub(r"[ )]", "", cited.removeprefix(STANDARD)).removeprefix("H")
    if clauses.get(f"H{bare}"):
        return True
    below = re.compile(re.escape(bare) + r"(?![0-9])")
    return any(below.match(row.clause) for row in clauses.all())
