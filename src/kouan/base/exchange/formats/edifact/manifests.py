"""What a cargo report asks: a new manifest, or a change of one that is kept (BGM, data element 1225)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kouan.base.exchange.codecs.edifact.cuscar import CargoReport
from kouan.base.exchange.formats.edifact.mapping import drafts_of
from kouan.kernel.formats import Submission

CHANGES: Mapping[str, str] = {
    "1": "cancel", "2": "add", "3": "delete", "4": "change", "5": "replace", "20": "replace", "36": "head",
}
"""Message functions (UNTDID 1225) that change what is kept: 1 cancellation, 2 addition, 3 deletion, 4 change, 5 replace,
20 replace all, 36 change in heading section. Any other is a manifest of its own (9 original)."""


@dataclass(frozen=True, slots=True)
class ManifestChange(Submission):
    """A change of a kept manifest. The first draft is its head, the others the lines that the message names.

    `function`: replace (what is not named goes), change (named lines are changed or added), add, delete (named lines go),
    head (no line is touched), cancel (all of it).
    """

    function: str = "replace"


def submission_of(report: CargoReport, position: str) -> Submission:
    """The report as a submission."""
    drafts, function = drafts_of(report), CHANGES.get(report.function)
    return ManifestChange(drafts, position, function) if function else Submission(drafts, position)
