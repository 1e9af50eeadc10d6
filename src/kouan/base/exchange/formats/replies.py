"""An answer of another system to a document that is kept here: what it names the document by is looked up when it is filed."""

from __future__ import annotations

from dataclasses import dataclass

from kouan.kernel.formats import Submission

RECORD = "base.receipt.response"


@dataclass(frozen=True, slots=True)
class Reply(Submission):
    """An answer. `names`: the document's numbers in the order in which to try them; the draft's `about` is still missing."""

    names: tuple[str, ...] = ()
