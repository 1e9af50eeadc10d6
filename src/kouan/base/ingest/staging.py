"""Staging: what every run took in, what it became and what was changed, as encrypted Parquet in the data folder.

    staging/<source>/<run>/raw-<n>.parquet       the rows of the n-th piece as they came
    staging/<source>/<run>/clean-<n>.parquet     what they became (the analytical store, where the target is a data set)
    staging/<source>/<run>/changes-<n>.parquet   every value that was changed: row, field, before, after, rule
    staging/incoming/<run>                       an upload until its run has ended, sealed as it comes (`kernel.suites.growing`)

Each file has a key of its own, derived from the port's, and is bound to its place. A file counts once its run's row in the
database says that the n-th piece was taken.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from kouan.kernel.port import Port
from kouan.kernel.settings import Settings
from kouan.kernel.suites import parquet
from kouan.kernel.suites.growing import Growing

Part = Literal["raw", "clean", "changes"]
EXTRA = "ingest.home"
GROUP = 64 * 1024
SAMPLED = 4_096


class Staging:
    """The staging area of one run."""

    def __init__(self, port: Port, source: str, run: str) -> None:
        self._port, self._run = port, run
        self._folder = home_of(port) / source / run

    def write(self, part: Part, number: int, table: Any, *, about: dict[str, str] | None = None) -> None:
        """Keep a table as a part of the n-th piece, durably; one that was left behind half done is replaced."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._place(part, number)
        held = table.replace_schema_metadata(about) if about else table
        parquet.write(
            self._port.vault.suite, self._key(place), self._aad(place), place, held, row_group_size=GROUP, compression="zstd",
            compression_level=1, use_dictionary=_repeating(held), write_statistics=part == "clean",
        )  # fmt: skip

    def read(self, part: Part, number: int) -> Any:
        """A part of the n-th piece; None when it has none (nothing changed), or it was swept."""
        place = self._place(part, number)
        if not place.exists():
            return None
        with contextlib.closing(parquet.opened(self._port.vault.suite, self._key(place), self._aad(place), place)) as file:
            return file.read()

    def pieces(self, part: Part, count: int) -> Iterator[Any]:
        """A part of the first pieces, in order."""
        for number in range(count):
            if (table := self.read(part, number)) is not None:
                yield table

    def drop(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _place(self, part: Part, number: int) -> Path:
        return self._folder / f"{part}-{number:06}.parquet"

    def _aad(self, place: Path) -> str:
        return "/".join(place.parts[-3:])

    def _key(self, place: Path) -> bytes:
        return self._port.vault.digest(b"staging/" + self._aad(place).encode())


def _repeating(table: Any) -> list[str]:
    """The columns whose values come again and again; a dictionary of all others costs twice the time, and room."""
    some = table.slice(0, SAMPLED)
    return [name for name in some.column_names if 2 * len(some.column(name).unique()) <= some.num_rows]


def home_of(port: Port) -> Path:
    """The staging area of the data folder."""
    held: Path | None = port.extras.get(EXTRA)
    return (held or Settings.read().home) / "staging"


def uploads(port: Port) -> Path:
    """Where uploads lie, and files that are fetched while they are read."""
    folder = home_of(port) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def incoming(port: Port, run: str) -> Growing:
    """An upload until its run has ended; `run`: the run's number, before it the upload's name."""
    vault = port.vault
    return Growing(uploads(port) / run, lambda salt: vault.suite.key(vault.digest(b"incoming/" + salt)))
