"""A declaration uses codes that are in force on its day (HS/T 82 7.2.5 b) 1))."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.declaration import codes
from kouan.base.declaration.records import Declaration
from kouan.base.declaration.rules import ours
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

TITLES = {"hs": Text("税则号列", "commodity code"), "currency": Text("币制", "currency"), "country": Text("原产国", "country of origin")}


class CodesInForce(Rule):
    """A code that has ended names nothing any more; its successor is to be declared."""

    code = "DEC-CODE-DATE"
    at = "filing"
    of = Declaration.facts.name
    title = Text("代码在申报日有效", "Codes in force on the day of declaration")
    clause = "HS/T 82 7.2.5 b) 1)"
    severity = "refuse"
    owner = "trader"

    def further(self, record: Declaration, found: Found) -> Iterable[Need]:
        """The port's amendments of the codes stated, for declarations at this port's office."""
        return codes.amendments(record) if ours(record, found) else ()

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses the first code that has ended, or has not begun, on the day of the declaration."""
        if not ours(record, found):
            return None
        day = codes.day_of(record, found)
        for name, code, field in codes.stated(record):
            if not code:
                continue
            held = codes.on_day(name, code, day, found)
            title = TITLES[name]
            if held.verdict == "expired":
                zh = f"{title.zh} {held.code} 已于 {held.until} 失效，申报日期为 {day}"
                return Unmet(Text(zh, f"The {title.en} {held.code} ended on {held.until}; the declaration is of {day}"), field)
            if held.verdict == "not_yet":
                zh = f"{title.zh} {held.code} 自 {held.since} 起生效，申报日期为 {day}"
                return Unmet(Text(zh, f"The {title.en} {held.code} begins on {held.since}; the declaration is of {day}"), field)
        return None
