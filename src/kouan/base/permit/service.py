"""Verifying what declarations cite: by the permits kept here, else by the issuing authority's service, until there is an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.base.permit import store
from kouan.base.permit.asking import Answer, Asking, Away, question
from kouan.base.permit.kinds import named, parts_of
from kouan.base.permit.records import VERDICTS, Certificate, Permit, Verifier
from kouan.base.permit.rules import Use, exceeded, limit_of, unusable, uses_of
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.references import tidy
from kouan.kernel.rules import Found, Kept
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text

CERTIFICATE = Certificate.facts.name
OWN = Text("本平台许可证件库", "the platform's own store")
DEMO = "base.permit.demo"
MOST = 100
LONGEST = 60.0
HERE = "kouan"
Mark = tuple[int, str, Decimal | None]


@dataclass(slots=True)
class Pass:
    """One pass over what waits: the services in use by the kinds that they answer for."""

    port: Port
    asking: Asking
    at: datetime
    services: Mapping[str, Verifier] = field(default_factory=dict)


async def look(port: Port) -> bool:
    """Open verifications for what has been declared, ask again for what waits, give back what is not wanted any more.

    Answers whether anything waits, now or at a time to come.
    """
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        queue = await store.work(conn, MOST)
        waiting = await store.waiting(conn, MOST)
    if not queue and not any(_due(row) for row in waiting):
        return bool(waiting)
    async with Asking(demo=port.extras.get(DEMO)) as asking:
        one = Pass(port, asking, now(), await _services(port))
        await _opened(one, queue)
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            rows = [row for row in await store.waiting(conn, MOST) if _due(row)]
        for row in rows:
            await (_verified if row.state == "pending" else _returned)(one, row)
    return True


def _due(row: Row) -> bool:
    planned = row.doc.get("next_try")
    return planned is None or datetime.fromisoformat(planned) <= now()


async def _services(port: Port) -> dict[str, Verifier]:
    """For each kind of certificate the service that answers for it, the one named last."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Verifier, {}, states=("in_use",), limit=500)
    found: dict[str, Verifier] = {}
    for row in rows:
        verifier = Verifier.model_validate(row.doc)
        found |= {kind.upper(): verifier for kind in verifier.kinds}
    return found


