"""Files that grow sealed: what was put in comes out, from any place; what was changed does not; a crash costs what it cut off alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.suites.growing import STRETCH, Growing
from kouan.kernel.suites.known import DEFAULT, SUITES
from kouan.kernel.suites.suite import Suite

SIZES = [0, 1, 7, 1000, STRETCH - 1, STRETCH, STRETCH + 3]
EACH = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda one: one.code)


def grown(folder: Path, *texts: bytes, suite: Suite = DEFAULT) -> Growing:
    """A file that came in these parts."""
    file = Growing(folder / "f", lambda salt: suite.key(suite.hash(salt)))
    file.begin()
    for text in texts:
        with file.appending() as put:
            put(text)
    return file


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.lists(st.sampled_from(SIZES), max_size=4), max_size=4), data=st.data())
def test_what_was_put_in_comes_out_from_any_place(
    parts: list[list[int]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content, file = b"", grown(tmp_path_factory.mktemp("grown"))
    for number, sizes in enumerate(parts):
        with file.appending() as put:
            for size in sizes:
                text = bytes([number + 65]) * size
                put(text)
                content += text
        assert file.size() == len(content)
    with file.open() as found:
        assert found.read() == content
        for _ in range(3):
            at = data.draw(st.integers(0, len(content) + 3))
            size = data.draw(st.integers(0, 2 * STRETCH))
            assert found.seek(at) == at
            assert found.read(size) == content[at : at + size]
        assert found.seek(-min(5, len(content)), io.SEEK_END) == len(content) - min(5, len(content))
        assert found.read() == content[-min(5, len(content)) or len(content) :]


@EACH
def test_its_text_is_nowhere_on_the_disk_and_opens_with_its_own_key_alone(suite: Suite, tmp_path: Path) -> None:
    secret = b"passport E12345678 " * 1000
    file = grown(tmp_path, secret[:7000], secret[7000:], suite=suite)
    assert b"E12345678" not in file.path.read_bytes()
    assert file.path.stat().st_mode & 0o077 == 0
    with file.open() as found:
        assert found.read() == secret
    with pytest.raises(OSError, match="changed"):
        Growing(file.path, lambda _: suite.new_key()).open().read()
    (tmp_path / "plain").write_bytes(secret)
    with pytest.raises(OSError, match="changed"):
        Growing(tmp_path / "plain", lambda _: suite.new_key()).size()


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed_or_cuts_off_the_end(at: int, bit: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = bytes(range(256)) * 20
    file = grown(tmp_path_factory.mktemp("bent"), content[:100], content[100:3000], content[3000:])
    raw = bytearray(file.path.read_bytes())
    raw[at % len(raw)] ^= 1 << bit
    file.path.write_bytes(raw)
    try:
        with file.open() as found:
            told = found.read()
    except OSError:
        return
    assert len(told) < len(content)
    assert content.startswith(told)


@given(cut=st.integers(1, 3000))
@settings(max_examples=30, deadline=None)
def test_what_a_crash_left_half_written_goes_with_the_next_part(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = grown(tmp_path_factory.mktemp("torn"), b"kept" * 100, b"lost" * 700)
    raw = file.path.read_bytes()
    file.path.write_bytes(raw[: max(len(raw) - cut, 24 + 32 + 400)])
    held = file.size()
    assert held == 400
    with file.appending() as put:
        put(b"again")
    with file.open() as found:
        assert found.read() == b"kept" * 100 + b"again"


def test_stretches_that_change_places_do_not_open(tmp_path: Path) -> None:
    file = grown(tmp_path, b"a" * 100, b"b" * 100)
    raw = file.path.read_bytes()
    size = 4 + 28 + 100
    file.path.write_bytes(raw[:24] + raw[24 + size :] + raw[24 : 24 + size])
    with pytest.raises(OSError, match="changed"):
        file.open().read()


def test_a_file_that_was_begun_stays_as_it_is_when_it_is_begun_again(tmp_path: Path) -> None:
    file = grown(tmp_path, b"first")
    file.begin()
    assert file.size() == 5
    assert [one.name for one in tmp_path.iterdir()] == ["f"]
    file.remove()
    assert not file.exists()
