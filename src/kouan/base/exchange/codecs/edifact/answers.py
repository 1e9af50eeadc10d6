"""Answers to an interchange: CONTRL (syntax) and APERAK (content), accepted or refused with reasons.

They go back in the sender's own syntax: its service characters, its character set, its syntax version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kouan.base.exchange.codecs.edifact import charsets, values
from kouan.base.exchange.codecs.edifact.faults import SYNTAX
from kouan.base.exchange.codecs.edifact.model import (
    Element,
    Group,
    Interchange,
    Message,
    Package,
    Segment,
    Separators,
    message,
)
from kouan.base.exchange.codecs.edifact.writer import write
from kouan.base.exchange.codecs.problem import CodecError, Problem

REFUSED, ACCEPTED = "4", "7"
"""DE 0083: this level and all lower ones rejected; this level acknowledged, lower ones unless rejected."""

UNTAKEN = "edifact.type"
"""The code of the problem that a message is of a type that is not taken here."""

_UNSPECIFIED = "18"
_MESSAGE = re.compile(r"(?:interchange \d+, )?message (\d+)(?:, segment (\d+))?(?:, element (\d+)(?:\.(\d+))?)?")
_BYTE = re.compile(r"byte (\d+)")
_TAGS = re.compile(r"UN[A-Z]")
_PLACES: Mapping[str, str] = {
    "UNB/0001": "2", "UNB/0020": "6", "UNG/0048": "6", "UNH/0062": "2", "UNH/0065": "3", "UNT/0074": "2", "UNT/0062": "3",
    "UNP/0810": "2", "UNP/0800": "3", "UNE/0060": "2", "UNE/0048": "3", "UNZ/0036": "2", "UNZ/0020": "3",
}
"""Position of a data element in its service segment (DE 0098); the tag is 1."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one message: its document's reference, the receipt, what is said of it, and whether it stands.

    `partly`: some of what it reports was taken, some was not.
    """

    document: str
    receipt: str = ""
    problems: tuple[Problem, ...] = ()
    accepted: bool = True
    partly: bool = False


def contrl(about: Interchange, problems: Sequence[Problem], reference: str, prepared: datetime) -> bytes:
    """CONTRL for an interchange, sent back to its sender: acknowledged, or refused with codes of DE 0085.

    `problems` are those of reading it; each is reported at its message, segment and data element. A message of a type that
    is not taken is refused alone; any other problem refuses the interchange. `prepared` is written in UTC.
    """
    at_messages = {number: [p for p in problems if _number(p) == number] for number in range(1, len(about.messages) + 1)}
    in_messages = {id(p) for found in at_messages.values() for p in found}
    groups = {id(group): _of_group(group, problems) for group in about.groups}
    in_groups = {id(p) for found in groups.values() for p in found}
    whole = [p for p in problems if id(p) not in in_messages and id(p) not in in_groups]
    action = REFUSED if any(p.code != UNTAKEN for p in problems) else ACCEPTED
    state: list[Element] = [(about.reference,), _party(about, 1), _party(about, 2), (action,)]
    segments = [Segment("UCI", (*state, *_fault(whole)))]
    number = 0
    for part in about.body:
        if isinstance(part, Group) and (groups[id(part)] or _troubled(part, number, at_messages)):
            own = groups[id(part)]
            head: list[Element] = [(part.reference,), part.header.element(1), part.header.element(2)]
            segments.append(Segment("UCF", (*head, (REFUSED if own else ACCEPTED,), *_fault(own))))
        if isinstance(part, Package):
            continue
        for one in part.messages if isinstance(part, Group) else (part,):
            number += 1
            segments += _message_state(one, at_messages[number])
    kind = ("CONTRL", "4", "1", "UN") if _version(about) == "4" else ("CONTRL", "D", "3", "UN")
    return _sealed(about, prepared, reference, [(kind, segments)])


def _troubled(group: Group, before: int, at_messages: Mapping[int, list[Problem]]) -> bool:
    return any(at_messages[before + at] for at in range(1, len(group.messages) + 1))


def _of_group(group: Group, problems: Sequence[Problem]) -> list[Problem]:
    """Problems of the group's own header and trailer."""
    places = {segment.position for segment in (group.header, group.trailer) if segment is not None}
    return [p for p in problems if p.field[:3] in ("UNG", "UNE") and not _number(p) and _byte(p) in places]


def _message_state(part: Message, problems: list[Problem]) -> Iterator[Segment]:
    if not problems:
        return
    head: list[Element] = [(part.reference,), part.header.element(1) or ("",), (REFUSED,)]
    own = [p for p in problems if _TAGS.match(p.field)]
    yield Segment("UCM", (*head, *_fault(own or problems[:1])))
    reported = ""
    for problem in problems:
        place = _MESSAGE.match(problem.position)
        if place is None or not place.group(2) or _TAGS.match(problem.field):
            continue
        _, segment, element, component = place.groups()
        if segment != reported:
            # An error that lies in a data element is told by UCD; one of the segment itself by UCS.
            yield Segment("UCS", ((segment,),) if element else ((segment,), (_code(problem),)))
            reported = segment
        if element:
            spot = (element, component) if component else (element,)
            yield Segment("UCD", ((_code(problem),), spot))


