"""What is said of agencies' answers when they come."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.receipt.records import Response
from kouan.base.receipt.standing import Told, standing
from kouan.kernel.records import type_of_ref
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

SERIES = ("DMS", "RES")
"""How names of notices of the WCO response series begin."""


class AboutSomethingKept(Rule):
    """An answer tells what an agency did; about a document that nobody filed here it is kept, and flagged."""

    code = "RSP-ABOUT"
    at = "filing"
    of = Response.facts.name
    title = Text("回执所指单证存在", "The answer is about a document that is here")
    clause = "HS/T 82 7.2.1 a) 5)"
    severity = "warn"
    owner = "customs"

    def needs(self, record: Response, filer: str) -> Iterable[Need]:
        """The record that the answer is about."""
        cls = type_of_ref(record.about)
        return [Need(cls.facts.name, ref=record.about)] if cls else []

    def judge(self, record: Response, found: Found) -> Unmet | None:
        """Warns of an answer about nothing that is kept."""
        cls = type_of_ref(record.about)
        kept = found.of(Need(cls.facts.name, ref=record.about)) if cls else ()
        if any(one.ref == record.about for one in kept):
            return None
        return Unmet(Text("没有收到过所指的单证", "No such document was received here"), "about", record.about)


class NoticeInOrder(Rule):
    """A notice that cannot follow the agency's earlier ones was misdirected, or one before it is missing."""

    code = "RSP-ORDER"
    at = "filing"
    of = Response.facts.name
    title = Text("通知顺序合理", "The notice can follow those before it")
    clause = "WCO DM 3.6 RES"
    severity = "warn"
    owner = "customs"

    def needs(self, record: Response, filer: str) -> Iterable[Need]:
        """The agency's other notices about the same document."""
        return [Need(Response.facts.name, ref=record.about)] if _of_series(record.notice) else []

    def judge(self, record: Response, found: Found) -> Unmet | None:
        """Warns of a notice that could not come where its time puts it."""
        if not record.notice or not _of_series(record.notice):
            return None
        told = Told(record.notice, record.at, record.document_version or 0)
        others = [
            Told(kept.data.notice, kept.data.at, kept.data.document_version or 0)
            for kept in found.of(Need(Response.facts.name, ref=record.about))
            if isinstance(kept.data, Response) and kept.data.notice and _of_series(kept.data.notice)
            and kept.data.about == record.about and kept.filer == found.filer
        ]
        if told not in standing([*others, told]).surprises:
            return None
        reason = Text("按时间顺序，此前的通知之后不应出现{name}", "By its time {name} cannot follow the notices before it")
        return Unmet(reason.fill(name=record.notice), "notice")


def _of_series(notice: str | None) -> bool:
    """Whether a notice is one of the WCO response series; an EDIFACT message (CUSRES, APERAK, CONTRL) follows no such order."""
    return bool(notice) and str(notice).startswith(SERIES)
