"""The security administrator's doors: erase a person, rotate the signing key."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from kouan.kernel import clock
from kouan.kernel.audit import Entry
from kouan.kernel.erasure import erase, known
from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.shapes import reply
from kouan.kernel.ids import uuid7
from kouan.kernel.ledger.store import request_rotation
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.references import make
from kouan.kernel.text import Text

router = APIRouter(tags=["base.erasure"], responses=RESPONSES)
ROLE = "security-admin"
ONLY = Text("仅安全管理员可以执行", "Only the security administrator may do this")
NOBODY = Text("请提供证件(种类/签发国/号码)", "Give the document (kind/issuer/number)")
ONE = Text("person 与 subject 须且只能填写其一", "Give `person` or `subject`, one of them")
NOTHING = Text("没有以它为主体加密的数据", "No data are sealed under that subject")


class EraseIn(BaseModel):
    """Whom to erase, or of which device or mover to erase the restricted data, and why; the document never stands in an address."""

    person: str = Field(default="", max_length=120, examples=["P/CN/E00000001"])
    subject: str = Field(
        default="", max_length=160, pattern=r"^$|^[a-z]+:[^\x00-\x1f\x7f]+$", examples=["device:BADGE-1", "truck:鲁B12345"]
    )
    ground: str = Field(default="个人信息保护法第四十七条 PIPL art. 47", min_length=1, max_length=200)


class ErasedOut(BaseModel):
    """What was erased, under which receipt."""

    records: int
    salts: int
    receipt: dict[str, str]


class RotationOut(BaseModel):
    """The request that the signer honours within a second or two."""

    request: str


def _only(who: Principal) -> None:
    if ROLE not in who.roles:
        raise Denied(ONLY, rule="role")


@router.post("/api/erasure", response_model=ErasedOut, operation_id="erase_person", summary="Erase a person or a sealed subject")
async def erase_person(asked: EraseIn, who: Caller, port: ThePort) -> Response:
    """Destroy a person's key and salts, or the key of a device or mover whose readings or positions are of level 3 or 4 and of no
    person; records, ledger and old proofs stay. Repeating it is harmless."""
    _only(who)
    if bool(asked.person) == bool(asked.subject):
        raise Refused(ONE, field="person", rule="erasure.one")
    ref = _person(asked.person) if asked.person else await _sealed(port, asked.subject)
    await port.audit.write(Entry.of(who, "erase", "allowed", ref=ref, level=4))
    done = await erase(port, who, ref)
    told = {"number": str(uuid7()), "ground": asked.ground, "records": done.records, "salts": done.salts, "at": clock.now()}
    filed = await port.file(PLATFORM, [Draft("base.erasure.erasure", told)], format="erasure")
    return reply({"records": done.records, "salts": done.salts, "receipt": {"id": filed.receipt}})


def _person(document: str) -> str:
    try:
        return make("person", document)
    except ValueError:
        raise Refused(NOBODY, field="person", rule="reference") from None


async def _sealed(port: Port, subject: str) -> str:
    """A subject as it is kept; NotFound when nothing was ever sealed under it."""
    kind, _, value = subject.partition(":")
    if kind == "person":
        raise Refused(NOBODY, field="subject", rule="reference")
    for ref in (subject, f"{kind}:{value.strip().upper()}"):
        if await known(port, ref):
            return ref
    raise NotFound(NOTHING, field="subject")


@router.post("/api/ledger/rotate", response_model=RotationOut, operation_id="ledger_rotate", summary="Rotate the signing key")
async def rotate(who: Caller, port: ThePort) -> Response:
    """Ask the signer for a new key. Old proofs verify with the old key, new ones carry the rotation."""
    _only(who)
    await port.audit.write(Entry.of(who, "ledger.rotate", "allowed", level=3))
    async with port.pool.acquire() as conn:
        request = await request_rotation(conn, port.vault.token(f"actor:{who.slug}/{who.user}"))
    return reply({"request": str(request)})
