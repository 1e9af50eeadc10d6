"""Asking a library what changed: POST {address}/changes with {"family", "since", "limit"}.

200 answers {"items": [{"seq", …}], "more"}: entries behind `since` in order of `seq`, each the whole entry as it stands now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kouan.base.push.api import Away, Outward

PAGE = 100
WAIT = 10.0
_TEXT = r"^[^\x00-\x1f\x7f]*$"


class Entry(BaseModel):
    """What all entries have."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)
    seq: int = Field(ge=1, le=2**62)
    code: str = Field(min_length=1, max_length=64, pattern=_TEXT)


class LegalPerson(Entry):
    """A legal person as it is registered. Fields that the library does not tell are left as they are."""

    name: str = Field(min_length=1, max_length=200, pattern=_TEXT)
    name_en: str | None = Field(default=None, max_length=200, pattern=_TEXT)
    status: Literal["active", "revoked", "dissolved"]
    established: date | None = None
    address: str | None = Field(default=None, max_length=400, pattern=_TEXT)
    representative: str | None = Field(default=None, max_length=80, pattern=_TEXT)
    capital: str | None = Field(default=None, max_length=60, pattern=_TEXT)


class Licence(Entry):
    """A business licence of a firm."""

    number: str = Field(min_length=1, max_length=60, pattern=_TEXT)
    authority: str = Field(default="", max_length=100, pattern=_TEXT)
    since: date | None = None
    until: date | None = None


class GeoName(Entry):
    """What a place is called."""

    name: str = Field(min_length=1, max_length=80, pattern=_TEXT)
    name_en: str | None = Field(default=None, min_length=1, max_length=80, pattern=_TEXT)


SHAPES: Mapping[str, type[Entry]] = {"legal_person": LegalPerson, "licence": Licence, "place": GeoName}


class Page(BaseModel):
    """A page of entries; `more`: there are further ones."""

    model_config = ConfigDict(extra="ignore")
    items: list[dict[str, Any]] = Field(max_length=PAGE)
    more: bool = False


async def page(outward: Outward, address: str, family: str, since: int) -> tuple[list[Entry], bool]:
    """The entries behind a number. Raises Forbidden, or Away where the answer cannot be understood, too."""
    body = orjson.dumps({"family": family, "since": since, "limit": PAGE})
    answer = await outward.call("POST", f"{address.rstrip('/')}/changes", {"Content-Type": "application/json"}, body, wait=WAIT)
    if answer.status != 200:
        raise Away(f"HTTP {answer.status}")
    try:
        found = Page.model_validate_json(answer.body)
        entries = [SHAPES[family].model_validate(item) for item in found.items]
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        raise Away(f"an answer that is none: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
    numbers = [entry.seq for entry in entries]
    if numbers != sorted(set(numbers)) or (numbers and numbers[0] <= since):
        raise Away("entries out of order")
    return entries, found.more and bool(entries)
