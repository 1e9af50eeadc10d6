"""What subscribers ask at the doors: how their subscription does, what was told, tell it again, a test, a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.api import signing
from kouan.base.push.facts import CLEARANCE
from kouan.base.push.lifecycle import ACTIVE
from kouan.base.push.matching import Wish
from kouan.base.push.records import Subscription
from kouan.base.push.service.telling import TEST, told
from kouan.base.push.store import lines, messages, tail
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Conflict, Denied, NotFound
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_type
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text

NOT_YOURS = Text("只有订阅单位的业务人员可以操作", "Only who works in the subscribing organisation does this")
TOO_LOW = Text("推送内容的数据级别高于您的数据级别", "Messages hold data above your own clearance")
NOT_FAR = Text("序号超出已编号的消息", "No message has that number yet")
NO_KEY = Text("只有网络回调和消息队列才有密钥和重发", "Only a webhook or a queue has a key, and is told again")
NOT_LIVE = Text("该订阅不是由订阅方连接的推送事件", "This subscription is not one that its subscriber connects to")
NOT_ACTIVE = Text("该订阅未生效", "This subscription is not active")
SHOWN, MASK = 50, "***"
AGAIN = "again"
COUNTED = frozenset({"webhook", "queue"})
"""Channels of which it is known how far the subscriber was told."""


@dataclass(frozen=True, slots=True)
class Own:
    """A subscription of the caller's with its line."""

    row: Row
    line: asyncpg.Record
    wish: Wish


async def own(conn: Connection, id: UUID) -> Own:
    """A subscription in the connection's scope; NotFound otherwise."""
    row = await reading.one(conn, Subscription, id)
    if row is None:
        raise NotFound(MISSING)
    line = await lines.line_of(conn, row.id, row.org)
    stated = Subscription.model_validate(row.doc)
    return Own(row, line, Wish.of(line["number"], row.id, row.ref, row.org, row.state, row.filed_at, stated))


def _writes(who: Principal) -> None:
    if not who.writes:
        raise Denied(NOT_YOURS, rule="push:write")


async def standing(port: Port, who: Principal, id: UUID) -> dict[str, Any]:
    """How a subscription does, and its latest messages without content."""
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        latest = await messages.latest(conn, found.line["number"], SHOWN)
        oldest = await messages.oldest(conn, found.line["number"])
        dead_ = await messages.count_dead(conn, found.line["number"])
    line, counted = found.line, found.wish.channel in COUNTED
    return {
        "subscription": found.row.ref, "channel": found.wish.channel, "state": found.row.state, "last": line["last"],
        "oldest": oldest, "told": line["told"] if counted else None,
        "waiting": line["last"] - line["told"] if counted else None, "failures": line["failures"] + line["refused"],
        "away_since": _stamp(line["away_since"]), "next_try": _stamp(line["next_try"]), "last_ok": _stamp(line["last_ok"]),
        "dead": dead_, "error": line["last_error"], "keyed_at": _stamp(line["keyed_at"]),
        "latest": [
            {"seq": one.seq, "at": stamp(one.at), "what": one.what, "record": one.record, "record_id": str(one.record_id),
             "ref": one.ref, "version": one.version, "fate": _fate(one.fate, counted, one.seq <= line["told"])}
            for one in latest
        ],
    }  # fmt: skip


def _fate(kept: str, counted: bool, told: bool) -> str:
    return kept or ("" if not counted else "told" if told else "waiting")


def _stamp(moment: Any) -> str | None:
    return stamp(moment) if moment else None


async def events(port: Port, who: Principal, id: UUID, after: int, most: int) -> dict[str, Any]:
    """The messages of a subscription behind a number, as they are told now; `withheld` names those that are not told."""
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        read = await page(conn, found, after, most)
    _shown(port, who, read["items"])
    return {name: value for name, value in read.items() if name != "tries"}


def _shown(port: Port, who: Principal, items: Sequence[dict[str, Any]]) -> None:
    """Put on record that an account is shown some messages, and hide from it what lies above its own level."""
    ids: dict[str, list[UUID]] = {}
    for one in items:
        if one["what"] == TEST:
            continue
        ids.setdefault(one["record"], []).append(UUID(one["record_id"]))
        facts = record_type(one["record"]).fields
        for part in ("data", "changed"):
            for name in [name for name in one.get(part, ()) if facts[name].level > who.clearance]:
                one[part][name] = MASK if part == "data" else {"from": MASK, "to": MASK}
    for record, mine in ids.items():
        port.uses.note(who, record, mine)