def _fault(problems: Sequence[Problem]) -> list[Element]:
    """Code, service segment and place in it of the first problem of a level; nothing where there is none."""
    if not problems:
        return []
    first = problems[0]
    found: list[Element] = [(_code(first),)]
    if tag := _TAGS.match(first.field):
        found.append((tag.group(),))
        if first.field in _PLACES:
            found.append((_PLACES[first.field],))
    return found


def _code(problem: Problem) -> str:
    return SYNTAX.get(problem.code, _UNSPECIFIED)


def _number(problem: Problem) -> int:
    found = _MESSAGE.match(problem.position)
    return int(found.group(1)) if found else 0


def _byte(problem: Problem) -> int:
    found = _BYTE.search(problem.position)
    return int(found.group(1)) if found else -1


def _party(about: Interchange, index: int) -> Element:
    return (about.header.element(index) if about.header else ()) or ("",)


def _test(about: Interchange) -> tuple[Element, ...]:
    """What stands behind the reference in UNB where the answered interchange is a test: five empty elements, then the mark."""
    return (*[("",)] * 5, ("1",)) if about.test else ()


def _version(about: Interchange) -> str:
    return about.header.get(0, 1) if about.header else ""


def aperak(
    about: Interchange, document: str, problems: Sequence[Problem], reference: str, prepared: datetime,
    *, language: str = "en",
) -> bytes:
    """APERAK D.96A for one document of an interchange: accepted where there are no problems, else refused."""
    verdict = Verdict(document, reference, tuple(problems), not problems)
    return aperaks(about, [verdict], reference, prepared, language=language)


def aperaks(
    about: Interchange, verdicts: Sequence[Verdict], reference: str, prepared: datetime, *, language: str = "en"
) -> bytes:
    """APERAK D.96A for the documents of an interchange, sent back to its sender in one interchange.

    Accepted is BGM 312, refused BGM 313, each problem with its code and text; the language is "en" or "zh" (UTF-8, sent as
    UNOW). What is only warned of stands in an accepted one. The document number of an answer is its receipt.
    """
    kind = ("APERAK", "D", "96A", "UN")
    return _sealed(about, prepared, reference, [(kind, _aperak(one, prepared, language)) for one in verdicts])


def _aperak(verdict: Verdict, prepared: datetime, language: str) -> list[Segment]:
    text, form = values.written(prepared)
    function = "29" if verdict.accepted else "30" if verdict.partly else "27"
    segments = [
        Segment("BGM", (("312" if verdict.accepted else "313",), (verdict.receipt[:35],), (function,))),
        Segment("DTM", (("137", text, form),)), Segment("RFF", (("ACW", verdict.document),)),
    ]
    for problem in verdict.problems:
        reason = problem.reason.zh if language == "zh" else problem.reason.en
        said = f"{problem.code}: {reason}" + (f" [{problem.position}]" if problem.position else "")
        segments.append(Segment("ERC", ((_short(problem.code),),)))
        segments.append(Segment("FTX", (("AAO",), ("",), ("",), tuple(values.cut(_plain(said, language))[:5]))))
    return segments


def _short(code: str) -> str:
    """DE 9321 holds eight characters: what follows the codec's own name."""
    return (code.partition(".")[2] or code).upper().replace(".", "").replace("-", "").replace("_", "")[:8]


def _plain(text: str, language: str) -> str:
    quotes = str.maketrans({"“": '"', "”": '"', "…": "...", "–": "-"})
    plain = text.translate(quotes)
    return plain if language == "zh" else plain.encode("ascii", "replace").decode("ascii")


def _sealed(
    about: Interchange, prepared: datetime, reference: str, answers: Sequence[tuple[tuple[str, ...], list[Segment]]]
) -> bytes:
    """An interchange from the recipient of `about` to its sender, in its own syntax where that can carry it."""
    sender, recipient = _party(about, 2), _party(about, 1)
    inner = tuple(message(str(at), kind, tuple(segments)) for at, (kind, segments) in enumerate(answers, 1))
    spoken = [s for one in inner for s in one.segments] + [Segment("UNB", (sender, recipient))]
    for charset, version, separators in _syntaxes(about, spoken):
        at = prepared.astimezone(UTC)
        day = at.strftime("%Y%m%d" if version == "4" else "%y%m%d")
        head = Segment("UNB", ((charset, version), sender, recipient, (day, at.strftime("%H%M")), (reference,), *_test(about)))
        trailer = Segment("UNZ", ((str(len(inner)),), (reference,)))
        try:
            return write(Interchange(separators, charset, head, inner, trailer))
        except CodecError:
            continue
    raise AssertionError("UNOW with the standard's own service characters carries everything")


def _syntaxes(about: Interchange, spoken: Sequence[Segment]) -> Iterator[tuple[str, str, Separators]]:
    """Character set, version and service characters to try: the sender's, then the narrowest that fits."""
    version = _version(about) if _version(about) in ("1", "2", "3", "4") else "3"
    if about.header and charsets.codec_of(about.header.get(0)):
        yield about.header.get(0), version, about.separators
    charset, lowest = charsets.narrowest(spoken)
    version = max(version, lowest)
    yield charset, version, Separators(repetition="*" if version == "4" else "")
