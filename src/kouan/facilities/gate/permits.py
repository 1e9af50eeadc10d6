"""Issuing offline permits: the key, the holder's booking judged by the gate's rules, the list of those revoked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan.facilities.gate import service, tokens
from kouan.facilities.gate.deciding import foreseen
from kouan.facilities.gate.permit import ISSUED, REVOKED, OfflinePermit
from kouan.facilities.gate.records import Passage
from kouan.kernel.clock import now
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import record_type, type_of_ref
from kouan.kernel.rules import Kept
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal
from kouan.kernel.store.reading import Query, page
from kouan.kernel.suites.suite import Private
from kouan.kernel.text import Text

PERMIT = OfflinePermit.facts.name
DDL: tuple[str, ...] = (
    """create table if not exists gate_key (
        id text primary key, wrapped bytea not null, public bytea not null, since timestamptz not null default now())""",
    "grant select, insert on gate_key to kouan_app",
)
LONGEST = timedelta(hours=24)
GRACE = timedelta(minutes=30)
MOST = 5000
NO_BOOKING = Text("没有这个预约，或它不属于贵单位", "There is no such booking of yours")
PAST = Text("预约时窗已过", "The booking's window is over")
FAR = Text("时窗开始前 24 小时内方可领取", "A permit is issued at most 24 hours before the window opens")
NO_LANE = Text("没有该方向的车道", "There is no lane of that direction")
NOT_OPEN = Text("卡口规则现不满足，不能签发：{why}", "The gate's rules do not hold now, so nothing is issued: {why}")


async def keys(port: Port) -> dict[str, bytes]:
    """The public keys by their names, the newest last; one is made when there is none."""
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        rows = await conn.fetch("select id, public from gate_key order by since")
        if rows:
            return {row["id"]: bytes(row["public"]) for row in rows}
        key = port.vault.suite.new_private()
        public = key.public
        name = tokens.key_id(public)
        # Two processes that begin together both make one: either signs well, and both are listed.
        wrapped = port.vault.wrap(key.raw(), f"gate-key:{name}")
        await conn.execute("insert into gate_key (id, wrapped, public) values ($1, $2, $3)", name, wrapped, public)
        return {name: public}


async def _signing(port: Port) -> Private:
    await keys(port)
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        row = await conn.fetchrow("select id, wrapped from gate_key order by since desc limit 1")
    assert row is not None
    return port.vault.suite.private(port.vault.unwrap(bytes(row["wrapped"]), f"gate-key:{row['id']}"))


async def issue(port: Port, who: Principal, booking: str) -> Kept:
    """A permit for the caller's own booking, valid in the booking's window, half an hour forgiven before and after.

    The same booking gives the same permit until it is used or revoked. Raises NotFound, Refused (the gate's rules, with their
    reasons) or Conflict (it was used).
    """
    held = await _booking(port, who, booking)
    held_before = await _issued(port, held.ref)
    if held_before is not None:
        return held_before
    data: Any = held.data
    opens, closes = data.opens - GRACE, data.closes + GRACE
    if closes <= now():
        raise Refused(PAST, field="booking", rule="GATE-PERMIT", code="permit.past")
    if opens > now() + LONGEST:
        raise Refused(FAR, field="booking", rule="GATE-PERMIT", code="permit.far")
    await _may(port, data, max(now(), data.opens))
    number = f"GP{now():%y%m%d}-{uuid7().hex[-12:].upper()}"
    claims = tokens.Claims(
        number, port.site.code, data.vehicle.partition(":")[2], tuple(box.partition(":")[2] for box in data.containers),
        data.direction, opens.astimezone(UTC), closes.astimezone(UTC),
    )  # fmt: skip
    token = tokens.sign_permit(await _signing(port), claims)
    stated = {
        "number": number, "booking": held.ref, "vehicle": data.vehicle, "containers": list(data.containers),
        "direction": data.direction, "opens": opens, "closes": closes, "trucker": held.filer, "token": token,
    }  # fmt: skip
    return (await port.file(PLATFORM, [Draft(PERMIT, stated)], format="gate")).kept[0]


async def _booking(port: Port, who: Principal, booking: str) -> Kept:
    """The caller's own booking by number or reference. Its type is a higher board's, known here by its kind of reference alone."""
    cls = type_of_ref("booking:")
    number = booking.removeprefix("booking:").rpartition("/")[2] if booking.startswith("booking:") else booking
    if cls is None:
        raise NotFound(NO_BOOKING, field="booking")
    async with scope(port.pool, scope_of(who)) as conn:
        rows = [row for one in dict.fromkeys((number, number.upper())) for row in await equal(conn, cls, {"number": one})]
    mine = next((row for row in rows if row.org == who.org), None)
    if mine is None:
        raise NotFound(NO_BOOKING, field="booking")
    return kept_of(cls.facts.name, mine, port.orgs)


async def _issued(port: Port, booking: str) -> Kept | None:
    """The permit of a booking that can be used; Conflict when one was used already."""
    found = await port.find(PLATFORM, PERMIT, ref=booking)
    if any(one.state == "used" for one in found):
        raise Conflict(Text("该预约的离线通行证已使用", "The permit of this booking was used"), rule="GATE-PERMIT", code="permit.used")
    return next((one for one in found if one.state == ISSUED), None)


async def _may(port: Port, booking: Any, at: datetime) -> None:
    judged = await foreseen(port, await hypothetical(port, booking, at))
    if judged.decision != "open":
        why = next(one for one in judged.judgements if not one.met and one.severity != "warn")
        reason = Text(NOT_OPEN.zh.format(why=why.zh), NOT_OPEN.en.format(why=why.en))
        raise Refused(reason, field="booking", rule=why.rule, code="permit.rules")


async def hypothetical(port: Port, stated: Any, at: datetime) -> Passage:
    """The passage that a booking or permit would make at a moment. Refused where no lane goes that way."""
    lane = next((lane for lane in (await service.lanes(port)).values() if lane.direction == stated.direction), None)
    if lane is None:
        raise Refused(NO_LANE, field="booking", rule="GATE-LANE", code="permit.lane")
    told = {
        "number": "-", "lane": lane.code, "direction": stated.direction, "vehicle": stated.vehicle, "at": at, "decision": "refuse",
        "containers": list(stated.containers),
    }  # fmt: skip
    return Passage.model_validate(told)


async def current(conn: Connection, port: Port, state: str) -> list[Mapping[str, Any]]:
    """The permits of a state that are not past, as documents with their identifiers."""
    query = Query({"state": state, "closes.gte": now().isoformat()}, sort="closes", limit=200)
    found: list[Mapping[str, Any]] = []
    cls = record_type(PERMIT)
    while len(found) < MOST:
        rows = await page(conn, cls, query, port.vault)
        found += [{**row.doc, "_id": row.id} for row in rows.rows]
        if rows.next is None:
            break
        query = Query(query.where, sort="closes", limit=200, after=rows.next)
    return found


async def revocations(port: Port) -> str:
    """The signed list of permits that are revoked and not past."""
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        rows = await current(conn, port, REVOKED)
    return tokens.sign_revocations(await _signing(port), now(), [str(row["number"]) for row in rows])


async def review(port: Port) -> int:
    """Revoke the permits whose vehicle the gate would refuse now (a hold came, a booking went); answers how many."""
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        rows = await current(conn, port, ISSUED)
    revoked = 0
    for row in rows:
        held = OfflinePermit.model_validate({name: value for name, value in row.items() if name != "_id"})
        judged = await foreseen(port, await hypothetical(port, held, max(now(), held.opens + GRACE)))
        if judged.decision == "refuse":
            why = next(one for one in judged.judgements if not one.met and one.severity != "warn")
            try:
                await port.act(PLATFORM, PERMIT, row["_id"], "revoke", changes={"revoked_why": f"{why.zh} / {why.en}"[:400]})
                revoked += 1
            except (Conflict, Denied):
                continue
    return revoked
