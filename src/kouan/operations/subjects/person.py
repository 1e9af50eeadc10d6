"""The person domain (人员业务域; HS/T 82 7.2.4 a) 4)): who a document stands for, entries and exits, carried articles.

Found by the keyed token alone: the document itself is neither kept nor told. What is shown follows the records' own parties; the
masked view is that of a reader of level 2, whatever the caller's own clearance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kouan.base.conveyance.api import Conveyance, Traveller
from kouan.base.portcall.api import CrewEffects, PersonAboard, PortCall
from kouan.facilities.access.api import AreaPassage
from kouan.kernel.audit import RESTRICTED, Entry
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Denied, Refused
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.references import make
from kouan.kernel.store.entitle import mask, scope_of
from kouan.kernel.store.finding import by_ids, equal
from kouan.operations.berth.api import ShipMovement
from kouan.operations.subjects import errors, store

MASKED = RESTRICTED - 1
FULL_ACTION, MASKED_ACTION = "operations.subjects.person:full", "operations.subjects.person:masked"
SHORTEST, MOST, MOST_REPORTS = 4, 1000, 5000
HERE = ("arrived", "anchored", "alongside", "shifting", "departed")
"""Reports of a ship that has come."""
IDENTITY = (
    "family_name", "given_names", "name", "gender", "birth_date", "birth_place", "nationality", "document_type", "document_issuer",
    "document_expires", "document_number", "visa",
)  # fmt: skip
Items = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A document, or the token that stands for one; whether the full record is wanted, and what for."""

    document: str
    full: bool
    purpose: str


async def person(port: Port, who: Principal, asked: Asked) -> dict[str, Any]:
    """What the caller may know of a person. Each question is on the audit trail, with its purpose, before it is answered.

    Raises Refused for no document, or where the full record is wanted for no stated purpose; Denied below level 3.
    """
    try:
        tokens = port.vault.tokens(make("person", asked.document))
    except ValueError:
        raise Refused(errors.NO_DOCUMENT, field="document", rule="reference") from None
    token = tokens[0]
    purpose = " ".join(asked.purpose.split())
    if asked.full and who.clearance < RESTRICTED:
        await port.audit.write(Entry.of(who, FULL_ACTION, "denied", ref=token, level=RESTRICTED, reason=purpose))
        raise Denied(errors.TOO_LOW, field="full", rule="level")
    if asked.full and len(purpose) < SHORTEST:
        raise Refused(errors.NO_PURPOSE, field="purpose", rule="purpose", code="purpose_missing")
    action, level = (FULL_ACTION, RESTRICTED) if asked.full else (MASKED_ACTION, MASKED)
    await port.audit.write(Entry.of(who, action, "allowed", ref=token, level=level, reason=purpose))
    reader = who if asked.full else replace(who, clearance=min(who.clearance, MASKED))
    async with scope(port.pool, scope_of(reader), clearance=reader.clearance) as conn:
        items = await _items(port, reader, conn, await store.mentions(conn, tokens, MOST))
        if not asked.full:
            items = {name: [_veiled(one) for one in found] for name, found in items.items()}
        trips = [*await _by_ship(port, reader, conn, items), *await _by_others(port, reader, conn, items)]
    return _told(tokens, asked, purpose, items, trips)


def _told(tokens: Sequence[str], asked: Asked, purpose: str, items: Items, trips: list[dict[str, Any]]) -> dict[str, Any]:
    trips.sort(key=lambda one: str(one["at"] or one["planned"] or ""), reverse=True)
    counted = [one for one in trips if one["listed"] and one["at"] is not None]
    articles, passages = list(_articles(items, tokens)), list(_passages(items))
    return {
        "person": tokens[0], "full": asked.full, "purpose": purpose or None, "identity": list(_identity(items)), "trips": trips,
        "articles": articles, "passages": passages,
        "counts": {
            "trips": len(trips), "entries": sum(one["direction"] == "entry" for one in counted),
            "exits": sum(one["direction"] == "exit" for one in counted), "articles": len(articles), "passages": len(passages),
        },
        "records": [
            {"record": name, "title": record_type(name).facts.title.out(), "count": len(found)} for name, found in sorted(items.items())
        ],
        "more": sum(len(found) for found in items.values()) >= MOST,
    }  # fmt: skip


async def _items(port: Port, who: Principal, conn: Connection, named: Mapping[str, Sequence[Any]]) -> Items:
    """The records that name a person, of every type, the newest first, as the caller may see them."""
    found = {}
    for name, ids in named.items():
        cls = record_type(name)
        if cls.facts.http:
            found[name] = await shown(port, who, cls, (await by_ids(conn, cls, ids))[::-1], conn)
    return found


