"""From what the risk rules said to a score, an outcome and the agencies concerned; and what content was scored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from kouan.base.declaration.api import Declaration
from kouan.kernel.rules import Finding
from kouan.supervision.targeting.profiles import Profile
from kouan.supervision.targeting.records import Reason

THRESHOLD = 50.0
MOST = 100.0
LEAD = "customs"
ORIGINS = "risk.origins"
"""Name under which rules find the site's list of origins to look at (alpha-2 codes with commas) among its facts."""
FIRST = "risk.first"
"""Name under which rules find `yes` when the declarant has never declared here before."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an assessment."""

    score: float
    outcome: Literal["green", "targeted"]
    chosen: Literal["rules", "random"]
    agencies: tuple[str, ...]
    reasons: tuple[Reason, ...]


def content_of(declaration: Declaration) -> str:
    """A digest of what a declaration states, the same for the same content."""
    stated = orjson.dumps(declaration.model_dump(mode="json", exclude_none=True), option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(stated, digest_size=16).hexdigest()


def drawn(digest: bytes, share: float) -> bool:
    """Whether chance chooses, out of a keyed digest of the reference: the same at every replay; `share` 0 to 1."""
    return int.from_bytes(digest[:8]) < share * 2**64


def verdict(findings: Sequence[Finding], *, by_chance: bool, more: Sequence[Reason] = ()) -> Verdict:
    """The verdict of all rules together: targeted from 50 points on, or when chance chooses. `more`: what profiles said.

    Every agency whose rule or profile spoke takes part in the visit; customs leads.
    """
    reasons = (*(_reason(finding) for finding in findings if finding.unmet is not None), *more)
    score = min(MOST, sum(reason.score for reason in reasons))
    targeted = score >= THRESHOLD
    if not targeted and not by_chance:
        return Verdict(score, "green", "rules", (), reasons)
    others = sorted({reason.agency for reason in reasons} - {LEAD})
    return Verdict(score, "targeted", "rules" if targeted else "random", (LEAD, *others), reasons)


def reason_of(profile: Profile) -> Reason:
    """What a profile says of a declaration that it matches; a stratum of which a share is drawn adds no score."""
    score = profile.score if profile.share is None else 0.0
    return Reason(rule=profile.name, zh=profile.reason_zh, en=profile.reason_en, score=score, agency=profile.agency)


def _reason(finding: Finding) -> Reason:
    assert finding.unmet is not None
    rule, said = finding.rule, finding.unmet
    return Reason(rule=rule.code, zh=said.reason.zh, en=said.reason.en, score=said.score, agency=rule.owner)
