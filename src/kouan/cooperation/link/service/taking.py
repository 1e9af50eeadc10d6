"""Taking in: a partner's signed message is verified, held against the agreement, kept, and answered with a signed receipt.

The message number is the Idempotency-Key of its keeping: what comes again is answered with the receipt that it had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from kouan.cooperation.link import errors, sealing, sharing
from kouan.cooperation.link.records import Copy, LinkReceipt, Refusal
from kouan.cooperation.link.rules import OLD
from kouan.cooperation.link.service import agreements, beating, giving, keys
from kouan.cooperation.link.terms import differences, terms, without_keys
from kouan.kernel.clock import now, stamp
from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept

COPY, RECEIPT, REFUSAL = Copy.facts.name, LinkReceipt.facts.name, Refusal.facts.name
FORM = "kouan-link/1"
ENDED = "ended"


class Message(BaseModel):
    """One change of one record of the partner's, or its word on an agreement."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: str = Field(pattern=r"^kouan-link/1$")
    message: str = Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")
    agreement: str = Field(min_length=1, max_length=40)
    record: str = Field(min_length=1, max_length=120)
    origin: str = Field(min_length=1, max_length=300)
    version: int = Field(ge=1, le=2**31 - 1)
    what: str = Field(max_length=60)
    state: str = Field(max_length=60)
    at: AwareDatetime
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """A body with its headers (names in lower case), and the partner under whose address it came."""

    partner: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The receipt as it was signed."""

    statement: str
    signature: str


async def known(port: Port, signed: Signed) -> list[Kept]:
    """The partner's agreements under whose key this was signed. Raises NotSignedIn when there are none."""
    return (await _known(port, signed))[1]


async def _known(port: Port, signed: Signed) -> tuple[str, list[Kept]]:
    """The key that signed, and the agreements under which it is accepted; the partner was heard."""
    found = await agreements.with_partner(port, signed.partner)
    followed = await keys.changes(port, signed.partner, "theirs") if found else []
    accepted = [(kept, keys.accepted(agreements.of(kept).partner_key, followed)) for kept in found]
    key = sealing.sender(signed.headers, signed.body, now(), dict.fromkeys(one for _, them in accepted for one in them))
    if not key:
        raise errors.unsigned()
    await keys.confirm(port, followed, key)
    await beating.heard(port, signed.partner, int(signed.headers[sealing.TIMESTAMP]))
    return key, [kept for kept, them in accepted if key in them]


async def take(port: Port, signed: Signed) -> Answer:
    """Keep a message, answer its receipt. Raises NotSignedIn, Refused or Conflict; what is refused under a signature is noted."""
    key, its = await _known(port, signed)
    number = signed.headers[sealing.ID]
    try:
        message = _read(signed.body, number)
        kept = next((one for one in its if agreements.of(one).number == message.agreement), None)
        if kept is None:
            raise errors.no_agreement(message.agreement)
        if message.record == agreements.AGREEMENT:
            return await _on_agreement(port, signed, message, kept, key)
        return await _copy(port, signed, message, kept)
    except (Refused, Conflict) as failure:
        await _note(port, signed.partner, number, failure)
        raise


def _read(body: bytes, number: str) -> Message:
    try:
        message = Message.model_validate(orjson.loads(body))
    except ValidationError as error:
        first = error.errors()[0]
        raise errors.malformed(".".join(str(part) for part in first["loc"]), first["msg"]) from None
    except orjson.JSONDecodeError:
        raise errors.malformed("", "it is no JSON") from None
    if message.message != number:
        raise errors.malformed("message", "its number is not that of the header")
    return message


async def _copy(port: Port, signed: Signed, message: Message, kept: Kept) -> Answer:
    at = now()
    # Told late under an agreement that has ended meanwhile is still told of a time when it was in force.
    if not await agreements.held(port, kept, message.at):
        raise errors.not_in_force(message.agreement)
    given, others = sharing.taken(agreements.of(kept), message.record, message.content)
    if given is None:
        raise errors.not_agreed(message.record)
    if others:
        raise errors.beyond(others)
    copy = Draft(COPY, _content(port, signed.partner, message, kept, at))
    try:
        return await _keep(port, signed, message, kept, [copy], "kept")
    except Refused as refused:
        if refused.code != OLD:
            raise
        return await _keep(port, signed, message, kept, [], "superseded")


