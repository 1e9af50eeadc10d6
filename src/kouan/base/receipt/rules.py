"""What is said of agencies' answers when they come."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.receipt.records import Response
from kouan.kernel.records import type_of_ref
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text


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
