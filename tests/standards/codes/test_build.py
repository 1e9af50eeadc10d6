"""The committed data are what the builder makes of the sources, where the sources are at hand."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from kouan.standards.codes.build import HERE, build

SHARED = Path(os.environ.get("KOUAN_SHARED", Path(__file__).resolve().parents[4] / "shared"))


@pytest.mark.skipif(not (SHARED / "data/codes").is_dir(), reason="the shared data are not here")
def test_the_sources_give_the_committed_data(tmp_path: Path) -> None:
    build(SHARED / "data" / "codes", tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in (HERE / "data").iterdir() if path.suffix != ".md"}
    assert set(made) == set(kept)
    assert all(_plain(name, made[name]) == _plain(name, kept[name]) for name in made)


def _plain(name: str, content: bytes) -> bytes:
    return gzip.decompress(content) if name.endswith(".gz") else content


def test_every_list_names_its_source_in_the_folder() -> None:
    text = (HERE / "data" / "SOURCES.md").read_text(encoding="utf-8")
    lists = {path.name.split(".")[0] for path in (HERE / "data").iterdir() if path.suffix != ".md"}
    assert all(f"| {name} |" in text for name in lists - {"counts", "locode_zh"})
