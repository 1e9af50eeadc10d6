"""Bodies that tests post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from kouan.kernel.formats import Format
from kouan.kernel.words import every
from tests.base.conftest import load

load()

CALL = "base.portcall.port_call"
RAIL = "base.manifest.rail_manifest"
DECLARATION = "base.declaration.declaration"
RESPONSE = "base.receipt.response"


def sample(name: str) -> bytes:
    """One of the samples that the platform offers for download."""
    return next(s.body for f in every(Format) for s in f().samples() if s.name == name)


def cuscar() -> bytes:
    return sample("cuscar-wanghai.edi")


def declaration(number: int = 1) -> bytes:
    return sample(f"wco-dec-wanghai-{number}.xml")


def fal() -> bytes:
    return sample("fal-wanghai.json")


def call(**changes: Any) -> dict[str, Any]:
    """A port call as its agent types it."""
    return {
        "vessel": "IMO 9321483", "ship_name": "WANGHAI STAR", "flag": "CN", "voyage": "2611E", "port": "CNWHH",
        "eta": "2030-11-23T06:00:00Z", "crew_count": 21, **changes,
    }  # fmt: skip


def rail(**changes: Any) -> dict[str, Any]:
    """A wagon's line of a rail manifest."""
    return {
        "waybill": "SMGS0012345", "wagon": "52839471", "entered_at": "2026-11-22T03:20:00Z", **changes,
    }  # fmt: skip


async def post(
    client: httpx.AsyncClient, code: str, body: bytes | Sequence[Any] | dict[str, Any], *, record: str = "", key: str = ""
) -> httpx.Response:
    """File a body at the intake door."""
    headers = {"Idempotency-Key": key} if key else {}
    params = {"record": record} if record else {}
    if isinstance(body, bytes):
        return await client.post(f"/api/intake/{code}", params=params, content=body, headers=headers)
    return await client.post(f"/api/intake/{code}", params=params, json=body, headers=headers)
