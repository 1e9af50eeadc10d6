"""Writers of container messages about simulated boxes: COARRI, CODECO, COPARN, COPRAR, BAPLIE, IFTSTA, CUSREP.

Plain text writers of the simulators' own: no parser or writer of the platform takes part. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

_RELEASED = str.maketrans({"?": "??", "'": "?'", "+": "?+", ":": "?:"})
PORT = "CNWHH"
TERMINAL = "SIMTERMINAL"


@dataclass(frozen=True, slots=True)
class Ship:
    """A simulated voyage as container messages name it."""

    imo: str = "9321483"
    name: str = "SIM WANGHAI STAR"
    voyage: str = "2611E"
    flag: str = "CN"
    loaded: str = "KRPUS"
    after: str = "JPOSA"


@dataclass(frozen=True, slots=True)
class Handled:
    """One simulated box and what was, or is to be, done with it at a moment. `truck`: the plate that carries it."""

    number: str
    at: datetime
    size: str = "22G1"
    gross: int = 12_000
    full: bool = True
    seal: str = ""
    bill: str = ""
    booking: str = ""
    cell: str = ""
    truck: str = ""
    un: str = ""
    imdg: str = ""
    celsius: int | None = None
    line: str = "SIMC"


def _e(text: str) -> str:
    return text.translate(_RELEASED)


def interchange(
    kind: str, release: str, reference: str, at: datetime, segments: Iterable[str], *, sender: str = TERMINAL
) -> bytes:
    """An interchange of one message, in UTF-8 where it must be."""
    message = [f"UNH+{reference[-14:]}+{kind}:D:{release}:UN", *segments]
    message.append(f"UNT+{len(message) + 1}+{reference[-14:]}")
    text = "".join(f"{line}'" for line in message)
    syntax = "UNOC:3" if text.isascii() else "UNOW:4"
    day = f"{at:%y%m%d}" if text.isascii() else f"{at:%Y%m%d}"
    head = f"UNB+{syntax}+{sender}+{PORT}+{day}:{at:%H%M}+{_e(reference[-14:])}'"
    return f"UNA:+.? '{head}{text}UNZ+1+{_e(reference[-14:])}'".encode()


def coarri(
    ship: Ship, boxes: Sequence[Handled], reference: str, at: datetime, *, loading: bool = False, function: int = 9,
    release: str = "95B", berth: str = "B1",
) -> bytes:
    """A discharge or loading report. In D.95B by the numbers of practice (44, 46), later by those of the directory."""
    old = release == "95B"
    document = ("46" if old else "122") if loading else ("44" if old else "119")
    here = "9" if loading else "11"
    segments = [f"BGM+{document}+{_e(reference)}+{function}", _ship(ship), f"LOC+{here}+{PORT}:139:6+{berth}:BER:ZZZ",
                f"NAD+CA+{boxes[0].line}:160:20" if boxes else "NAD+CA+SIMC:160:20"]  # fmt: skip
    for box in boxes:
        segments += _box(box, "203", f"LOC+{'11' if loading else '9'}+{ship.after if loading else ship.loaded}:139:6")
    return interchange("COARRI", release, reference, at, [*segments, f"CNT+16:{len(boxes)}"])


def codeco(
    boxes: Sequence[Handled], reference: str, at: datetime, *, inward: bool = False, function: int = 9,
    release: str = "95B", ship: Ship | None = None,
) -> bytes:
    """A gate report, in or out."""
    old = release == "95B"
    document = ("34" if old else "109") if inward else ("36" if old else "111")
    segments = [f"BGM+{document}+{_e(reference)}+{function}", *([_ship(ship)] if ship else []),
                f"LOC+165+{PORT}:139:6+G1:TER:ZZZ"]  # fmt: skip
    for box in boxes:
        segments += _box(box, "7")
    return interchange("CODECO", release, reference, at, [*segments, f"CNT+16:{len(boxes)}"])


def orders(
    kind: str, document: str, boxes: Sequence[Handled], reference: str, at: datetime, *, ship: Ship, function: int = 9
) -> bytes:
    """A COPARN or COPRAR with the document name that says what is ordered."""
    segments = [f"BGM+{document}+{_e(reference)}+{function}", _ship(ship), f"LOC+9+{PORT}:139:6", "NAD+CA+SIMC:160:20"]
    for box in boxes:
        segments += [f"EQD+CN+{box.number}+{box.size}:102:5++2+{5 if box.full else 4}",
                     f"RFF+BN:{_e(box.booking)}" if box.booking else "EQN+1",
                     f"LOC+11+{ship.after}:139:6", f"MEA+AAE+G+KGM:{box.gross}"]  # fmt: skip
    return interchange(kind, "00B", reference, at, [*segments, f"CNT+16:{len(boxes)}"])


def baplie(ship: Ship, boxes: Sequence[Handled], reference: str, at: datetime, *, release: str = "95B") -> bytes:
    """A bay plan: SMDG 2.x in D.95B, 3.x in D.13B."""
    new = release >= "13" and release < "95"
    identity = f"{ship.imo}:146:11:{_e(ship.name)}"
    segments = [
        f"BGM{'+659' if new else '+'}+{_e(reference)}+9", f"DTM+137:{at:%y%m%d%H%M}:201",
        f"TDT+20+{_e(ship.voyage)}+++SIMC:172:20+++{identity}", f"LOC+5+{ship.loaded}:139:6", f"LOC+61+{PORT}:139:6",
    ]  # fmt: skip
    for box in boxes:
        segments += _planned(box, ship, new)
    return interchange("BAPLIE", release, reference, at, segments)


def _planned(box: Handled, ship: Ship, new: bool) -> Iterator[str]:
    yield f"LOC+147+{box.cell}::5"
    equipment = f"EQD+CN+{box.number}+{box.size}:102:5+++{5 if box.full else 4}"
    if new:
        yield equipment
    yield f"MEA+AAE+VGM+KGM:{box.gross}" if new else f"MEA+VGM++KGM:{box.gross}"
    if box.celsius is not None:
        yield f"TMP+2+{box.celsius}:CEL"
    yield f"LOC+9+{ship.loaded}:139:6"
    yield f"LOC+11+{PORT}:139:6"
    if not new:
        yield f"RFF+BM:{_e(box.bill) or '1'}"
        yield equipment
    yield f"NAD+{'CF' if new else 'CA'}+{box.line}:172:20"
    if box.un:
        yield f"DGS+IMD+{box.imdg}+{box.un}+23:CEL+2"


def iftsta(boxes: Sequence[Handled], status: str, words: str, reference: str, at: datetime) -> bytes:
    """One status of several boxes, each under its own CNI."""
    segments = [f"BGM+23+{_e(reference)}+9", f"DTM+137:{at:%Y%m%d%H%M}:203", "NAD+CA+SIMC:160:20"]
    for line, box in enumerate(boxes, 1):
        segments += [f"CNI+{line}+{_e(box.bill)}", f"STS+1+{status}:::{_e(words)}", f"RFF+BM:{_e(box.bill)}",
                     f"DTM+334:{box.at:%Y%m%d%H%M}:203", f"LOC+175+{PORT}:139:6",
                     f"EQD+CN+{box.number}+{box.size}:102:5+++5"]  # fmt: skip
    return interchange("IFTSTA", "00B", reference, at, segments)


def cusrep(
    ship: Ship, eta: datetime, etd: datetime, reference: str, at: datetime, *, crew: int | None = 21, function: int = 9
) -> bytes:
    """A conveyance report of a ship's arrival."""
    segments = [
        f"BGM+85+{_e(reference)}+{function}", f"DTM+132:{eta:%Y%m%d%H%M}:203", f"DTM+133:{etd:%Y%m%d%H%M}:203",
        f"LOC+125+{ship.loaded}:139:6", f"LOC+60+{PORT}:139:6", f"LOC+61+{ship.after}:139:6", _ship(ship),
        *([f"CNT+41:{crew}"] if crew is not None else []),
    ]  # fmt: skip
    return interchange("CUSREP", "95B", reference, at, segments)


def _ship(ship: Ship) -> str:
    return f"TDT+20+{_e(ship.voyage)}+1++SIMC:172:20:SIM CARRIER LINES+++{ship.imo}:146:11:{_e(ship.name)}:{ship.flag}"


def _box(box: Handled, when: str, *places: str) -> Iterator[str]:
    yield f"EQD+CN+{box.number}+{box.size}:102:5++3+{5 if box.full else 4}"
    if box.bill:
        yield f"RFF+BM:{_e(box.bill)}"
    if box.booking:
        yield f"RFF+BN:{_e(box.booking)}"
    yield f"DTM+{when}:{box.at:%Y%m%d%H%M}:203"
    if box.cell:
        yield f"LOC+147+{box.cell}:139:5"
    yield from places
    yield f"MEA+AAE+G+KGM:{box.gross}"
    if box.seal:
        yield f"SEL+{_e(box.seal)}+CA"
    if box.un:
        yield f"DGS+IMD+{box.imdg}+{box.un}"
    if box.truck:
        yield f"TDT+1++3+31++++{_e(box.truck)}:ZZZ"
    yield f"NAD+CF+{box.line}:160:20"
