"""The one door of partner platforms, the key that they pin, and what they told of a reference."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from kouan.cooperation.link import errors
from kouan.cooperation.link.records import AUTHORITIES
from kouan.cooperation.link.service import beating, rotating, taking, telling
from kouan.cooperation.link.service.taking import Signed
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["cooperation.link"], responses=RESPONSES)
Partner = Annotated[str, Path(max_length=32, pattern=r"^[a-z0-9-]+$")]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_BODY = {
    "requestBody": {
        "required": True,
        "description": "A signed message, at most 1 MiB (docs/links.md)",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class KeyOut(BaseModel):
    """This platform's public signing key, the one that is to follow it, and the code of its port."""

    key: str
    next: str | None
    site: str


class RotationOut(BaseModel):
    """The key in use, the one that is to follow it, since when that is announced, and which partners have acknowledged it."""

    key: str
    next: str | None
    since: str | None
    partners: list[dict[str, Any]]


class PartnerOut(BaseModel):
    """How a partner does: when it was last heard and last answered us, how many of its beats (30 s) are missing; two are silence."""

    partner: str
    agreement: str
    heard_at: str | None
    answered_at: str | None
    error: str | None
    silent_seconds: float
    missed_beats: int
    silent: bool


class ReceiptOut(BaseModel):
    """The receipt: the text that was signed, to the letter, and its signature (`v1a`, Ed25519)."""

    statement: str
    signature: str


class OkOut(BaseModel):
    """The signature is known."""

    ok: bool


class ToldOut(BaseModel):
    """What a partner told. `delay_seconds`: from its happening to its coming here; `age_seconds`: from its happening to now."""

    copy_ref: str
    partner: str
    agreement: str
    record: str
    origin: str
    version: int
    says: BothLanguages
    state: str
    at: datetime
    received_at: datetime
    delay_seconds: float
    agreed_seconds: int
    within: bool
    age_seconds: float
    content: dict[str, Any]


class AllToldOut(BaseModel):
    """What partners told of one reference, newest first."""

    ref: str
    items: list[ToldOut]


class RefIn(BaseModel):
    """A container's number in any spelling, or a reference with its kind."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"ref": "MSKU 907032-3"}})
    ref: Key


@router.get("/api/links/key", response_model=KeyOut, operation_id="links_key", summary="This platform's public link key")
async def key(who: Caller, port: ThePort) -> Response:
    """What a partner pins in its half of an agreement. Hand it over by another way than this line."""
    business(who)
    standing = await rotating.standing(port)
    return reply({"key": standing["key"], "next": standing["next"], "site": port.site.code})


@router.get("/api/links/key/rotation", response_model=RotationOut, operation_id="links_rotation", summary="How a change of keys stands")
async def rotation(who: Caller, port: ThePort) -> Response:
    """The key in use and the one that is to follow; which partners know of it."""
    business(who)
    return reply(await rotating.standing(port))


@router.post("/api/links/key/rotate", response_model=RotationOut, operation_id="links_rotate", summary="Change this platform's link key")
async def rotate(who: Caller, port: ThePort) -> Response:
    """By the port office. The new key is announced to each partner under the old one; the old is forgotten when all have acknowledged."""
    business(who)
    return reply(await rotating.begin(port, who))


@router.post("/api/links/key/finish", response_model=RotationOut, operation_id="links_finish", summary="Use the new key alone")
async def finish(who: Caller, port: ThePort) -> Response:
    """By the port office: a partner that has not acknowledged the new key has to pin it by hand, in a new agreement."""
    business(who)
    return reply(await rotating.finish(port, who))


@router.get("/api/links/partners", response_model=list[PartnerOut], operation_id="links_partners", summary="How the partners do")
async def partners(who: Caller, port: ThePort) -> Response:
    """When each partner with which an agreement is in force was last heard. For the authorities."""
    business(who)
    if who.kind not in AUTHORITIES:
        raise errors.not_theirs()
    return reply([one.out() for one in await beating.standings(port)])


@router.post(
    "/api/links/{partner}/messages", response_model=ReceiptOut, operation_id="links_messages", openapi_extra=_BODY,
    summary="A partner platform's message, signed by the key pinned for it",
)  # fmt: skip
async def messages(partner: Partner, request: Request, port: ThePort) -> Response:
    """Kept once, answered by a signed receipt; the same message again is answered by the same receipt. Its caller is known
    by its signature alone; a token opens nothing here."""
    answer = await taking.take(port, await _signed(partner, request))
    return reply({"statement": answer.statement, "signature": answer.signature})


@router.get("/api/links/{partner}/check", response_model=OkOut, operation_id="links_check", summary="Whether a partner's key is pinned")
async def check(partner: Partner, request: Request, port: ThePort) -> Response:
    """Answers a partner that signs by a key that is pinned here."""
    await taking.known(port, await _signed(partner, request))
    return reply({"ok": True})


@router.post(
    "/api/trace/links", response_model=AllToldOut, operation_id="trace_links", summary="What partner platforms told of a reference"
)
async def told(asked: RefIn, who: Caller, port: ThePort) -> Response:
    """A transit container's status at another port, as that port told it: how old it is, and whether it came in time."""
    business(who)
    return reply(await telling.told(port, who, asked.ref))


async def _signed(partner: str, request: Request) -> Signed:
    """The caller's headers and body. A body over the limit, and one that was cut off, is nobody's message."""
    stated = request.headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated) > errors.MOST_BYTES:
        raise errors.too_large()
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > errors.MOST_BYTES:
                raise errors.too_large()
            parts.append(part)
    except ClientDisconnect:
        raise errors.unsigned() from None
    return Signed(partner, {name.lower(): value for name, value in request.headers.items()}, b"".join(parts))
