"""What is on its way to and from an organisation: what hangs, why, when it is tried next; every hop of one message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.store import deliveries, hops
from kouan.base.exchange.store.deliveries import Page
from kouan.base.receipt.api import CODES, Response
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Need
from kouan.kernel.store.facts import load
from kouan.kernel.text import Text

RESPONSE = Response.facts.name
UNKNOWN = Text("没有这份投递，或您无权查看", "There is no such delivery, or it is not yours to see")
NOT_A_WRITER = Text("您的角色不能处理投递", "Your role does not work on deliveries")
NOT_WAITING = Text("该投递不在等待中，或正在投递", "This delivery does not wait, or is being handed over just now")
OVERTAKEN = Text(
    "同一记录的更新版本已送达，重发会打乱次序；请改为跳过",
    "A later version of this record was delivered since: sending this one again would break the order. Skip it instead",
)
NO_NOTE = Text("跳过投递须说明理由", "State why the delivery is skipped")
LONGEST = 400
MOST_DEAD = 500
WORDS: Mapping[str, Text] = {
    "accepted": Text("平台受理", "Accepted by the platform"),
    "kept": Text("记录保存并入账", "Kept, with its entry in the ledger"),
    "queued": Text("进入发件箱", "Put in the outbox"),
    "away": Text("投递失败：对方系统不在线", "Tried: the receiver's system was away"),
    "refused": Text("投递失败：对方系统未接收", "Tried: the receiver's system did not take it"),
    "dead": Text("多次未被接收，停止重试", "Not taken again and again; no more tries"),
    "resent": Text("人工重发", "Sent again by hand"),
    "skipped": Text("人工跳过", "Skipped by hand"),
    "delivered": Text("已送达", "Delivered"),
    "answered": Text("收件方答复", "Answered by the receiver"),
}


async def listed(port: Port, who: Principal, page: Page) -> list[dict[str, Any]]:
    """Deliveries to or from the caller's organisation, newest first; never what they hold."""
    # The addresses' states are the receivers' own: the platform reads them, and tells a sender no more than away or not.
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        rows = await deliveries.listed(conn, who.org, page)
    return [_line(port, who, row) for row in rows]


def _line(port: Port, who: Principal, row: asyncpg.Record) -> dict[str, Any]:
    mine, waits = row["org"] == who.org, row["state"] == "waiting"
    out = row["outage_since"] is not None
    next_try = max(row["next_try"], row["next_probe"] or row["next_try"]) if out else row["next_try"]
    return {
        "id": str(row["id"]), "connector": row["connector"], "org": port.orgs.slug(row["org"]),
        "filer": port.orgs.slug(row["filer"]), "record": row["record"], "record_id": str(row["record_id"]), "ref": row["ref"],
        "version": row["version"], "what": row["what"], "at": stamp(row["created"]), "state": row["state"],
        "attempts": row["attempts"], "away": out and waits,
        "next_try": stamp(next_try) if waits and row["reached"] else None,
        "error": (row["last_error"] or (row["line_error"] if out else None)) if mine else None,
        "yours": mine and who.writes,
    }  # fmt: skip


async def resend(port: Port, who: Principal, delivery: UUID, note: str) -> None:
    """Try a delivery to the caller's organisation again now, a dead letter included; its event stays the same.

    Raises NotFound, Denied for readers, Conflict when it does not wait or was overtaken by a later version.
    """
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        await _own(conn, who, delivery)
        if await deliveries.overtaken(conn, delivery):
            raise Conflict(OVERTAKEN, rule="delivery:order", code="delivery.overtaken")
        if not await deliveries.resend(conn, delivery, who.org):
            raise Conflict(NOT_WAITING, rule="delivery:resend", code="delivery.not_waiting")
        await hops.note(conn, [(delivery, "resent", note[:LONGEST], who.slug)])


async def resend_dead(port: Port, who: Principal, note: str) -> tuple[int, int]:
    """Try all dead letters of the caller's organisation again, in their order; how many, and how many were overtaken."""
    _writes(who)
    sent = 0
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        dead = await deliveries.dead_of(conn, who.org, MOST_DEAD)
        for one in dead:
            if not await deliveries.overtaken(conn, one) and await deliveries.resend(conn, one, who.org):
                await hops.note(conn, [(one, "resent", note[:LONGEST], who.slug)])
                sent += 1
    return sent, len(dead) - sent


