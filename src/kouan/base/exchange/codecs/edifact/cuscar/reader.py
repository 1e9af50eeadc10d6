"""CUSCAR to cargo reports: D.95B, and later directories, whose segments are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.edifact.cuscar import drafts, faults, model
from kouan.base.exchange.codecs.edifact.model import Message, Segment
from kouan.base.exchange.codecs.edifact.reader import read as read_edifact
from kouan.base.exchange.codecs.problem import MOST, CodecError, Fault, Problem

MANIFESTS = frozenset(("85", "87", "111", "785", "786", "788", "833", "933"))
"""Document names (DE 1001) by which a message without a type is taken for a cargo report."""

_GROUP_STARTS = frozenset(("LOC", "NAD", "GID", "CNT", "TDT", "MOA", "GIS", "GEI", "DTM"))
_DESCRIPTIONS = frozenset(("AAA", "AAZ", "GDS"))
_GROSS = frozenset(("G", "GW", "AAB", "AAD", "AAE", "WT", "AAX", "ACG"))
_NET = frozenset(("N", "AAA", "AAL", "AAC", "ACN"))
_TARE = frozenset(("T", "TAR"))


def read(body: bytes) -> tuple[model.CargoReport, ...]:
    """The cargo reports of a body; slips that lose nothing are among each report's warnings.

    Raises CodecError with every problem of syntax or content.
    """
    reading = read_edifact(body)
    if reading.problems:
        raise CodecError(reading.problems)
    messages = [m for interchange in reading.interchanges for m in interchange.messages]
    if not messages:
        raise faults.NONE.error("byte 0", "UNH")
    found: list[model.CargoReport] = []
    problems: list[Problem] = []
    for number, message in enumerate(messages, 1):
        try:
            found.append(report_of(message, number, reading.notices if number == 1 else ()))
        except CodecError as wrong:
            problems += wrong.problems
    if problems:
        raise CodecError(problems)
    return tuple(found)


def is_cargo_report(message: Message) -> bool:
    """Whether a message is a CUSCAR by its type or, where UNH names none, by its content."""
    if message.type:
        return message.type == "CUSCAR"
    codes = {segment.get(0) for segment in message.segments[:3] if segment.tag == "BGM"}
    return bool(codes & MANIFESTS)


def report_of(message: Message, number: int = 1, notices: tuple[Problem, ...] = ()) -> model.CargoReport:
    """One message as a cargo report. `number` is its place in the body, for positions. Raises CodecError."""
    if not is_cargo_report(message):
        at = f"message {number}, segment 1, byte {message.header.position}"
        raise faults.OTHER.error(at, "UNH/0065", found=message.type or "?")
    return _Reader(message, number, notices).report()


@dataclass(slots=True)
class _Header:
    bgm: Segment | None = None
    tdt: Segment | None = None
    places: list[model.Place] = field(default_factory=list)
    moments: list[model.Moment] = field(default_factory=list)
    parties: list[model.Party] = field(default_factory=list)
    references: list[model.Reference] = field(default_factory=list)
    equipment: list[drafts.EquipmentDraft] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    controls: list[tuple[str, Decimal, str]] = field(default_factory=list)


class _Reader:
    """Walks the segments once; what a segment belongs to is decided by what stands before it."""

    def __init__(self, message: Message, number: int, notices: tuple[Problem, ...]) -> None:
        self._message, self._number = message, number
        self._head = _Header()
        self._bills: list[drafts.ConsignmentDraft] = []
        self._bill: drafts.ConsignmentDraft | None = None
        self._weighed: drafts.Weighed | None = None
        self._place = ""
        self._at = 0
        self._problems: list[Problem] = []
        self._warnings = list(notices)
        self._take: Mapping[str, Callable[[Segment], None]] = {
            "BGM": self._bgm, "DTM": self._dtm, "LOC": self._loc, "RFF": self._rff, "NAD": self._nad,
            "TDT": self._tdt, "EQD": self._eqd, "SEL": self._sel, "CNI": self._cni, "GID": self._gid,
            "FTX": self._ftx, "MEA": self._mea, "SGP": self._sgp, "DGS": self._dgs, "PCI": self._pci,
            "CST": self._cst, "PIA": self._pia, "CNT": self._cnt,
        }
        if not message.type:
            self._warnings.append(faults.UNTYPED.at(self._position(-1), "UNH/0065"))

    def report(self) -> model.CargoReport:
        """The report, or CodecError with every problem."""
        for index, segment in enumerate(self._message.segments):
            self._at = index
            take = self._take.get(segment.tag[:3])
            if take is not None:
                take(segment)
        head = self._head
        if head.bgm is None:
            self._problems.append(faults.BGM.at(self._position(-1), "BGM"))
        elif not head.bgm.get(1):
            self._problems.append(faults.REFERENCE.at(self._position(0), "BGM/1004"))
        if self._problems:
            raise CodecError(self._problems)
        return self._finished(head.bgm or Segment("BGM"), head.tdt or Segment("TDT"))

    def _finished(self, bgm: Segment, tdt: Segment) -> model.CargoReport:
        head = self._head
        carrier = model.party_of(tuple(head.parties), "CA") or model.Party("CA")
        self._check_controls()
        return model.CargoReport(
            bgm.get(1), bgm.get(2), bgm.get(0), self._message.version, self._message.release, tdt.get(2), tdt.get(1),
            tdt.get(4) or carrier.code, tdt.get(4, 3) or carrier.name, tdt.get(7), tdt.get(7, 3), tdt.get(7, 4),
            tuple(head.places), tuple(head.moments), tuple(head.parties), tuple(head.references),
            tuple(e.done() for e in head.equipment), tuple(b.done() for b in self._bills), tuple(head.remarks),
            self._position(-1), tuple(self._warnings[:MOST]),
        )

    # where a segment stands

    def _position(self, index: int) -> str:
        segment = self._message.header if index < 0 else self._message.segments[index]
        return f"message {self._number}, segment {index + 2}, byte {segment.position}"

    def _wrong(self, fault: Fault, part: str, **found: object) -> None:
        if len(self._problems) < MOST:
            self._problems.append(fault.at(self._position(self._at), part, **found))

    def _warn(self, fault: Fault, part: str, **found: object) -> None:
        if len(self._warnings) < MOST:
            self._warnings.append(fault.at(self._position(self._at), part, **found))

    def _number_of(self, text: str, part: str) -> Decimal | None:
        if not text.strip():
            return None
        try:
            found = values.number(text)
        except ValueError:
            self._wrong(faults.NUMBER, part, found=text)
            return None
        if found < 0:
            self._wrong(faults.NEGATIVE, part, found=text)
        return found

    def _whole_of(self, text: str, part: str) -> int | None:
        found = self._number_of(text, part)
        if found is None:
            return None
        if found != found.to_integral_value():
            self._wrong(faults.WHOLE, part, found=text)
        return int(found)

    # segments

    def _bgm(self, segment: Segment) -> None:
        self._head.bgm = segment

    def _dtm(self, segment: Segment) -> None:
        qualifier, text, form = values.c507(segment)
        if self._bill is not None or not text.strip() or values.is_duration(form):
            return
        moments = self._head.moments
        try:
            if form in values.TIMES:
                self._time_of_day(qualifier, text)
                return
            at, exact = values.date_time(text, form)
        except ValueError:
            self._wrong(faults.DATE, "DTM/C507", found=text, form=form or "?")
            return
        if not exact:
            self._warn(faults.FORM, "DTM/2379", found=text, form=form or "?")
        moments.append(model.Moment(qualifier, at, self._place))

    def _time_of_day(self, qualifier: str, text: str) -> None:
        """A time without a date completes the date of the same qualifier before it."""
        moments = self._head.moments
        for index in range(len(moments) - 1, -1, -1):
            if moments[index].qualifier == qualifier:
                at = values.time_of_day(text, moments[index].at)
                moments[index] = model.Moment(qualifier, at, moments[index].place)
                return

    def _loc(self, segment: Segment) -> None:
        place = model.Place(segment.get(0), segment.get(1), segment.get(1, 3))
        if self._bill is not None:
            self._bill.places.append(place)
            self._bill.stage = "LOC"
        else:
            self._head.places.append(place)
            self._place = place.code

    def _rff(self, segment: Segment) -> None:
        reference = model.Reference(segment.get(0, 0), segment.get(0, 1))
        if self._bill is None:
            self._head.references.append(reference)
            return
        bill = self._next_bill(self._bill) if self._begins_bill(reference) else self._bill
        goods = bill.goods[-1] if bill.goods and bill.stage == "GID" else None
        if goods is not None and reference.qualifier == "HS":
            goods.hs.append(reference.number)
        (bill.references if goods is None else goods.references).append(reference)

    def _begins_bill(self, reference: model.Reference) -> bool:
        """Whether a reference within a CNI begins the next bill of it, rather than adding to this one."""
        bill = self._bill
        if bill is None or not bill.filled:
            return False
        if reference.qualifier in model.BILLS:
            return True
        if bill.stage == "TDT" or not bill.goods:
            return False
        following = (s.tag for s in self._message.segments[self._at + 1 :] if s.tag != "RFF")
        return next(following, "") in _GROUP_STARTS - {"DTM", "GID"}

    def _next_bill(self, before: drafts.ConsignmentDraft) -> drafts.ConsignmentDraft:
        # The number in CNI names one bill; the others of the same CNI have only their references.
        used = before.bill() == before.fallback
        bill = self._bill = drafts.ConsignmentDraft(
            before.sequence, before.document, "" if used else before.fallback, self._position(self._at)
        )
        self._bills.append(bill)
        self._weighed = None
        return bill

    def _nad(self, segment: Segment) -> None:
        lines = [line for line in segment.element(2) if line.strip()]
        names = [name for name in segment.element(3)[:5] if name.strip()]
        streets = [line for line in segment.element(4) if line.strip()]
        if not names and lines:
            names, lines = lines[:1], lines[1:]
        party = model.Party(
            segment.get(0), segment.get(1), " ".join(names), tuple(lines + streets), segment.get(5), segment.get(7),
            segment.get(8),
        )
        if self._bill is not None:
            self._bill.parties.append(party)
            self._bill.stage = "NAD"
        else:
            self._head.parties.append(party)

    def _tdt(self, segment: Segment) -> None:
        if self._bill is not None:
            self._bill.stage = "TDT"
        elif self._head.tdt is None or segment.get(0) == "20":
            self._head.tdt = segment

    def _eqd(self, segment: Segment) -> None:
        if self._bill is not None:
            self._placed(drafts.PlacementDraft(container=_identity(segment.get(1))))
            return
        draft = drafts.EquipmentDraft(
            kind=segment.get(0), id=_identity(segment.get(1)), size_type=segment.get(2), status=segment.get(4),
            load=segment.get(5),
        )
        self._head.equipment.append(draft)
        self._weighed = draft

    def _sel(self, segment: Segment) -> None:
        if self._head.equipment and segment.get(0) and self._bill is None:
            self._head.equipment[-1].seals.append(segment.get(0))

    def _cni(self, segment: Segment) -> None:
        sequence = self._whole_of(segment.get(0), "CNI/1490")
        document = segment.get(1)
        self._bill = drafts.ConsignmentDraft(sequence, document, document, self._position(self._at))
        self._bills.append(self._bill)
        self._weighed = None

    def _gid(self, segment: Segment) -> None:
        if self._bill is None:
            self._wrong(faults.EARLY, "GID", tag="GID")
            return
        goods = drafts.GoodsDraft(
            sequence=self._whole_of(segment.get(0), "GID/1496"),
            packages=self._whole_of(segment.get(1, 0), "GID/7224"), package_type=segment.get(1, 1),
        )
        self._bill.goods.append(goods)
        self._bill.stage = "GID"
        self._weighed = goods

    def _goods(self) -> drafts.GoodsDraft | None:
        return self._bill.goods[-1] if self._bill is not None and self._bill.goods else None

    def _ftx(self, segment: Segment) -> None:
        pieces = [piece for piece in segment.element(3) if piece.strip()]
        goods = self._goods()
        if not pieces:
            return
        if goods is not None and segment.get(0) in _DESCRIPTIONS:
            goods.description += pieces
        elif self._bill is not None:
            self._bill.remarks.append(values.joined(pieces))
        else:
            self._head.remarks.append(values.joined(pieces))

    def _mea(self, segment: Segment) -> None:
        unit, what = segment.get(2, 0).strip().upper(), segment.get(1, 0).strip() or segment.get(0)
        amount = self._number_of(segment.get(2, 1), "MEA/6314")
        target = self._weighed
        if amount is None or target is None:
            return
        if unit in values.CUBIC_METRES:
            target.volume = amount * values.CUBIC_METRES[unit]
        elif unit in values.KILOGRAMS or not unit:
            self._weigh(target, what, amount * values.KILOGRAMS[unit or "KGM"], unit)
        elif what in _GROSS | _NET | _TARE:
            self._wrong(faults.UNIT, "MEA/6411", found=unit)

    def _weigh(self, target: drafts.Weighed, what: str, kilograms: Decimal, unit: str) -> None:
        if unit == "TON":
            self._warn(faults.TON, "MEA/6411")
        if what in _GROSS:
            target.gross = kilograms
        elif what in _NET:
            target.net = kilograms
        elif what in _TARE:
            target.tare = kilograms

    def _sgp(self, segment: Segment) -> None:
        packages = self._whole_of(segment.get(1), "SGP/7224")
        self._placed(drafts.PlacementDraft(container=_identity(segment.get(0)), packages=packages))

    def _placed(self, placement: drafts.PlacementDraft) -> None:
        goods, bill = self._goods(), self._bill
        if bill is None:
            self._wrong(faults.EARLY, "SGP", tag="SGP")
            return
        (bill.placements if goods is None else goods.placements).append(placement)
        self._weighed = placement
        known = {e.id for e in self._head.equipment}
        if known and placement.container and placement.container not in known:
            self._warn(faults.UNDECLARED, "SGP/8260", found=placement.container)

    def _dgs(self, segment: Segment) -> None:
        goods = self._goods()
        if goods is None:
            return
        goods.hazard_classes += [c for c in (segment.get(1),) if c]
        goods.un_numbers += [n for n in (segment.get(2),) if n]

    def _pci(self, segment: Segment) -> None:
        goods = self._goods()
        if goods is not None:
            goods.marks += [mark for mark in segment.element(1) if mark.strip()]

    def _cst(self, segment: Segment) -> None:
        goods = self._goods()
        codes = [element[0] for element in segment.elements[1:] if element and element[0].strip()]
        if goods is not None:
            goods.hs += [code for code in codes if code.isdigit() and 4 <= len(code) <= 13]

    def _pia(self, segment: Segment) -> None:
        goods = self._goods()
        pairs = [element for element in segment.elements[1:] if len(element) > 1]
        if goods is not None:
            goods.hs += [code for code, kind, *_ in pairs if kind == "HS" and code]

    def _cnt(self, segment: Segment) -> None:
        declared = self._number_of(segment.get(0, 1), "CNT/6066")
        if self._bill is None and declared is not None:
            self._head.controls.append((segment.get(0, 0), declared, self._position(self._at)))

    def _check_controls(self) -> None:
        """CNT 10 counts consignments, CNT 16 equipment; what else is totalled is the sender's own definition."""
        counted = {
            "10": {len(self._bills), len({b.sequence for b in self._bills})},
            "16": {len(self._head.equipment)} if self._head.equipment else set(),
        }
        for qualifier, declared, position in self._head.controls:
            found = counted.get(qualifier, set())
            if found and declared not in found:
                warning = faults.CONTROL.at(position, "CNT/6066", declared=declared, found=max(found))
                self._warnings.append(warning)


def _identity(text: str) -> str:
    return text.replace(" ", "").upper()
