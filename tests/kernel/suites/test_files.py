"""Files of sealed blocks, and which suite a data folder has."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import Any, cast

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.suites import blocks, folder, parquet
from kouan.kernel.suites.intl import INTL
from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.sm import SM
from kouan.kernel.suites.suite import Suite
from kouan.kernel.vault import KeyLost, Vault, bind_key

EACH = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda one: one.code)
KEY = SM.key(b"k" * 16)


def sealed(path: Path, content: bytes, place: str = "here") -> Path:
    with path.open("wb") as out:
        blocks.write(out, KEY, place, memoryview(content))
    return path


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_any_part_reads_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([0, 1, blocks.BLOCK - 1, blocks.BLOCK, blocks.BLOCK + 1, 3 * blocks.BLOCK + 7]))
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    path = sealed(tmp_path_factory.mktemp("blocks") / "f", content)
    with io.BufferedReader(blocks.Blocks(path, KEY, "here")) as found:
        for _ in range(3):
            at, count = data.draw(st.integers(0, size + 10)), data.draw(st.integers(0, size + 10))
            found.seek(at)
            assert found.read(count) == content[at : at + count]
        found.seek(-min(size, 5), io.SEEK_END)
        assert found.read() == content[size - min(size, 5) :]


def test_blocks_that_were_changed_moved_or_cut_off_do_not_open(tmp_path: Path) -> None:
    content = bytes(2 * blocks.BLOCK + 100)
    path = sealed(tmp_path / "f", content)
    honest, step = path.read_bytes(), blocks.BLOCK + 28
    swapped = honest[:16] + honest[16 + step : 16 + 2 * step] + honest[16 : 16 + step] + honest[16 + 2 * step :]
    shorter = honest[:8] + blocks.BLOCK.to_bytes(8, "big") + honest[16 : 16 + step]
    for wrong in (swapped, shorter, honest[:-1], honest[:40], b"", b"PAR1" + honest[4:], honest[:-1] + bytes([honest[-1] ^ 1])):
        path.write_bytes(wrong)
        with pytest.raises(OSError, match="changed"):
            blocks.Blocks(path, KEY, "here").readall()
    path.write_bytes(honest)
    with pytest.raises(OSError, match="changed"):
        blocks.Blocks(path, KEY, "elsewhere")


@EACH
def test_parquet_is_sealed_whole_and_read_in_part(suite: Suite, tmp_path: Path) -> None:
    table = pa.table({"key": list(range(200_000)), "word": ["geheim"] * 200_000})
    path = tmp_path / "a.parquet"
    parquet.write(suite, b"s" * 32, "place", path, table, row_group_size=50_000, compression="none", use_dictionary=False)
    raw = path.read_bytes()
    assert b"geheim" not in raw
    assert b"word" not in raw
    file = parquet.opened(suite, b"s" * 32, "place", path)
    assert file.read_row_groups([2], columns=["key"], use_threads=False).column("key").to_pylist() == list(range(100_000, 150_000))
    assert file.read().equals(table)
    file.close()
    for secret, place in ((b"t" * 32, "place"), (b"s" * 32, "other")):
        with pytest.raises(OSError):  # noqa: PT011  the library's own words
            parquet.opened(suite, secret, place, path)


def test_a_new_folder_takes_what_is_asked_and_keeps_it(tmp_path: Path) -> None:
    home = tmp_path / "sm"
    assert folder.state(home, "sm") is SM
    assert folder.state(home) is folder.stated(home) is folder.state(home, "sm") is SM
    assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o700
    with pytest.raises(folder.SuiteRefused, match="cannot become intl"):
        folder.state(home, "intl")
    with pytest.raises(folder.SuiteRefused, match="no cryptographic suite rsa"):
        folder.state(tmp_path / "new", "rsa")
    assert not (tmp_path / "new").exists()
    assert folder.state(tmp_path / "plain") is INTL


def test_a_folder_from_before_there_were_suites_is_of_the_default(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "master").write_bytes(b"m" * 32)
    with pytest.raises(folder.SuiteRefused):
        folder.state(tmp_path, "sm")
    assert folder.state(tmp_path) is INTL
    assert (tmp_path / "keys" / "suite").read_text() == "intl\n"


class Marks:
    """The one table that a database keeps of its key."""

    mark: bytes | None = None

    async def fetchval(self, _sql: str) -> bytes | None:
        return self.mark

    async def execute(self, _sql: str, mark: bytes) -> None:
        self.mark = mark


@EACH
async def test_a_database_knows_its_suite_though_the_folder_says_otherwise(suite: Suite, tmp_path: Path) -> None:
    conn = cast("Any", Marks())
    assert await bind_key(conn, tmp_path, suite.code) is suite
    assert await bind_key(conn, tmp_path) is suite
    other = next(one for one in SUITES.values() if one is not suite)
    with pytest.raises(folder.SuiteRefused, match="cannot become"):
        await bind_key(conn, tmp_path, other.code)
    (tmp_path / "keys" / "suite").write_text(other.code)
    with pytest.raises(folder.SuiteRefused, match=f"filled under {suite.code}"):
        await bind_key(conn, tmp_path)
    (tmp_path / "keys" / "suite").write_text(suite.code)
    (tmp_path / "keys" / "master").write_bytes(b"another key of thirty-two bytes.")
    with pytest.raises(KeyLost):
        await bind_key(conn, tmp_path)


def test_vaults_of_two_suites_share_nothing() -> None:
    one, other = (Vault.of(b"m" * 32, suite) for suite in (INTL, SM))
    assert one.token("human:P/CN/E1") != other.token("human:P/CN/E1")
    assert one.blind("a", "1") != other.blind("a", "1")
    assert one.digest(b"body") != other.digest(b"body")
