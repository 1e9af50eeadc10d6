"""The examples of docs/tags.md run as they stand."""

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


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples use curl")
def test_the_examples_of_the_page_run(platform: Running, tmp_path: Path) -> None:
    parts = RUN.findall((ROOT / "docs" / "tags.md").read_text(encoding="utf-8"))
    assert len(parts) == 5
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "TMPDIR": str(tmp_path), "NO_PROXY": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    script = "set -eu\n" + "".join(parts).replace("curl -sS", "curl -sSf")
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    for said in ('"state":"draft"', '"items":[', '"formula":', '"person":"person:T_', '"full":true', '"hinterland":['):
        assert said in done.stdout, said
