"""Asking an issuing authority's service: is this certificate good for these goods, and write its quantity off.

POST {address}/verifications with {"key", "kind", "number", "holders", "hs", "origin", "quantity", "unit"}; the key is the
same on every try. 200 answers {"verdict", "reason", "issuer", "valid_until", "remaining", "unit", "write_off"}.
DELETE {address}/verifications/{key} gives the quantity back (200, or 404 when nothing was written off).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kouan.kernel.outgoing import NotAllowed, client
from kouan.kernel.settings import Settings
from kouan.kernel.ways import Ways

WAIT = 5.0
LONGEST = 64 << 10


class Away(Exception):
    """The service cannot be reached, or what it answers cannot be understood: it is asked again later."""


class Said(BaseModel):
    """A reason in both languages, as the service gives it."""

    model_config = ConfigDict(extra="ignore")
    zh: str = Field(min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)


class Answer(BaseModel):
    """What the service answers about a certificate."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)
    verdict: Literal["valid", "unknown", "not_yet", "expired", "withdrawn", "holder", "goods", "unit", "exceeded"]
    reason: Said | None = None
    issuer: str | None = Field(default=None, max_length=120)
    valid_until: date | None = None
    remaining: Decimal | None = Field(default=None, max_digits=26, decimal_places=6)
    write_off: str | None = Field(default=None, max_length=60, pattern=r"^[^\s|\x00-\x1f\x7f]+$")


class Asking:
    """One pass of questions: a service that was found away is not asked again in the same pass."""

    def __init__(self, *, demo: bool | None = None) -> None:
        ways = Ways.of(Settings.read())
        self._client = client(ways if demo is None else Ways(demo, ways.networks, ways.own), timeout=WAIT)
        self._away: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def verify(self, address: str, question: dict[str, Any]) -> Answer:
        """The answer to a question. Raises Away."""
        status, content = await self._call("POST", address, "/verifications", question)
        if status != 200:
            raise Away(f"HTTP {status}")
        try:
            return Answer.model_validate_json(content)
        except ValidationError as wrong:
            raise Away(f"an answer that is none ({wrong.error_count()})") from None

    async def give_back(self, address: str, key: str) -> None:
        """Have a quantity given back. Raises Away."""
        status, _ = await self._call("DELETE", address, f"/verifications/{key}", None)
        if status not in (200, 204, 404):
            raise Away(f"HTTP {status}")

    async def _call(self, method: str, address: str, path: str, document: Any) -> tuple[int, bytes]:
        if address in self._away:
            raise Away(self._away[address])
        try:
            async with asyncio.timeout(WAIT):
                answer = await self._client.request(method, address.rstrip("/") + path, json=document)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as trouble:
            self._away[address] = str(trouble) if isinstance(trouble, NotAllowed) else type(trouble).__name__
            raise Away(self._away[address]) from None
        if len(answer.content) > LONGEST:
            raise Away("the answer is too long")
        return answer.status_code, answer.content


def question(
    key: str, kind: str, number: str, holders: Sequence[str], hs: str, origin: str, quantity: Decimal | None, unit: str
) -> dict[str, Any]:
    """What a service is told: the certificate and the goods under it, nothing of the rest of the declaration."""
    return {
        "key": key, "kind": kind, "number": number, "holders": list(holders), "hs": hs, "origin": origin,
        "quantity": None if quantity is None else str(quantity), "unit": unit,
    }  # fmt: skip
