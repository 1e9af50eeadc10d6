"""The history by its own means: what goes in comes out, once, from journals, files and compacted files, and never in plain text."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.codec import pack, unpack
from kouan.facilities.telemetry.history import files
from kouan.facilities.telemetry.history.journal import Journal, Kept, journals
from kouan.facilities.telemetry.history.keeper import Keeper
from kouan.facilities.telemetry.history.layout import HOUR, Keys, hour_folder, read_index
from kouan.facilities.telemetry.history.reading import Asked, History
from kouan.facilities.telemetry.publishing import PARTITIONS, Splitter, level_of
from kouan.facilities.telemetry.reader import Place
from kouan.facilities.telemetry.rows import thinned, without_repeats
from kouan.facilities.telemetry.ships import moment
from kouan.facilities.telemetry.signals import VesselStatic
from kouan.kernel.room import Room
from kouan.kernel.settings import Settings
from kouan.kernel.signals import Frame, join
from kouan.kernel.vault import master_key

START = 1_750_000_000_000_000 // HOUR * HOUR


def readings(count: int, keys: int = 50, start: int = START, seed: int = 1) -> Frame:
    random = np.random.default_rng(seed)
    return Frame("reading", {
        "key": random.integers(1, keys + 1, count).astype(np.uint64), "at": start + np.sort(random.integers(0, 2 * HOUR, count)),
        "value": random.normal(20, 5, count).round(3), "quality": np.zeros(count, np.uint8), "flags": np.zeros(count, np.uint8),
    })  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    master_key(tmp_path, create=True)
    return tmp_path


def keeper(home: Path, part: int, room: Room | None = None) -> Keeper:
    history = History(home)
    return Keeper(Bus("", "T"), history.keys, history.root, part, PARTITIONS, room or Room.endless(), Counter())


def journalled(home: Path, frames: list[Frame], place: int = 0) -> list[Journal]:
    """Frames put into the journals of their partitions, as a keeper does."""
    history, made = History(home), {}
    for number, batch in enumerate(Splitter().split(frames), place + 1):
        part = int(batch.name.rpartition(".")[2])
        if part not in made:
            made[part] = Journal(history.keys, history.root / "journal" / f"part-{part}" / f"7-{place}-1.journal")
            made[part].open(Place(7, place))
        made[part].put(Kept(Place(7, number), level_of(f"kouan.T.{batch.name}"), batch.content))
    for journal in made.values():
        journal.close()
    return list(made.values())


def rows(frame: Frame) -> list[tuple[int, int, float]]:
    return sorted(zip(frame["key"].tolist(), frame["at"].tolist(), frame["value"].tolist(), strict=True))


def everything(home: Path, keys: list[int] | None = None) -> Frame:
    wanted = None if keys is None else np.array(sorted(keys), np.uint64)
    return History(home).read(Asked("reading", wanted, START - HOUR, START + 4 * HOUR))


def test_a_row_is_read_once_from_journal_from_files_and_after_both(home: Path) -> None:
    sent = readings(5000)
    made = journalled(home, [sent])
    whole = rows(without_repeats(sent))
    assert rows(everything(home)) == whole
    copies = {journal.path: journal.path.read_bytes() for journal in made}
    for journal in made:
        keeper(home, int(journal.path.parent.name.removeprefix("part-")))._seal(journal)
    assert not any(path.exists() for path in copies)
    assert rows(everything(home)) == whole
    for path, content in copies.items():  # killed after the files were written, before the journal was removed
        path.write_bytes(content)
    assert rows(everything(home)) == whole
    for journal in made:
        keeper(home, int(journal.path.parent.name.removeprefix("part-")))._seal(journal)
    assert rows(everything(home)) == whole
    some = {key for key, _, _ in whole if key % 9 == 0}
    assert rows(everything(home, sorted(some))) == [row for row in whole if row[0] in some]


def test_small_files_become_one_without_a_row_lost_or_doubled(home: Path) -> None:
    sent = [readings(400, seed=seed) for seed in range(6)]
    for number, frame in enumerate(sent):
        for journal in journalled(home, [frame], number * 100):
            keeper(home, int(journal.path.parent.name.removeprefix("part-")))._seal(journal)
    whole, history = rows(everything(home)), History(home)
    assert len(whole) == 2400
    folder = next(hour_folder(history.root, "reading", 2, START // HOUR).glob("part-*"))
    assert files.compact(history.keys, folder, 2) == 6
    assert len(read_index(history.keys, folder, 2)) == len(list(folder.glob("*.parquet"))) == 1
    assert rows(everything(home)) == whole
    (folder / "left-behind.parquet").write_bytes(b"half a file")
    files.tidy(history.keys, folder, 2)
    assert not (folder / "left-behind.parquet").exists()


@settings(max_examples=15, deadline=None)
@given(cut=st.floats(0, 1), noise=st.binary(max_size=40))
def test_a_journal_that_was_cut_off_gives_what_is_whole_and_goes_on_from_there(
    tmp_path_factory: pytest.TempPathFactory, cut: float, noise: bytes
) -> None:
    home = tmp_path_factory.mktemp("cut")
    master_key(home, create=True)
    journal = journalled(home, [readings(30, keys=1, seed=n) for n in range(4)])[0]
    content = journal.path.read_bytes()
    journal.path.write_bytes(content[: int(cut * len(content))] + noise)
    found = [kept for _, kept in journal.read()]
    assert [kept.place.number for kept in found] == [0, 1, 2, 3, 4][: len(found)]
    assert len(everything(home)) == 30 * max(len(found) - 1, 0)


def test_a_journal_without_room_keeps_what_waits_and_goes_on_whole_when_there_is_room(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(History(home).keys, home / "history" / "journal" / "part-0" / "1-1-1.journal")
    journal.open(Place(1, 1))
    frames, write, room = [readings(20, seed=n) for n in range(3)], os.write, {"left": 700}

    def full(file: int, data: memoryview) -> int:
        if room["left"] <= 0:
            raise OSError(28, "no space left on device")
        some = min(len(data), room["left"])
        room["left"] -= some
        return write(file, data[:some])

    monkeypatch.setattr(os, "write", full)
    for n, frame in enumerate(frames):
        journal.put(Kept(Place(1, n + 2), 1, pack(frame)))
        with pytest.raises(OSError, match="space"):
            journal.sync(journal.collect())
        room["left"] = 300
    room["left"] = 1 << 20
    journal.sync(journal.collect())
    assert [kept.place.number for _, kept in journal.read()] == [1, 2, 3, 4]
    journal.close()


def test_raw_bytes_on_disk_hold_no_plain_text(home: Path) -> None:
    told = Frame("vessel_static", {
        "key": np.array([414_999_777], np.uint64), "at": np.array([START]), "name": np.array([b"SIM PLAINLY READABLE"]),
    }).complete(VesselStatic.columns)  # fmt: skip
    levels = Splitter()
    for level in (2, 3, 4):
        levels.levels.put(level, level)
    three = Frame(
        "reading",
        {"key": np.array([2, 3, 4], np.uint64), "at": np.array([START] * 3), "value": np.array([2.0, 3.0, 4.0])},
    )
    history = History(home)
    for number, batch in enumerate(levels.split([told, three]), 1):
        part = int(batch.name.rpartition(".")[2])
        journal = Journal(history.keys, history.root / "journal" / f"part-{part}" / f"7-{number}-1.journal")
        journal.open(Place(7, number))
        journal.put(Kept(Place(7, number), level_of(f"kouan.T.{batch.name}"), batch.content))
        journal.close()
    before = _disk(home)
    for part in range(PARTITIONS):
        for journal in journals(history.keys, history.root, part):
            keeper(home, part)._seal(journal)
    for level in (2, 3, 4):
        assert hour_folder(history.root, "reading", level, START // HOUR).exists()
        found = history.read(Asked("reading", None, START, START + 1, levels={level}))
        assert found["value"].tolist() == [float(level)], "each level in its own store"
    for raw in (before, _disk(home)):
        assert len(raw) > 500
        assert all(
            word not in raw
            for word in (b"PLAINLY", b"reading\0", b"value", b"quality", (414_999_777).to_bytes(8, "little"))
        )
    other = Keys(b"x" * 32)
    folder = next(hour_folder(history.root, "reading", 3, START // HOUR).glob("part-*"))
    assert read_index(other, folder, 3) == []
    moved = folder.with_name("part-9of9")
    folder.rename(moved)
    assert len(history.read(Asked("reading", None, START, START + 1, levels={3}))) == 0, (
        "a file opens at its own place only"
    )
    moved.rename(folder)
    with pytest.raises(OSError, match=r"(?i)decrypt"):
        files.read(other, folder, 3, next(folder.glob("*.parquet")).name, None)


def _disk(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (home / "history").rglob("*") if path.is_file())


async def test_an_hour_of_one_device_is_read_fast_and_thinned(home: Path) -> None:
    history, sent = History(home), readings(400_000, keys=4000)
    folder = hour_folder(history.root, "reading", 2, START // HOUR) / f"part-0of{PARTITIONS}x"
    first = sent.pick(sent["at"] < START + HOUR)
    files.add(history.keys, folder, 2, files.write(history.keys, folder, 2, "a.parquet", first))
    began = time.process_time()
    found = await history.range("reading", [77], moment(START), moment(START + HOUR))
    assert time.process_time() - began < 0.5
    assert rows(found) == rows(first.pick(first["key"] == 77))
    minutes = await history.range("reading", [77], moment(START), moment(START + HOUR), every=timedelta(minutes=10))
    assert int(minutes["count"].sum()) == len(found)
    assert minutes["low"].min() == found["value"].min()


def test_days_go_when_their_level_s_time_is_over_and_no_later_than_their_signal_s(home: Path) -> None:
    history, now, days = History(home), moment(START), Settings.read().history_days
    assert days == (730, 365, 30, 7)

    def lies(signal: str, level: int, ago: int) -> Path:
        day = history.root / signal / f"level={level}" / (now - timedelta(days=ago)).strftime("%Y-%m-%d")
        (day / "00").mkdir(parents=True)
        return day

    gone = [lies("reading", 1, 366), lies("reading", 2, 400), lies("reading", 3, 32), lies("reading", 4, 9), lies("position", 1, 92),
            lies("position", 3, 32)]  # fmt: skip
    kept = [lies("reading", 1, 364), lies("reading", 2, 364), lies("reading", 3, 29), lies("reading", 4, 6), lies("position", 1, 89),
            lies("position", 3, 29)]  # fmt: skip
    assert history.retire(now, days) == len(gone)
    assert [day.exists() for day in gone] == [False] * 6
    assert [day.exists() for day in kept] == [True] * 6
    assert history.retire(now, (1, 1, 1, 1)) == 6


@pytest.mark.parametrize("said", ["", "1,2,3", "1,2,3,x", "1,2,3,0", "1,2,3,4,5"])
def test_days_by_level_are_four_numbers(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("KOUAN_HISTORY_DAYS", said)
    if not said:
        assert len(Settings.read().history_days) == 4
        return
    with pytest.raises(ValueError, match="KOUAN_HISTORY_DAYS"):
        Settings.read()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 40), st.sampled_from([1.0, 2.0, 2.0])), min_size=1, max_size=40
    )
)
def test_thinning_and_repeats_agree_with_plain_python(given_: list[tuple[int, int, float]]) -> None:
    frame = Frame("reading", {
        "key": np.array([r[0] for r in given_], np.uint64), "at": np.array([r[1] for r in given_]),
        "value": np.array([r[2] for r in given_]),
    })  # fmt: skip
    once = without_repeats(frame.pick(np.lexsort([frame["at"], frame["key"]])))
    assert rows(once) == sorted(set(given_))
    spans: dict[tuple[int, int], list[float]] = {}
    for key, at, value in rows(once):
        spans.setdefault((key, at // 10), []).append(value)
    mean = {(k, a // 10): v for k, a, v in rows(thinned(once, 10))}
    assert mean == pytest.approx({span: sum(values) / len(values) for span, values in spans.items()})


def test_a_frame_survives_its_journey_and_noise_is_no_frame() -> None:
    told = Frame(
        "vessel_static",
        {
            "key": np.array([1, 2], np.uint64),
            "name": np.array([b"A B", b""], "S20"),
            "raw": np.array([b"\0x", b"y"], object),
        },
    )
    back = unpack(pack(told))
    assert back.signal == "vessel_static"
    assert all(back[name].tolist() == told[name].tolist() for name in told.columns)
    for noise in (b"", b"x" * 100, pack(told)[:-40], os.urandom(200)):
        with pytest.raises(ValueError, match="not a frame"):
            unpack(noise)
    assert len(join([back, back])) == 4


async def test_a_keeper_without_a_bus_opens_and_closes_and_its_successor_too(home: Path) -> None:
    for _ in range(2):
        one = keeper(home, 1)
        await one.open()
        await asyncio.sleep(0)
        await one.close()
    assert len(journals(History(home).keys, home / "history", 1)) >= 1
