"""Generated pages are current: the matrix of the mission and the reference."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("tool", ["tools.matrix", "tools.reference"])
def test_generated_pages_are_current(tool: str) -> None:
    done = subprocess.run([sys.executable, "-m", tool, "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
