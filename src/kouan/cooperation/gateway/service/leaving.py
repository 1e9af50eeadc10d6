"""From a dispatch that was asked for to their signed acknowledgement: mapped, signed, handed over, tried again."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kouan.base.push.api import Away, Forbidden
from kouan.cooperation.gateway import envelopes, mapping
from kouan.cooperation.gateway.envelopes import Broken
from kouan.cooperation.gateway.kinds import LINES, MOST_LINES, SENT_FROM
from kouan.cooperation.gateway.records import LONGEST, Dispatch, Partner
from kouan.cooperation.gateway.rules import current
from kouan.cooperation.gateway.service import common
from kouan.cooperation.gateway.service.common import step, steps_of
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict
from kouan.kernel.http.records import read_one, shown
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import record_type
from kouan.kernel.rules import Kept
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text

DISPATCH = Dispatch.facts.name
MOST = 100
UNSEEN = Text("没有这份单证，或发送方无权查看", "There is no such document, or its sender may not see it")
ENDED = Text("协定已中止、终止或到期", "The agreement is not in force any more")
LARGE = Text("映射后的单证超过 256 KiB", "The document is longer than 256 KiB")


class Acknowledged(BaseModel):
    """What a partner's signed acknowledgement says."""

    model_config = ConfigDict(extra="ignore")
    of: str = Field(max_length=120)
    status: Literal["accepted", "refused"]
    reference: str | None = Field(default=None, max_length=120)
    reason: str | None = Field(default=None, max_length=400)
    digest: str = Field(max_length=64)


async def send_out(port: Port, sender: Principal, record_id: str) -> None:
    """Map, sign and hand over; what was done before is not done again."""
    kept = await port.get(PLATFORM, DISPATCH, record_id)
    if kept.state == "asked":
        kept = await _mapped(port, sender, kept)
    if kept.state == "mapped":
        kept = await _signed(port, kept)
    if kept.state == "signed":
        await _handed_over(port, kept)


