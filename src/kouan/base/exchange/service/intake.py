"""Intake: a body in one of the formats becomes filings, each with its receipt, or is refused with reasons and set aside."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kouan.base.exchange import errors
from kouan.base.exchange.drafts import settled
from kouan.base.exchange.service import quarantine
from kouan.base.exchange.service.amending import Act, amended, changes, repeated
from kouan.base.exchange.service.completing import completed
from kouan.base.exchange.service.names import check_names
from kouan.base.exchange.service.replying import about
from kouan.base.exchange.sheets import placed
from kouan.base.exchange.store.keys import use, used_otherwise
from kouan.kernel.errors import Conflict, Denied, Failure, Problem, Refused, Unavailable
from kouan.kernel.formats import Format, Reading, Submission, Unread, format_named
from kouan.kernel.port import Message, Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_type, record_types
from kouan.kernel.store.filing import REUSED
from kouan.kernel.store.ops import Filed
from kouan.kernel.words import every

OFF_LOOP = 256 << 10
CHUNK = 256
MOST_STALE = 8
REUSED_CODE = "idempotency_key_reused"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of the intake door."""

    who: Principal
    format: str
    body: bytes
    record: str = ""
    key: str = ""


@dataclass(slots=True)
class Taken:
    """What became of a body: `filed` of a single submission, or the parts of a batch.

    `faulty`: a part was refused for what it says, not only because it is kept already. `positions`: where each part stood.
    """

    filed: Filed | None = None
    accepted: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    faulty: bool = False
    kept: str = ""
    positions: list[str] = field(default_factory=list)


def format_of(code: str) -> Format:
    """The format of that code; NotFound with the list of those that there are."""
    found = format_named(code)
    if found is None:
        raise errors.unknown_format([known.code for known in every(Format)])
    return found


async def take_in(port: Port, asked: Asked) -> Taken:
    """Read, judge and file a body.

    Raises Refused (422, a copy is in the sender's quarantine and `kept` names it), Conflict (409), Denied (403) or
    Unavailable (503). A batch answers part by part instead.
    """
    format_ = format_of(asked.format)
    _check_record(format_, asked.record)
    try:
        reading = await _read(port, format_, asked)
        if not reading.batch:
            filed = await _file(port, asked, reading.parts[0], asked.key)
            return Taken(filed=filed, positions=[reading.parts[0].position])
        return await _batch(port, asked, reading)
    except Refused as refusal:
        kept = await quarantine.set_aside(port, asked.who, asked.format, asked.body, refusal.out())
        refusal.extra.update({"kept": kept} if kept else {})
        raise


def _check_record(format_: Format, record: str) -> None:
    if format_.records != ("*",):
        return
    if not record:
        raise errors.record_wanted()
    known = {cls.facts.name for cls in record_types() if cls.facts.http}
    if record not in known:
        raise errors.record_unknown()


async def _read(port: Port, format_: Format, asked: Asked) -> Reading:
    def read() -> Reading:
        return format_.read(asked.body, record=asked.record, office=port.site.office)

    try:
        reading = await asyncio.to_thread(read) if len(asked.body) > OFF_LOOP else read()
    except Failure:
        raise
    except Exception:
        log.exception("the reader of %s stumbled", asked.format)
        raise errors.unreadable() from None
    if not reading.parts:
        raise errors.nothing()
    if len(reading.parts) > errors.MOST_PARTS:
        raise errors.too_many(len(reading.parts))
    return reading


async def _file(port: Port, asked: Asked, part: Submission | Unread, key: str) -> Filed:
    if isinstance(part, Unread):
        raise Refused.of(part.problems)
    if changes(part) and (before := await repeated(port, asked.who, asked.body, key)):
        return before
    for again in range(MOST_STALE, -1, -1):
        try:
            whole = await amended(port, asked.who, await completed(port, asked.who, await about(port, asked.who, part)))
            if isinstance(whole, Act):
                message = Message(asked.format, asked.body, key)
                return await port.act_by(asked.who, whole.record, whole.id, whole.action, message, note=whole.note)
            drafts = [settled(draft, asked.who, port.site) for draft in whole.drafts]
            check_names(drafts, asked.who)
            return await port.file(asked.who, drafts, format=asked.format, body=asked.body, key=key)
        except Refused as refusal:
            raise _placed(refusal, part) from None
        except Conflict as raced:
            # Another message about the same facts came between: what is kept now is read again.
            if raced.code != "stale_version" or whole is part or not again:
                raise
    raise AssertionError("the last try answers or raises")


