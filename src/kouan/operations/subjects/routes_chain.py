"""The doors of the document domain (单证业务域), the enterprise domain (企业业务域) and the commodity domain (商品业务域)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from kouan.kernel.clock import now
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import ItemOut, business, reply
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.references import kinds
from kouan.kernel.store.ops import decode_cursor, encode_cursor
from kouan.operations.subjects import commodity as goods
from kouan.operations.subjects import errors, firm, shipment
from kouan.operations.subjects.facets import SOURCES

router = APIRouter(prefix="/api/subjects", tags=["operations.subjects"], responses=RESPONSES)
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Day = Annotated[date | None, Query(description="a day at the port")]
Cursor = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=500)]
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])\Z")
HS = re.compile(r"[0-9]{6,10}\Z")
MOST_SEQ = 2**62


class OwnerOut(BaseModel):
    """Whose it is."""

    org: str
    title: BothLanguages


class PaperOut(BaseModel):
    """A paper of a shipment; `amount` and `currency` as the caller may see them; `links`: the references in it."""

    record: str
    id: UUID
    ref: str
    title: BothLanguages
    state: str
    state_title: BothLanguages | None
    at: datetime
    by: str
    links: list[str]
    amount: str | None
    currency: str | None


class SlotOut(BaseModel):
    """A place for one kind of paper, and the papers in it. `needed`: an empty one is a gap."""

    slot: str
    title: BothLanguages
    needed: bool
    documents: list[PaperOut]


class DomainOut(BaseModel):
    """One of the five domains of the trade chain; `beside`: what belongs to it and has no place of its own."""

    code: str
    title: BothLanguages
    papers: list[SlotOut]
    beside: list[PaperOut]


class StepOut(BaseModel):
    """A step of the chain; `done`: every paper of it is there (of `release`: every declaration is released)."""

    step: Literal["order", "payment", "bill", "declaration", "release"]
    title: BothLanguages
    done: bool
    refs: list[str]
    at: str | None


class GapOut(BaseModel):
    """What is missing or does not agree, and whose it is."""

    slot: str
    title: BothLanguages
    code: Literal["missing", "not_released", "unpaid", "invoiced", "declared", "uninsured", "cited"]
    reason: BothLanguages
    owner: OwnerOut
    ref: str


class ShipmentOut(BaseModel):
    """A shipment: its orders (`trade:…`), its papers by domain, the chain from order to release, and the gaps."""

    of: str
    orders: list[str]
    domains: list[DomainOut]
    chain: list[StepOut]
    gaps: list[GapOut]


class AmountOut(BaseModel):
    """A total in one unit: a currency, kg, findings."""

    unit: str
    title: BothLanguages | None
    total: str


class SourceOut(BaseModel):
    """What one record type tells of a firm. `whole`: not only what the caller may see; `hidden`: values that its level hides."""

    code: str
    record: str
    title: BothLanguages
    whole: bool
    count: int
    hidden: int
    totals: list[AmountOut]


class FacetOut(BaseModel):
    """One of the eight facets of a firm."""

    code: Literal["basic", "credit", "declaration", "logistics", "trade", "finance", "production", "operation"]
    title: BothLanguages
    sources: list[SourceOut]


class EnterpriseOut(BaseModel):
    """A firm: its record as the caller may see it, None when nobody has filed it, and its eight facets."""

    code: str
    ref: str
    item: ItemOut | None
    simulated: bool
    facets: list[FacetOut]


class RowOut(BaseModel):
    """A record behind a total, and what it counts; None when it states nothing, or hides it from the caller."""

    record: str
    id: UUID
    ref: str
    at: datetime
    unit: str
    value: str | None


class RowsOut(BaseModel):
    """The records behind a total, the newest first."""

    source: SourceOut
    items: list[RowOut]
    next: str | None


class RateOut(BaseModel):
    """A rate in force, of the code itself or of one above it (`hs`). `demo`: an example, no real rate."""

    hs: str
    kind: str
    title: BothLanguages
    area: str
    percent: str
    since: date
    until: date | None
    demo: bool


class MoneyOut(BaseModel):
    """Declared value in one currency."""

    currency: str
    total: str


class TradeOut(BaseModel):
    """What goods lines come to: how many, in how many declarations, net mass, value by currency."""

    lines: int
    declarations: int
    net_kg: float
    values: list[MoneyOut]


class MonthOut(TradeOut):
    """Trade of a month."""

    month: str


class WayOut(TradeOut):
    """Imports, exports, and what is not said to be either."""

    way: Literal["in", "out", "?"]
    title: BothLanguages


class RankOut(TradeOut):
    """A partner country or trade mode."""

    code: str
    name: BothLanguages | None


class CommodityOut(BaseModel):
    """A commodity: name (of the code that the list holds, `named_by`), rates on a day, twelve months of trade, top five partners and modes.

    Ranked by value in `currency`, the one that most lines are in; `partner_unstated`: lines that no partner is known of.
    """

    code: str
    on: date
    name: BothLanguages | None
    named_by: str | None
    rates: list[RateOut]
    whole: bool
    currency: str
    total: TradeOut
    months: list[MonthOut]
    ways: list[WayOut]
    partners: list[RankOut]
    partner_unstated: int
    modes: list[RankOut]


class DeclaredOut(BaseModel):
    """A declaration with lines of the commodity."""

    record: str
    id: UUID
    ref: str
    at: datetime
    way: str
    lines: int
    net_kg: float
    partners: list[str]
    modes: list[str]
    description: str


class DeclaredPageOut(BaseModel):
    """The declarations behind a total of trade, the newest first."""

    total: TradeOut
    items: list[DeclaredOut]
    next: str | None


@router.get("/shipment", response_model=ShipmentOut, operation_id="subject_shipment", summary="Papers and chain of a shipment")
async def one_shipment(who: Caller, port: ThePort, of: Annotated[Key, Query(examples=["PO-2611-0001"])]) -> Response:
    """Order, payment, invoice, packing list, policy, transport document, declaration and release of a shipment, linked, gaps named."""
    business(who)
    kind = kinds().get(of.partition(":")[0].strip().lower())
    if kind is not None and kind.personal:
        raise Refused(errors.NOBODY, field="of", rule="shipment")
    return reply(await shipment.shipment(port, who, of))


@router.get("/enterprise", response_model=EnterpriseOut, operation_id="subject_enterprise", summary="A firm in eight facets")
async def enterprise(
    who: Caller, port: ThePort, of: Annotated[Key, Query(examples=["91379999MA0WHH048N"])], since: Day = None, until: Day = None
) -> Response:
    """Basic, credit, declaration, logistics, trade, finance, production and operation data of a firm, each with its total."""
    business(who)
    return reply(await firm.enterprise(port, who, await _firm(port, who, of, since, until)))


@router.get(
    "/enterprise/{name}/records", response_model=RowsOut, operation_id="subject_enterprise_records", summary="Records behind a total"
)
async def enterprise_records(
    who: Caller, port: ThePort, name: Annotated[str, Path(max_length=40)], of: Annotated[Key, Query()], since: Day = None,
    until: Day = None, after: Cursor = "", limit: Limit = 100,
) -> Response:  # fmt: skip
    """The single records that a source's total is made of; their values add up to it."""
    business(who)
    source = SOURCES.get(name)
    if source is None:
        raise NotFound(errors.NO_SOURCE, field="name")
    position = _position(after)
    asked = await _firm(port, who, of, since, until)
    totals, items, last = await firm.records(port, who, asked, source, position[1] if position else 0, limit)
    return reply({"source": totals, "items": items, "next": encode_cursor(None, last) if last else None})


