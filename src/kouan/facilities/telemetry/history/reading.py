"""Reading the history: files of the hours asked for, the journals behind them, and nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from kouan.facilities.telemetry.history import files
from kouan.facilities.telemetry.history.journal import Journal, journals
from kouan.facilities.telemetry.history.layout import HOUR, LEVELS, Keys, hour_folder, read_index
from kouan.facilities.telemetry.publishing import PARTITIONS, partition_of
from kouan.facilities.telemetry.rows import ordered, thinned, without_repeats
from kouan.facilities.telemetry.sealing import LEVEL, SEALED, SIGNALS, Seals, blank, columns_of
from kouan.facilities.telemetry.ships import micros
from kouan.kernel.errors import Refused
from kouan.kernel.signals import Array, Frame, Signal, join
from kouan.kernel.suites.folder import stated
from kouan.kernel.text import Text
from kouan.kernel.vault import master_key
from kouan.kernel.words import every as every_word
from kouan.kernel.words import named

log = logging.getLogger(__name__)
MOST_ROWS = 5_000_000
MUCH = Text(
    "查询结果超过 {most} 行，请缩短时段、指定对象或给出 every",
    "More than {most} rows: ask for less time, for some keys, or with `every`",
)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the history; times in microseconds UTC, `until` not included. `keys` sorted, None for all. `former`: with rows
    of former holders."""

    signal: str
    keys: Array | None
    since: int
    until: int
    bbox: Box | None = None
    every: int = 0
    levels: Collection[int] = LEVELS
    former: bool = False

    def chosen(self, frame: Frame) -> Frame:
        """The rows of a frame that may be asked for: where they are, those that are sealed tell when they are opened (`within`)."""
        rows = (frame["at"] >= self.since) & (frame["at"] < self.until)
        if self.keys is not None:
            rows &= np.isin(frame["key"], self.keys)
        if self.bbox is not None and SEALED not in frame.columns:
            rows &= _inside(frame, self.bbox)
        return frame if rows.all() else frame.pick(rows)

    def within(self, frame: Frame) -> Frame:
        """Those of the opened rows that are in the box."""
        rows = _inside(frame, self.bbox) if self.bbox is not None else np.ones(len(frame), bool)
        return frame if rows.all() else frame.pick(rows)


@dataclass(slots=True)
class _Tail:
    """What was read of a journal so far, by signal and level."""

    offset: int = 0
    frames: dict[tuple[str, int], Frame] = field(default_factory=dict)


