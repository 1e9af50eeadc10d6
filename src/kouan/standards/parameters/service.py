"""The verbs of the parameter service: which sets there are, a set on a day, a code on a day, the versions of a set."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from kouan.kernel.clock import now, stamp
from kouan.kernel.errors import NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.codes.api import Code
from kouan.standards.parameters import store
from kouan.standards.parameters.catalogue import Set, named, sets
from kouan.standards.parameters.records import RATES, Entry, code_ref
from kouan.standards.parameters.standing import Standing, by_code, in_force, merged, of_code, standing

NO_SET = Text("没有这个代码集；可用：{names}", "There is no such code set; there are: {names}")
NO_CODE = Text("该代码集没有这个代码", "The set holds no such code")
COLUMNS = ("code", "name_zh", "name_en", "since", "until", "parent", "amended", "demo")
SEARCHED = 400
NESTED = ("hs",)
"""Sets in which a longer code is a part of what its beginning names."""


def set_of(name: str) -> Set:
    """The set of a name or alias; NotFound with the names that there are."""
    found = named(name)
    if found is None:
        names = ", ".join(one.name for one in sets())
        raise NotFound(NO_SET.fill(names=names), field="set", rule="set", code="set_unknown")
    return found


def today(port: Port) -> date:
    """The day at the port."""
    return now().astimezone(ZoneInfo(port.site.zone)).date()


async def overview(port: Port, who: Principal) -> list[dict[str, Any]]:
    """All sets with edition, version and number of codes and amendments."""
    rows = await asyncio.gather(*(store.amendments(port, who, one.name) for one in sets()))
    return [{**_head(one, found), "amendments": len(found)} for one, found in zip(sets(), rows, strict=True)]


async def listing(port: Port, who: Principal, name: str, on: date, text: str, after: str, limit: int) -> dict[str, Any]:
    """The codes of a set that stand on a day, by code or, with a text, best first; `next` leads to the page behind."""
    own = set_of(name)
    rows = await store.amendments(port, who, own.name)
    if text.strip():
        return {**_head(own, rows), "at": on.isoformat(), "items": _found(own, store.entries(rows), text, on)[:limit], "next": None}
    page = await asyncio.to_thread(_page, own, store.entries(rows), on, after, limit)
    return {**_head(own, rows), "at": on.isoformat(), **page}


async def one(port: Port, who: Principal, name: str, code: str, on: date) -> dict[str, Any]:
    """What is known of a code on a day; NotFound when the set never held it."""
    own = set_of(name)
    rows = await store.amendments(port, who, own.name, code_ref(own.name, code))
    found = standing(own.name, code, on, store.entries(rows))
    if found.verdict == "unknown":
        raise NotFound(NO_CODE, field="code", rule="code", code="code_unknown")
    history = [shown(standing(own.name, code, entry.since, [entry])) for entry in store.entries(rows)]
    return {**_head(own, await store.amendments(port, who, own.name)), "at": on.isoformat(), "item": shown(found), "amendments": history}


async def some(port: Port, who: Principal, name: str, wanted: Sequence[str], on: date) -> dict[str, Any]:
    """What is known of some codes on a day, in their order; those that the set never held are left out."""
    own = set_of(name)
    rows = await store.amendments(port, who, own.name)
    amended = by_code(store.entries(rows))
    found = [(code, _nearest(own.name, code, on, amended.get(code_ref(own.name, code), ()))) for code in dict.fromkeys(wanted)]
    items = [{**shown(one), "asked": code} for code, one in found if one.verdict != "unknown"]
    return {**_head(own, rows), "at": on.isoformat(), "items": items, "next": None}


def _nearest(set_name: str, code: str, on: date, mine: Sequence[Entry]) -> Standing:
    """A code on a day; where the set holds none but is built of beginnings, the longest that it holds. What nobody has translated
    reads in Chinese as the nearest code above that somebody has."""
    found = standing(set_name, code, on, mine)
    if set_name not in NESTED or found.amended:
        return found
    carried = above = codes.ancestor(set_name, code)
    while above and not above.translated:
        above = codes.ancestor(set_name, above.code[:-1])
    if not carried:
        return found
    name = carried.name if not above or above is carried else Text(f"{above.code} {above.name.zh}", carried.name.en)
    return replace(of_code(carried, on), name=name)


async def table(port: Port, who: Principal, name: str, on: date) -> tuple[Set, str, list[list[Any]]]:
    """A whole set on a day as rows of `COLUMNS`, with its version."""
    own = set_of(name)
    rows = await store.amendments(port, who, own.name)
    found = await asyncio.to_thread(lambda: [_row(item) for item in _standing(own, store.entries(rows), on)])
    return own, version(own, rows), found


async def versions(port: Port, who: Principal, name: str) -> dict[str, Any]:
    """The versions of a set: the carried edition, then one for every amendment, by the time of its filing (UTC)."""
    own = set_of(name)
    rows = await store.amendments(port, who, own.name)
    told = [{"version": version(own, rows[:at]), "filed_at": stamp(row.filed_at), "by": port.orgs.slug(row.org), "ref": row.ref,
             "code": row.doc["code"], "since": row.doc["since"], "until": row.doc.get("until"), "amended": row.version}
            for at, row in enumerate(rows, 1)]  # fmt: skip
    first = {"version": version(own, ()), "edition": own.edition, "source": own.source, "count": own.count}
    return {**_head(own, rows), "versions": [first, *told]}


async def rates(port: Port, who: Principal, code: str, on: date) -> list[dict[str, Any]]:
    """The duty and tax rates of a commodity code that stand on a day; examples are marked as such."""
    found = in_force(await store.rates(port, who, code), code, on)
    return [
        {
            "hs": one.hs, "kind": one.kind, "title": RATES[one.kind].out(), "area": one.area, "percent": str(one.percent),
            "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None, "demo": one.demo,
        }
        for one in found
    ]  # fmt: skip


def version(own: Set, rows: Sequence[Row]) -> str:
    """The name of a set's version: edition, number of amendments, and a digest of what these say."""
    if not rows:
        return own.edition
    said = "\n".join(f"{row.id}/{row.version}" for row in rows)
    return f"{own.edition}+{len(rows)}.{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def shown(item: Standing) -> dict[str, Any]:
    """The JSON shape of a code."""
    return {
        "set": item.set_name,
        "code": item.code,
        "name": item.name.out() if item.name else None,
        "verdict": item.verdict,
        "since": item.since.isoformat() if item.since else None,
        "until": item.until.isoformat() if item.until else None,
        "parent": item.parent,
        "facts": dict(item.facts or {}),
        "amended": item.amended,
        "demo": item.demo,
    }


