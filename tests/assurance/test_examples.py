"""The examples of docs/data-security.md and docs/running.md run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Running

RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)
SAID = {
    "data-security.md": (
        '"door":"GET /api/records/base/place/place/export"', '"record":"base.place.place"', '"watched":[', '"checks":[', '"suite":',
        '"by":"org"',
    ),
    "running.md": ("kouan_service_seconds_count{", "00-4bf92f3577b34da6a3ce929d0e0e4736-", '"services":['),
}


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples use curl")
@pytest.mark.parametrize("page", sorted(SAID))
def test_the_examples_of_the_page_run(platform: Running, page: str) -> None:
    parts = RUN.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len(parts) >= 5
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "NO_PROXY": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    script = "set -eu\n" + "".join(parts).replace("curl -sS", "curl -sSf")
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    for said in SAID[page]:
        assert said in done.stdout, said
