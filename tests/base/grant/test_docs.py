"""The examples of docs/data-sharing.md run as they stand and print what the page says."""

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
def test_the_examples_run(platform: Running) -> None:
    script = "set -eu\n" + "".join(RUN.findall((ROOT / "docs/data-sharing.md").read_text(encoding="utf-8")))
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "NO_PROXY": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(?:before|granted|revoked): (\d+)$", done.stdout, re.MULTILINE) == ["403", "200", "403"]
    assert '"record:base.declaration.declaration"' in done.stdout
    assert '"dcat:Catalog"' in done.stdout
    assert "plan of truck capacity" in done.stdout