def _content(port: Port, partner: str, message: Message, kept: Kept, at: datetime) -> dict[str, Any]:
    agreement = agreements.of(kept)
    delay = max((at - message.at).total_seconds(), 0.0)
    readers = [kept.filed_by, *(org for kind in agreement.readers for org in port.orgs.of_kind(kind))]
    return {
        "partner": f"org:{partner}", "agreement": agreement.number, "record": message.record, "origin": message.origin,
        "origin_version": message.version, "what": message.what, "state": message.state, "at": message.at, "received_at": at,
        "delay_seconds": round(delay, 3), "agreed_seconds": agreement.delay_seconds, "within": delay <= agreement.delay_seconds,
        "about": sharing.about(message.content), "content": message.content,
        "readers": [f"org:{port.orgs.slug(org)}" for org in dict.fromkeys(readers)],
    }  # fmt: skip


async def _keep(port: Port, signed: Signed, message: Message, kept: Kept, drafts: list[Draft], outcome: str) -> Answer:
    """Keep what came and its receipt in one submission; for what came before, the receipt that it had."""
    receipt = await _receipt(port, signed, message, kept, outcome)
    # The body as it came is what is compared when the number comes again; the receipt that was made meanwhile is not used then.
    filed = await port.file(PLATFORM, [*drafts, Draft(RECEIPT, receipt)], format="link", body=signed.body, key=_key(signed))
    said = next(one.data for one in filed.kept if one.record == RECEIPT)
    assert isinstance(said, LinkReceipt)
    return Answer(said.statement, said.signature)


def _key(signed: Signed) -> str:
    return f"link/{signed.partner}/{signed.headers[sealing.ID]}"


async def _receipt(port: Port, signed: Signed, message: Message, kept: Kept, outcome: str) -> dict[str, Any]:
    at, number, own = now(), str(uuid7()), await keys.to(port, signed.partner)
    statement = orjson.dumps(
        {"form": "kouan-link-receipt/1", "number": number, "message": message.message, "agreement": message.agreement,
         "origin": message.origin, "version": message.version, "digest": digest(signed.body), "outcome": outcome, "at": stamp(at),
         "key": sealing.written(own.public_key())}
    ).decode()  # fmt: skip
    return {
        "number": number, "direction": "issued", "partner": f"org:{signed.partner}", "giver": None, "message": message.message,
        "agreement": message.agreement, "record": message.record, "origin": message.origin, "origin_version": message.version,
        "outcome": outcome, "at": at, "statement": statement, "signature": sealing.signed(own, statement.encode()),
    }  # fmt: skip


def digest(body: bytes) -> str:
    """The digest that a receipt names, SHA-256 as hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


async def _on_agreement(port: Port, signed: Signed, message: Message, kept: Kept, key: str) -> Answer:
    """The partner signed the agreement, or ended it, or changes its key. The first two rest on the same terms on both sides."""
    if message.what == keys.WHAT:
        await keys.follow(port, signed.partner, key, message.message, message.content)
        return await _keep(port, signed, message, kept, [], "kept")
    ours, theirs = terms(agreements.of(kept), await keys.public(port)), message.content
    if message.what != "sign":  # Keys may have followed those of the signing; which are accepted was asked before.
        ours, theirs = without_keys(ours), without_keys(theirs)
    if paths := differences(ours, theirs):
        raise errors.terms_differ(paths)
    state = str(kept.tracks["theirs"]["state"])
    if message.what == "sign" and state == "drafted":
        said = {"partner_signature": signed.headers[sealing.SIGNATURE].split()[0]}
        await _act(port, kept, "theirs.countersign", said)
        if kept.tracks["ours"]["state"] == "signed":
            # Our word may have come before the partner had filed its half: then it was refused there, and is given once more.
            await giving.say(port, kept, "sign", kept.version, message.at, f"again/{message.message}")
    elif message.what == "end" and state != ENDED:
        await _act(port, kept, "theirs.withdraw", {})
    return await _keep(port, signed, message, kept, [], "kept")


async def _act(port: Port, kept: Kept, action: str, changes: Mapping[str, Any]) -> None:
    try:
        await port.act(PLATFORM, agreements.AGREEMENT, kept.id, action, changes=changes)
    except Conflict as moved:  # Another copy of the message was quicker.
        if moved.code != "not_in_state":
            raise


async def _note(port: Port, partner: str, number: str, failure: Refused | Conflict) -> None:
    """Let the port office see what was not taken, once a message."""
    first = failure.problems[0] if failure.problems else None
    where = failure.field or (first.field if first else "")
    data = {
        "partner": f"org:{partner}", "message": number, "code": failure.code[:80], "field_name": where[:200],
        "reason_zh": failure.reason.zh[:1000], "reason_en": failure.reason.en[:1000], "at": now(),
    }  # fmt: skip
    await port.file(PLATFORM, [Draft(REFUSAL, data)], format="link")
