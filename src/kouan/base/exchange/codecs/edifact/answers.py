"""Answers to an interchange: CONTRL (syntax) and APERAK (content), accepted or refused with reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.edifact.charsets import narrowest
from kouan.base.exchange.codecs.edifact.faults import SYNTAX
from kouan.base.exchange.codecs.edifact.model import Element, Interchange, Message, Segment, interchange, message
from kouan.base.exchange.codecs.edifact.writer import write
from kouan.base.exchange.codecs.problem import Problem

REFUSED, ACCEPTED = "4", "7"
"""DE 0083: this level and all lower ones rejected; this level acknowledged, lower ones unless rejected."""

_UNSPECIFIED = "18"
_MESSAGE = re.compile(r"message (\d+)(?:, segment (\d+))?")
_TAGS = re.compile(r"UN[A-Z]")


def contrl(about: Interchange, problems: Sequence[Problem], reference: str, prepared: datetime) -> bytes:
    """CONTRL for an interchange, sent back to its sender: acknowledged, or refused with codes of DE 0085.

    `problems` are those of reading it; each is reported at its message and segment. `prepared` is written in UTC.
    """
    sender, recipient = _party(about, 1), _party(about, 2)
    state: list[Element] = [(about.reference,), sender, recipient, (REFUSED if problems else ACCEPTED,)]
    whole = [problem for problem in problems if not _MESSAGE.match(problem.position)]
    if whole:
        state += [(_code(whole[0]),), *(((tag.group(),),) if (tag := _TAGS.match(whole[0].field)) else ())]
    segments = [Segment("UCI", tuple(state))]
    for number, part in enumerate(about.messages, 1):
        segments += _message_state(part, [p for p in problems if _number(p) == number])
    kind = ("CONTRL", "4", "1", "UN") if about.syntax.endswith(":4") else ("CONTRL", "D", "3", "UN")
    return _sealed(about, prepared, reference, kind, segments)


def _message_state(part: Message, problems: list[Problem]) -> list[Segment]:
    if not problems:
        return []
    first = problems[0]
    head: list[Element] = [(part.reference,), part.header.element(1) or ("",), (REFUSED,), (_code(first),)]
    if tag := _TAGS.match(first.field):
        head.append((tag.group(),))
    found = [Segment("UCM", tuple(head))]
    for problem in problems:
        place = _MESSAGE.match(problem.position)
        if place is not None and place.group(2) and not _TAGS.match(problem.field):
            found.append(Segment("UCS", ((place.group(2),), (_code(problem),))))
    return found


def _code(problem: Problem) -> str:
    return SYNTAX.get(problem.code, _UNSPECIFIED)


def _number(problem: Problem) -> int:
    found = _MESSAGE.match(problem.position)
    return int(found.group(1)) if found else 0


def _party(about: Interchange, index: int) -> Element:
    return (about.header.element(index) if about.header else ()) or ("",)


def aperak(
    about: Interchange, document: str, problems: Sequence[Problem], reference: str, prepared: datetime,
    *, language: str = "en",
) -> bytes:
    """APERAK D.96A for one document of an interchange, sent back to its sender.

    Accepted (BGM 312) where there are no problems; else refused (BGM 313) with one ERC and its text for each, in
    the language asked for ("zh" is sent in UNOW, UTF-8). `document` is the reference of what is answered.
    """
    text, form = values.written(prepared)
    segments = [
        Segment("BGM", (("313" if problems else "312",), (reference,), ("27" if problems else "29",))),
        Segment("DTM", (("137", text, form),)), Segment("RFF", (("ACW", document),)),
    ]
    for problem in problems:
        reason = problem.reason.zh if language == "zh" else problem.reason.en
        said = f"{reason} [{problem.position}]" if problem.position else reason
        segments.append(Segment("ERC", ((_short(problem.code),),)))
        segments.append(Segment("FTX", (("AAO",), ("",), ("",), tuple(values.cut(_plain(said, language))[:5]))))
    return _sealed(about, prepared, reference, ("APERAK", "D", "96A", "UN"), segments)


def _short(code: str) -> str:
    """DE 9321 holds eight characters: what follows the codec's own name."""
    return code.partition(".")[2].upper().replace(".", "").replace("-", "")[:8]


def _plain(text: str, language: str) -> str:
    quotes = str.maketrans({"“": '"', "”": '"', "…": "...", "–": "-"})
    plain = text.translate(quotes)
    return plain if language == "zh" else plain.encode("ascii", "replace").decode("ascii")


def _sealed(
    about: Interchange, prepared: datetime, reference: str, kind: tuple[str, ...], segments: list[Segment]
) -> bytes:
    """An interchange from the recipient of `about` to its sender, in the narrowest character set that fits."""
    at = prepared.astimezone(UTC)
    sender, recipient = _party(about, 2), _party(about, 1)
    charset, version = narrowest((*segments, Segment("UNB", (sender, recipient))))
    if kind[1] == "4" or about.syntax.endswith(":4"):
        version = "4"
    day = at.strftime("%Y%m%d" if version == "4" else "%y%m%d")
    answer = message("1", kind, tuple(segments))
    date_time = (day, at.strftime("%H%M"))
    return write(interchange((charset, version), sender, recipient, date_time, reference, (answer,)))
