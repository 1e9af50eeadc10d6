"""Rows of levels 3 and 4 under their subject's key: read with it, by nobody once it is gone, and not by who holds the level's key."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.codec import pack, unpack
from kouan.facilities.telemetry.history import files
from kouan.facilities.telemetry.history.journal import Journal, Kept, journals
from kouan.facilities.telemetry.history.keeper import Keeper
from kouan.facilities.telemetry.history.layout import HOUR, hour_folder
from kouan.facilities.telemetry.history.reading import Asked, History
from kouan.facilities.telemetry.numbers import entity_key
from kouan.facilities.telemetry.publishing import PARTITIONS, Outgoing, Splitter, level_of, partition_of
from kouan.facilities.telemetry.reader import Place
from kouan.facilities.telemetry.sealing import SEALED, Seals
from kouan.facilities.telemetry.signals import Position, Reading
from kouan.facilities.telemetry.worker import nothing_known
from kouan.kernel.database import Pool
from kouan.kernel.room import Room
from kouan.kernel.signals import Frame
from kouan.kernel.suites.intl import INTL
from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.suite import Suite
from kouan.kernel.vault import Vault, master_key

START = 1_750_000_000_000_000 // HOUR * HOUR
MINE, OTHERS, OPEN = 4, 5, 6
SECRET = 37.4152539


def seals(*numbers: int, suite: Suite = INTL) -> Seals:
    """Subjects of these series, a key for each."""
    made = Seals(cast("Pool", None), Vault.of(bytes(32), suite))
    made.known({number: (f"person:{number}", suite.key(bytes([number % 256]) * 32)) for number in numbers})
    return made


def frame(*rows: tuple[int, float]) -> Frame:
    """Readings a second apart: series and value."""
    key, value = zip(*rows, strict=True)
    at = START + np.arange(len(rows)) * 1_000_000
    return Frame("reading", {"key": np.array(key, np.uint64), "at": at, "value": np.array(value)}).complete(Reading.columns)


def journalled(home: Path, sent: Frame, number: int) -> None:
    """A frame in the journals, as it leaves a process that writes."""
    splitter = Splitter(seals=seals(MINE, OTHERS))
    for series, level in ((MINE, 4), (OTHERS, 3), (OPEN, 2)):
        splitter.levels.put(series, level)
    kept(home, splitter.split([sent]), number)


def kept(home: Path, batches: Sequence[Outgoing], number: int) -> None:
    """Batches in journals, each in one of its own."""
    history = History(home)
    for batch in batches:
        number += 1
        part = int(batch.name.rpartition(".")[2])
        journal = Journal(history.keys, history.root / "journal" / f"part-{part}" / f"7-{number}-{number}.journal")
        journal.open(Place(7, number))
        journal.put(Kept(Place(7, number + 1), level_of(f"kouan.T.{batch.name}"), batch.content))
        journal.close()


def values(home: Path, known: Seals | None) -> list[tuple[int, float]]:
    """What somebody reads who has some keys."""
    found = History(home, known).read(Asked("reading", None, START, START + HOUR))
    return sorted(zip(found["key"].tolist(), found["value"].tolist(), strict=True))


def sealed_up(home: Path) -> None:
    """Journals put into files."""
    history = History(home)
    for part in range(PARTITIONS):
        keeper = Keeper(Bus("", "T"), history.keys, history.root, part, PARTITIONS, Room.endless(), Counter())
        for journal in journals(history.keys, history.root, part):
            keeper._seal(journal)


def test_who_has_the_subjects_key_reads_and_once_it_is_gone_nobody_does(tmp_path: Path) -> None:
    master_key(tmp_path, create=True)
    history = History(tmp_path)
    everybody = [(MINE, SECRET), (MINE, -0.0), (OTHERS, 1.5), (OPEN, 2.5)]
    journalled(tmp_path, frame(*everybody), 1)
    journalled(tmp_path, frame((MINE, SECRET)), 100)  # a repeat, told again
    plain = struct.pack("<d", SECRET)
    for part in range(PARTITIONS):
        for journal in journals(history.keys, history.root, part):
            assert plain not in b"".join(kept.content for _, kept in journal.read()), "the level's key alone opens it"
    for _ in ("journals", "files", "one file"):
        assert values(tmp_path, seals(MINE, OTHERS)) == sorted(everybody)
        assert values(tmp_path, seals(OTHERS)) == [(OTHERS, 1.5), (OPEN, 2.5)], "the erased subject's rows are gone, others stay"
        another = seals(OTHERS)
        another.known({MINE: (f"person:{MINE}", INTL.key(b"n" * 32))})
        assert values(tmp_path, another) == [(OTHERS, 1.5), (OPEN, 2.5)], "a key made after the erasure opens nothing"
        assert values(tmp_path, None) == [(OPEN, 2.5)]
        sealed_up(tmp_path)
        part = int(partition_of(np.array([MINE], np.uint64))[0])
        folder = hour_folder(history.root, "reading", 4, START // HOUR) / f"part-{part}of{PARTITIONS}"
        files.compact(history.keys, folder, 4)
    whole = files.read(history.keys, folder, 4, next(folder.glob("*.parquet")).name, None)
    assert whole is not None
    assert plain not in pack(whole)


def test_rows_of_a_former_holder_are_read_by_who_chose_them_by_their_level(tmp_path: Path) -> None:
    master_key(tmp_path, create=True)
    journalled(tmp_path, frame((MINE, SECRET), (OPEN, 2.5)), 1)
    former = seals(MINE)
    now = seals()
    now.known({MINE: ("person:next", INTL.key(b"n" * 32))})
    now.former = {MINE: (now.of[MINE], former.of[MINE])}
    fallen = seals()
    fallen.former = {MINE: (former.of[MINE],)}
    for _ in ("journals", "files"):
        for known in (now, fallen):
            ways = (((2, 4), True), ((2,), True), ((2, 4), False))
            asked = [Asked("reading", None, START, START + HOUR, levels=levels, former=yes) for levels, yes in ways]
            found = [sorted(History(tmp_path, known).read(one)["value"].tolist()) for one in asked]
            assert found == [[2.5, SECRET], [2.5], [2.5]], "by the level of the rows, and only where they are asked for"
        sealed_up(tmp_path)


def test_rows_kept_before_they_were_sealed_are_read_still(tmp_path: Path) -> None:
    master_key(tmp_path, create=True)
    keys = History(tmp_path).keys
    part = int(partition_of(np.array([MINE], np.uint64))[0])
    folder = hour_folder(History(tmp_path).root, "reading", 4, START // HOUR) / f"part-{part}of{PARTITIONS}"
    files.add(keys, folder, 4, files.write(keys, folder, 4, "jold.parquet", frame((MINE, 9.0))))
    journalled(tmp_path, frame((OPEN, 1.0), (MINE, SECRET)), 1)
    sealed_up(tmp_path)
    assert values(tmp_path, seals(MINE)) == [(MINE, 9.0), (MINE, SECRET), (OPEN, 1.0)]
    assert files.compact(keys, folder, 4) == 2
    assert values(tmp_path, seals(MINE)) == [(MINE, 9.0), (MINE, SECRET), (OPEN, 1.0)]


def test_where_a_mover_of_a_stated_level_was_is_read_by_who_has_its_key(tmp_path: Path) -> None:
    master_key(tmp_path, create=True)
    badge, truck, ship = entity_key("truck", MINE), entity_key("truck", OPEN), 414_000_001
    lon = np.array([SECRET, 120.5, 120.5, SECRET + 40])
    at = START + np.arange(4) * 1_000_000
    told = {"key": np.array([badge, truck, ship, badge], np.uint64), "at": at, "lon": lon, "lat": np.full(4, 36.0)}
    splitter = Splitter(seals=seals(badge))
    for level in (1, 4):
        splitter.movers.put(badge, level)
    batches = splitter.split([Frame("position", told).complete(Position.columns)])
    assert sorted(batch.name.rpartition(".")[0] for batch in batches) == ["position.level4", "position.ship", "position.truck"]
    assert struct.pack("<d", SECRET) not in b"".join(batch.content for batch in batches), "as JetStream has it"
    kept(tmp_path, batches, 1)
    for _ in ("journals", "files"):
        for levels, known, found in (((1, 4), seals(badge), 4), ((1, 4), seals(), 2), ((1, 4), None, 2), ((1, 2), seals(badge), 2)):
            read = History(tmp_path, known).read(Asked("position", None, START, START + HOUR, levels=levels))
            assert (len(read), SECRET in read["lon"]) == (found, found == 4)
        box = (SECRET - 0.1, 35.9, SECRET + 0.1, 36.1)
        read = History(tmp_path, seals(badge)).read(Asked("position", None, START, START + HOUR, box))
        assert (read["lon"].tolist(), read["key"].tolist()) == ([SECRET], [badge]), "a box holds what is sealed as well"
        sealed_up(tmp_path)


def test_of_an_erased_subject_nothing_is_known_any_more() -> None:
    badge = entity_key("truck", MINE)
    reading, position = nothing_known({MINE, badge})
    assert (reading.signal, reading["key"].tolist(), bool(np.isnan(reading["value"]).all())) == ("reading", [MINE], True)
    assert (position.signal, position["key"].tolist(), bool(np.isnan(position["lon"]).all())) == ("position", [badge], True)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from([MINE, OTHERS]), st.floats(allow_nan=False)), min_size=1, max_size=20))
def test_what_is_sealed_comes_out_as_it_went_in(rows: list[tuple[int, float]]) -> None:
    sent, both = frame(*rows), seals(MINE, OTHERS)
    sealed = unpack(pack(both.seal(sent)))
    assert set(sealed.columns) == {"key", "at", SEALED}
    opened, unknown = both.open(sealed)
    assert unknown is None
    assert all(opened[name].tobytes() == column.tobytes() for name, column in sent.columns.items())
    mine, rest = seals(MINE).open(sealed)
    assert len(mine) + (0 if rest is None else len(rest)) == len(sent)
    assert set(mine["key"].tolist()) <= {MINE}
    moved = Frame(sealed.signal, {**sealed.columns, "at": sealed["at"] + 1})
    assert len(both.open(moved)[0]) == 0, "a row is bound to its time and series"


@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([MINE, OTHERS]), st.floats(allow_nan=False)), min_size=1, max_size=12))
def test_rows_open_under_their_own_key_place_and_suite_alone(suite: Suite, rows: list[tuple[int, float]]) -> None:
    """Each suite of algorithms gives equal rows equal texts, and opens nothing that was moved, changed or sealed by another."""
    plain, writer = frame(*rows), seals(MINE, OTHERS, suite=suite)
    sealed = writer.seal(plain)
    opened, unknown = writer.open(sealed)
    assert unknown is None
    assert np.array_equal(opened["value"], plain["value"])
    assert np.array_equal(opened["key"], plain["key"])
    assert writer.seal(plain)[SEALED].tobytes() == sealed[SEALED].tobytes(), "what is told again is known again"
    texts = sealed[SEALED].tobytes()
    assert all(struct.pack("<d", value) not in texts for _, value in rows if value)
    mine, others = seals(MINE, suite=suite).open(sealed)
    assert sorted(mine["value"].tolist()) == sorted(value for number, value in rows if number == MINE)
    assert (0 if others is None else len(others)) == sum(number == OTHERS for number, _ in rows)
    later = Frame("reading", {**{name: sealed[name] for name in ("key", SEALED)}, "at": sealed["at"] + 1})
    changed = Frame("reading", {**{name: sealed[name] for name in ("key", "at")},
                                SEALED: np.frombuffer(bytes(sign ^ 1 for sign in texts), sealed[SEALED].dtype)})  # fmt: skip
    foreign = next(one for one in SUITES.values() if one is not suite)
    for reader, told in ((writer, later), (writer, changed), (seals(MINE, OTHERS, suite=foreign), sealed)):
        assert len(reader.open(told)[0]) == 0
