"""EDIFACT answered in EDIFACT: CONTRL for the interchange, APERAK for its messages, kept for their sender to fetch again."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import answers, locating
from kouan.base.exchange.codecs.edifact.answers import Verdict
from kouan.base.exchange.codecs.edifact.faults import SYNTAX
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.service.intake import Asked, Taken
from kouan.base.exchange.store import answers as store
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Failure, NotFound, Problem
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

MEDIA = "application/edifact"
CODE = "edifact"
NONE = Text("该编号下没有此格式的答复", "There is no answer of that format under this number")
UNTAKEN = Text("同一报文体内的另一交换有误，整体未受理", "Another interchange of the same body is wrong: nothing of it was taken")
_MESSAGE = re.compile(r"message (\d+)")
_ANSWERS = ("CONTRL", "APERAK")
"""What is itself an answer: APERAK gets no APERAK back, and CONTRL nothing at all (ISO 9735-4), or two systems never end."""
log = logging.getLogger(__name__)


async def answered(port: Port, asked: Asked, taken: Taken | Failure, language: str) -> bytes | None:
    """The answer to an interchange, kept under its receipts and quarantine number; None where none can be addressed.

    `taken`: what became of it, or why all of it was refused; `language` of the reasons: "zh" or "en".
    """
    frame = _frame(asked.body)
    if not frame:
        return None
    if isinstance(taken, Failure):
        problems = list(taken.problems) or [Problem(taken.code, taken.field, taken.rule, taken.reason)]
        problems = [locating.placed(problem, frame, asked.body) for problem in problems]
        verdicts, numbers = _refused(frame, problems, taken), [str(taken.extra.get("kept") or "")]
        problems += _untaken(frame, problems, verdicts)
    else:
        problems, verdicts = _judged(frame, taken)
        numbers = [*_receipts(taken), taken.kept]
    body = rendered(frame, problems, verdicts, language)
    if not body:
        return None
    await _keep(port, asked.who, [UUID(number) for number in numbers if number], body)
    return body


def _frame(body: bytes) -> tuple[edifact.Interchange, ...]:
    try:
        found = edifact.read(body).interchanges
    except CodecError:
        found = locating.envelope(body)
    return tuple(one for one in found if one.header is not None)


def rendered(
    frame: Sequence[edifact.Interchange], problems: Sequence[Problem], verdicts: Mapping[int, Verdict], language: str
) -> bytes:
    """CONTRL and APERAK for each interchange in turn; APERAK only for messages that were read. Empty where all are CONTRL."""
    out, before, at = [], 0, now()
    for number, about in enumerate(frame, 1):
        count, kinds = len(about.messages), [one.type for one in about.messages]
        if count and all(kind == "CONTRL" for kind in kinds):
            before += count
            continue
        mine = [p for p in (_of(p, number, before, count) for p in problems) if p is not None]
        reference = secrets.token_hex(7).upper()
        out.append(answers.contrl(about, mine, reference, at))
        said = [verdicts[before + n] for n, kind in enumerate(kinds, 1) if before + n in verdicts and kind not in _ANSWERS]
        if said:
            out.append(answers.aperaks(about, said, f"{reference[:13]}A", at, language=language))
        before += count
    return b"".join(out)


def _of(problem: Problem, interchange: int, before: int, count: int) -> Problem | None:
    """A problem as one interchange sees it, its messages counted from 1; None if it is another's.

    Readers count messages within the interchange that a position names, the intake through all of them.
    """
    position = problem.position
    named = re.match(r"interchange (\d+)", position)
    if named:
        return problem if int(named.group(1)) == interchange else None
    found = _MESSAGE.match(position)
    number = int(found.group(1)) if found else 0
    if found is None or (interchange == 1 and number <= count):
        return problem if interchange == 1 else None
    if not before < number <= before + count:
        return None
    moved = position.replace(found.group(), f"message {number - before}", 1)
    return Problem(problem.code, problem.field, problem.rule, problem.reason, moved)


def _syntactic(problem: Problem) -> bool:
    return problem.code in SYNTAX or problem.code.startswith("edifact.")


def _refused(frame: Sequence[edifact.Interchange], problems: list[Problem], failure: Failure) -> dict[int, Verdict]:
    """Verdicts where all was refused: none where the syntax was, which CONTRL tells; what remains is told of its message."""
    content = [p for p in problems if not _syntactic(p)]
    problems[:] = [p for p in problems if _syntactic(p)]
    if not content or problems:
        return {}
    number = str(failure.extra.get("kept") or "").replace("-", "")
    messages = [m for about in frame for m in about.messages]
    return {1: Verdict(_document(messages[0]), number, tuple(content), accepted=False)} if messages else {}


def _untaken(
    frame: Sequence[edifact.Interchange], problems: Sequence[Problem], verdicts: Mapping[int, Verdict]
) -> list[Problem]:
    """Where all was refused for one interchange: what is said of the others, which must not hear that they were acknowledged."""
    found, before = [], 0
    for number, about in enumerate(frame, 1):
        count = len(about.messages)
        own = any(_of(problem, number, before, count) for problem in problems)
        if not own and not any(before < at <= before + count for at in verdicts):
            place = f"interchange {number}, byte" if number > 1 else "byte"
            found.append(Problem("edifact.untaken", "", "ISO 9735", UNTAKEN, f"{place} {about.header.position if about.header else 0}"))
        before += count
    return found


def _judged(frame: Sequence[edifact.Interchange], taken: Taken) -> tuple[list[Problem], dict[int, Verdict]]:
    messages = [m for about in frame for m in about.messages]
    if taken.filed is not None:
        warnings = tuple(_problem(w) for kept in taken.filed.kept for w in kept.warnings)
        return [], {1: Verdict(_document(messages[0]), taken.filed.receipt.replace("-", ""), warnings)}
    good: dict[int, list[Mapping[str, Any]]] = {}
    bad: dict[int, list[Mapping[str, Any]]] = {}
    for parts, into in ((taken.accepted, good), (taken.refused, bad)):
        for part in parts:
            into.setdefault(_message(taken.positions[part["index"]]), []).append(part)
    problems: list[Problem] = []
    verdicts: dict[int, Verdict] = {}
    for number, message in enumerate(messages, 1):
        said = tuple(p for part in bad.get(number, ()) for p in _problems(part))
        if any(_syntactic(p) for p in said):
            problems += said
        elif number in good or number in bad:
            warned = tuple(_problem(w) for part in good.get(number, ()) for w in part["warnings"])
            receipt = str(good[number][0]["receipt"]["id"]) if number in good else taken.kept
            partly = number in good and number in bad
            verdicts[number] = Verdict(
                _document(message), receipt.replace("-", ""), said or warned, accepted=number not in bad, partly=partly
            )
    return problems, verdicts


def _message(position: str) -> int:
    found = _MESSAGE.search(position)
    return int(found.group(1)) if found else 1


def _problems(part: Mapping[str, Any]) -> list[Problem]:
    return [_problem(one) for one in part["problems"] or [part]]


def _problem(said: Mapping[str, Any]) -> Problem:
    reason = Text(str(said["reason"]["zh"]), str(said["reason"]["en"]))
    return Problem(said["code"], said.get("field", ""), said.get("rule", ""), reason, said.get("position", ""))


def _document(message: edifact.Message) -> str:
    """The number of a message's document (BGM, C106), or else the message's own reference."""
    begin = next((s for s in message.segments if s.tag == "BGM"), None)
    return (begin.get(1) if begin else "")[:35] or message.reference[:35] or "?"


def _receipts(taken: Taken) -> list[str]:
    if taken.filed is not None:
        return [taken.filed.receipt]
    return [str(part["receipt"]["id"]) for part in taken.accepted]


async def _keep(port: Port, who: Principal, numbers: Sequence[UUID], body: bytes) -> None:
    try:
        async with scope(port.pool, scope_of(who)) as conn:
            await store.keep(conn, numbers, who.org, MEDIA, body)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as problem:
        log.warning("an answer could not be kept: %s", type(problem).__name__)


async def fetched(port: Port, who: Principal, number: UUID) -> tuple[str, bytes]:
    """(media type, bytes) of the answer that the caller's organisation was given under a number; NotFound without one."""
    async with scope(port.pool, scope_of(who)) as conn:
        row = await store.kept(conn, number, who.org)
    if row is None:
        raise NotFound(NONE)
    return row["media"], bytes(row["body"])
