"""Packing: what a party gets of a fact, in the standard that its route or its connector names, under its keys."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.outgoing import BELOW, Fact, Unwritable, written
from kouan.base.exchange.service import subsets
from kouan.base.exchange.service.moments import MOMENTS
from kouan.base.exchange.service.subsets import Content, Wanted
from kouan.base.exchange.store import credentials, routes, versions
from kouan.kernel.audit import Entry
from kouan.kernel.clock import now
from kouan.kernel.connectors import Connector, Delivery
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_type
from kouan.kernel.store.finding import by_ids, mentioning
from kouan.kernel.store.traces import traces

JSON = "json"
MOST_BELOW = 30_000
LONGEST_REASON = 200
"""Characters of a reason that are told: it may stand in a header."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is due, with the version that it tells, None when that is gone. `trace`: the call that the fact comes from."""

    row: asyncpg.Record
    content: Content | None
    form: str
    below: Sequence[Content]
    keys: tuple[bytes, ...]
    reason: str = ""
    trace: str = ""


async def parcels(
    conn: Connection, port: Port, connector: type[Connector], org: int, rows: Sequence[asyncpg.Record]
) -> list[Parcel]:
    """Deliveries of one party with their content as it was kept."""
    if not rows:
        return []
    wanted = {row["id"]: Wanted(row["record"], row["record_id"], row["version"], row["filer"]) for row in rows}
    found = await subsets.contents(conn, port.vault, wanted.values())
    known = await routes.every(conn)
    keys = await credentials.keys(conn, port.vault, connector.code, org)
    acted = [row for row in rows if row["what"] not in MOMENTS]
    notes = await versions.notes(conn, [row["record_id"] for row in acted], [row["event"] for row in acted])
    called = await traces(conn, [row["record_id"] for row in rows], [row["event"] for row in rows])
    out = []
    for row in rows:
        content, form = found.get(wanted[row["id"]].mark), form_of(connector, org, row["record"], known)
        under = await below(conn, port, row["ref"], row["record"], form) if content else ()
        note, trace = notes.get(row["event"], "")[:LONGEST_REASON], called.get(row["event"], "")
        out.append(Parcel(row, content, form, under, keys, note, trace))
    return out


def form_of(connector: type[Connector], org: int, record: str, known: Mapping[tuple[str, int, str], routes.Route]) -> str:
    """The standard in which a party gets a record type."""
    route = known.get((connector.code, org, record))
    own: Mapping[str, str] = getattr(connector, "forms", {})
    return route.form if route else own.get(record, JSON)


async def below(conn: Connection, port: Port, ref: str, record: str, form: str) -> list[Content]:
    """The records that go within a record's message of a form, as they are now, in order of filing."""
    out: list[Content] = []
    for name in BELOW.get((form, record), ()):
        ids = (await mentioning(conn, name, [ref], limit=MOST_BELOW)).get(ref, [])
        rows = sorted(await by_ids(conn, record_type(name), ids), key=lambda row: row.id)
        found = await subsets.contents(conn, port.vault, [Wanted(name, row.id, row.version, row.org) for row in rows])
        out += [found[(row.id, row.version)] for row in rows if (row.id, row.version) in found]
    return out


async def packed(port: Port, connector: type[Connector], org: int, parcel: Parcel) -> Delivery:
    """The delivery as it is handed over; its reading is audited when it holds restricted data.

    What does not fill its standard (a party that sees only a part) goes as JSON.
    """
    row, content = parcel.row, parcel.content
    assert content is not None
    who = subsets.party(connector, org, port.orgs.slug(org))
    if any(subsets.of(one, who, connector).restricted for one in (content, *parcel.below)):
        # Not `audit.read`: a delivery belongs to what was accepted, which is worked off while room is low.
        await port.audit.write(Entry.of(who, f"{row['record']}:deliver", "allowed", ref=row["ref"], level=3))
    data = subsets.delivered(content, who, connector)
    media, body = _message(port, connector, who, parcel, data)
    return Delivery(
        id=str(row["id"]), event=str(row["event"]), connector=connector.code, record=row["record"], ref=row["ref"],
        version=row["version"], data=data, record_id=str(row["record_id"]), what=row["what"], state=content.state,
        media=media, body=body, keys=parcel.keys, reason=parcel.reason,
    )  # fmt: skip


def _message(
    port: Port, connector: type[Connector], who: Principal, parcel: Parcel, data: Mapping[str, Any]
) -> tuple[str, bytes]:
    if parcel.form == JSON or parcel.content is None:
        return "", b""
    row = parcel.row
    parts = _grouped((one.record, subsets.delivered(one, who, connector)) for one in parcel.below)
    fact = Fact(
        row["record"], row["ref"], row["version"], data, port.site.code, who.slug, str(row["event"]), now(), parts, row["what"],
        parcel.reason,
    )
    try:
        message = written(parcel.form, fact)
    except (Unwritable, KeyError) as trouble:
        log.info("%s gets %s as JSON: %s", who.slug, row["record"], trouble)
        return "", b""
    return message.media, message.body


def _grouped(parts: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
    """Parts by record type, those of which the reader sees something."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record, data in parts:
        if data:
            found.setdefault(record, []).append(data)
    return found


async def seen(conn: Connection, port: Port, who: Principal, wanted: Wanted, ref: str, form: str) -> tuple[Fact, bool] | None:
    """A kept version as a caller may write it out in a form, and whether that shows restricted data; None when it is gone.

    The connection is in the caller's scope.
    """
    content = (await subsets.contents(conn, port.vault, [wanted])).get(wanted.mark)
    if content is None:
        return None
    subset = subsets.of(content, who)
    data = _clear(subset)
    under = [(one.record, subsets.of(one, who)) for one in await below(conn, port, ref, wanted.record, form)]
    parts = _grouped((record, _clear(one)) for record, one in under)
    restricted = subset.restricted or any(one.restricted for _, one in under)
    event = str(UUID(int=wanted.record_id.int))
    return Fact(wanted.record, ref, wanted.version, data, port.site.code, who.slug, event, now(), parts), restricted


def _clear(subset: subsets.Subset) -> Mapping[str, Any]:
    return {name: value for name, value in subset.data.items() if name not in subset.masked}