async def _opened(one: Pass, queue: Sequence[tuple[int, UUID]]) -> None:
    async with scope(one.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        found = await store.declarations(conn, list({declaration for _, declaration in queue}))
    for row in found.values():
        await _compared(one, row)
    if queue:
        async with scope(one.port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await store.done(conn, [place for place, _ in queue])


async def _compared(one: Pass, row: Row) -> None:
    """Make a declaration's verifications what it cites now."""
    kept = kept_of(Declaration.facts.name, row, one.port.orgs)
    assert isinstance(kept.data, Declaration)
    async with scope(one.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        held = await store.held(conn, row.id)
    live, ours = row.state not in store.CLOSED, kept.data.office == one.port.site.office
    uses = [use for use in uses_of(kept.data) if live and (ours or (use.use.permit, use.item.sequence) in held)]
    cited: dict[Mark, Use] = {_mark(use): use for use in uses}
    known: dict[Mark, Kept] = {}
    for certificate in await one.port.find(PLATFORM, CERTIFICATE, ref=row.ref):
        data = certificate.data
        if isinstance(data, Certificate) and data.declaration == row.ref:
            known[data.line, data.permit, data.quantity] = certificate
    for mark, use in cited.items():
        if mark not in known:
            await _begun(one, kept, use, own=(use.use.permit, use.item.sequence) in held)
        elif known[mark].state in ("returned", "invalid"):
            await _act(one, known[mark].id, "again", {"verdict": "pending", "tries": 0, "next_try": None})
    for mark, certificate in known.items():
        if mark not in cited and certificate.state not in ("returning", "returned"):
            await _act(one, certificate.id, "withdraw", {"next_try": None, "tries": 0})


def _mark(use: Use) -> Mark:
    quantity = use.use.quantity
    return use.item.sequence, use.use.permit, quantity


async def _begun(one: Pass, declaration: Kept, use: Use, *, own: bool) -> None:
    data: dict[str, Any] = {
        "declaration": declaration.ref, "line": use.item.sequence, "permit": use.use.permit, "quantity": use.use.quantity,
        "unit": use.use.unit or None, "declarant": f"org:{declaration.filer}",
    }  # fmt: skip
    if own:
        permit = await _permit(one, use.use.permit)
        data |= _of_permit(permit, one.at) if permit else {}
    try:
        await one.port.file(PLATFORM, [Draft(CERTIFICATE, data)])
    except Conflict:
        return


async def _permit(one: Pass, ref: str) -> Kept | None:
    async with scope(one.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        row = (await store.permits(conn, [ref])).get(ref)
    return kept_of(Permit.facts.name, row, one.port.orgs) if row else None


def _of_permit(kept: Kept, at: datetime) -> dict[str, Any]:
    permit = kept.data
    assert isinstance(permit, Permit)
    limit = limit_of(permit)
    return {
        "verdict": "valid", "source": f"{OWN.zh} / {OWN.en}", "verified_at": at, "next_try": None,
        "issuer_name": permit.issuer_name or kept.filer, "valid_until": permit.valid_until,
        "remaining": limit - (permit.drawn or 0) if limit is not None else None,
    }  # fmt: skip


async def _verified(one: Pass, row: Row) -> None:
    """Ask about one certificate; whatever comes of it is noted with its source and time."""
    data = Certificate.model_validate(row.doc)
    found = [d for d in await one.port.find(PLATFORM, Declaration.facts.name, ref=data.declaration) if d.ref == data.declaration]
    use = next((u for d in found for u in uses_of(_declared(d)) if _mark(u)[:2] == (data.line, data.permit)), None)
    if use is None:
        await _act(one, row.id, "withdraw", {"next_try": None, "tries": 0})
        return
    permit = await _permit(one, data.permit)
    if permit is not None:
        await _by_ourselves(one, row, found[0], permit, use)
        return
    kind, number = parts_of(data.permit)
    service = one.services.get(kind)
    if service is None:
        reason = Text("发证单位尚未登记 {zh}，也没有服务可核查", "{en} is not on file here, and no service verifies its kind")
        await _in_vain(one, row, "unknown", _said(reason, kind, number), OWN)
        return
    holders = _holders(found[0])
    asked = question(str(row.id), kind, number, holders, use.item.hs, use.item.origin, use.use.quantity, use.use.unit)
    source = Text(service.title_zh, service.title_en)
    try:
        answer = await one.asking.verify(service.address, asked)
    except Away as away:
        reason = Text(f"核查服务无法连接（{away}），恢复后自动核查", f"The service is away ({away}); asked again by itself")
        await _in_vain(one, row, "away", reason, source)
        return
    await _answered(one, row, answer, source, named(kind, number))


def _declared(kept: Kept) -> Declaration:
    assert isinstance(kept.data, Declaration)
    return kept.data


def _said(reason: Text, kind: str, number: str) -> Text:
    what = named(kind, number)
    return reason.fill(zh=what.zh, en=what.en)


def _holders(kept: Kept) -> list[str]:
    data = _declared(kept)
    return list(dict.fromkeys(tidy(n) for n in (data.importer, data.exporter, data.declarant, kept.filer) if n))


async def _by_ourselves(one: Pass, row: Row, declaration: Kept, permit: Kept, use: Use) -> None:
    """A permit that came after the declaration is judged as at filing, and drawn upon now."""
    data = _declared(declaration)
    facts = Found(one.at, declaration.filer, one.port.site.facts())
    wrong = unusable(permit, use, data, facts)
    if wrong is not None:
        await _denied(one, row, wrong.verdict, wrong.reason, OWN, {})
        return
    async with scope(one.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        (kept,) = (await store.declarations(conn, [UUID(declaration.id)])).values()
        settled = await store.settle(conn, kept)
    after = await _permit(one, permit.ref) or permit
    if not settled:
        quantity = sum((u.use.quantity or Decimal(0) for u in uses_of(data) if u.use.permit == permit.ref), Decimal(0))
        reason = exceeded(after, quantity, None) or VERDICTS["exceeded"]
        await _denied(one, row, "exceeded", reason, OWN, {})
        return
    await _act(one, row.id, "confirm", _of_permit(after, one.at))


async def _answered(one: Pass, row: Row, answer: Answer, source: Text, what: Text) -> None:
    known = {
        "issuer_name": answer.issuer, "valid_until": answer.valid_until, "remaining": answer.remaining,
        "write_off": answer.write_off,
    }  # fmt: skip
    if answer.verdict == "valid":
        done = {"verdict": "valid", "source": _source(source), "verified_at": one.at, "next_try": None}
        await _act(one, row.id, "confirm", {**done, **known, "reason_zh": None, "reason_en": None})
        return
    title = VERDICTS[answer.verdict]
    reason = Text(answer.reason.zh, answer.reason.en) if answer.reason else Text(f"{what.zh}：{title.zh}", f"{what.en}: {title.en}")
    await _denied(one, row, answer.verdict, reason, source, known)


async def _denied(one: Pass, row: Row, verdict: str, reason: Text, source: Text, more: Mapping[str, Any]) -> None:
    done = {"verdict": verdict, "source": _source(source), "verified_at": one.at, "next_try": None}
    await _act(one, row.id, "deny", {**more, **done, "reason_zh": reason.zh[:400], "reason_en": reason.en[:400]})


async def _in_vain(one: Pass, row: Row, verdict: str, reason: Text, source: Text) -> None:
    said = {"verdict": verdict, "source": _source(source), "reason_zh": reason.zh[:400], "reason_en": reason.en[:400]}
    await _act(one, row.id, "try", {**said, **_later(one, row)})


def _later(one: Pass, row: Row) -> dict[str, Any]:
    tries = int(row.doc.get("tries", 0)) + 1
    return {"tries": tries, "next_try": one.at + timedelta(seconds=min(2.0 ** min(tries, 10) * 0.5, LONGEST))}


def _source(source: Text) -> str:
    return f"{source.zh} / {source.en}"[:120]


async def _returned(one: Pass, row: Row) -> None:
    """Give back what a service wrote off; what was drawn from a permit kept here, the database has given back already."""
    data = Certificate.model_validate(row.doc)
    service = one.services.get(parts_of(data.permit)[0])
    if data.write_off and service is not None:
        try:
            await one.asking.give_back(service.address, str(row.id))
        except Away:
            await _act(one, row.id, "wait", _later(one, row))
            return
    await _act(one, row.id, "return", {"verdict": "returned", "next_try": None, "verified_at": one.at})


async def _act(one: Pass, record_id: UUID | str, action: str, changes: Mapping[str, Any]) -> None:
    try:
        await one.port.act(PLATFORM, CERTIFICATE, record_id, action, changes=changes)
    except Conflict as already:
        # A declaration was changed meanwhile, or another worker was faster; the next pass sees what stands.
        if already.code != "not_in_state":
            raise


async def tell(port: Port) -> bool:
    """File a record for each movement that the database has noted, with the balance after it; whether there were any."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        moved = await store.untold(conn, MOST)
        if not moved:
            return False
        permits = await store.permits(conn, list({m["permit"] for m in moved}))
        declared = await store.declarations(conn, list({m["declaration"] for m in moved}))
    drafts = [(m["id"], _written(dict(m), permits[m["permit"]], declared[m["declaration"]], port)) for m in moved]
    for _, draft in drafts:
        await _filed(port, draft)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        await store.told(conn, [number for number, _ in drafts])
    return True


def _written(moved: Mapping[str, Any], permit: Row, declaration: Row, port: Port) -> Draft:
    data = Permit.model_validate(permit.doc)
    limit = limit_of(data)
    return Draft("base.permit.writeoff", {
        "number": f"{HERE}-{moved['id']:08d}", "permit": moved["permit"], "declaration": declaration.ref, "line": moved["line"],
        "quantity": moved["delta"], "unit": data.unit, "drawn": moved["drawn"],
        "remaining": limit - moved["drawn"] if limit is not None else None, "source": _source(OWN), "at": moved["at"],
        "issuer": data.issuer, "holder": data.holder, "declarant": f"org:{port.orgs.slug(declaration.org)}",
    })  # fmt: skip


async def _filed(port: Port, draft: Draft) -> None:
    try:
        await port.file(PLATFORM, [draft])
    except Conflict:
        return  # told in an earlier pass that ended before it could note so


async def tell_of(port: Port, kept: Kept, *, back: bool) -> None:
    """File a record of what an issuing authority's service wrote off, or took back; nothing for permits kept here."""
    data = kept.data
    assert isinstance(data, Certificate)
    if not data.write_off or data.quantity is None or data.verified_at is None:
        return
    sign = -1 if back else 1
    await _filed(port, Draft("base.permit.writeoff", {
        "number": f"{data.write_off}-{kept.version}", "permit": data.permit, "declaration": data.declaration,
        "line": data.line, "quantity": sign * data.quantity, "unit": data.unit,
        "remaining": None if back else data.remaining, "source": data.source or "?", "at": data.verified_at,
        "declarant": data.declarant,
    }))  # fmt: skip
