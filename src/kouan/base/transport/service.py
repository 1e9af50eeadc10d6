"""The verbs of transport papers: a shipment seen whole, and a container fetched by its delivery order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from kouan.base.transport.legs import Paper, gaps, legs
from kouan.base.transport.lifecycle import ISSUED, PART
from kouan.base.transport.records.document import FORMS, Document
from kouan.base.transport.records.papers import DeliveryOrder, Interchange, PackingList
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Conflict, NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.rules import Kept, Need
from kouan.kernel.store.entitle import scope_of, visible
from kouan.kernel.store.finding import by_ids, mentioning
from kouan.kernel.store.ops import Orgs, Row
from kouan.kernel.text import Text

ORDER = DeliveryOrder.facts.name
NONE = Text("没有这个托运委托的运输单证，或您无权查看", "There is no transport document of this shipment, or it is not yours to see")
MOST = 200
TRIES = 3
BESIDE: tuple[type[Record], ...] = (PackingList, Interchange, DeliveryOrder)
SHOWN = (
    "leg", "level", "waybill", "master", "houses", "issuer", "issuer_code", "issued_on", "origin", "destination", "departs",
    "arrives", "vessel", "voyage", "vehicles", "wagons", "containers", "pieces", "gross_kg", "stages",
)  # fmt: skip
OPEN = frozenset(name for name, facts in Document.fields.items() if facts.level < 2)


async def shipment(port: Port, who: Principal, text: str) -> dict[str, Any]:
    """A shipment's legs in order, what joins badly or is missing, and the papers beside; NotFound when nothing is seen."""
    try:
        ref = make("shipment", text)
    except ValueError:
        raise NotFound(NONE, field="order") from None
    async with scope(port.pool, scope_of(who)) as conn:
        papers = await _papers(conn, who, ref)
        beside = [_beside(cls, row, who, port.orgs) for cls in BESIDE for row in await _rows(conn, cls, [ref])]
    if not papers:
        raise NotFound(NONE, field="order")
    ordered = legs(papers)
    others = [paper for paper in papers if paper not in ordered]
    return {
        "shipment": ref,
        "legs": [_leg(paper, at) for at, paper in enumerate(ordered, 1)],
        "covers": [_leg(paper, 0) for paper in others],
        "gaps": [gap.out() for gap in gaps(papers, ordered)],
        "papers": beside,
    }


async def _papers(conn: Connection, who: Principal, ref: str) -> list[Paper]:
    """The shipment's documents, and the masters and houses that these name."""
    rows = {row.id: row for row in await _rows(conn, Document, [ref])}
    named = [other for row in rows.values() for other in (row.doc.get("master"), *row.doc.get("houses", ())) if other]
    for row in await _rows(conn, Document, named) if named else ():
        if row.doc.get("number") in named and row.doc.get("shipment") in (None, ref):
            rows.setdefault(row.id, row)
    return [_paper(row, who) for row in rows.values()]


async def _rows(conn: Connection, cls: type[Record], refs: Sequence[str]) -> list[Row]:
    links = await mentioning(conn, cls.facts.name, list(dict.fromkeys(refs))[:MOST], limit=MOST)
    return await by_ids(conn, cls, sorted({one for ids in links.values() for one in ids})[:MOST])


def _paper(row: Row, who: Principal) -> Paper:
    seen = visible(Document, row.parties, row.org, who) & OPEN
    return Paper(row.ref, str(row.id), row.state, {name: row.doc.get(name) for name in seen})


def _leg(paper: Paper, order: int) -> dict[str, Any]:
    form = str(paper.get("form"))
    return {
        "order": order,
        "ref": paper.ref,
        "id": paper.id,
        "record": Document.facts.name,
        "number": paper.number,
        "form": form,
        "title": FORMS[form].out() if form in FORMS else None,
        "mode": paper.get("mode"),
        "state": paper.state,
        **{name: paper.get(name) for name in SHOWN},
    }


def _beside(cls: type[Record], row: Row, who: Principal, orgs: Orgs) -> dict[str, Any]:
    seen: Mapping[str, Any] = row.doc if cls.facts.label in visible(cls, row.parties, row.org, who) else {}
    return {
        "ref": row.ref,
        "record": cls.facts.name,
        "id": str(row.id),
        "title": cls.facts.title.out(),
        "number": seen.get(cls.facts.label),
        "state": row.state,
        "filed_at": stamp(row.filed_at),
        "filed_by": orgs.slug(row.org),
    }


def release_need(container: str, *, lock: bool = False) -> Need:
    """The delivery orders that mention a container; what a rule at the gate asks for (newest first)."""
    return Need(ORDER, ref=container, lock=lock)


def release_for(kept: Iterable[Kept], container: str) -> Kept | None:
    """The order under which a container may still be fetched, of those found for `release_need`; None without one."""
    return next((one for one in kept if one.state in (ISSUED, PART) and container in _waiting(one)), None)


def holder_of(kept: Kept) -> str:
    """The short name of the organisation that may fetch under an order."""
    assert isinstance(kept.data, DeliveryOrder)
    return kept.data.holder.partition(":")[2]


def _waiting(kept: Kept) -> set[str]:
    assert isinstance(kept.data, DeliveryOrder)
    return set(kept.data.containers) - {one.container for one in kept.data.collected}


async def collect(port: Port, who: Principal, order: UUID | str, container: str, vehicle: str = "") -> Kept:
    """Let one container of a delivery order go, once, as the terminal (`who`).

    Raises Conflict when it went before, or the order is cancelled or lapsed; Refused when it is not on the order.
    """
    part = {"container": make("container", container), **({"vehicle": vehicle} if vehicle else {})}
    for _ in range(TRIES):
        kept = await port.get(who, ORDER, order)
        action = "finish" if _waiting(kept) <= {part["container"]} else "collect"
        try:
            return await port.act(who, ORDER, order, action, changes={"collected": [part]})
        except Conflict as conflict:
            if conflict.code not in ("order_last", "order_not_last"):
                raise
    raise Conflict(Text("提货单正被其他通道办理，请重试", "Other lanes are at work on this order: try again"), rule="collect")
