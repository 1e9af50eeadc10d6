"""The keeper of a partition: journal first, files behind it, one owner at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.history import files
from kouan.facilities.telemetry.history.journal import SUFFIX, Journal, Kept, journals
from kouan.facilities.telemetry.history.layout import HOUR, Keys, hour_folder
from kouan.facilities.telemetry.publishing import level_of
from kouan.facilities.telemetry.reader import Batch, Place, Reader
from kouan.facilities.telemetry.sealing import columns_of
from kouan.facilities.telemetry.ships import micros
from kouan.kernel import clock
from kouan.kernel.room import Room
from kouan.kernel.signals import Frame, join

log = logging.getLogger(__name__)
SYNCED = 0.5
SEAL_BYTES, SEAL_SECONDS = 24 << 20, 30.0
MANY = 12
"""Files of journals in one folder from which on they are made one, though the hour is not over."""
SETTLED = 10 * 60 * 1_000_000
"""Microseconds after an hour's end from which on its small files are made one."""
Folder = tuple[Path, int, int]


class Keeper:
    """Keeps one partition's part of the history for as long as this process owns it."""

    def __init__(
        self, bus: Bus, keys: Keys, root: Path, part: int, parts: int, room: Room, counts: Counter[str]
    ) -> None:
        self._keys, self._root, self.part, self._parts, self._room = keys, root, part, parts, room
        self._bus, self._counts = bus, counts
        self._journal: Journal | None = None
        self._reader: Reader | None = None
        self._rotated = 0.0
        self.paused = False
        self._syncing, self._sealing = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._work: asyncio.Task[None] | None = None
        self._touched: set[Folder] = set()

    async def open(self) -> None:
        """Begin after what the last owner's journals hold."""
        loop = asyncio.get_running_loop()
        left = journals(self._keys, self._root, self.part)
        place = await loop.run_in_executor(self._syncing, _last_place, left)
        self._touched = self._recent()
        await loop.run_in_executor(self._syncing, self._begin, place)
        for journal in left:
            if self._journal is not None and journal.path != self._journal.path:
                loop.run_in_executor(self._sealing, self._seal, journal)
        self._reader = Reader(self._bus, f"*.*.{self.part}", place, self._take)
        self._reader.start()
        self._work = asyncio.create_task(self._keep(), name=f"keeper {self.part}")

    async def close(self) -> None:
        """Keep no more; the journal stays for whoever comes next."""
        if self._reader is not None:
            await self._reader.stop()
        await self._stop_work()
        if self._journal is not None:
            await asyncio.get_running_loop().run_in_executor(self._syncing, self._journal.close)
        self._syncing.shutdown(wait=False)
        self._sealing.shutdown(wait=False, cancel_futures=True)

    def _recent(self) -> set[Folder]:
        """Folders of today and yesterday, whose files the last owner may have left small."""
        found: set[Folder] = set()
        today = micros(clock.now()) // HOUR
        for hour in range(today - 48, today + 1):
            at = hour_folder(Path("*"), "*", 0, hour)
            for folder in self._root.glob(f"*/level=*/{at.parts[-2]}/{at.parts[-1]}/part-{self.part}of{self._parts}"):
                found.add((folder, int(folder.parts[-4].removeprefix("level=")), hour))
        return found

    async def _stop_work(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    def _begin(self, place: Place) -> None:
        # The time in the name keeps apart journals that begin at the same place, after a restart without news.
        name = f"{place.stream}-{place.number}-{time.time_ns()}{SUFFIX}"
        journal = Journal(self._keys, self._root / "journal" / f"part-{self.part}" / name)
        try:
            journal.open(place)
        except OSError:
            journal.give_up()
            raise
        self._journal, self._rotated = journal, time.monotonic()

    def _take(self, batch: Batch) -> None:
        assert self._journal is not None
        self._journal.put(Kept(batch.place, level_of(batch.subject), batch.content))

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SYNCED)
            if self._room.scarce() or self._journal is None:
                await self._pause()
                continue
            self._go_on()
            try:
                await loop.run_in_executor(self._syncing, self._journal.sync, self._journal.collect())
                old = time.monotonic() - self._rotated > SEAL_SECONDS and self._journal.records
                if self._journal.size > SEAL_BYTES or old:
                    await self._rotate()
            except OSError as problem:
                self._counts["history.trouble"] += 1
                log.error("partition %d cannot be kept: %s", self.part, problem)

    async def _pause(self) -> None:
        """Read no more while there is no room: the stream keeps for its hour what the journal cannot, and memory does not grow."""
        if self._reader is not None and not self.paused:
            self.paused = True
            log.error("partition %d: no room, the history waits in the stream", self.part)
            await self._reader.stop()

    def _go_on(self) -> None:
        if self._reader is not None and self.paused:
            self.paused = False
            log.info("partition %d: there is room again, the history goes on", self.part)
            self._reader.start()

    async def _rotate(self) -> None:
        loop, old = asyncio.get_running_loop(), self._journal
        assert old is not None
        assert self._reader is not None
        place = self._reader.place
        # Synchronous up to the new journal: what is read meanwhile waits in the reader. Without room for a new one the old one goes on.
        old.sync(old.collect())
        self._begin(place)
        old.close()
        await loop.run_in_executor(self._sealing, self._seal, old)
        await loop.run_in_executor(self._sealing, self._compact)

    def _seal(self, journal: Journal) -> None:
        """Put a journal into files and remove it. Done twice it gives the same files."""
        try:
            sorted_: dict[tuple[str, int, int], list[Frame]] = {}
            for _, kept in journal.read():
                for key, frame in _by_hour(kept):
                    sorted_.setdefault(key, []).append(frame)
            for (signal, level, hour), frames in sorted_.items():
                folder = hour_folder(self._root, signal, level, hour) / f"part-{self.part}of{self._parts}"
                entry = files.write(self._keys, folder, level, f"j{journal.path.stem}.parquet", join(frames))
                files.add(self._keys, folder, level, entry)
                self._touched.add((folder, level, hour))
                self._counts["history.rows"] += entry.rows
            journal.path.unlink(missing_ok=True)
        except (OSError, ValueError) as problem:
            self._counts["history.trouble"] += 1
            log.error("a journal cannot be put into files yet: %s", problem)

    def _compact(self) -> None:
        present = micros(clock.now())
        for folder, level, hour in sorted(self._touched):
            over = (hour + 1) * HOUR + SETTLED < present
            self._counts["history.compacted"] += files.compact(
                self._keys, folder, level, least=2 if over else MANY, fresh=not over
            )
            if over:
                self._touched.discard((folder, level, hour))
                files.tidy(self._keys, folder, level)


def _last_place(left: list[Journal]) -> Place:
    for journal in reversed(left):
        places = [kept.place for _, kept in journal.read()]
        if places:
            return places[-1]
    return Place()


def _by_hour(kept: Kept) -> list[tuple[tuple[str, int, int], Frame]]:
    frame = kept.frame
    if frame is None or not len(frame):
        return []
    try:
        frame = frame.complete(columns_of(frame.signal, kept.level))
    except KeyError:
        log.warning("a signal that nobody declares is kept as it came: %s", frame.signal)
    hours = frame["at"] // HOUR
    return [
        ((frame.signal, kept.level, hour), frame if (hours == hour).all() else frame.pick(hours == hour))
        for hour in np.unique(hours).tolist()
    ]
