"""What a library must be."""

from __future__ import annotations

from typing import ClassVar

from kouan.base.exchange.api import address_of
from kouan.base.registers.records import Library
from kouan.kernel.errors import Refused
from kouan.kernel.rules import Found, Rule, Severity, Unmet
from kouan.kernel.text import Text

STATED = ("cursors", "synced_at", "read", "changed", "unknown", "problem_zh", "problem_en")


class UsableLibrary(Rule):
    """Where the address leads is looked at again at each call."""

    code = "REG-LIBRARY"
    at = "filing"
    of = Library.facts.name
    title = Text("资源库可接入", "The library can be followed")
    clause = "HS/T 82 7.2.1 g)"
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"

    def judge(self, record: Library, found: Found) -> Unmet | None:
        """Refuses an address that is none, a family named twice, and progress that a filer states."""
        try:
            address_of(record.address, demo=True)
        except Refused as refused:
            return Unmet(refused.reason, "address")
        if len(set(record.families)) < len(record.families):
            return Unmet(Text("同一类别出现两次", "A family stands twice"), "families")
        given = next((name for name in STATED if getattr(record, name)), None)
        return Unmet(Text("同步进度由平台填写，请留空", "The platform tells how far it read: leave it out"), given) if given else None