@router.get("/commodity", response_model=CommodityOut, operation_id="subject_commodity", summary="A commodity and its trade")
async def commodity(
    who: Caller, port: ThePort, of: Annotated[Key, Query(examples=["84581100"])], month: Annotated[str, Query(max_length=7)] = "",
    on: Day = None, way: Literal["", "in", "out"] = "",
) -> Response:  # fmt: skip
    """Rates in force (today, or `on`), twelve months of trade (to the current one, or `month`), top five partner countries and modes."""
    business(who)
    asked = goods.Asked(_hs(of), goods.span_of(port, _month(month)), way=way)
    day = on or now().astimezone(ZoneInfo(port.site.zone)).date()
    return reply(await goods.commodity(port, who, asked, day))


@router.get(
    "/commodity/declarations", response_model=DeclaredPageOut, operation_id="subject_commodity_declarations",
    summary="Declarations behind a total of trade",
)  # fmt: skip
async def commodity_declarations(
    who: Caller, port: ThePort, of: Annotated[Key, Query()], month: Annotated[str, Query(max_length=7)] = "",
    only: Annotated[str, Query(max_length=7, description="a single month of the twelve")] = "", way: Literal["", "in", "out", "?"] = "",
    partner: Annotated[str, Query(max_length=4, pattern=r"^[A-Za-z?]*$")] = "",
    mode: Annotated[str, Query(max_length=20, pattern=r"^[^\x00-\x1f\x7f]*$")] = "", after: Cursor = "", limit: Limit = 100,
) -> Response:  # fmt: skip
    """The declarations that a month, partner, mode or the whole is made of; what they come to is the total that was shown."""
    business(who)
    _month(only)
    asked = goods.Asked(_hs(of), goods.span_of(port, _month(month)), only, way, partner, mode)
    total, items, last = await goods.lines(port, who, asked, _moment(after), limit)
    following = encode_cursor(last[0].isoformat(), last[1]) if last else None
    return reply({"total": total, "items": items, "next": following})


