"""The examples of docs/standards.md run as they stand there, and answer what the page says."""

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
    script = "set -eu\n" + "".join(RUN.findall((ROOT / "docs/standards.md").read_text(encoding="utf-8")))
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "TMPDIR": str(tmp_path), "NO_PROXY": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    for said in ('"verdict":"stands"', '"un":"CNQIN"', '"code":"4200"', '"near":[', '"number":"UN/EDIFACT"', "the same"):
        assert said in done.stdout, said