async def skip(port: Port, who: Principal, delivery: UUID, note: str) -> None:
    """Do not try a delivery to the caller's organisation any more; why is kept. Raises as `resend`."""
    if not note.strip():
        raise Refused(NO_NOTE, field="note", rule="delivery:skip", code="note.missing")
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        await _own(conn, who, delivery)
        if not await deliveries.skip(conn, delivery, who.org):
            raise Conflict(NOT_WAITING, rule="delivery:skip", code="delivery.not_waiting")
        await hops.note(conn, [(delivery, "skipped", note[:LONGEST], who.slug)])


async def _own(conn: Connection, who: Principal, delivery: UUID) -> None:
    found = await deliveries.one(conn, delivery, who.org)
    if found is None:
        raise NotFound(UNKNOWN)
    _writes(who)


def _writes(who: Principal) -> None:
    if not who.writes:
        raise Denied(NOT_A_WRITER, rule="delivery:write")


async def trail(port: Port, who: Principal, delivery: UUID) -> dict[str, Any]:
    """Every hop of a delivery in order, for its receiver, and for its filer without the receiver's errors. NotFound else."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        row = await deliveries.trail(conn, delivery)
        if row is None or who.org not in (row["org"], row["filer"]):
            raise NotFound(UNKNOWN)
        noted = await hops.of(conn, delivery)
        need = Need(RESPONSE, ref=row["ref"])
        answers = (await load(conn, [need], port.orgs)).get(need, [])
    mine = row["org"] == who.org
    said = [a.data for a in answers if a.filed_by == row["org"] and isinstance(a.data, Response)]
    found = [*_first(port, row), *_tried(noted, mine), *_taken(row), *_answered(port, row, said)]
    found.sort(key=lambda hop: hop["at"])
    return {
        "id": str(row["id"]), "event": str(row["event"]), "ref": row["ref"], "record": row["record"], "version": row["version"],
        "connector": row["connector"], "org": port.orgs.slug(row["org"]), "filer": port.orgs.slug(row["filer"]),
        "state": row["state"], "attempts": row["attempts"], "hops": found,
    }  # fmt: skip


def _hop(code: str, at: datetime, by: str, *, why: str = "", times: int = 1, last: datetime | None = None) -> dict[str, Any]:
    return {
        "hop": code, "title": WORDS[code].out(), "at": stamp(at), "last": stamp(last or at), "times": times, "by": by,
        "why": why or None,
    }  # fmt: skip


def _first(port: Port, row: asyncpg.Record) -> Iterator[dict[str, Any]]:
    if row["kept_at"] is not None:
        by = port.orgs.slug(row["by"])
        yield _hop("accepted", row["kept_at"], by, why=f"{row['what']} v{row['version']}")
        yield _hop("kept", row["kept_at"], PLATFORM.slug, why=str(row["entry"]))
    yield _hop("queued", row["created"], PLATFORM.slug, why=row["connector"])


def _tried(noted: Any, mine: bool) -> Iterator[dict[str, Any]]:
    for hop in noted:
        own = hop["by"] or PLATFORM.slug
        yield _hop(hop["what"], hop["first"], own, why=hop["why"] if mine else "", times=hop["times"], last=hop["last"])


def _taken(row: asyncpg.Record) -> Iterator[dict[str, Any]]:
    if row["delivered_at"] is not None:
        yield _hop("delivered", row["delivered_at"], PLATFORM.slug, why=row["reference"] or "")


def _answered(port: Port, row: asyncpg.Record, told: list[Response]) -> Iterator[dict[str, Any]]:
    """The receiver's answers to this delivery; without one that names it, what is noted beside it."""
    named = [one for one in told if one.delivery in (None, str(row["id"]))]
    for one in named:
        said = CODES[one.code]
        title = Text(f"{WORDS['answered'].zh}：{said.zh}", f"{WORDS['answered'].en}: {said.en.lower()}")
        yield {**_hop("answered", one.at, port.orgs.slug(row["org"]), why=one.reference), "title": title.out()}
    if not named and row["answered_at"] is not None:
        yield _hop("answered", row["answered_at"], port.orgs.slug(row["org"]), why=row["answer"] or "")
