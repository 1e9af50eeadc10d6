"""What an amendment of a code set must be (HS/T 82 7.2.5 b) 1))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.parameters.catalogue import named, sets, well_formed
from kouan.standards.parameters.records import Entry, Rate

ENTRY = Entry.facts.name
RATE = Rate.facts.name


class _OfEntry(Rule):
    """Base of rules for amendments."""

    abstract = True
    at = "filing"
    of = ENTRY
    clause = "HS/T 82 7.2.5 b) 1)"
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"


class KnownSet(_OfEntry):
    """An amendment belongs to a set that there is, under its own name."""

    code = "PAR-SET"
    title = Text("代码集存在", "The code set exists")

    def judge(self, record: Entry, found: Found) -> Unmet | None:
        """Refuses an unknown set, and an alias in the place of the set's name."""
        own = named(record.set_name)
        if own is not None and own.name == record.set_name:
            return None
        names = ", ".join(one.name for one in sets())
        return Unmet(Text(f"没有这个代码集；可用：{names}", f"There is no such code set; there are: {names}"), "set_name")


class CodeForm(_OfEntry):
    """A code that no message field could hold is none."""

    code = "PAR-CODE"
    title = Text("代码形式", "Form of the code")

    def judge(self, record: Entry, found: Found) -> Unmet | None:
        """Refuses a code that is not of its set's form."""
        if named(record.set_name) is None or well_formed(record.set_name, record.code):
            return None
        return Unmet(Text("代码不符合该代码集的形式", "The code is not of the form that codes of this set have"), "code")


class SaneDates(_OfEntry):
    """A code stands for some time, or not at all."""

    code = "PAR-DATES"
    title = Text("生效日期早于失效日期", "Dates in order")

    def judge(self, record: Entry, found: Found) -> Unmet | None:
        """Refuses an end before the beginning."""
        if record.until is None or record.since <= record.until:
            return None
        return Unmet(Text("失效日期早于生效日期", "It ends before it begins"), "until")


class NoOverlap(_OfEntry):
    """Two amendments of one code may not both decide the same day."""

    code = "PAR-OVERLAP"
    title = Text("同一代码的修订期不重叠", "Amendments of a code do not overlap")

    def needs(self, record: Entry, filer: str) -> Iterable[Need]:
        """The other amendments of the code."""
        return (Need(ENTRY, ref=record.of_code, lock=True),) if record.of_code else ()

    def judge(self, record: Entry, found: Found) -> Unmet | None:
        """Refuses an amendment whose days another one, with an end, holds in part. An open one gives way to the next."""
        if record.of_code is None:
            return None
        for kept in found.of(Need(ENTRY, ref=record.of_code, lock=True)):
            other = kept.data
            if isinstance(other, Entry) and other.since != record.since and _overlap(other, record):
                reason = Text(f"与 {other.since} 起的修订重叠", f"It overlaps with the amendment in force from {other.since}")
                return Unmet(reason, "since", kept.ref)
        return None


class _OfRate(Rule):
    """Base of rules for duty rates."""

    abstract = True
    at = "filing"
    of = RATE
    clause = "HS/T 82 7.2.4 a) 2)"
    severity: ClassVar[Severity] = "refuse"
    owner = "customs"


class RateStated(_OfRate):
    """A rate is of goods that there are, for some time."""

    code = "RATE-STATED"
    title = Text("税则号列与日期有效", "Commodity code and dates hold")

    def judge(self, record: Rate, found: Found) -> Unmet | None:
        """Refuses a code outside the Harmonized System, and an end before the beginning."""
        if codes.ancestor("hs", record.hs) is None:
            return Unmet(Text("税则号列不在协调制度中", "The code is not in the Harmonized System"), "hs")
        if record.until is not None and record.until < record.since:
            return Unmet(Text("失效日期早于生效日期", "It ends before it begins"), "until")
        return None


class RateOverlap(_OfRate):
    """Of one code, kind and area one rate stands on a day."""

    code = "RATE-OVERLAP"
    title = Text("同一税率的有效期不重叠", "Rates of a code do not overlap")

    def needs(self, record: Rate, filer: str) -> Iterable[Need]:
        """The other rates of the code."""
        return (Need(RATE, ref=record.of_code, lock=True),) if record.of_code else ()

    def judge(self, record: Rate, found: Found) -> Unmet | None:
        """Refuses a rate whose days another one, with an end, holds in part. An open one gives way to the next."""
        for kept in found.of(Need(RATE, ref=record.of_code or "", lock=True)):
            other = kept.data
            alike = isinstance(other, Rate) and (other.hs, other.kind, other.area) == (record.hs, record.kind, record.area)
            if alike and isinstance(other, Rate) and other.since != record.since and _overlap(other, record):
                return Unmet(Text(f"与 {other.since} 起的税率重叠", f"It overlaps with the rate from {other.since}"), "since", kept.ref)
        return None


def _overlap(one: Entry | Rate, other: Entry | Rate) -> bool:
    first, second = sorted((one, other), key=lambda entry: entry.since)
    return first.until is not None and second.since <= min(first.until, second.until or date.max)
