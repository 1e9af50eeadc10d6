"""AIS from a stream of bytes into columns: the pure decoder, without clock, network or platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kouan.facilities.telemetry.drivers.ais import columns, stamps
from kouan.facilities.telemetry.drivers.ais.applications import APPLICATIONS
from kouan.facilities.telemetry.drivers.ais.fields import Layout
from kouan.facilities.telemetry.drivers.ais.layouts import AUXILIARY, LAYOUTS, SAME
from kouan.facilities.telemetry.drivers.ais.parts import Assembly, Part
from kouan.facilities.telemetry.drivers.ais.sentences import CAUSES, CODE, LINE_MOST, PAD, Sentences, find
from kouan.facilities.telemetry.drivers.ais.single import Heard, heard
from kouan.facilities.telemetry.drivers.ais.sixbit import Array, Plan, payloads
from kouan.facilities.telemetry.drivers.ais.values import variant

_VARIED = frozenset({22, 24, 25, 26})
_CHOICE = Plan.of([(8, 30), (38, 2), (139, 1)])
_NO_TYPE = 255
_KINDS = np.full(256, _NO_TYPE, np.uint8)  # the type, or the one with the same layout, by a payload's first sign
_KINDS[[*range(48, 88), *range(96, 120)]] = [int(SAME.get(kind, kind)) for kind in range(64)]


@dataclass(slots=True)
class Columns:
    """What a chunk held. `families`: by layout (`1` for types 1-3, `5`, `24A`, `8.1.31` …) one array for each field.

    Each family has, besides, `line` (the number of the line in this stream, from 0, on which the message was whole), `at`
    (microseconds UTC, 0: unknown), `source` (a number of the decoder's `sources`), `simulated` and `own` (AIVDO).
    `noted` counts what was not refused but is worth knowing: "incomplete" sentences whose message never became whole,
    "truncated" messages, "tag_checksum" for tag blocks that were not believed.
    lines = messages + parts + refused + incomplete + those that still wait (the change of `waiting`).
    """

    lines: int = 0
    messages: int = 0
    parts: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    families: dict[str, dict[str, Array]] = field(default_factory=dict)
    refusals: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: Array, code: str) -> None:
        """Count lines that were refused for one cause, and name them."""
        self.refused[code] += len(line)
        self.refusals.extend((number, code) for number in line.tolist())


@dataclass(slots=True)
class _Batch:
    """Whole messages: where their payload is, and what is known of them."""

    start: Array
    length: Array
    fill: Array
    line: Array
    at: Array
    source: Array
    simulated: Array
    own: Array

    def pick(self, rows: Array) -> _Batch:
        if len(rows) == len(self.line) and rows.dtype != np.bool_:
            return self  # rows are picked in their order, so these are all of them
        return _Batch(*(getattr(self, name)[rows] for name in self.__slots__))

    def sorted(self) -> _Batch:
        order = np.argsort(self.line, kind="stable")
        return _Batch(*(getattr(self, name)[order] for name in self.__slots__))

    def facts(self) -> dict[str, Array]:
        return {name: getattr(self, name) for name in ("line", "at", "source", "simulated", "own")}


class Decoder:
    """Decodes one stream of bytes. Keeps an unfinished line (at most 1 KiB) and the parts of unfinished messages.

    `sources` may be shared by the decoders of many connections, so that numbers mean the same in all of them.
    """

    def __init__(self, sources: stamps.Sources | None = None) -> None:
        self.sources = stamps.Sources() if sources is None else sources
        self.assembly = Assembly()
        self._rest = b""
        self._skipping = False
        self._line = 0

    def feed(self, chunk: bytes) -> Columns:
        """The messages that are whole with this chunk. Never raises for what the bytes are."""
        found = Columns()
        whole = self._whole(chunk, found)
        if whole:
            self._decode(whole, found)
        found.waiting = len(self.assembly)
        given_up = self.assembly.given_up()
        if given_up:
            found.noted["incomplete"] += given_up
        return found

    def line(self, line: bytes) -> Heard | None:
        """One whole line, without its end: its message, or None while parts are missing; raises Unread with the cause."""
        number, self._line = self._line, self._line + 1
        return heard(line.strip(b"\r\n"), number, self.assembly, self.sources)

    def _whole(self, chunk: bytes, found: Columns) -> bytes:
        """Whole lines with their ends; what is unfinished waits, and what never ends is skipped."""
        text = (self._rest + chunk).replace(b"\r", b"\n")
        whole, end, rest = text.rpartition(b"\n")
        whole += end
        if self._skipping and whole:
            whole = whole.partition(b"\n")[2]
            self._skipping = False
        if len(rest) > LINE_MOST:
            if not self._skipping:
                found.lines += 1
                found.refuse(np.array([self._line + whole.count(b"\n")]), "too_long")
            self._skipping, rest = True, b""
        self._rest = rest
        return whole

    def _decode(self, whole: bytes, found: Columns) -> None:
        size = len(whole)
        buffer = np.zeros(size + PAD, np.uint8)
        buffer[:size] = np.frombuffer(whole, np.uint8)
        told = find(buffer, size)
        stamped = stamps.read(buffer, told, self.sources)
        if stamped.wrong:
            found.noted["tag_checksum"] += stamped.wrong
        self._count(told, found)
        fair = told.cause == 0
        alone = fair & (told.count == 1)
        lines = np.arange(self._line, self._line + len(told.start))
        batch = _Batch(
            told.payload, told.length, told.fill, lines, stamped.at, stamped.source, stamped.simulated, told.own,
        ).pick(np.flatnonzero(alone))  # fmt: skip
        several = np.flatnonzero(fair & ~alone)
        if len(several):
            buffer, batch = self._joined(buffer, told, stamped, several, batch, found)
        self._line += len(told.start)
        _families(buffer, batch, found)

    def _count(self, told: Sentences, found: Columns) -> None:
        counts = np.bincount(told.cause, minlength=len(CAUSES))
        found.lines += len(told.start) - int(counts[CODE["blank"]])
        for code in np.flatnonzero(counts).tolist():
            if CAUSES[code] not in {"", "blank"}:
                found.refuse(np.flatnonzero(told.cause == code) + self._line, CAUSES[code])

    def _joined(
        self, buffer: Array, told: Sentences, stamped: stamps.Stamps, rows: Array, batch: _Batch, found: Columns
    ) -> tuple[Array, _Batch]:
        """The batch with the messages that became whole; their payloads stand at the buffer's end."""
        bodies: list[bytes] = []
        facts: list[tuple[int, ...]] = []
        at = len(buffer)
        for part, own in _parts(buffer, told, stamped, rows, self._line):
            whole = self.assembly.take(part)
            if whole is None:
                continue
            body = b"".join(one.payload for one in whole)
            time, source = (
                next((getattr(one, name) for one in whole if getattr(one, name)), 0) for name in ("at", "source")
            )
            facts.append(
                (at, len(body), whole[-1].fill, part.line, time, source, any(one.simulated for one in whole), own)
            )
            bodies.append(body)
            at += len(body)
            found.parts += len(whole) - 1
        if not bodies:
            return buffer, batch
        buffer = np.concatenate([buffer, np.frombuffer(b"".join(bodies) + bytes(PAD), np.uint8)])
        more = _Batch(*(np.array(column) for column in zip(*facts, strict=True)))
        names = _Batch.__slots__
        both = _Batch(
            *(np.concatenate([getattr(batch, n), getattr(more, n).astype(getattr(batch, n).dtype)]) for n in names)
        )
        return buffer, both.sorted()


def _parts(
    buffer: Array, told: Sentences, stamped: stamps.Stamps, rows: Array, base: int
) -> Iterator[tuple[Part, bool]]:
    told_of = (
        told.start,
        told.head,
        told.payload,
        told.length,
        told.fill,
        told.count,
        told.part,
        told.sequence,
        told.channel,
    )
    columns_of = (*told_of, told.own, stamped.at, stamped.source, stamped.simulated)
    for row, *values in zip(rows.tolist(), *(column[rows].tolist() for column in columns_of), strict=True):
        start, head, first, length, fill, count, number, sequence, channel, own, at, source, simulated = values
        group = stamps.group_of(buffer[start:head].tobytes()) if head > start else b""
        key = (group, 0, 0, 0, count) if group else (b"", source, sequence, channel, count)
        payload = buffer[first : first + length].tobytes()
        yield Part(key, number, count, payload, fill, base + row, at, source, simulated), own


def _families(buffer: Array, batch: _Batch, found: Columns) -> None:
    """Sort messages by type and read each type's columns."""
    kinds = _KINDS[buffer[batch.start]]
    for kind in np.flatnonzero(np.bincount(kinds, minlength=256)).tolist():
        rows = batch.pick(np.flatnonzero(kinds == kind))
        if kind == _NO_TYPE:
            found.refuse(rows.line, "payload")
            continue
        signs, fair = payloads(buffer, rows.start, rows.length)
        if not fair.all():
            found.refuse(rows.line[~fair], "payload")
            signs, rows = signs[fair], rows.pick(fair)
        if not 1 <= kind <= 27:
            found.refuse(rows.line, f"type_{kind}")
        elif len(signs):
            _family(kind, signs, rows, found)


def _family(kind: int, signs: Array, rows: _Batch, found: Columns) -> None:
    lengths = rows.length * 6 - rows.fill
    filled = np.flatnonzero(rows.fill)
    if len(filled):
        signs[filled, rows.length[filled] - 1] &= (0x3F << rows.fill[filled].astype(np.int64)).astype(np.uint8)
    for code, chosen in _variants(kind, signs, found, rows):
        layout = LAYOUTS[code]
        some, theirs, sizes = (
            (signs, rows, lengths) if chosen is None else (signs[chosen], rows.pick(chosen), lengths[chosen])
        )
        short = sizes < layout.least
        if short.any():
            found.refuse(theirs.line[short], "short")
            some, theirs, sizes = some[~short], theirs.pick(~short), sizes[~short]
        if len(some):
            _keep(layout, some, theirs, sizes, found)
            found.messages += len(some)
            if kind in {6, 8}:
                _inner(kind, some, theirs, sizes, found)


def _keep(layout: Layout, signs: Array, rows: _Batch, sizes: Array, found: Columns) -> None:
    found.families[layout.code] = {**columns.read(layout, signs, sizes), **rows.facts()}
    cut = 0 if layout.optional else int((sizes < layout.full).sum())
    if cut:
        found.noted["truncated"] += cut


def _variants(kind: int, signs: Array, found: Columns, rows: _Batch) -> Iterator[tuple[str, Array | None]]:
    """The layouts of a type's messages, and which messages have each (None: all)."""
    if kind not in _VARIED:
        yield str(kind), None
        return
    mmsi, two, addressed = _CHOICE.numbers(signs)
    auxiliary = (mmsi >= AUXILIARY.start) & (mmsi < AUXILIARY.stop)
    choices = two | addressed << np.uint64(2) | auxiliary.astype(np.uint64) << np.uint64(3)
    codes = [variant(kind, choice & 3, choice >> 2 & 1, bool(choice >> 3)) or "" for choice in range(16)]
    which = np.array(codes)[choices.astype(np.intp)]
    for code in np.unique(which).tolist():
        chosen = np.flatnonzero(which == code)
        if code:
            yield code, chosen
        else:
            found.refuse(rows.line[chosen], "variant")


def _inner(kind: int, signs: Array, rows: _Batch, sizes: Array, found: Columns) -> None:
    """What binary messages carry, where the application is known, as families of their own."""
    family = found.families[str(kind)]
    numbers = family["dac"].astype(np.uint32) << 6 | family["fid"]
    for number in np.unique(numbers).tolist():
        layout = APPLICATIONS.get((kind, number >> 6, number & 63))
        if layout is None:
            continue
        chosen = np.flatnonzero((numbers == number) & (sizes >= layout.least))
        if len(chosen):
            theirs = rows.pick(chosen)
            inner = columns.read(layout, signs[chosen], sizes[chosen])
            found.families[layout.code] = {"mmsi": family["mmsi"][chosen], **inner, **theirs.facts()}