async def _firm(port: Port, who: Principal, of: str, since: date | None, until: date | None) -> firm.Asked:
    if len(of) > firm.LONGEST:
        raise Refused(errors.NO_FIRM, field="of", rule="uscc")
    return await firm.asked(port, who, of, _begin(port, since), _begin(port, until, 1))


def _begin(port: Port, day: date | None, more: int = 0) -> datetime | None:
    """The begin of a day at the port, or of the one after it."""
    if day is None:
        return None
    if not date(1990, 1, 1) < day < date(2200, 1, 1):
        raise Refused(errors.NO_DAY, field="since", rule="day")
    that = day + timedelta(days=more)
    return datetime(that.year, that.month, that.day, tzinfo=ZoneInfo(port.site.zone))


def _hs(text: str) -> str:
    bare = "".join(char for char in text if char not in ". -")
    if not HS.match(bare):
        raise Refused(errors.NO_HS, field="of", rule="hs")
    return bare


def _month(text: str) -> date | None:
    if not text:
        return None
    found = MONTH.match(text)
    if found is None:
        raise Refused(errors.NO_MONTH, field="month", rule="month")
    return date(int(found.group(1)), int(found.group(2)), 1)


def _position(after: str) -> tuple[str | None, int] | None:
    if not after:
        return None
    try:
        value, seq = decode_cursor(after)
    except (ValueError, UnicodeError):
        raise Refused(errors.CURSOR, field="after", rule="cursor") from None
    if not 0 < seq < MOST_SEQ:
        raise Refused(errors.CURSOR, field="after", rule="cursor")
    return value, seq


def _moment(after: str) -> tuple[datetime, int] | None:
    position = _position(after)
    if position is None:
        return None
    try:
        moment = datetime.fromisoformat(str(position[0]))
    except ValueError:
        raise Refused(errors.CURSOR, field="after", rule="cursor") from None
    if moment.tzinfo is None:
        raise Refused(errors.CURSOR, field="after", rule="cursor")
    return moment, position[1]
