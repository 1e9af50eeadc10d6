"""The inbox of an organisation: what it was told, with its own answers; answered by hand where no system does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.service import subsets
from kouan.base.exchange.service.moments import MOMENTS
from kouan.base.exchange.service.subsets import Content, Wanted
from kouan.base.exchange.store import deliveries, hops
from kouan.base.receipt.api import CODES, Response
from kouan.kernel.clock import now, stamp
from kouan.kernel.connectors import Connector
from kouan.kernel.database import scope
from kouan.kernel.errors import Denied, NotFound
from kouan.kernel.events import Event
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept, Need
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import load
from kouan.kernel.store.ops import Filed
from kouan.kernel.text import Text
from kouan.kernel.words import every

RESPONSE = Response.facts.name
UNKNOWN = Text("收件箱中没有这份单证", "There is no such delivery in your inbox")
NOT_A_WRITER = Text("您的角色不能处理收件箱", "Your role does not work on the inbox")
REFERENCE = 24


@dataclass(frozen=True, slots=True)
class Look:
    """Which deliveries: in a state, behind another one, at most so many; `asking`: only those that wait for an answer."""

    state: str = ""
    before: UUID | None = None
    most: int = 50
    asking: bool = False


async def listed(port: Port, who: Principal, look: Look) -> list[dict[str, Any]]:
    """The caller's organisation's deliveries, newest first, each with what the caller may see of it and its answers."""
    parts = {c.code: c for c in every(Connector)}
    asked = sorted(set().union(*(_asks(part) for part in parts.values() if part.org == who.kind))) if look.asking else None
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await deliveries.inbox(conn, who.org, look.state, look.before, look.most, asked)
        wanted = [Wanted(r["record"], r["record_id"], r["version"], r["filer"]) for r in rows]
        found = await subsets.contents(conn, port.vault, wanted)
        needs = {row["ref"]: Need(RESPONSE, ref=row["ref"]) for row in rows}
        answers = await load(conn, needs.values(), port.orgs)
    out = []
    for row, one in zip(rows, wanted, strict=True):
        part = await _part(port, who, row, found.get(one.mark), parts.get(row["connector"]))
        mine = [a for a in answers.get(needs[row["ref"]], ()) if a.filed_by == who.org]
        asks = row["what"] in MOMENTS and row["record"] in _asks(parts.get(row["connector"]))
        out.append({**_shape(row), **part, "asks": asks, "receipts": _receipts(mine, row["ref"])})
    return out


def _asks(connector: type[Connector] | None) -> frozenset[str]:
    return connector.asks if connector is not None else frozenset()


async def _part(
    port: Port, who: Principal, row: asyncpg.Record, content: Content | None, connector: type[Connector] | None
) -> dict[str, Any]:
    if content is None:
        return {"data": {}, "masked": []}
    subset = subsets.of(content, who, connector)
    if subset.restricted:
        await port.audit.read(who, f"{row['record']}:inbox", row["ref"], 3)
    return {"data": dict(subset.data), "masked": list(subset.masked)}


def _shape(row: asyncpg.Record) -> dict[str, Any]:
    dead = row["state"] == "dead"
    return {
        "id": str(row["id"]),
        "record": row["record"],
        "record_id": str(row["record_id"]),
        "ref": row["ref"],
        "version": row["version"],
        "connector": row["connector"],
        "at": stamp(row["created"]),
        "state": "waiting" if dead else row["state"],
        "dead": dead,
        "attempts": row["attempts"],
        "next_try": stamp(row["next_try"]) if row["state"] == "waiting" and row["attempts"] else None,
        "error": row["last_error"],
        "reference": row["reference"],
    }


def _receipts(answers: Sequence[Kept], ref: str) -> list[dict[str, Any]]:
    out = []
    for kept in sorted(answers, key=lambda a: a.filed_at):
        said = kept.data
        if isinstance(said, Response) and said.about == ref:
            reason = {"zh": said.reason_zh, "en": said.reason_en}
            shape = {"id": kept.id, "code": said.code, "at": stamp(said.at), "reference": said.reference}
            out.append({**shape, "title": CODES[said.code].out(), "reason": reason})
    return out


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer by hand: its code and reason, the body as posted, and its Idempotency-Key."""

    code: str
    reason: Text | None
    body: bytes
    key: str = ""


async def answer(port: Port, who: Principal, delivery: UUID, said: Answer) -> Filed:
    """File the organisation's answer about what a delivery told. Raises NotFound, Denied, Refused, or Conflict when the
    same was answered before."""
    row = await _mine(port, who, delivery)
    data = {
        "about": row["ref"],
        "code": said.code,
        "reference": row["reference"] or f"{who.slug.upper()}-{str(delivery)[-12:]}"[:REFERENCE],
        "at": now(),
        "delivery": str(delivery),
        "reason_zh": said.reason.zh if said.reason else None,
        "reason_en": said.reason.en if said.reason else None,
    }
    return await port.file(who, [Draft(RESPONSE, data)], format="json", body=said.body, key=said.key)


async def retry(port: Port, who: Principal, delivery: UUID) -> None:
    """Try a delivery again now, a dead letter included; NotFound when none of the caller's waits."""
    if not who.writes:
        raise Denied(NOT_A_WRITER, rule="inbox:retry")
    async with scope(port.pool, scope_of(who)) as conn:
        if not await deliveries.resend(conn, delivery, who.org):
            raise NotFound(UNKNOWN)
        await hops.note(conn, [(delivery, "resent", "", who.slug)])


async def _mine(port: Port, who: Principal, delivery: UUID) -> asyncpg.Record:
    if not who.writes:
        raise Denied(NOT_A_WRITER, rule="inbox:answer")
    async with scope(port.pool, scope_of(who)) as conn:
        row = await deliveries.one(conn, delivery, who.org)
    if row is None:
        raise NotFound(UNKNOWN)
    return row


async def note_answer(port: Port, event: Event) -> None:
    """An agency answered: its delivery is answered, or only received; safe to repeat."""
    said = (await port.get(PLATFORM, RESPONSE, event.record_id)).data
    assert isinstance(said, Response)
    org, decided = event.principal.org, said.code != "received"
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        await deliveries.answered(conn, org, said.about, _number(said.delivery), said.code, decided=decided)


def _number(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