class History:
    """The history of a data folder, as any process reads it."""

    def __init__(self, home: Path, seals: Seals | None = None, parts: int = PARTITIONS) -> None:
        self._seals = seals
        self.root, self._parts = home / "history", parts
        self.keys = Keys.of(master_key(home), stated(home))
        self._tails: dict[Path, _Tail] = {}
        self._lock = threading.Lock()

    async def range(
        self, signal: str, keys: Collection[int] | Array | None, since: datetime, until: datetime, bbox: Box | None = None,
        every: timedelta | None = None, *, levels: Collection[int] = LEVELS, former: bool = False,
    ) -> Frame:  # fmt: skip
        """Rows of a signal from `since` to before `until` (UTC), in order of time; of some keys, inside a box (west, south,
        east, north), thinned to one row for each key in each `every`. Refused when it would be more than 5 million rows.

        `former`: also sealed rows of former holders, and of what is of a lower level now; for who states the `levels` of the rows that a
        caller may read, and audits what was ever restricted (`sealed`).
        """
        wanted = (
            None
            if keys is None
            else np.unique(np.asarray(list(keys) if not isinstance(keys, np.ndarray) else keys, np.uint64))
        )
        span = max(int(every / timedelta(microseconds=1)), 1) if every else 0
        if max(levels, default=0) >= LEVEL and signal in SIGNALS:
            await self.recall(None if wanted is None else wanted.tolist())
        asked = Asked(signal, wanted, micros(since), micros(until), bbox, span, frozenset(levels), former)
        return await asyncio.to_thread(self.read, asked)

    async def recall(self, numbers: Collection[int] | None = None) -> None:
        """Know the keys that there are now for sealed rows of some series, or of all."""
        if self._seals is not None:
            await self._seals.recall(numbers)

    def days(self, signal: str, levels: Collection[int] = LEVELS) -> set[str]:
        """The days (UTC, 2026-11-23) of which there are files of a signal; what came in the last hours may be in journals alone."""
        return {day.name for level in levels for day in (self.root / signal / f"level={level}").glob("*-*-*")}

    def between(self, signal: str, since: datetime, until: datetime) -> Frame:
        """All rows of a signal of a short span, in this thread."""
        return self.read(Asked(signal, None, micros(since), micros(until)))

    def read(self, asked: Asked) -> Frame:
        """`range` in this thread."""
        named(Signal, asked.signal)
        found: list[Frame] = []
        rows = 0
        for frame in self._pieces(asked):
            frame = asked.within(self._opened(asked.chosen(frame), former=asked.former))
            if asked.every:
                frame = ordered(frame, "key", "at")
            found.append(frame)
            rows += len(frame)
            if rows > MOST_ROWS * (4 if asked.every else 1):
                raise Refused(
                    MUCH.fill(most=MOST_ROWS), field="until", rule="history.most_rows", code="history.too_much"
                )
        whole = without_repeats(ordered(_joined(asked.signal, found), "key", "at"))
        return thinned(whole, asked.every) if asked.every else ordered(whole, "at", "key")

    def sealed(self, key: int) -> bool:
        """Whether there may be sealed rows of a series or mover, whatever its level is now, as the last `range` of it found."""
        return self._seals is not None and (key in self._seals.of or key in self._seals.former)

    def _opened(self, frame: Frame, *, former: bool) -> Frame:
        """What can be read of a frame with the keys at hand."""
        return blank(frame) if self._seals is None else self._seals.open(frame, former=former)[0]

    def _pieces(self, asked: Asked) -> Iterator[Frame]:
        tails, taken = self._journals(asked)
        yield from tails
        for level in sorted(asked.levels):
            for hour in range(asked.since // HOUR, (max(asked.until, asked.since + 1) - 1) // HOUR + 1):
                for folder in self._folders(hour_folder(self.root, asked.signal, level, hour), asked.keys):
                    yield from self._of_folder(folder, level, asked, taken)

    def _folders(self, hour: Path, keys: Array | None) -> list[Path]:
        if not hour.exists():
            return []
        folders = sorted(hour.glob("part-*"))
        if keys is None:
            return folders
        # Only files of the same count of partitions tell by a key where its rows are.
        mine = {f"part-{n}of{self._parts}" for n in np.unique(partition_of(keys, self._parts)).tolist()}
        return [folder for folder in folders if folder.name in mine or not folder.name.endswith(f"of{self._parts}")]

    def _of_folder(self, folder: Path, level: int, asked: Asked, taken: Collection[str]) -> Iterator[Frame]:
        for _ in range(3):
            try:
                found = []
                for entry in read_index(self.keys, folder, level):
                    if entry.name not in taken and entry.first < asked.until and entry.last >= asked.since:
                        found += self._of_file(folder, level, entry.name, asked.keys)
                yield from found
                return
            except FileNotFoundError:
                continue  # Small files became one meanwhile: the index says which.

    def _of_file(self, folder: Path, level: int, name: str, wanted: Array | None) -> list[Frame]:
        try:
            frame = files.read(self.keys, folder, level, name, wanted)
        except FileNotFoundError:
            raise
        except OSError as broken:
            # One file that was damaged or moved does not hide all others.
            log.error("a file of the history cannot be opened and is left out: %s/%s: %s", folder, name, broken)
            return []
        return [] if frame is None else [frame]

    def _journals(self, asked: Asked) -> tuple[list[Frame], set[str]]:
        """Rows that are in journals yet, and the names of files that hold no more than these."""
        found: list[Frame] = []
        taken: set[str] = set()
        with self._lock:
            live: set[Path] = set()
            for part in range(self._parts):
                for journal in journals(self.keys, self.root, part):
                    with contextlib.suppress(FileNotFoundError):
                        tail = self._follow(journal)
                        live.add(journal.path)
                        taken.add(f"j{journal.path.stem}.parquet")
                        found += [
                            f for (s, level), f in tail.frames.items() if s == asked.signal and level in asked.levels
                        ]
            for path in self._tails.keys() - live:
                del self._tails[path]
        return found, taken

    def _follow(self, journal: Journal) -> _Tail:
        tail = self._tails.setdefault(journal.path, _Tail())
        news: dict[tuple[str, int], list[Frame]] = {}
        for offset, kept in journal.read(tail.offset):
            tail.offset = offset
            frame = kept.frame
            if frame is not None:
                with contextlib.suppress(KeyError):
                    frame = frame.complete(columns_of(frame.signal, kept.level))
                news.setdefault((frame.signal, kept.level), []).append(frame)
        for key, frames in news.items():
            tail.frames[key] = join([*([tail.frames[key]] if key in tail.frames else []), *frames])
        return tail

    def retire(self, now: datetime, days: Sequence[int]) -> int:
        """Remove what is older than its level allows (`days` of levels 1 to 4), or than its signal is kept; answers how many days."""
        gone = 0
        for signal in every_word(Signal):
            for level, most in zip(LEVELS, days, strict=True):
                oldest = (now - min(signal.kept, timedelta(days=most))).astimezone(UTC).strftime("%Y-%m-%d")
                for day in (self.root / signal.code / f"level={level}").glob("*-*-*"):
                    if day.name < oldest:
                        shutil.rmtree(day, ignore_errors=True)
                        gone += 1
        return gone


def _inside(frame: Frame, box: Box) -> Array:
    west, south, east, north = box
    found: Array = (frame["lon"] >= west) & (frame["lon"] <= east) & (frame["lat"] >= south) & (frame["lat"] <= north)
    return found


def _joined(signal: str, frames: Sequence[Frame]) -> Frame:
    if not frames:
        return Frame(signal, {column.name: column.absent(0) for column in named(Signal, signal).columns})
    return join(frames)