async def page(conn: Connection, found: Own, after: int, most: int, *, dead: bool = True) -> dict[str, Any]:
    """Messages behind a number, in order. `dead`: also those that were set aside; `tries`: how often takers left one, by number."""
    all_ = await messages.behind(conn, found.line["number"], after, most)
    its = [one for one in all_ if dead or one.fate not in (messages.DEAD, AGAIN)]
    bodies = await told(conn, {found.wish.line: found.wish}, its)
    shown = [bodies[one.line, one.seq] for one in its if (one.line, one.seq) in bodies]
    withheld = [one.seq for one in its if (one.line, one.seq) not in bodies]
    last = all_[-1].seq if all_ else after
    tries = {one.seq: one.tries for one in its if one.tries}
    return {"items": shown, "withheld": withheld, "last": found.line["last"], "next": last, "tries": tries}


async def dead(port: Port, who: Principal, id: UUID, after: int, most: int) -> dict[str, Any]:
    """The messages of a subscription that were set aside, with why and what they would say now; none where it is not his to read."""
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        its = await messages.dead(conn, found.line["number"], after, most)
        bodies = await told(conn, {found.wish.line: found.wish}, its)
        count = await messages.count_dead(conn, found.line["number"])
    _shown(port, who, list(bodies.values()))
    items = [
        {"seq": one.seq, "at": stamp(one.at), "what": one.what, "record": one.record, "record_id": str(one.record_id), "ref": one.ref,
         "version": one.version, "why": one.why or "", "tries": one.tries, "message": bodies.get((one.line, one.seq))}
        for one in its
    ]  # fmt: skip
    return {"items": items, "count": count, "next": its[-1].seq if its else after}


async def revive(port: Port, who: Principal, id: UUID, seqs: list[int] | None) -> dict[str, Any]:
    """Tell messages that were set aside again: each under its own id, and a new number behind all others. Without numbers all of them."""
    _writes(who)
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        _keyed(found)
        numbers = await messages.again(conn, found.line["number"], seqs)
        await tail.tell(conn, asked=True)
        await tail.tell(conn)
    return {"again": len(numbers), "seqs": numbers}


async def connected(port: Port, who: Principal, id: UUID) -> Own:
    """A subscription that its subscriber connects to; Conflict when it is of another channel or not active, Denied below the level that
    messages have."""
    if who.clearance < CLEARANCE:
        raise Denied(TOO_LOW, rule="push:level")
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
    if found.wish.channel != "sse":
        raise Conflict(NOT_LIVE, field="channel", rule="push:channel", code="push.channel")
    if found.row.state != ACTIVE:
        raise Conflict(NOT_ACTIVE, rule="push:state", code="push.not_active")
    return found


async def replay(port: Port, who: Principal, id: UUID, after: int) -> dict[str, Any]:
    """Tell a webhook or a queue again from behind a number on, each message under its own id."""
    _writes(who)
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        _keyed(found)
        last = await lines.rewind(conn, found.line["number"], after)
        if last is None:
            raise Conflict(NOT_FAR, field="after", rule="push:seq", code="push.not_so_far")
        await tail.tell(conn, asked=True)
    return {"last": last, "again": last - after}


async def test(port: Port, who: Principal, id: UUID) -> dict[str, Any]:
    """Send a message that says nothing but that the line works; its number."""
    _writes(who)
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        if found.row.state != ACTIVE:
            raise Conflict(NOT_ACTIVE, rule="push:state", code="push.not_active")
        seq = await lines.test(conn, found.line["number"], uuid7(), found.row)
        await tail.tell(conn, asked=True)
        await tail.tell(conn)
    return {"seq": seq}


async def secret(port: Port, who: Principal, id: UUID) -> str:
    """A new signing key, told this once; the former signs for a day more."""
    _writes(who)
    async with scope(port.pool, scope_of(who)) as conn:
        found = await own(conn, id)
        _keyed(found)
        await lines.new_key(conn, port.vault, found.line["number"], key := signing.new_key())
        await tail.tell(conn, asked=True)
    return signing.written(key)


def _keyed(found: Own) -> None:
    if found.wish.channel not in COUNTED:
        raise Conflict(NO_KEY, field="channel", rule="push:channel", code="push.channel")
