"""The ledger's public doors: its key, its latest checkpoint, its consistency proofs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from kouan.kernel.ledger import store
from kouan.kernel.suites.suite import Suite

if TYPE_CHECKING:
    from kouan.kernel.database import Connection

HEX = "^[0-9a-f]{64}$"


class CheckpointAnswer(BaseModel):
    """The signed state of the log; `signature` is over the canonical JSON of the other fields, by the suite that is named."""

    v: int
    suite: str | None = Field(None, description="密码套件；第 1 版未写明，即 intl / cryptographic suite; none in version 1: intl")
    origin: str = Field(description="账本名称 / the log's name")
    size: int = Field(ge=0, description="条数 / number of leaves")
    root: str = Field(pattern=HEX, description="RFC 6962 根 / RFC 6962 root")
    at: str = Field(description="签发时间（UTC）/ when it was signed, UTC")
    key: str = Field(pattern=HEX, description="公钥指纹 / fingerprint of the signing key")
    signature: str = Field(description="签名（intl 为 Ed25519，sm 为 SM2 的 r‖s），base64 / Ed25519, or SM2 as r‖s, base64")


class Roots(BaseModel):
    """The roots at both sizes."""

    model_config = ConfigDict(populate_by_name=True)

    old: str = Field(alias="from", pattern=HEX)
    new: str = Field(alias="to", pattern=HEX)


class ConsistencyAnswer(BaseModel):
    """RFC 6962 section 2.1.2: the larger tree extends the smaller."""

    model_config = ConfigDict(populate_by_name=True)

    suite: str = Field(description="密码套件 / cryptographic suite")
    old: int = Field(alias="from", ge=1)
    new: int = Field(alias="to", ge=1)
    roots: Roots
    path: list[str]


class SuiteAnswer(BaseModel):
    """The algorithms by which this port hashes, signs and seals."""

    suite: str
    title: dict[str, str]
    hash: str
    signature: str
    seal: str
    mac: str


def ledger_router(
    connect: Callable[[], AbstractAsyncContextManager[Connection]], suite: Callable[[], Suite]
) -> APIRouter:
    """Routes under /api/ledger; `connect` yields a connection of the role kouan_app for one request, `suite` tells
    the suite of the data folder.

    Failures are `kouan.kernel.errors.Failure`; the application turns them into problem+json.
    """
    router = APIRouter(prefix="/api/ledger", tags=["ledger"])

    @router.get("/key", response_class=PlainTextResponse, summary="当前公钥 / Current public key")
    async def key() -> PlainTextResponse:
        """The public key that signs checkpoints now, alone: PEM SubjectPublicKeyInfo."""
        async with connect() as conn:
            return PlainTextResponse(await store.current_key(conn))

    @router.get("/checkpoint", response_model=CheckpointAnswer, response_model_exclude_none=True, summary="最新检查点 / Latest checkpoint")
    async def checkpoint() -> dict[str, Any]:
        """The latest signed checkpoint."""
        async with connect() as conn:
            return await store.checkpoint(conn)

    @router.get("/consistency", response_model=ConsistencyAnswer, summary="一致性证明 / Consistency proof")
    async def consistency(
        old: Annotated[int, Query(alias="from", description="较小的条数 / smaller size")],
        new: Annotated[int, Query(alias="to", description="较大的条数 / larger size")],
    ) -> dict[str, Any]:
        """Proof that the log of `to` leaves extends the log of `from` leaves."""
        async with connect() as conn:
            return await store.consistency(conn, suite(), old, new)

    @router.get("/suite", response_model=SuiteAnswer, summary="密码套件 / Cryptographic suite")
    async def which() -> SuiteAnswer:
        """The suite of algorithms that this port was made with."""
        one = suite()
        return SuiteAnswer(
            suite=one.code, title=one.title.out(), hash=one.hash_name, signature=one.signature_name, seal=one.seal_name,
            mac=one.mac_name,
        )  # fmt: skip

    return router
