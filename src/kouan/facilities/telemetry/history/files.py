"""Parquet files of the history: written encrypted and sorted by key, so that one key's rows are few row groups."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.facilities.telemetry.codec import from_arrow, to_arrow
from kouan.facilities.telemetry.history.layout import Entry, Keys, aad, read_index, write_index
from kouan.facilities.telemetry.rows import ordered, without_repeats
from kouan.facilities.telemetry.sealing import columns_of, is_sealed
from kouan.kernel.signals import Array, Frame, join
from kouan.kernel.suites import parquet

ROW_GROUP = 64 * 1024
SIZE = 8_000_000
"""Rows beyond which a compacted file is not made larger."""


def write(keys: Keys, folder: Path, level: int, name: str, frame: Frame) -> Entry:
    """Write a frame as a file, sorted by key and time and without exact repeats; it counts once its index says so."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    frame = without_repeats(ordered(frame, "key", "at"))
    parquet.write(
        keys.suite, keys.file(level, name), aad(folder, name), folder / name, pa.Table.from_batches([to_arrow(frame)]),
        row_group_size=ROW_GROUP, compression="zstd", use_dictionary=["key"], write_statistics=["key", "at"],
    )  # fmt: skip
    return Entry(name, len(frame), int(frame["at"].min()), int(frame["at"].max()))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Change an index alone: a process that hangs and was taken over from does not undo what its successor states."""
    with (folder / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def add(keys: Keys, folder: Path, level: int, entry: Entry) -> None:
    """Let a file count, in place of one of the same name."""
    with alone(folder):
        entries = [known for known in read_index(keys, folder, level) if known.name != entry.name]
        write_index(keys, folder, level, [*entries, entry])


def read(
    keys: Keys, folder: Path, level: int, name: str, wanted: Array | None, columns: Sequence[str] | None = None
) -> Frame | None:
    """The rows of a file, or of the row groups that may hold one of the wanted keys (sorted); None when none does."""
    file = parquet.opened(keys.suite, keys.file(level, name), aad(folder, name), folder / name)
    with contextlib.closing(file):
        groups = list(range(file.metadata.num_row_groups))
        if wanted is not None:
            place = file.schema_arrow.names.index("key")
            groups = [
                group for group in groups if _holds(file.metadata.row_group(group).column(place).statistics, wanted)
            ]
        if not groups:
            return None
        table = file.read_row_groups(groups, columns=list(columns) if columns else None, use_threads=False)
    frame = from_arrow(folder.parts[-5], table)
    return frame if wanted is None else frame.pick(np.isin(frame["key"], wanted))


def _holds(stated: object, wanted: Array) -> bool:
    low, high = getattr(stated, "min", None), getattr(stated, "max", None)
    if low is None or high is None:
        return True
    return bool(np.searchsorted(wanted, np.uint64(low), "left") < np.searchsorted(wanted, np.uint64(high), "right"))


def compact(keys: Keys, folder: Path, level: int, *, least: int = 2, fresh: bool = False) -> int:
    """Make one file of the small ones of a folder, when there are at least so many; answers how many became one.

    `fresh`: only of those that came from journals, so that a busy hour's rows are not written again and again. Killed at
    any moment it loses nothing.
    """
    small = _small([e for e in read_index(keys, folder, level) if not fresh or e.name.startswith("j")])
    if len(small) < least:
        return 0
    frames = [frame for e in small if (frame := read(keys, folder, level, e.name, None)) is not None]
    if is_sealed(folder.parts[-5], level):
        frames = [frame.complete(columns_of(frame.signal, level)) for frame in frames]
    name = f"c{len(small)}-{small[-1].name.removesuffix('.parquet')[-80:]}.parquet"
    merged = write(keys, folder, level, name, join(frames))
    with alone(folder):
        gone = {entry.name for entry in small}
        kept = [entry for entry in read_index(keys, folder, level) if entry.name not in gone]
        write_index(keys, folder, level, [*kept, merged])
    for entry in small:
        (folder / entry.name).unlink(missing_ok=True)
    return len(small)


def _small(entries: list[Entry]) -> list[Entry]:
    chosen: list[Entry] = []
    for entry in sorted(entries, key=lambda e: e.rows):
        if sum(e.rows for e in chosen) + entry.rows <= SIZE:
            chosen.append(entry)
    return chosen


def tidy(keys: Keys, folder: Path, level: int) -> None:
    """Remove files that do not count: left behind by a process that was killed."""
    with alone(folder):
        counted = {entry.name for entry in read_index(keys, folder, level)}
        for path in folder.glob("*.parquet"):
            if path.name not in counted:
                path.unlink(missing_ok=True)
