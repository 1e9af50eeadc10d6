"""The failures of the catalogue."""

from __future__ import annotations

from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.text import Text

NO_ENTRY = Text("目录中没有这一项", "There is no such entry in the catalogue")
NO_EDITION = Text("该数据元没有这个已发布版本", "This element has no such published edition")
OPEN = Text("该目录项无需申请：由其自身的接口按角色提供", "This entry is not applied for: its own door serves it by role")
NO_OWNER = Text("请写明向哪个单位申请（grantor）", "State of which organisation you apply (grantor)")


def no_entry() -> NotFound:
    """Nothing of that number is listed."""
    return NotFound(NO_ENTRY, field="id", rule="catalogue", code="entry_unknown")


def no_edition() -> NotFound:
    """An element's edition that was not published."""
    return NotFound(NO_EDITION, field="edition", rule="catalogue", code="edition_unknown")


def not_applied_for() -> Refused:
    """Signals, indicators and code lists are read by role and not by grant."""
    return Refused(OPEN, field="id", rule="catalogue", code="entry_open")


def no_owner() -> Refused:
    """No organisation of this port owns all records of this type: one of their filers is asked."""
    return Refused(NO_OWNER, field="grantor", rule="catalogue", code="owner_missing")
