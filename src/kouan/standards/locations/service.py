"""Asking for a location: by its UN/LOCODE, a national code, or its name in Chinese or English, on a day."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

from kouan.kernel.errors import NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.codes.api import Code
from kouan.standards.locations import districts, store
from kouan.standards.locations.near import near, slips
from kouan.standards.locations.records import SCHEMES, LocationCode

NONE = Text("没有这个地点代码", "There is no such location code")
MOST_NEAR, MOST_FOUND = 8, 20


async def one(port: Port, who: Principal, asked: str, on: date) -> dict[str, Any]:
    """The places of a code, UN or national; NotFound with near matches when nothing has it."""
    code = "".join(asked.split()).upper()
    found = [place] if (place := codes.lookup("locode", code)) else await _by_national(port, who, code)
    if not found:
        guesses = await asyncio.to_thread(_near, code)
        raise NotFound(NONE, field="code", rule="location", code="location_unknown", near=[_brief(guess) for guess in guesses])
    return {"asked": code, "at": on.isoformat(), "places": [await _told(port, who, place, on) for place in found]}


async def search(port: Port, who: Principal, text: str, on: date) -> dict[str, Any]:
    """Places whose code or name fits, best first."""
    found = await asyncio.to_thread(codes.search, "locode", text, MOST_FOUND)
    return {"asked": text, "at": on.isoformat(), "places": [await _told(port, who, place, on) for place in found]}


async def _by_national(port: Port, who: Principal, code: str) -> list[Code]:
    named = [entry.place for entry in await store.entries(port, who, {"code": code})]
    if office := districts.of_code(code):
        named += [place.code for place in codes.search("locode", office[0], MOST_FOUND) if place.name.zh.startswith(office[0])]
    return [place for one in dict.fromkeys(named) if (place := codes.lookup("locode", one))]


def _near(code: str) -> list[Code]:
    if code.isdigit():
        offices = slips(code, [district.code for district in districts.DISTRICTS.values()])
        cities = [found[0] for one in offices if (found := districts.of_code(one))]
        return [place for city in cities for place in codes.search("locode", city, 1)][:MOST_NEAR]
    guesses = near(code, lambda one: codes.lookup("locode", one) is not None, 4 * MOST_NEAR)
    places = [place for one in guesses if (place := codes.lookup("locode", one))]
    # Of places that are spelled as near, seaports are meant more often (function 1 of UN/LOCODE), then those with a Chinese name.
    return sorted(places, key=lambda one: ("1" not in one.facts.get("function", ""), not one.translated))[:MOST_NEAR]


def _brief(place: Code) -> dict[str, Any]:
    return {"un": place.code, "name": place.name.out(), "function": place.facts.get("function", "")}


async def _told(port: Port, who: Principal, place: Code, on: date) -> dict[str, Any]:
    """A place with its codes; `history` holds national codes that do not stand on the day."""
    kept = await store.entries(port, who, {"place": place.code})
    office = districts.of_place(place.name.zh) if place.code.startswith("CN") else None
    own = [_carried(office)] if office and not any(one.scheme == "customs" for one in kept) else []
    return {
        **_brief(place), "entered": place.facts.get("entered"), "status": place.facts.get("status"),
        "coordinates": place.facts.get("coordinates"), "edition": codes.edition("locode"),
        "since": place.since.isoformat() if place.since else None, "until": place.until.isoformat() if place.until else None,
        "national": [*own, *_entries([one for one in kept if _stands(one, on)])],
        "history": _entries([one for one in kept if not _stands(one, on)]),
    }  # fmt: skip


def _carried(office: districts.District) -> dict[str, Any]:
    title = SCHEMES["customs"].out()
    return {"scheme": "customs", "title": title, "code": office.code, "name": office.name.out(), "since": None, "until": None,
            "source": districts.SOURCE.out()}  # fmt: skip


def _entries(entries: Sequence[LocationCode]) -> list[dict[str, Any]]:
    return [
        {"scheme": one.scheme, "title": SCHEMES[one.scheme].out(), "code": one.code, "name": Text(one.name_zh, one.name_en).out(),
         "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None,
         "source": Text(one.source, one.source).out()}
        for one in entries
    ]  # fmt: skip


def _stands(one: LocationCode, on: date) -> bool:
    return one.since <= on and (one.until is None or on <= one.until)
