"""The port's own public key towards partners abroad."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.cooperation.gateway.service import common
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["cooperation.gateway"], responses=RESPONSES)


class KeyOut(BaseModel):
    """What a partner pins: it verifies every envelope and acknowledgement of this port."""

    key_id: str
    algorithm: Literal["EdDSA"]
    public_key: str


@router.get("/api/gateway/key", response_model=KeyOut, operation_id="gateway_key", summary="This port's public key for partners abroad")
async def own_key(who: Caller, port: ThePort) -> Response:
    """Ed25519, as PEM. It is told to a partner with the agreement."""
    business(who)
    key_id, pem = await common.public_key(port)
    return reply({"key_id": key_id, "algorithm": "EdDSA", "public_key": pem})
