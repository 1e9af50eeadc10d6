"""A supervisor with stub processes, in a data folder of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.app.supervisor.platform_runs import STUB, Platform


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Platform]]:
    """Start a stub platform; whatever still runs at the end of the test is ended."""
    with ExitStack() as stack:

        def begin(*, command: list[str] | None = None, home: Path | None = None, **env: str) -> Platform:
            platform = Platform(home or tmp_path / "data", command or [sys.executable, str(STUB), "up"], env)
            stack.callback(_end, platform)
            return platform

        yield begin


def _end(platform: Platform) -> None:
    if platform.process.poll() is None:
        platform.process.terminate()
        try:
            platform.process.wait(8)
        except subprocess.TimeoutExpired:
            platform.process.kill()
            platform.process.wait(5)
