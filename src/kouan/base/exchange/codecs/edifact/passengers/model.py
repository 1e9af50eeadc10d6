"""What both messages about air passengers tell, in one shape. Times are local to their airport, as the messages state them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from kouan.base.exchange.codecs.problem import Fault, Problem
from kouan.kernel.clock import now
from kouan.kernel.text import Text

NO_FLIGHT = Fault("pax.flight", "UN/EDIFACT TDT/TVL", Text("报文没有航班", "The message names no flight"))
SHIP = Fault(
    "pax.ship", "UN/EDIFACT TDT 8067",
    Text("这是船上人员名单（运输方式 {found}）；船舶的旅客和船员随其船舶申报提交（imo-fal）",
         "This lists persons of a ship (mode of transport {found}): a ship's passengers and crew are filed with its call (imo-fal)"),
)  # fmt: skip
NO_TIME = Fault("pax.time", "UN/EDIFACT DTM/TVL", Text("航班没有起飞或到达时间", "The flight has neither departure nor arrival time"))
NO_PLACE = Fault(
    "pax.place", "UN/EDIFACT LOC/TVL", Text("航班既无起飞地也无目的地", "The flight has neither a place of departure nor a destination")
)
NO_NAME = Fault("pax.name", "UN/EDIFACT NAD/TIF", Text("没有姓名的人员已略过", "A person without a name was left out"))
COUNT = Fault(
    "pax.count", "UN/EDIFACT CNT/EQN", Text("报文称{stated}人，实列{listed}人", "{stated} persons are stated, {listed} are listed")
)
DATE = Fault("pax.date", "UN/EDIFACT DTM", Text("日期“{found}”不可识别", "“{found}” is no date"))
_BROKEN = re.compile(r"[\r\n]+")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY = re.compile(r"([0-9]{1,2})([A-Z]{3})([0-9]{2}|[0-9]{4})")


@dataclass(frozen=True, slots=True)
class Flight:
    """One leg. `number` with the carrier's code before it; airports by their IATA or ICAO codes."""

    number: str
    carrier: str = ""
    origin: str = ""
    destination: str = ""
    departs: datetime | None = None
    arrives: datetime | None = None
    border: bool = False

    @property
    def mark(self) -> tuple[str, str, str, date | None]:
        """What tells one leg from another."""
        moment = self.departs or self.arrives
        return self.number, self.origin, self.destination, moment.date() if moment else None


@dataclass(frozen=True, slots=True)
class Document:
    """A travel document: its kind as the message codes it, number, issuing country, expiry."""

    kind: str
    number: str
    issuer: str = ""
    expires: date | None = None


@dataclass(slots=True)
class Flown:
    """A person: passenger, crew or in transit."""

    family: str = ""
    given: str = ""
    role: str = "passenger"
    gender: str = ""
    birth: date | None = None
    nationality: str = ""
    documents: list[Document] = field(default_factory=list)
    booking: str = ""
    ticket: str = ""
    seat: str = ""
    embarked: str = ""
    disembarks: str = ""


@dataclass(slots=True)
class Manifest:
    """What a message tells: the mode (air, rail or road), its flights or other journeys in order, its persons, what does not add up."""

    flights: list[Flight] = field(default_factory=list)
    persons: list[Flown] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    reference: str = ""
    mode: str = "air"

    @property
    def documents(self) -> list[Document]:
        """All documents of all persons."""
        return [document for person in self.persons for document in person.documents]

    @property
    def crossing(self) -> Flight:
        """The leg that crosses the border: the one so marked, else the first."""
        return next((flight for flight in self.flights if flight.border), self.flights[0])


def joined(text: str) -> str:
    """A value as it was before its line was broken for transmission."""
    return _BROKEN.sub("", text).strip()


def day_of(text: str, *, past: bool) -> date | None:
    """The day of DDMMMYY or DDMMMYYYY; of two digits the year that lies behind (`past`) or within the next 50 years."""
    found = _DAY.fullmatch(joined(text).upper())
    if found is None or found[2] not in _MONTHS:
        return None
    return _dated(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]), past=past)


def digits_of(text: str, *, past: bool) -> date | None:
    """The day of YYMMDD or YYYYMMDD."""
    text = joined(text)
    if not re.fullmatch(r"[0-9]{6}|[0-9]{8}", text):
        return None
    return _dated(int(text[:-4]), int(text[-4:-2]), int(text[-2:]), past=past)


def _dated(year: int, month: int, day: int, *, past: bool) -> date | None:
    if year < 100:
        this = now().year
        year += this - this % 100
        if year > (this if past else this + 50):
            year -= 100
    try:
        return date(year, month, day)
    except ValueError:
        return None


def flight_number(carrier: str, number: str) -> str:
    """`DL324` of carrier DL and number 324, or of DL0324; digits alone keep the carrier before them."""
    bare = "".join(joined(number).upper().split())
    found = re.fullmatch(r"([A-Z0-9]{2}[A-Z]?)?0*([0-9]{1,4}[A-Z]?)", bare)
    if found is None:
        return bare
    own = found[1] if found[1] and not found[1].isdigit() else ""
    digits = found[2] if own or not found[1] else bare.lstrip("0")
    return f"{own or joined(carrier).upper()}{digits}"
