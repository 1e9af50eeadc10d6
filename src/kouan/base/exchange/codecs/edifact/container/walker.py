"""Container messages to sheets: one walk over the segments; what one belongs to is decided by what stands before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.edifact.container import faults, model
from kouan.base.exchange.codecs.edifact.model import Message, Segment
from kouan.base.exchange.codecs.problem import MOST, CodecError, Fault, Problem

_EQUIPMENT = frozenset(("16", "2"))
_PRIVATE = frozenset(("CTA", "COM"))
_DESCRIPTIONS = frozenset(("AAA", "AAZ", "GDS"))
_NAMES = frozenset(("AAC", "AAD"))
_PERIODS = frozenset(("711", "713", "717", "718", "719"))


def sheet_of(message: Message, number: int = 1, notices: tuple[Problem, ...] = ()) -> model.Sheet:
    """One message as a sheet; `number` is its place in the body. Raises CodecError with every problem found."""
    return _Walker(message, number, notices).sheet()


class _Walker:
    """Knows the cell, box, status, danger and means of transport that are open at each segment."""

    def __init__(self, message: Message, number: int, notices: tuple[Problem, ...]) -> None:
        self._message, self._number, self._at = message, number, -1
        self._sheet = model.Sheet(
            type=message.type, release=(message.version, message.release), association=message.association,
            position=self._position(), warnings=list(notices),
        )
        self._problems: list[Problem] = []
        self._unit: model.Unit | None = None
        self._status: model.Status | None = None
        self._consignment: model.Facts | None = None
        self._means: model.Means | None = None
        self._hazard = False
        self._take: Mapping[str, Callable[[Segment], None]] = {
            "BGM": self._bgm, "DTM": self._dtm, "LOC": self._loc, "RFF": self._rff, "NAD": self._nad, "TDT": self._tdt,
            "EQD": self._eqd, "SEL": self._sel, "FTX": self._ftx, "MEA": self._mea, "DGS": self._dgs, "TMP": self._tmp,
            "DIM": self._dim, "DAM": self._dam, "HAN": self._han, "EQN": self._eqn, "CNT": self._cnt, "GID": self._gid,
            "CNI": self._cni, "STS": self._sts, "GDS": self._gds, "SGP": self._sgp,
        }  # fmt: skip

    def sheet(self) -> model.Sheet:
        """The sheet, or CodecError with every problem."""
        for index, segment in enumerate(self._message.segments):
            self._at = index
            take = self._take.get(segment.tag[:3])
            if take is None:
                self._unread(segment)
            else:
                take(segment)
        if not any(segment.tag == "BGM" for segment in self._message.segments):
            self._problems.append(faults.BGM.at(self._sheet.position, "BGM"))
        if self._problems:
            raise CodecError(self._problems)
        return self._sheet

    # where a segment stands and what is said of it

    def _position(self) -> str:
        segment = self._message.header if self._at < 0 else self._message.segments[self._at]
        return f"message {self._number}, segment {self._at + 2}, byte {segment.position}"

    def _wrong(self, fault: Fault, part: str, **found: object) -> None:
        if len(self._problems) < MOST:
            self._problems.append(fault.at(self._position(), part, **found))

    def _warn(self, fault: Fault, part: str, **found: object) -> None:
        if len(self._sheet.warnings) < MOST:
            self._sheet.warnings.append(fault.at(self._position(), part, **found))

    def _unread(self, segment: Segment) -> None:
        # Names and telephone numbers of persons are not repeated in warnings, which many may read.
        told = "" if segment.tag in _PRIVATE else "+".join(":".join(element) for element in segment.elements)
        self._warn(faults.UNREAD, segment.tag[:3], tag=segment.tag[:3], found=told)

    def _number_of(self, text: str, part: str) -> Decimal | None:
        if not text.strip():
            return None
        try:
            return values.number(text)
        except ValueError:
            self._wrong(faults.NUMBER, part, found=text)
            return None

    def _open(self) -> model.Facts:
        return self._unit or self._status or self._consignment or self._sheet

    # segments of the head

    def _bgm(self, segment: Segment) -> None:
        sheet = self._sheet
        # Older directories state the number as a simple element, newer ones within C106.
        sheet.document, sheet.title = segment.get(0), segment.get(0, 3)
        sheet.number, sheet.function = segment.get(1), segment.get(2)

    def _tdt(self, segment: Segment) -> None:
        carrier, ship = 4, 7
        if segment.get(4, 1) in model.SHIP_LISTS and segment.get(7, 1) not in model.SHIP_LISTS:
            # Directory 91.1, in which most stowage plans are still sent, has the ship before its carrier.
            ship, carrier = 4, next((at for at in (5, 6, 7) if segment.get(at, 1)), 5)
        means = self._means = model.Means(
            stage=segment.get(0), voyage=segment.get(1), mode=segment.get(2), kind=segment.get(3),
            carrier=segment.get(carrier), carrier_name=segment.get(carrier, 3), id=segment.get(ship), listed=segment.get(ship, 1),
            name=segment.get(ship, 3), flag=segment.get(ship, 4),
        )
        self._hazard = False
        self._open().means.append(means)

    def _cni(self, segment: Segment) -> None:
        self._status = self._unit = self._means = None
        self._consignment = model.Facts()
        if segment.get(1):
            self._consignment.references.append(model.Reference("CNI", segment.get(1)))

    def _sts(self, segment: Segment) -> None:
        self._unit = self._means = None
        code = next((segment.get(at) for at in (1, 0) if segment.get(at)), "")
        if not segment.get(1) and segment.get(0, 1):
            # Some senders put category, status and reason into one element.
            code = segment.get(0, 1)
        words = segment.get(1, 3) or segment.get(2, 3)
        told = self._consignment or model.Facts()
        self._status = model.Status(
            code=code, text=words, category=segment.get(0), position=self._position(), places=list(told.places),
            references=list(told.references), parties=list(told.parties), means=list(told.means),
        )
        self._sheet.statuses.append(self._status)

    def _cnt(self, segment: Segment) -> None:
        declared = self._number_of(segment.get(0, 1), "CNT/6066")
        if declared is not None:
            self._sheet.totals.append((segment.get(0), declared))
        boxes = len([unit for unit in self._sheet.units if unit.kind])
        if segment.get(0) in _EQUIPMENT and declared is not None and boxes and declared not in (boxes, self._ordered()):
            self._warn(faults.COUNT, "CNT/6066", declared=f"{declared:f}", found=boxes)

    def _ordered(self) -> int:
        return sum(unit.count or 1 for unit in self._sheet.units if unit.kind)

    # segments of boxes and cells

    def _eqd(self, segment: Segment) -> None:
        self._means, self._hazard = None, False
        unit = self._unit
        if unit is None or unit.kind:
            unit = self._unit = model.Unit(position=self._position())
            (self._status.units if self._status else self._sheet.units).append(unit)
        unit.kind, unit.id = segment.get(0) or "CN", "".join(segment.get(1).split())
        unit.size_type, unit.movement = segment.get(2) or segment.get(2, 3), segment.get(4)
        unit.load = next((found for found in (segment.get(5), segment.get(6)) if found in "45678" and found), "")

    def _loc(self, segment: Segment) -> None:
        if segment.get(0) == "147" and self._sheet.type in ("BAPLIE", "MOVINS"):
            self._means, self._hazard, self._status = None, False, None
            self._unit = model.Unit(cell=segment.get(1) or segment.get(1, 3), position=self._position())
            self._sheet.units.append(self._unit)
            return
        place = model.Place(
            segment.get(0), segment.get(1), segment.get(1, 3), segment.get(2), segment.get(2, 1),
        )
        if place.qualifier == "147" and self._unit is not None:
            self._unit.cell = place.code or place.name
        elif self._means is not None:
            self._means.places.append(place)
        else:
            self._open().places.append(place)

    def _dtm(self, segment: Segment) -> None:
        qualifier, text, form = values.c507(segment)
        if not text.strip() or form in values.TIMES:
            self._time_of_day(qualifier, text.strip())
            return
        if values.is_duration(form):
            self._unread(segment)
            return
        try:
            at, exact = values.date_time(text, form)
        except ValueError:
            self._wrong(faults.DATE, "DTM/C507", found=text, form=form or "?")
            return
        if not exact and form not in _PERIODS:
            self._warn(faults.FORM, "DTM/2379", found=text, form=form or "?")
        self._moments().append(model.Moment(qualifier, at))

    def _moments(self) -> list[model.Moment]:
        return self._means.moments if self._means is not None else self._open().moments

    def _time_of_day(self, qualifier: str, text: str) -> None:
        """A time without a date completes the date of the same function before it."""
        moments = self._moments()
        for index in range(len(moments) - 1, -1, -1):
            if text and moments[index].qualifier == qualifier:
                try:
                    moments[index] = model.Moment(qualifier, values.time_of_day(text, moments[index].at))
                except ValueError:
                    self._wrong(faults.DATE, "DTM/C507", found=text, form="401")
                return

    def _rff(self, segment: Segment) -> None:
        reference = model.Reference(segment.get(0, 0), segment.get(0, 1))
        owner = self._means if self._means is not None else self._open()
        owner.references.append(reference)

    def _nad(self, segment: Segment) -> None:
        self._means = None if self._unit is not None else self._means
        names = [name for name in (*segment.element(3)[:5], *segment.element(2)[:1]) if name.strip()]
        self._open().parties.append(model.Party(segment.get(0), segment.get(1), " ".join(names[:1])))

    def _sel(self, segment: Segment) -> None:
        if self._unit is not None and segment.get(0):
            self._unit.seals.append(segment.get(0))

    def _ftx(self, segment: Segment) -> None:
        coded = [segment.get(2)] if segment.get(2) else []
        text = values.joined([*coded, *(piece for piece in segment.element(3) if piece.strip())])
        if not text:
            return
        if self._unit is not None and self._hazard and segment.get(0) in _NAMES:
            last = self._unit.hazards[-1]
            self._unit.hazards[-1] = replace(last, description=f"{last.description} {text}".strip())
        elif self._unit is not None and segment.get(0) in _DESCRIPTIONS:
            self._unit.goods.append(text)
        else:
            self._open().remarks.append((segment.get(0), text))

    def _mea(self, segment: Segment) -> None:
        unit, what = segment.get(2, 0).strip().upper(), segment.get(1, 0).strip() or segment.get(0).strip()
        amount = self._number_of(segment.get(2, 1), "MEA/6314")
        # A mass behind DGS is that of the dangerous goods, not of the box.
        if amount is None or self._unit is None or self._hazard:
            return
        if unit and unit not in values.KILOGRAMS:
            if unit not in values.CUBIC_METRES:
                self._warn(faults.UNIT, "MEA/6411", found=unit)
            return
        if amount >= 0:
            self._unit.weights[what] = amount * values.KILOGRAMS[unit or "KGM"]

    def _dgs(self, segment: Segment) -> None:
        if self._unit is None:
            return
        self._hazard = True
        number = "".join(c for c in segment.get(2) if c.isdigit())[:4]
        flash = self._celsius(segment.get(3), segment.get(3, 1), "DGS/7106")
        self._unit.hazards.append(model.Hazard(segment.get(1), number, segment.get(4), flash))

    def _tmp(self, segment: Segment) -> None:
        found = self._celsius(segment.get(1), segment.get(1, 1), "TMP/6246")
        if self._unit is not None and found is not None:
            self._unit.temperature = found

    def _celsius(self, text: str, unit: str, part: str) -> Decimal | None:
        found = self._number_of(text, part)
        if found is not None and unit.strip().upper() in ("FAH", "F"):
            return round((found - 32) * 5 / 9, 1)
        return found

    def _dim(self, segment: Segment) -> None:
        if self._unit is not None:
            sides = " x ".join(part or "-" for part in segment.element(1)[1:]).removesuffix(" x -").removesuffix(" x -")
            self._unit.sizes.append(f"{segment.get(0)}: {sides} {segment.get(1)}")

    def _dam(self, segment: Segment) -> None:
        if self._unit is not None:
            parts = (segment.get(at, 3) or segment.get(at) for at in range(1, len(segment.elements)))
            self._unit.damages.append(" ".join(part for part in parts if part))

    def _han(self, segment: Segment) -> None:
        if self._unit is not None:
            self._unit.handling.append(segment.get(0) or segment.get(0, 3))

    def _eqn(self, segment: Segment) -> None:
        count = self._number_of(segment.get(0), "EQN/6350")
        if self._unit is not None and count is not None and 0 < count < 10_000:
            self._unit.count = int(count)

    def _gid(self, segment: Segment) -> None:
        """In a bay plan goods belong to the open cell; elsewhere they stand before the equipment."""
        if self._sheet.type not in ("BAPLIE", "MOVINS"):
            self._unit = self._means = None

    def _gds(self, segment: Segment) -> None:
        if self._unit is not None:
            self._unit.goods.append(segment.get(0) or segment.get(1))

    def _sgp(self, segment: Segment) -> None:
        """Where goods are split over boxes; the boxes themselves have their EQD."""
