"""Signals of levels 3 and 4, sealed row by row under the key of their subject before they leave a process for the bus.

So JetStream, journals and files hold them sealed, whatever else encrypts those. The subject of a series is the person that its device
names, else the device itself; that of positions the person whom a tracker names, else the mover; its key is the one under which
records of that subject are sealed (table `subject_key`), and erasing the subject destroys both at once. A row keeps its key and time;
its other columns become one, `sealed`, by the cipher of rows of the port's suite, which gives equal rows equal texts, so that repeats
are still known, and is safe without a nonce. Key and time are authenticated with it.

Whoever seals first writes down whose rows they are (table `telemetry_subject`). So rows of a device or tracker that has another holder
now, or data of a lower level, are read still by who may read the level at which they were kept, until the subject that they were of is
erased.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from kouan.facilities.telemetry.signals import KIND_BITS, KIND_LEVELS, KINDS, Position, Reading, Rejected
from kouan.kernel.database import Pool, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Array, Column, Frame, Signal
from kouan.kernel.suites.suite import TAG_BYTES, Key, RowCipher, Suite, Unopened
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault
from kouan.kernel.words import named

LEVEL = 3
"""From this level on rows are sealed."""
SEALED = "sealed"
TAG = TAG_BYTES
SIGNALS: Mapping[str, type[Signal]] = {Reading.code: Reading, Rejected.code: Rejected, Position.code: Position}
_FORMER = "select number, subject from telemetry_subject where $1::bigint[] is null or number = any($1) order by since desc"
_OF = """
insert into telemetry_subject (number, subject) select * from unnest($1::bigint[], $2::text[]) on conflict do nothing"""
_OPEN = ("key", "at")
_SERIES = """
select number, device, subject from telemetry_series where level >= $1 and ($2::bigint[] is null or number = any($2))"""
_MOVERS = """
select number, kind, ref, subject from telemetry_entity
where (level >= $1 or kind = any($3)) and ($2::bigint[] is null or number = any($2))"""
_NUMBER = (1 << KIND_BITS) - 1


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose rows they are (a token), and the cipher under his key."""

    name: str
    cipher: RowCipher

    @property
    def mark(self) -> bytes:
        """What tells his key from another."""
        return self.cipher.mark


def columns_of(signal: str, level: int) -> tuple[Column, ...]:
    """The columns in which rows of a signal and level are kept; KeyError for a signal that nobody declares."""
    kind = named(Signal, signal)
    if not is_sealed(signal, level):
        return kind.columns
    return (*kind.columns, Column(SEALED, f"S{TAG + _row(kind).itemsize}", "", Text("密文", "Sealed")))


def is_sealed(signal: str, level: int) -> bool:
    """Whether rows of a signal and level have a column of sealed ones."""
    return level >= LEVEL and signal in SIGNALS


def _row(kind: type[Signal]) -> np.dtype[np.void]:
    return np.dtype([(column.name, column.dtype) for column in kind.columns if column.name not in _OPEN])


