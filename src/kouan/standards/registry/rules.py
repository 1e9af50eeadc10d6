"""What a proposal to change a standard must be (H12.1*)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kouan.kernel.references import make
from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text
from kouan.standards.registry.catalogue import CATALOGUE
from kouan.standards.registry.records import Proposal, Standard


class ProposesSomething(Rule):
    """A proposal is its own organisation's, is about a standard of the registry, and says what to change."""

    code = "STD-PROPOSAL"
    at = "filing"
    of = Proposal.facts.name
    title = Text("建议内容完整", "A proposal says what to change")
    clause = "HS/T 82 12.1"
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"

    def needs(self, record: Proposal, filer: str) -> Iterable[Need]:
        """The standard, where the port keeps it."""
        return (Need(Standard.facts.name, ref=_ref(record.number)),)

    def judge(self, record: Proposal, found: Found) -> Unmet | None:
        """Refuses an unknown standard, another organisation's name, and a change of nothing."""
        if record.proposed_by != f"org:{found.filer}":
            return Unmet(Text(f"建议单位应为 org:{found.filer}", f"The proposing organisation is org:{found.filer}"), "proposed_by")
        known = any(one.number == record.number for one in CATALOGUE) or found.of(Need(Standard.facts.name, ref=_ref(record.number)))
        if not known:
            return Unmet(Text("标准目录中没有该编号", "The registry has no standard of that number"), "number")
        changes = (record.edition, record.status, record.difference_zh, record.difference_en)
        if record.kind == "change" and not any(changes):
            return Unmet(Text("修订建议须写明新版次、状态或本地差异", "A change states a new edition, status or difference"), "kind")
        return None


def _ref(number: str) -> str:
    try:
        return make("standard", number)
    except ValueError:
        return ""
