"""From a kept message to a certificate, its declaration, and an acknowledgement that its partner can verify."""

from __future__ import annotations

from typing import Any

from kouan.base.push.api import Away, Forbidden
from kouan.cooperation.gateway import envelopes, mapping
from kouan.cooperation.gateway.records import Certificate, Message, Partner
from kouan.cooperation.gateway.service import common, linking
from kouan.cooperation.gateway.service.common import step, steps_of
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text

MESSAGE, CERTIFICATE = Message.facts.name, Certificate.facts.name
MOST = 100


async def take_in(port: Port, record_id: str) -> None:
    """Map and file what a message says, then acknowledge it; what was done before is not done again."""
    kept = await port.get(PLATFORM, MESSAGE, record_id)
    if kept.state == "received":
        kept = await _mapped(port, kept)
    if kept.state == "mapped":
        await _acknowledged(port, kept)


async def again(port: Port) -> None:
    """Acknowledge what its partner was not told yet."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Message, {}, states=("mapped",), limit=MOST)
    for row in rows:
        kept = kept_of(MESSAGE, row, port.orgs)
        planned = getattr(kept.data, "next_try", None)
        if planned is not None and planned <= now():
            await _acknowledged(port, kept)


async def _mapped(port: Port, kept: Kept) -> Kept:
    message, partner = kept.data, await common.partner_of(port, getattr(kept.data, "partner", ""))
    assert isinstance(message, Message)
    assert partner is not None
    assert isinstance(partner.data, Partner)
    payload = envelopes.payload_of(envelopes.opened(message.envelope))
    origin = {"message": kept.ref, "digest": message.digest, "presenter": f"org:{kept.filer}"}
    said = [
        step("signature", Text(f"签名有效，密钥 {partner.data.key_id}，原件 SHA-256 {message.digest}",
                               f"Signature holds by key {partner.data.key_id}; SHA-256 of the original {message.digest}")),
        step("agreement", Text(f"协定 {message.agreement} 有效", f"Agreement {message.agreement} is in force")),
    ]  # fmt: skip
    try:
        certificate, count = mapping.certificate_of(partner.data, payload, origin)
    except mapping.Unmapped as unmapped:
        # The table was changed between the filing and now: the message stays, and says so.
        changes: dict[str, Any] = {"steps": steps_of(kept, *said, step("mapping", unmapped.reason, ok=False))}
        return await port.act(PLATFORM, MESSAGE, kept.id, "map", changes=changes)
    said.append(step("mapping", Text(f"已映射 {count} 个值", f"{count} values mapped")))
    ref, more = await _kept(port, certificate)
    changes = {"certificate": ref, "steps": steps_of(kept, *said, *more)}
    return await port.act(PLATFORM, MESSAGE, kept.id, "map", changes=changes, note=ref)


async def _kept(port: Port, certificate: Certificate) -> tuple[str, list[dict[str, Any]]]:
    """File a certificate, or renew the one that is kept, and link it; an older edition changes nothing."""
    before = next(iter(await port.find(PLATFORM, CERTIFICATE, key=certificate.key(PLATFORM.slug))), None)
    linked = before.data if before is not None and isinstance(before.data, Certificate) else None
    if before is not None and linked is not None and linked.as_of > certificate.as_of:
        return before.ref, [step("keeping", Text("已有更新的一版，本版只存原件", "A newer edition stands: this one is kept as original only"))]
    data = certificate.model_dump(mode="json")
    data |= {name: getattr(linked, name) if linked else empty for name, empty in linking.LINKS.items()}
    filed = await port.file(PLATFORM, [Draft(CERTIFICATE, data, renew=True)], key=f"gateway:{certificate.digest}")
    kept = filed.kept[0]
    said = [step("keeping", Text(f"已入库 {kept.ref}", f"Kept as {kept.ref}"))]
    stated = (*((certificate.declaration,) if certificate.declaration else ()), *certificate.declarations)
    said += [step("link", Text(f"已关联 {one}", f"Linked to {one}")) for one in await linking.link(port, kept.id, stated)]
    return kept.ref, said


async def _acknowledged(port: Port, kept: Kept) -> None:
    message, partner = kept.data, await common.partner_of(port, getattr(kept.data, "partner", ""))
    assert isinstance(message, Message)
    if partner is None or not isinstance(partner.data, Partner) or not partner.data.address:
        said = step("acknowledgement", Text("协定未约定回执地址：提交时的凭证即为回执", "No address agreed: the receipt at the door is the answer"))
        await _act(port, kept, "acknowledge", {"steps": steps_of(kept, said), "next_try": None})
        return
    content = {
        "id": f"ack-{message.message_id}", "of": message.message_id, "from": port.site.code, "to": partner.data.code,
        "status": "accepted" if message.certificate else "unmapped", "reference": message.certificate,
        "digest": message.digest, "at": now(),
    }  # fmt: skip
    tries = message.tries + 1
    try:
        answer = await common.post(port, partner.data, "acknowledgements", await common.sealed(port, content))
        wrong = "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
    except (Away, Forbidden) as away:
        wrong = f"{type(away).__name__}: {away}"
    if not wrong:
        said = step("acknowledgement", Text("签名回执已送达对方", "The signed acknowledgement was taken"))
        await _act(port, kept, "acknowledge", {"steps": steps_of(kept, said), "tries": tries, "next_try": None})
        return
    said = step("acknowledgement", Text(f"第 {tries} 次未送达：{wrong}", f"Try {tries}: {wrong}"), ok=False)
    over = tries >= common.MOST_TRIES
    planned = None if over else common.later(tries, now()).isoformat()
    await _act(port, kept, "give_up" if over else "wait", {"steps": steps_of(kept, said), "tries": tries, "next_try": planned})


async def _act(port: Port, kept: Kept, action: str, changes: dict[str, Any]) -> None:
    try:
        await port.act(PLATFORM, MESSAGE, kept.id, action, changes=changes, version=kept.version)
    except Conflict:
        return  # another worker was there first
