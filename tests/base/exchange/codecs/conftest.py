"""Samples of our own, and the published ones where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kouan.base.exchange import codecs
from kouan.base.exchange.codecs.problem import CodecError, Problem

OWN = Path(codecs.__file__).parent / "samples"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """Bytes of a sample of our own, by file name."""
    return lambda name: (OWN / name).read_bytes()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data, which stands outside the project; tests that need it are left out without it."""
    beside = Path(__file__).parents[4].parent / "shared"
    folder = Path(os.environ.get("KOUAN_SHARED", beside)) / "data"
    if not folder.is_dir():
        pytest.skip("the published data are not here")
    return folder


@pytest.fixture(scope="session")
def refused() -> Callable[[Callable[[], object]], tuple[Problem, ...]]:
    """What a call is refused for, () where it is not; nothing but CodecError may come out of it."""

    def problems(call: Callable[[], object]) -> tuple[Problem, ...]:
        found: tuple[Problem, ...] = ()
        try:
            call()
        except CodecError as refusal:
            found = refusal.problems
            if not found:
                raise AssertionError("a refusal without a problem") from refusal
        assert all(p.reason.zh and p.reason.en and p.code for p in found)
        assert len(found) <= 100
        return found

    return problems
