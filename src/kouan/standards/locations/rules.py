"""What a national location code must be (G6.3*)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes.api import lookup
from kouan.standards.locations.records import LocationCode

CODE = LocationCode.facts.name


class _OfCode(Rule):
    """Base of rules for location codes."""

    abstract = True
    at = "filing"
    of = CODE
    clause = "GB/T 7407, GB/T 15514"
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"


class KnownPlace(_OfCode):
    """A national code stands for a place that UN/LOCODE knows, in days that are in order."""

    code = "LOC-PLACE"
    title = Text("地点存在、日期有序", "The place exists and the dates are in order")

    def judge(self, record: LocationCode, found: Found) -> Unmet | None:
        """Refuses an unknown place, an end before the beginning, and a code that is not of its scheme's form."""
        if lookup("locode", record.place) is None:
            return Unmet(Text("联合国代码表中没有该地点", "UN/LOCODE has no such place"), "place")
        if record.until is not None and record.until < record.since:
            return Unmet(Text("失效日期早于生效日期", "It ends before it begins"), "until")
        if record.scheme == "customs" and not (len(record.code) == 4 and record.code.isdigit()):
            return Unmet(Text("关区代码应为4位数字", "A customs district code has four digits"), "code")
        return None


class OnePlaceAtATime(_OfCode):
    """On one day a code of a scheme stands for one place."""

    code = "LOC-OVERLAP"
    title = Text("同一代码有效期不重叠", "A code stands for one place at a time")

    def needs(self, record: LocationCode, filer: str) -> Iterable[Need]:
        """The other entries of the code."""
        return (Need(CODE, ref=record.of_code, lock=True),) if record.of_code else ()

    def judge(self, record: LocationCode, found: Found) -> Unmet | None:
        """Refuses days that another entry of the code holds for another place. Customs districts hold many places."""
        if record.of_code is None or record.scheme == "customs":
            return None
        for kept in found.of(Need(CODE, ref=record.of_code, lock=True)):
            other = kept.data
            if isinstance(other, LocationCode) and other.place != record.place and _overlap(other, record):
                reason = Text(f"该代码自 {other.since} 起用于 {other.place}", f"From {other.since} on the code stands for {other.place}")
                return Unmet(reason, "since", kept.ref)
        return None


def _overlap(one: LocationCode, other: LocationCode) -> bool:
    return one.since <= (other.until or date.max) and other.since <= (one.until or date.max)