class Seals:
    """Subjects by the number of a series or the key of a mover, as one process knows them: no number is a key, since every mover with a
    subject has its kind in the highest byte. Writers make keys that are missing, readers do not. `former`: all subjects under whose keys
    rows of a number were sealed, and who are not erased, the latest first."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool, self._vault = pool, vault
        self.of: dict[int, Subject] = {}
        self.former: dict[int, tuple[Subject, ...]] = {}
        self._told: set[tuple[int, str]] = set()

    def subject(self, device: str, person: str = "") -> str:
        """The token of a series' subject: the person where one is named, else the device."""
        return self._vault.token(person or f"device:{device}")

    def mover(self, ref: str, person: str = "") -> str:
        """The token of a mover's subject: the person where one is named, else the mover."""
        return self._vault.token(person or ref)

    def known(self, keys: Mapping[int, tuple[str, Key]]) -> None:
        """Subjects and their keys by the number of a series, from who has them already."""
        self.of.update({number: _subject(self._vault.suite, name, key) for number, (name, key) in keys.items()})

    async def learn(self, series: Mapping[int, str]) -> set[int]:
        """Know the subjects of these series (number: token) as a writer; answers the numbers of those whose former key is gone."""
        return await self._take(series, create=True)

    async def recall(self, numbers: Collection[int] | None = None) -> None:
        """Know, as a reader, the keys that there are now of these series and movers, or of all, and of those whose they were before: those
        of erased subjects are forgotten."""
        async with scope(self._pool, (PLATFORM.org,), clearance=4) as conn:
            asked = None if numbers is None else [int(number) for number in numbers]
            series = await conn.fetch(_SERIES, LEVEL, None if asked is None else [number for number in asked if number <= _NUMBER])
            keys = None if asked is None else [number & _NUMBER for number in asked if number > _NUMBER]
            kinds = [kind for kind, level in KIND_LEVELS.items() if level >= LEVEL]
            moving = await conn.fetch(_MOVERS, LEVEL, keys, kinds)
            told = [(row["number"], row["subject"]) for row in await conn.fetch(_FORMER, asked)]
            known = await self._vault.subject_keys(conn, {name for _, name in told}, create=False)
        subjects = {row["number"]: self.subject(row["device"], row["subject"]) for row in series}
        subjects |= {KINDS.index(row["kind"]) << KIND_BITS | row["number"]: self.mover(row["ref"], row["subject"]) for row in moving}
        made = {name: _subject(self._vault.suite, name, key) for name, key in known.items()}
        before: dict[int, tuple[Subject, ...]] = {}
        for number, name in told:
            if name in made:
                before[number] = (*before.get(number, ()), made[name])
        again = {*self.former, *self.of} if asked is None else {*asked}
        for number in again - subjects.keys():
            self.of.pop(number, None)
        # In one step: another call may be reading in a thread of its own.
        self.former = {number: mine for number, mine in self.former.items() if number not in again} | before
        await self._take(subjects, create=False)

    async def again(self) -> set[int]:
        """Look whether the keys in use still stand; a subject that was erased has a new one from now on. Answers its numbers."""
        return await self.learn({number: one.name for number, one in self.of.items()})

    async def _take(self, series: Mapping[int, str], *, create: bool) -> set[int]:
        if not series:
            return set()
        async with scope(self._pool, (PLATFORM.org,), clearance=4) as conn:
            # Only what is missing is written: a key that stands costs no more than a read.
            keys = await self._vault.subject_keys(conn, series.values(), create=False)
            if create and (missing := set(series.values()) - keys.keys()):
                keys |= await self._vault.subject_keys(conn, missing, create=True)
            if create and (news := set(series.items()) - self._told):
                await conn.execute(_OF, [number for number, _ in news], [name for _, name in news])
                self._told |= news
        made = {name: _subject(self._vault.suite, name, key) for name, key in keys.items()}
        gone: set[int] = set()
        for number, name in series.items():
            former, now = self.of.pop(number, None), made.get(name)
            if now is not None:
                self.of[number] = former if former is not None and former.mark == now.mark else now
            if former is not None and (now is None or former.mark != now.mark):
                gone.add(number)
        return gone

    def seal(self, frame: Frame) -> Frame:
        """Rows with all but key and time in one sealed column. KeyError when a series' subject is not known."""
        kind = SIGNALS[frame.signal]
        whole = frame.complete(kind.columns)
        plain = np.zeros(len(frame), _row(kind))
        for name in plain.dtype.names or ():
            plain[name] = whole[name]
        width, content = plain.dtype.itemsize, plain.tobytes()
        sealed = [
            self.of[key].cipher.encrypt(content[n * width : (n + 1) * width], _bound(frame.signal, key, at))
            for n, (key, at) in enumerate(zip(whole["key"].tolist(), whole["at"].tolist(), strict=True))
        ]
        told: dict[str, Array] = {name: whole[name] for name in _OPEN}
        return Frame(frame.signal, {**told, SEALED: np.frombuffer(b"".join(sealed), f"S{width + TAG}")})

    def open(self, frame: Frame, *, former: bool = False) -> tuple[Frame, Frame | None]:
        """The rows that can be read, and those whose series is not known here (None: of none). What does not open is gone.

        `former`: also those of former subjects, and of series that are of no such level now. For who chose rows by the level at which they
        were kept, not for who goes by the level that a series has now.
        """
        if SEALED not in frame.columns:
            return frame, None
        kind = SIGNALS[frame.signal]
        whole = frame.complete(kind.columns)
        texts, shape = _texts(frame[SEALED]), _row(kind)
        found = np.zeros(len(frame), shape)
        for name in shape.names or ():
            found[name] = whole[name]
        kept, unknown = np.ones(len(frame), bool), np.zeros(len(frame), bool)
        for n, (key, at, text) in enumerate(zip(whole["key"].tolist(), whole["at"].tolist(), texts, strict=True)):
            if not any(text):
                continue  # written before rows were sealed
            subjects = (*((self.of[key],) if key in self.of else ()), *(self.former.get(key, ()) if former else ()))
            content = _opened(subjects, text, _bound(frame.signal, key, at))
            kept[n], unknown[n] = content is not None, not subjects
            if content is not None:
                found[n] = np.frombuffer(content, shape)[0]
        told: dict[str, Array] = {name: whole[name] for name in _OPEN}
        opened = Frame(frame.signal, {**told, **{name: found[name].copy() for name in shape.names or ()}}).pick(kept)
        return opened.complete(kind.columns), frame.pick(unknown) if unknown.any() else None


def _opened(subjects: Iterable[Subject], text: bytes, bound: list[bytes]) -> bytes | None:
    """A row under the key of one of some subjects; None when it is under none of these, or one that was destroyed."""
    for subject in subjects:
        with contextlib.suppress(Unopened):
            return subject.cipher.decrypt(text, bound)
    return None


def blank(frame: Frame) -> Frame:
    """A frame without what is sealed in it: for who has no keys."""
    if SEALED not in frame.columns:
        return frame
    plain = np.array([not any(text) for text in _texts(frame[SEALED])], bool)
    return frame.complete(SIGNALS[frame.signal].columns).pick(plain)


def _texts(column: Array) -> list[bytes]:
    width = column.dtype.itemsize
    content = np.ascontiguousarray(column).tobytes()
    return [content[n * width : (n + 1) * width] for n in range(len(column))]


def _bound(signal: str, key: int, at: int) -> list[bytes]:
    return [signal.encode(), key.to_bytes(8, "big"), at.to_bytes(8, "big", signed=True)]


def _subject(suite: Suite, name: str, key: Key) -> Subject:
    return Subject(name, suite.rows(key))
