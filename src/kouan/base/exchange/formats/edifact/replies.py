"""CONTRL, APERAK and CUSRES from partners: answers about documents that are kept here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.problem import CodecError, Fault
from kouan.base.exchange.formats.replies import RECORD, Reply
from kouan.kernel.clock import now
from kouan.kernel.errors import Problem
from kouan.kernel.formats import Draft, Submission, Unread
from kouan.kernel.text import Text

ACTIONS: Mapping[str, str] = {"4": "rejected", "7": "accepted", "8": "received"}
"""Receipt code by action (DE 0083)."""
INDICATORS: Mapping[str, str] = {
    "1": "accepted", "2": "rejected", "3": "rejected", "4": "released", "5": "targeted", "6": "documents", "7": "held",
}
"""Receipt code by processing indicator (UNTDID 7365) of CUSRES."""
RESPONSES: Mapping[str, str] = {
    "27": "rejected", "29": "accepted", "28": "accepted", "30": "accepted", "44": "accepted", "45": "accepted",
    "AB": "received", "AP": "accepted", "RE": "rejected",
}
"""Receipt code by message function (1225) or response type (4343) in BGM."""
DOCUMENTS = ("ACW", "AGO", "ABE", "ABO", "AFM", "BM", "AAM", "DM")
"""Reference qualifiers (1153) of the document that is answered: earlier message, declarant's reference, document, bill."""
NUMBERS = ("ABT", "AAE", "AEB")
"""Reference qualifiers of the agency's own number for it."""
_INDICATED: Mapping[str, int] = {"GIS": 0, "GEI": 1}
NAMELESS = Fault(
    "edifact.reply.nameless", "UN/EDIFACT RFF 1154", Text("{tag}没有指明所答复的单证", "{tag} does not name the document that it answers")
)


def read(message: edifact.Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """One answer. Raises CodecError where it names no document."""
    names, data = (_contrl if message.type == "CONTRL" else _document)(message)
    position = f"message {number}"
    if not names:
        raise CodecError((NAMELESS.at(f"{position}, byte {message.header.position}", "RFF", tag=message.type),))
    stated = {name: value for name, value in data.items() if value not in (None, "")}
    draft = Draft(RECORD, {"at": now(), **stated, "notice": message.type[:8]}, position, tuple(n.out() for n in notices))
    return [Reply((draft,), position, tuple(dict.fromkeys(names)))]


def _contrl(message: edifact.Message) -> tuple[list[str], dict[str, Any]]:
    head = next((s for s in message.segments if s.tag == "UCI"), edifact.Segment("UCI"))
    told = [s for s in message.segments if s.tag in ("UCI", "UCF", "UCM", "UCS", "UCD")]
    codes = [":".join(part for part in (s.tag, s.get(0), _code(s)) if part) for s in told if _code(s)]
    # An interchange of ours holds one message: an acknowledged frame around a refused message refuses it (ISO 9735-4).
    refused = any(s.get(places) == "4" for tag, places in (("UCF", 3), ("UCM", 2)) for s in told if s.tag == tag)
    data = {
        "code": "rejected" if refused else ACTIONS.get(head.get(3), "noticed"), "reference": message.reference[:64],
        "reason_en": f"ISO 9735 0085 {', '.join(codes)}"[:400] if codes else None,
    }  # fmt: skip
    return [head.get(0)] if head.get(0) else [], data


def _code(segment: edifact.Segment) -> str:
    places = {"UCI": 4, "UCF": 4, "UCM": 3, "UCS": 1, "UCD": 0}
    return segment.get(places[segment.tag])


def _document(message: edifact.Message) -> tuple[list[str], dict[str, Any]]:
    begin = next((s for s in message.segments if s.tag == "BGM"), edifact.Segment("BGM"))
    references = {s.get(0, 0): s.get(0, 1) for s in reversed(message.segments) if s.tag == "RFF"}
    said = "; ".join(_said(message))
    data = {
        "code": _verdict(message, begin), "reference": (begin.get(1) or message.reference)[:64], "at": _when(message),
        "reason_en": said[:400] or None, "reason_zh": None,
        "number": next((references[q][:70] for q in NUMBERS if references.get(q)), None),
    }  # fmt: skip
    names = [references[q] for q in (*DOCUMENTS, *NUMBERS) if references.get(q)]
    return names, data


def _verdict(message: edifact.Message, begin: edifact.Segment) -> str:
    for segment in message.segments:
        # Later directories say in GEI, behind its qualifier, what GIS said.
        code = segment.get(_INDICATED[segment.tag]) if segment.tag in _INDICATED else ""
        if code in INDICATORS:
            return INDICATORS[code]
    kinds = {"312": "accepted", "313": "rejected"}
    return next(
        (found for found in (RESPONSES.get(begin.get(3)), RESPONSES.get(begin.get(2)), kinds.get(begin.get(0))) if found), "noticed"
    )


def _when(message: edifact.Message) -> datetime | None:
    for segment in message.segments:
        if segment.tag == "DTM" and segment.get(0) in ("137", "148", "204", "9"):
            try:
                return values.date_time(*values.c507(segment)[1:])[0]
            except ValueError:
                return None
    return None


def _said(message: edifact.Message) -> Iterator[str]:
    for segment in message.segments:
        if segment.tag == "ERC" and segment.get(0):
            yield segment.get(0)
        elif segment.tag == "FTX":
            text = values.joined(list(segment.element(3)))
            if text:
                yield text
