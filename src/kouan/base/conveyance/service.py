"""One list of all conveyances, ships included; and the persons on any of them, by document or booking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kouan.base.conveyance.records import Conveyance, Traveller
from kouan.base.portcall.api import PersonAboard, PortCall
from kouan.kernel.database import scope
from kouan.kernel.errors import Denied
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.references import make, tidy
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

PERSONS: tuple[type[Record], ...] = (PersonAboard, Traveller)
RESTRICTED = 3
MOST = 200
TOO_LOW = Text(
    "按证件号码或订票记录查人需要3级及以上数据权限", "Looking a person up by document or booking needs clearance 3"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which conveyances are asked for. Moments are texts in ISO 8601 with zone; empty for any."""

    mode: str = ""
    direction: str = ""
    since: str = ""
    until: str = ""
    limit: int = 100


async def conveyances(port: Port, who: Principal, asked: Asked) -> list[dict[str, Any]]:
    """Ships, aircraft, trains and vehicles that the caller may see, by the time at which they are expected, newest first."""
    found: list[dict[str, Any]] = []
    if asked.mode in ("", "sea") and asked.direction in ("", "entry"):
        found += [_ship(item) for item in await _page(port, who, PortCall, "eta", {}, asked)]
    if asked.mode != "sea":
        where = {name: value for name, value in (("mode", asked.mode), ("direction", asked.direction)) if value}
        found += [_other(item) for item in await _page(port, who, Conveyance, "scheduled", where, asked)]
    return sorted(found, key=lambda one: str(one["at"]), reverse=True)[: asked.limit]


async def _page(
    port: Port, who: Principal, cls: type[Record], at: str, where: Mapping[str, str], asked: Asked
) -> list[dict[str, Any]]:
    times = {f"{at}.gte": asked.since, f"{at}.lt": asked.until}
    query = reading.Query(
        {**where, **{name: text for name, text in times.items() if text}}, f"-{at}", "", asked.limit, who
    )
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        page = await reading.page(conn, cls, query, port.vault)
        return await shown(port, who, cls, list(page.rows), conn)


def _ship(item: Mapping[str, Any]) -> dict[str, Any]:
    data = item["data"]
    return {
        **_common(item), "mode": "sea", "direction": "entry", "number": data.get("voyage"), "name": data.get("ship_name"),
        "at": data.get("eta"), "last": data.get("last_port"), "next": data.get("next_port"),
    }  # fmt: skip


def _other(item: Mapping[str, Any]) -> dict[str, Any]:
    data = item["data"]
    return {
        **_common(item), "mode": data.get("mode"), "direction": data.get("direction"), "number": data.get("number"),
        "name": data.get("registration") or data.get("vehicle"), "at": data.get("scheduled"), "last": data.get("last_place"),
        "next": data.get("next_place"),
    }  # fmt: skip


def _common(item: Mapping[str, Any]) -> dict[str, Any]:
    data = item["data"]
    return {
        "ref": item["ref"], "record": item["record"], "id": item["id"], "state": item["state"], "port": data.get("port"),
        "crew": data.get("crew_count"), "passengers": data.get("passenger_count"),
    }  # fmt: skip


async def persons(port: Port, who: Principal, *, document: str = "", booking: str = "", on: str = "") -> list[dict[str, Any]]:
    """Persons on any conveyance by document number, booking or conveyance, as the caller may see them; the look-up is audited.

    Who asks for a number knows it already: it is compared by its blind index, and shown only to the clearance of its level.
    Raises Denied below clearance 3, for a document or booking.
    """
    wanted = {"document_number": tidy(document), "booking": tidy(booking)}
    where = {name: text for name, text in wanted.items() if text}
    if where and who.clearance < RESTRICTED:
        raise Denied(TOO_LOW, field=next(iter(where)), rule="level")
    if where:
        looked = make("person", "/".join(sorted(where.values())))
        await port.audit.read(who, "base.conveyance.persons:look-up", looked, RESTRICTED)
    found: list[dict[str, Any]] = []
    for cls in PERSONS:
        carrier = "call" if cls is PersonAboard else "conveyance"
        if on and on.partition(":")[0] != ("portcall" if carrier == "call" else "conveyance"):
            continue
        query = reading.Query({**where, **({carrier: on} if on else {})}, "", "", MOST, who)
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            page = await reading.page(conn, cls, query, port.vault)
            found += await shown(port, who, cls, list(page.rows), conn)
    return found