def _veiled(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an organisation's own filings show it as their filer is no part of the masked view."""
    fields = record_type(item["record"]).fields
    clear = {name: value for name, value in item["data"].items() if value is not None and fields[name].level > MASKED}
    hidden = {name: mask(value) for name, value in clear.items() if name not in item["masked"]}
    return {**item, "data": {**item["data"], **hidden}, "masked": sorted({*item["masked"], *hidden})}


def _identity(items: Items) -> Iterator[dict[str, Any]]:
    """What the newest papers say of the person, each fact by the newest that says it."""
    papers = [one for name, found in items.items() if record_type(name).facts.subject == "person" for one in found]
    papers.sort(key=lambda one: str(one["filed_at"]), reverse=True)
    for name in IDENTITY:
        said = next((one for one in papers if one["data"].get(name) is not None), None)
        if said is not None:
            facts = record_type(said["record"]).fields[name]
            yield {
                "name": name, "title": facts.title.out(), "value": str(said["data"][name]), "level": facts.level,
                "masked": name in said["masked"],
            }  # fmt: skip


def _listed(item: Mapping[str, Any]) -> dict[str, Any]:
    data = item["data"]
    return {
        "record": item["record"], "id": item["id"], "ref": item["ref"], "role": data.get("role"), "listed": data.get("status") != "removed",
        "bags": data.get("bags"),
    }  # fmt: skip


async def _by_ship(port: Port, who: Principal, conn: Connection, items: Items) -> list[dict[str, Any]]:
    """Entries and exits with a ship: who boards here does not enter, who leaves here does not go out with it."""
    aboard = items.get(PersonAboard.facts.name, ())
    refs = sorted({one["data"]["call"] for one in aboard if one["data"].get("call")})
    calls = await _named(port, who, conn, PortCall, refs)
    reports = await equal(conn, ShipMovement, {"call": refs}, limit=MOST_REPORTS, newest=True)
    came: dict[str, str] = {}
    left: dict[str, str] = {}
    for at, call, activity in sorted((row.doc["at"], row.doc["call"], row.doc["activity"]) for row in reports):
        if activity in HERE:
            came.setdefault(call, at)
        if activity == "departed":
            left[call] = at
    trips = []
    for one in aboard:
        data, call = one["data"], calls.get(one["data"].get("call"), {})
        port_ = call.get("port")
        told = {**_listed(one), "mode": "water", "number": call.get("voyage"), "name": call.get("ship_name"), "port": port_}
        if not (port_ and data.get("embarked") == port_):
            trips.append({**told, "direction": "entry", "at": came.get(data.get("call")), "planned": call.get("eta")})
        if not (port_ and data.get("disembarks") == port_):
            trips.append({**told, "direction": "exit", "at": left.get(data.get("call")), "planned": call.get("etd")})
    return trips


async def _by_others(port: Port, who: Principal, conn: Connection, items: Items) -> list[dict[str, Any]]:
    """Entries and exits with an aircraft, train or vehicle."""
    travels = items.get(Traveller.facts.name, ())
    refs = sorted({one["data"]["conveyance"] for one in travels if one["data"].get("conveyance")})
    journeys = await _named(port, who, conn, Conveyance, refs)
    trips = []
    for one in travels:
        told = journeys.get(one["data"].get("conveyance"), {})
        trips.append({
            **_listed(one), "mode": told.get("mode"), "number": told.get("number"), "name": told.get("carrier_code"),
            "port": told.get("port"), "direction": told.get("direction"), "at": told.get("actual"), "planned": told.get("scheduled"),
        })  # fmt: skip
    return trips


async def _named(port: Port, who: Principal, conn: Connection, cls: type[Record], refs: Sequence[str]) -> dict[Any, Mapping[str, Any]]:
    """What records that are named say, by reference, as the caller may see it."""
    return {item["ref"]: item["data"] for item in await shown(port, who, cls, await store.by_refs(conn, cls, refs), conn)}


def _articles(items: Items, tokens: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Dutiable articles that were declared for the person (FAL form 4)."""
    for one in items.get(CrewEffects.facts.name, ()):
        lines = one["data"].get("lines")
        for line in lines if isinstance(lines, list | tuple) else ():
            if line.get("person") in tokens:
                said = {name: line.get(name) for name in ("article", "quantity", "unit")}
                yield {"record": one["record"], "id": one["id"], "ref": one["ref"], "call": one["data"].get("call"), **said}


def _passages(items: Items) -> Iterator[dict[str, Any]]:
    """Into and out of restricted areas."""
    for one in items.get(AreaPassage.facts.name, ()):
        data = one["data"]
        yield {
            "record": one["record"], "id": one["id"], "ref": one["ref"], "direction": data.get("direction"), "at": data.get("at"),
            "area": data.get("area"),
        }  # fmt: skip
