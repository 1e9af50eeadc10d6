"""Sheets to container messages: what `walker.sheet_of` gives back with the same facts. Weights in kg, times in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.edifact.charsets import narrowest
from kouan.base.exchange.codecs.edifact.container import model
from kouan.base.exchange.codecs.edifact.model import Element, Segment, interchange, message
from kouan.base.exchange.codecs.edifact.writer import write as write_edifact

_SITES = {"BERTH": "BER", "TERMINAL": "TER"}
PLAN, CONSIGNMENT = "BAPLIE", "CNI"
_SIZE = re.compile(r"(\d{1,3}): ((?:[\d.,]+|-)(?: x (?:[\d.,]+|-)){0,2}) ([A-Z0-9]{2,3})\Z", re.ASCII)
_MOST = 350
"""Characters of one FTX: five pieces of 70."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom. `prepared` defaults to now."""

    sender: str
    recipient: str
    reference: str = "1"
    prepared: datetime | None = None


def write(sheet: model.Sheet, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One interchange with one message. Raises CodecError for text that no character set of EDIFACT carries."""
    segments = tuple(_segments(sheet))
    prepared = (envelope.prepared or datetime.now(UTC)).astimezone(UTC)
    ends = Segment("UNB", ((envelope.sender,), (envelope.recipient,), (envelope.reference,)))
    charset, version = narrowest((*segments, ends))
    day = prepared.strftime("%Y%m%d" if version == "4" else "%y%m%d")
    kind = (sheet.type, *sheet.release, "UN", *((sheet.association,) if sheet.association else ()))
    whole = interchange(
        (charset, version), (envelope.sender,), (envelope.recipient,), (day, prepared.strftime("%H%M")),
        envelope.reference, (message(envelope.reference, kind, segments),),
    )  # fmt: skip
    return write_edifact(whole, lines=lines)


def _segments(sheet: model.Sheet) -> Iterator[Segment]:
    yield _seg("BGM", (sheet.document, "", "", sheet.title), sheet.number, sheet.function)
    yield from _moments(sheet.moments)
    yield from _places(sheet.places)
    yield from _remarks(sheet.remarks)
    yield from _references(sheet.references)
    for means in sheet.means:
        yield from _means(means)
    yield from (_seg("NAD", party.role, (party.code, "", ""), "", party.name) for party in sheet.parties)
    for unit in sheet.units:
        yield from _unit(unit, sheet.type)
    for number, status in enumerate(sheet.statuses, 1):
        yield from _status(status, number, sheet.type)
    yield from (_seg("CNT", (kind, _plain(amount))) for kind, amount in sheet.totals)
    if any(unit.kind for unit in sheet.units) and not sheet.totals and sheet.type != PLAN:
        yield _seg("CNT", ("16", str(len([unit for unit in sheet.units if unit.kind]))))


def _unit(unit: model.Unit, kind: str) -> Iterator[Segment]:
    planned = kind == PLAN
    if planned:
        yield _seg("LOC", "147", (unit.cell, "", "5"))
        yield from (_seg("FTX", "AAA", "", "", tuple(values.cut(text))) for text in unit.goods)
        yield from _measures(unit, planned=True)
    yield from _equipment(unit) if unit.kind and not planned else ()
    yield from _references(unit.references)
    if unit.count is not None:
        yield _seg("EQN", str(unit.count))
    yield from _moments(unit.moments)
    if unit.cell and not planned:
        yield _seg("LOC", "147", (unit.cell, "139", "5"))
    yield from _places(unit.places)
    if not planned:
        yield from _measures(unit)
        yield from (_seg("FTX", "AAA", "", "", tuple(values.cut(text))) for text in unit.goods)
    else:
        yield from _equipment(unit) if unit.kind else ()
    yield from _sizes(unit)
    yield from (_seg("SEL", seal) for seal in unit.seals)
    yield from _remarks(unit.remarks)
    yield from (_seg("DAM", "1", ("", "", "", text)) for text in unit.damages)
    yield from (_seg("HAN", text) for text in unit.handling)
    yield from (_seg("NAD", party.role, (party.code, "", ""), "", party.name) for party in unit.parties)
    for hazard in unit.hazards:
        yield from _hazard(hazard)
    for means in unit.means:
        yield from _means(means)


def _equipment(unit: model.Unit) -> Iterator[Segment]:
    size = (unit.size_type, "102", "5") if unit.size_type else ""
    yield _seg("EQD", unit.kind, unit.id, size, "", unit.movement, unit.load)


def _status(status: model.Status, number: int, kind: str) -> Iterator[Segment]:
    """A status under a CNI of its own: what stands above several of them is said again for each."""
    own = [reference for reference in status.references if reference.qualifier != CONSIGNMENT]
    yield _seg("CNI", str(number), next((r.number for r in status.references if r.qualifier == CONSIGNMENT), ""))
    yield _seg("STS", status.category, (status.code, "", "", status.text))
    yield from _references(own)
    yield from _moments(status.moments)
    yield from _remarks(status.remarks)
    yield from (_seg("NAD", party.role, (party.code, "", ""), "", party.name) for party in status.parties)
    yield from _places(status.places)
    for means in status.means:
        yield from _means(means)
    for unit in status.units:
        yield from _unit(unit, kind)


def _sizes(unit: model.Unit) -> Iterator[Segment]:
    """What goes beyond the frame, where it is told as measures; other words stand in a remark."""
    for text in unit.sizes:
        found = _SIZE.match(text)
        if found:
            kind, sides, measure = found.groups()
            yield _seg("DIM", kind, (measure, *sides.replace("-", "").split(" x ")))
        else:
            yield from _remarks([("AAI", text)])


def _measures(unit: model.Unit, *, planned: bool = False) -> Iterator[Segment]:
    for what, amount in unit.weights.items():
        # SMDG's plans state what is measured in the first element.
        kind = (what, "") if planned else ("AAE", what)
        yield _seg("MEA", *kind, ("KGM", _plain(amount)))
    if unit.temperature is not None:
        yield _seg("TMP", "2", (_plain(unit.temperature), "CEL"))


def _hazard(hazard: model.Hazard) -> Iterator[Segment]:
    flash = (_plain(hazard.flashpoint), "CEL") if hazard.flashpoint is not None else ""
    yield _seg("DGS", "IMD", hazard.hazard_class, hazard.un_number, flash, hazard.packing_group)
    if hazard.description:
        yield from _remarks([("AAD", hazard.description)])


def _means(means: model.Means) -> Iterator[Segment]:
    carrier = (means.carrier, "172", "", means.carrier_name) if means.carrier or means.carrier_name else ""
    named = (means.id, means.listed, "", means.name, means.flag)
    yield _seg("TDT", means.stage, means.voyage, means.mode, means.kind, carrier, "", "", named)
    yield from _references(means.references)
    yield from _places(means.places)
    yield from _moments(means.moments)


def _moments(moments: Iterable[model.Moment]) -> Iterator[Segment]:
    return (_seg("DTM", (moment.qualifier, *values.written(moment.at))) for moment in moments)


def _references(references: Iterable[model.Reference]) -> Iterator[Segment]:
    return (_seg("RFF", (reference.qualifier, reference.number)) for reference in references)


def _remarks(remarks: Iterable[tuple[str, str]]) -> Iterator[Segment]:
    for subject, text in remarks:
        yield from (_seg("FTX", subject, "", "", tuple(values.cut(part))) for part in values.parted(text, _MOST))


def _places(places: Iterable[model.Place]) -> Iterator[Segment]:
    for place in places:
        site = (place.within, _SITES.get(place.kind, place.kind), "ZZZ") if place.within else ""
        yield _seg("LOC", place.qualifier, (place.code, "139", "6", place.name), site)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _seg(tag: str, *elements: str | Element) -> Segment:
    parts = [_trim(element if isinstance(element, tuple) else (element,)) for element in elements]
    while parts and parts[-1] == ("",):
        parts.pop()
    return Segment(tag, tuple(parts))


def _trim(element: Element) -> Element:
    end = len(element)
    while end > 1 and not element[end - 1]:
        end -= 1
    return element[:end]
