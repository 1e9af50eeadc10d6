"""Standing back: a lower priority of our own, and of those processes that work for us."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kouan.kernel.settings import Settings

PROGRAM = """
import sys
from kouan.kernel import courtesy
courtesy.stand_back(int(sys.argv[1]))
courtesy.follow(int(sys.argv[2]))
"""


@pytest.mark.parametrize("step", [0, 4])
def test_who_works_for_us_stands_as_far_back_as_we_do(step: int) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        try:
            subprocess.run([sys.executable, "-c", PROGRAM, str(step), str(other.pid)], check=True)
            assert os.getpriority(os.PRIO_PROCESS, other.pid) == min(own + step, 19)
            groups = Path(f"/proc/{other.pid}/autogroup")
            assert other.poll() is None
            assert not groups.exists() or groups.read_text().startswith("/autogroup")
        finally:
            other.kill()


@pytest.mark.parametrize("stated", ["-1", "20", "much"])
def test_a_priority_that_is_none_is_refused(stated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUAN_NICE", stated)
    with pytest.raises(ValueError, match="KOUAN_NICE"):
        Settings.read()
