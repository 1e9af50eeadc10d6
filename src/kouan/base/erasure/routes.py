"""The security administrator's doors: examine and erase a subject, rotate the signing key; and past erasures with their proof."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from kouan.base.erasure import searching, service
from kouan.base.erasure.searching import TITLES, Search
from kouan.kernel import clock
from kouan.kernel.audit import Entry
from kouan.kernel.erasure import erase, examine, kept_as, known
from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.shapes import reply
from kouan.kernel.ids import uuid7
from kouan.kernel.ledger.store import request_rotation
from kouan.kernel.port import Port
from kouan.kernel.principal import ADMINS, PLATFORM, Principal
from kouan.kernel.records import record_type
from kouan.kernel.references import make
from kouan.kernel.text import Text

router = APIRouter(tags=["base.erasure"], responses=RESPONSES)
ROLE = "security-admin"
KEEPER = "portoffice"
SUBJECT = r"^$|^[a-z]+:[^\x00-\x1f\x7f]+$"
ONLY = Text("仅安全管理员可以执行", "Only the security administrator may do this")
READERS = Text("仅安全管理员、审计管理员和口岸办可以查看", "Only the security and audit administrators and the port office see this")
NOBODY = Text("请提供证件（种类/签发国/号码）", "Give the document (kind/issuer/number)")
ONE = Text("person 与 subject 须且只能填写其一", "Give `person` or `subject`, one of them")
NOTHING = Text("没有以它为主体加密的数据", "No data are sealed under that subject")


class EraseIn(BaseModel):
    """Whom to erase, or of which device or mover to erase the restricted data, and why; the document never stands in an address."""

    person: str = Field(default="", max_length=120, examples=["P/CN/E00000001"])
    subject: str = Field(default="", max_length=160, pattern=SUBJECT, examples=["device:BADGE-1", "interchange:EIR-2611-001"])
    ground: str = Field(default="个人信息保护法第四十七条 PIPL art. 47", min_length=1, max_length=200)


class PlaceOut(BaseModel):
    """Of a place that holds what never became a record: how much was looked through, how much of it told of the subject, how much nobody
    can read (broken archives). Of the staging area pieces are looked through, and rows counted."""

    place: str
    title: dict[str, str]
    looked: int
    told: int
    unread: int


class SearchOut(BaseModel):
    """What was looked through by the subject's number. `possible`: it has one (a token tells none, and one of three signs is in
    everything); `ended`: all was looked through, else the platform goes on by itself."""

    possible: bool
    ended: bool
    places: list[PlaceOut]


class ErasedOut(BaseModel):
    """What was erased, under which receipt; `search`: refused bodies, rows set aside and staged rows that lost their content."""

    records: int
    salts: int
    search: SearchOut
    receipt: dict[str, str]


class ExamineIn(BaseModel):
    """Who or what is examined: a person by document, or another subject."""

    person: str = Field(default="", max_length=120, examples=["P/CN/E00000001"])
    subject: str = Field(default="", max_length=160, pattern=SUBJECT, examples=["device:BADGE-1", "interchange:EIR-2611-001"])


class OpenedOut(BaseModel):
    """Of one record type: records kept of the subject, their sealed values in all versions, those that open now, and records that are
    still found by a sealed field."""

    record: str
    title: dict[str, str]
    records: int
    sealed: int
    opened: int
    looked_up: int


class ExaminedOut(BaseModel):
    """How a subject stands now. `kind` of reference; `key`: whether its key is held; `erased`: when it was erased, if ever; `search`: what
    tells of it and can be read beside records."""

    kind: str
    key: bool
    erased: str | None
    types: list[OpenedOut]
    search: SearchOut


class PastOut(BaseModel):
    """Past erasures, the newest first; they name nobody. `next` is what to go on behind."""

    items: list[dict[str, Any]]
    next: int | None


class RotationOut(BaseModel):
    """The request that the signer honours within a second or two."""

    request: str


def _only(who: Principal) -> None:
    if ROLE not in who.roles:
        raise Denied(ONLY, rule="role")


@router.post("/api/erasure", response_model=ErasedOut, operation_id="erase_person", summary="Erase a person or a sealed subject")
async def erase_person(asked: EraseIn, who: Caller, port: ThePort) -> Response:
    """Destroy a person's key and salts, or the key of a device or mover whose readings or positions are of level 3 or 4 and of no
    person, or what is sealed under a number (`enterprise:`, `interchange:`). Records, ledger and old proofs stay; refused bodies and rows
    of extraction in which the number stands lose their content, and say so. Repeating it is harmless."""
    _only(who)
    ref, subjects = await _ref(port, asked.person, asked.subject)
    await port.audit.write(Entry.of(who, "erase", "allowed", ref=subjects[0] if asked.person else ref, level=4))
    search = await searching.begin(port, ref)
    done = await erase(port, who, subjects)
    found = await searching.go_on(port, search)
    told = {"number": str(uuid7()), "ground": asked.ground, "records": done.records, "salts": done.salts, "at": clock.now()}
    filed = await port.file(PLATFORM, [Draft("base.erasure.erasure", told)], format="erasure")
    return reply({"records": done.records, "salts": done.salts, "search": _searched(found), "receipt": {"id": filed.receipt}})


@router.post("/api/erasure/examine", response_model=ExaminedOut, operation_id="erasure_examine", summary="What can be read now")
async def examine_subject(asked: ExamineIn, who: Caller, port: ThePort) -> Response:
    """Try to open all that is sealed under a subject, before an erasure and after it. Only numbers are answered, never what opened."""
    _only(who)
    ref, subjects = await _ref(port, asked.person, asked.subject)
    await port.audit.write(Entry.of(who, "erase.examine", "allowed", ref=subjects[0] if asked.person else ref, level=2))
    found, seen = await examine(port, subjects), await searching.search(port, ref)
    types = [
        {"record": one.record, "title": record_type(one.record).facts.title.out(), "records": one.records, "sealed": one.sealed,
         "opened": one.opened, "looked_up": one.looked_up} for one in found.types
    ]  # fmt: skip
    erased = clock.stamp(found.erased) if found.erased else None
    return reply({"kind": ref.partition(":")[0], "key": found.key, "erased": erased, "types": types, "search": _searched(seen)})


@router.get("/api/erasure", response_model=PastOut, operation_id="erasure_past", summary="Past erasures")
async def past(
    who: Caller, port: ThePort, after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> Response:
    """When, on which ground, how much, and where each stands in the ledger."""
    _reads(who)
    return reply(await service.past(port, after, limit))


@router.get("/api/erasure/{id}/proof", response_model=dict[str, Any], operation_id="erasure_proof", summary="Proof of an erasure")
async def proof(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """A proof that a stranger verifies offline (`kouan verify`); 503 with Retry-After while the ledger has not taken it up."""
    _reads(who)
    return reply(await service.proof(port, id))


def _reads(who: Principal) -> None:
    if not (who.roles & {ROLE, "audit-admin"} or (who.kind == KEEPER and not who.roles <= ADMINS)):
        raise Denied(READERS, rule="role")


def _searched(found: Search) -> dict[str, Any]:
    places = [
        {"place": name, "title": title.out(), **{what: found.counts[f"{name}.{what}"] for what in ("looked", "told", "unread")}}
        for name, title in TITLES.items()
    ]
    return {"possible": found.possible, "ended": found.ended, "places": places}


async def _ref(port: Port, person: str, subject: str) -> tuple[str, tuple[str, ...]]:
    """The reference that is meant, and the names under which it may be kept."""
    if bool(person) == bool(subject):
        raise Refused(ONE, field="person", rule="erasure.one")
    ref = _person(person) if person else _other(subject)
    subjects = kept_as(port, ref)
    if subject and not await known(port, subjects):
        raise NotFound(NOTHING, field="subject")
    return ref, subjects


def _person(document: str) -> str:
    try:
        return make("person", document)
    except ValueError:
        raise Refused(NOBODY, field="person", rule="reference") from None


def _other(subject: str) -> str:
    if subject.partition(":")[0] == "person":
        raise Refused(NOBODY, field="subject", rule="reference")
    return subject


@router.post("/api/ledger/rotate", response_model=RotationOut, operation_id="ledger_rotate", summary="Rotate the signing key")
async def rotate(who: Caller, port: ThePort) -> Response:
    """Ask the signer for a new key. Old proofs verify with the old key, new ones carry the rotation."""
    _only(who)
    await port.audit.write(Entry.of(who, "ledger.rotate", "allowed", level=3))
    async with port.pool.acquire() as conn:
        request = await request_rotation(conn, port.vault.token(f"actor:{who.slug}/{who.user}"))
    return reply({"request": str(request)})
