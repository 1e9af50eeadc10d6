"""Cargo reports to CUSCAR D.95B: what `reader.read` gives back equal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.edifact.charsets import narrowest
from kouan.base.exchange.codecs.edifact.cuscar import model
from kouan.base.exchange.codecs.edifact.model import Element, Segment, interchange, message
from kouan.base.exchange.codecs.edifact.writer import write as write_edifact


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom. `prepared` defaults to now, `charset` to the narrowest that fits."""

    sender: str
    recipient: str
    reference: str = "1"
    prepared: datetime | None = None
    charset: str = ""


def write(report: model.CargoReport, envelope: Envelope | None = None, *, lines: bool = False) -> bytes:
    """One interchange with one CUSCAR D.95B; weights in kg, volumes in m³, times in UTC.

    Without an envelope the carrier sends to the place of arrival. Raises CodecError for text that cannot be sent.
    """
    sent = envelope or Envelope(report.carrier or "CARRIER", report.place or "PORT")
    segments = tuple(_segments(report))
    prepared = (sent.prepared or datetime.now(UTC)).astimezone(UTC)
    ends = Segment("UNB", ((sent.sender,), (sent.recipient,), (sent.reference,)))
    charset, version = (sent.charset, "4") if sent.charset else narrowest((*segments, ends))
    day = prepared.strftime("%Y%m%d" if version == "4" else "%y%m%d")
    release = (report.version or "D", report.release or "95B")
    cuscar = message("1", ("CUSCAR", *release, "UN"), segments)
    whole = interchange(
        (charset, version), (sent.sender,), (sent.recipient,), (day, prepared.strftime("%H%M")), sent.reference,
        (cuscar,),
    )
    return write_edifact(whole, lines=lines)


def _seg(tag: str, *elements: str | Element) -> Segment:
    parts = [element if isinstance(element, tuple) else (element,) for element in elements]
    trimmed = [_trim(part) for part in parts]
    while trimmed and trimmed[-1] == ("",):
        trimmed.pop()
    return Segment(tag, tuple(trimmed))


def _trim(element: Element) -> Element:
    end = len(element)
    while end > 1 and not element[end - 1]:
        end -= 1
    return element[:end]


def _segments(report: model.CargoReport) -> Iterable[Segment]:
    yield _seg("BGM", report.type_code, report.reference, report.function)
    loose = [m for m in report.moments if not m.place]
    yield from (_dtm(m) for m in loose)
    yield from (_seg("FTX", "AAI", "", "", tuple(values.cut(remark))) for remark in report.remarks)
    if report.consignments:
        yield _seg("CNT", ("10", str(len(report.consignments))))
    yield from (_seg("RFF", (r.qualifier, r.number)) for r in report.transport_references)
    yield from (_nad(party) for party in report.parties)
    carrier = (report.carrier, "172", "20", report.carrier_name) if report.carrier or report.carrier_name else ""
    listed = ("146", "11") if report.imo else ("103", "")
    means = (report.conveyance_id, *listed, report.conveyance_name, report.nationality)
    stated = report.conveyance_id or report.conveyance_name or report.nationality
    yield _seg("TDT", "20", report.voyage, report.mode, "", carrier, "", "", means if stated else "")
    yield from _places(report.places, [m for m in report.moments if m.place])
    for unit in report.equipment:
        yield from _equipment(unit)
    for consignment in report.consignments:
        yield from _consignment(consignment)


def _dtm(moment: model.Moment) -> Segment:
    return _seg("DTM", (moment.qualifier, *values.written(moment.at)))


def _places(places: Iterable[model.Place], moments: list[model.Moment]) -> Iterable[Segment]:
    left = list(moments)
    for place in places:
        yield _loc(place)
        yield from (_dtm(m) for m in left if m.place == place.code)
        left = [m for m in left if m.place != place.code]


def _loc(place: model.Place) -> Segment:
    return _seg("LOC", place.qualifier, (place.code, "139", "6", place.name))


def _nad(party: model.Party) -> Segment:
    name = (party.name,) if party.name else ("",)
    return _seg("NAD", party.role, (party.code,), "", name, party.address or "", party.city, "", party.postcode,
                party.country)


def _equipment(unit: model.Equipment) -> Iterable[Segment]:
    yield _seg("EQD", unit.kind, (unit.id,), (unit.size_type, "102", "5") if unit.size_type else "", "",
               unit.status, unit.load)
    yield from _mea(("G", "KGM", unit.gross_kg), ("T", "KGM", unit.tare_kg))
    yield from (_seg("SEL", seal) for seal in unit.seals)


def _mea(*stated: tuple[str, str, Decimal | None]) -> Iterable[Segment]:
    return (_seg("MEA", "AAE", what, (unit, f"{v.normalize():f}")) for what, unit, v in stated if v is not None)


def _consignment(consignment: model.Consignment) -> Iterable[Segment]:
    yield _seg("CNI", _count(consignment.sequence), consignment.document)
    yield from (_seg("RFF", (r.qualifier, r.number)) for r in consignment.references)
    yield from (_loc(place) for place in consignment.places)
    yield from (_seg("FTX", "AAI", "", "", tuple(values.cut(remark))) for remark in consignment.remarks)
    yield from (_nad(party) for party in consignment.parties)
    for placement in consignment.placements:
        yield from _placement(placement)
    for item in consignment.goods:
        yield from _goods(item)


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _placement(placement: model.Placement) -> Iterable[Segment]:
    yield _seg("SGP", placement.container, _count(placement.packages))
    yield from _mea(("G", "KGM", placement.gross_kg))


def _goods(item: model.GoodsItem) -> Iterable[Segment]:
    yield _seg("GID", _count(item.sequence), (_count(item.packages), item.package_type))
    pieces = values.cut(item.description)
    for start in range(0, len(pieces), 5):
        yield _seg("FTX", "AAA", "", "", tuple(pieces[start : start + 5]))
    yield from _mea(("G", "KGM", item.gross_kg), ("N", "KGM", item.net_kg), ("AAW", "MTQ", item.volume_m3))
    marks = item.marks.split("\n") if item.marks else []
    for start in range(0, len(marks), 10):
        yield _seg("PCI", "28", tuple(marks[start : start + 10]))
    yield from (_seg("CST", "1", (code, "122")) for code in item.hs)
    for number in range(max(len(item.un_numbers), len(item.hazard_classes))):
        yield _seg("DGS", "IMD", _at(item.hazard_classes, number), _at(item.un_numbers, number))
    yield from (_seg("RFF", (r.qualifier, r.number)) for r in item.references)
    for placement in item.placements:
        yield from _placement(placement)


def _at(texts: tuple[str, ...], index: int) -> str:
    return texts[index] if index < len(texts) else ""