def _head(own: Set, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "set": own.name, "title": own.title.out(), "source": own.source, "edition": own.edition, "count": own.count,
        "version": version(own, rows),
    }  # fmt: skip


def _row(item: Standing) -> list[Any]:
    name = item.name or Text("–", "–")
    since, until = (day.isoformat() if day else "" for day in (item.since, item.until))
    return [item.code, name.zh, name.en, since, until, item.parent, "1" if item.amended else "", "1" if item.demo else ""]


def _standing(own: Set, amended: Sequence[Entry], on: date) -> Iterator[Standing]:
    return merged(_codes(own.name), amended, on)


@lru_cache(maxsize=16)
def _sorted(name: str) -> tuple[Code, ...]:
    return tuple(sorted(codes.entries(name), key=lambda code: (code.code, code.since or date.min)))


def _codes(name: str) -> Iterator[Code]:
    """The carried codes in order. The long list of places is in order as it lies, and is not held twice."""
    return iter(codes.entries(name)) if name == "locode" else iter(_sorted(name))


def _page(own: Set, amended: Sequence[Entry], on: date, after: str, limit: int) -> dict[str, Any]:
    behind = (item for item in _standing(own, amended, on) if item.code > after)
    rest = list(islice(behind, limit + 1))
    return {"items": [shown(item) for item in rest[:limit]], "next": rest[limit - 1].code if len(rest) > limit else None}


def _found(own: Set, amended: Sequence[Entry], text: str, on: date) -> list[dict[str, Any]]:
    """Codes that fit a text, also those that do not stand on the day: their verdict says so."""
    mine = by_code(amended)
    wanted = text.strip().casefold()
    ours = [entry for entry in amended if wanted in f"{entry.code} {entry.name_zh} {entry.name_en}".casefold()]
    keys = {entry.of_code: standing(own.name, entry.code, on, mine[entry.of_code]) for entry in ours if entry.of_code}
    out = list(keys.values())
    for code in codes.search(own.name, text, SEARCHED):
        ref = code_ref(own.name, code.code)
        if ref not in keys:
            out.append(standing(own.name, code.code, on, mine.get(ref, ())))
    return [shown(item) for item in out]