def _placed(refusal: Refused, part: Submission) -> Refused:
    """The refusal with every problem's place in the body: that of the part, and in a sheet the column too."""
    if not part.position:
        return refusal
    cls = record_type(part.drafts[0].record)
    problems = refusal.problems or (Problem(refusal.code, refusal.field, refusal.rule, refusal.reason),)
    found = []
    for p in problems:
        at = placed(cls, p.field, part.position) if part.position.startswith("row ") else p.position or part.position
        found.append(Problem(p.code, p.field, p.rule, p.reason, at))
    return Refused.of(found, **refusal.extra)


async def _batch(port: Port, asked: Asked, reading: Reading) -> Taken:
    taken = Taken(positions=[part.position for part in reading.parts])
    if asked.key:
        await _unused(port, asked, len(reading.parts))
    for start in range(0, len(reading.parts), CHUNK):
        chunk = reading.parts[start : start + CHUNK]
        outcomes = await asyncio.gather(
            *(_file(port, asked, part, f"{asked.key}#{start + at}" if asked.key else "") for at, part in enumerate(chunk)),
            return_exceptions=True,
        )
        for at, outcome in enumerate(outcomes):
            _sort(taken, start + at, outcome, reading.parts[start + at].position)
    if asked.key and taken.accepted:
        # The bare key is taken too, so that no other body can be filed under it, as a batch or alone.
        await use(port.pool, asked.who.org, asked.key, port.vault.digest(asked.body), UUID(taken.accepted[0]["receipt"]["id"]))
    if taken.faulty:
        first = taken.refused[0]
        problem = {**first, "status": 422, "refused": len(taken.refused), "accepted": len(taken.accepted)}
        taken.kept = await quarantine.set_aside(port, asked.who, asked.format, asked.body, problem)
    return taken


def _sort(taken: Taken, index: int, outcome: Filed | BaseException, position: str) -> None:
    if isinstance(outcome, Filed):
        first = outcome.kept[0] if outcome.kept else None
        taken.accepted.append({
            "index": index, "receipt": {"id": outcome.receipt}, "ref": first.ref if first else "",
            "warnings": [dict(w) for kept in outcome.kept for w in kept.warnings],
        })  # fmt: skip
    elif isinstance(outcome, Failure) and not isinstance(outcome, Denied | Unavailable):
        said = outcome.out()
        taken.faulty = taken.faulty or isinstance(outcome, Refused)
        shape = {name: said[name] for name in ("code", "field", "rule", "reason")}
        taken.refused.append({
            "index": index, **shape, "position": position, "problems": said.get("problems", []),
        })  # fmt: skip
    else:
        raise outcome


async def _unused(port: Port, asked: Asked, parts: int) -> None:
    """Raises Conflict when the batch's key was used for another body."""
    keys = [asked.key, *(f"{asked.key}#{at}" for at in range(parts))]
    if await used_otherwise(port.pool, asked.who.org, keys, port.vault.digest(asked.body)):
        raise Conflict(REUSED, field="Idempotency-Key", rule="idempotency", code=REUSED_CODE)


def answer(taken: Taken) -> tuple[int, dict[str, Any]]:
    """Status and JSON of what was taken in."""
    if taken.filed is None:
        out: dict[str, Any] = {"accepted": taken.accepted, "refused": taken.refused}
        return 200, {**out, "kept": taken.kept} if taken.kept else out
    records = [
        {"ref": kept.ref, "record": kept.record, "id": kept.id, "warnings": [dict(w) for w in kept.warnings]}
        for kept in taken.filed.kept
    ]
    return 201, {"receipt": {"id": taken.filed.receipt}, "records": records}