async def again(port: Port) -> None:
    """Hand over what its partner has not acknowledged."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Dispatch, {}, states=("signed",), limit=MOST)
    for row in rows:
        kept = kept_of(DISPATCH, row, port.orgs)
        planned = getattr(kept.data, "next_try", None)
        if planned is not None and planned <= now():
            await _handed_over(port, kept)


async def _mapped(port: Port, sender: Principal, kept: Kept) -> Kept:
    dispatch, partner = _parts(kept), await _partner(port, kept)
    found = await _read(port, sender, dispatch) if partner else None
    if partner is None or found is None:
        said = step("mapping", ENDED if partner is None else UNSEEN, ok=False)
        return await _act(port, kept, "fail", {"steps": steps_of(kept, said)})
    record, data, lines = found
    try:
        if (unfit := mapping.unfit(partner, record, data)) is not None:
            raise mapping.Unmapped(unfit)
        document, trail = mapping.document_of(partner, dispatch.doc_kind, record, data, lines)
        text = orjson.dumps(document, default=str).decode()
        if len(text) > LONGEST // 2:
            raise mapping.Unmapped(LARGE)
    except mapping.Unmapped as unmapped:
        return await _act(port, kept, "fail", {"steps": steps_of(kept, step("mapping", unmapped.reason, ok=False))})
    said = step("mapping", Text(f"已按协定 {partner.agreement} 映射 {trail.count} 个值",
                                f"{trail.count} values mapped under agreement {partner.agreement}"))  # fmt: skip
    changes = {"document": text, "mapped": [row.model_dump() for row in trail.rows], "steps": steps_of(kept, said)}
    return await _act(port, kept, "map", changes)


async def _read(port: Port, sender: Principal, dispatch: Dispatch) -> tuple[str, dict[str, Any], list[dict[str, Any]]] | None:
    """The document as its sender may see it, with its lines: fields that its part hides do not leave by this door."""
    for record in SENT_FROM[dispatch.doc_kind]:
        kept = next((k for k in await port.find(sender, record, ref=dispatch.subject) if k.ref == dispatch.subject), None)
        if kept is None:
            continue
        data = (await read_one(port, sender, record_type(record), UUID(kept.id)))["data"]
        if record not in LINES:
            return record, data, []
        cls = record_type(LINES[record][0])
        async with scope(port.pool, scope_of(sender), clearance=sender.clearance) as conn:
            rows = await equal(conn, cls, {LINES[record][1]: dispatch.subject}, limit=MOST_LINES)
            items = await shown(port, sender, cls, rows, conn)
        return record, data, [item["data"] for item in items]
    return None


async def _signed(port: Port, kept: Kept) -> Kept:
    dispatch, partner = _parts(kept), await _partner(port, kept)
    if partner is None:
        return await _act(port, kept, "fail", {"steps": steps_of(kept, step("signing", ENDED, ok=False))})
    content = {
        "id": kept.id, "from": port.site.code, "to": partner.code, "agreement": partner.agreement, "kind": dispatch.doc_kind,
        "issued_at": now(), "document": orjson.loads(dispatch.document or "{}"),
    }  # fmt: skip
    envelope = await common.sealed(port, content)
    key_id = (await common.public_key(port))[0]
    said = step("signing", Text(f"已用密钥 {key_id} 签名，SHA-256 {envelopes.digest(envelope)}",
                                f"Signed by key {key_id}; SHA-256 {envelopes.digest(envelope)}"))  # fmt: skip
    return await _act(port, kept, "sign", {"envelope": envelope, "steps": steps_of(kept, said), "next_try": now().isoformat()})


async def _handed_over(port: Port, kept: Kept) -> None:
    """One try. The envelope is the same on every try, so that a partner can tell a repetition."""
    dispatch, partner = _parts(kept), await _partner(port, kept)
    if partner is None:
        await _act(port, kept, "fail", {"steps": steps_of(kept, step("sending", ENDED, ok=False)), "next_try": None})
        return
    tries = dispatch.tries + 1
    try:
        answer = await common.post(port, partner, "messages", dispatch.envelope or "")
        said = _acknowledgement(partner, dispatch, answer.body.decode("utf-8", "replace")) if answer.status in (200, 201, 202) else None
        wrong = "" if said else f"HTTP {answer.status}"
    except (Away, Forbidden, Broken) as trouble:
        said, wrong = None, f"{type(trouble).__name__}: {trouble}"
    if said is None:
        over = tries >= common.MOST_TRIES
        failed = step("sending", Text(f"第 {tries} 次未成功：{wrong}", f"Try {tries}: {wrong}"), ok=False)
        planned = None if over else common.later(tries, now()).isoformat()
        await _act(port, kept, "fail" if over else "wait", {"steps": steps_of(kept, failed), "tries": tries, "next_try": planned})
        return
    sent = step("sending", Text(f"已送达，共 {tries} 次", f"Handed over at try {tries}"))
    ok, reason = said.status == "accepted", said.reason or ""
    more = f" {said.reference or ''} {reason}".rstrip()
    answered = Text(f"对方签名回执有效：{'接受' if ok else '拒收'}{more}", f"Their signed acknowledgement holds: {said.status}{more}")
    noted = step("acknowledgement", answered, ok=ok)
    changes = {"reply": answer.body.decode(), "reference": said.reference, "steps": steps_of(kept, sent, noted), "tries": tries,
               "next_try": None}  # fmt: skip
    await _act(port, kept, "acknowledge" if ok else "refuse", changes)


def _acknowledgement(partner: Partner, dispatch: Dispatch, text: str) -> Acknowledged:
    """What an acknowledgement says, signed by the partner about exactly this envelope. Raises Broken."""
    envelope = envelopes.opened(text)
    if not envelopes.holds(envelope, envelopes.key_of(partner.public_key)):
        raise Broken("the signature of the acknowledgement does not hold")
    try:
        said = Acknowledged.model_validate_json(envelope.content)
    except ValidationError as wrong:
        raise Broken(f"the acknowledgement says nothing usable ({wrong.error_count()})") from None
    if said.digest != envelopes.digest(dispatch.envelope or ""):
        raise Broken("the acknowledgement is about another message")
    return said


def _parts(kept: Kept) -> Dispatch:
    assert isinstance(kept.data, Dispatch)
    return kept.data


async def _partner(port: Port, kept: Kept) -> Partner | None:
    """The partner, while its agreement is in force."""
    found = await common.partner_of(port, _parts(kept).partner)
    if found is None or not isinstance(found.data, Partner):
        return None
    return found.data if current(found.data, found.state, now(), port.site.zone) else None


async def _act(port: Port, kept: Kept, action: str, changes: dict[str, Any]) -> Kept:
    """An action of the platform's; when another worker was there first, what it made of the record."""
    try:
        return await port.act(PLATFORM, DISPATCH, kept.id, action, changes=changes, version=kept.version)
    except Conflict:
        return await port.get(PLATFORM, DISPATCH, kept.id)
