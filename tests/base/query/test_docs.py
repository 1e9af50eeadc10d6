"""The example of docs/query.md runs as it stands and prints what the page says."""

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


@pytest.mark.skipif(not shutil.which("curl"), reason="the example uses curl")
def test_the_example_runs(platform: Running) -> None:
    script = "set -eu\n" + "".join(RUN.findall((ROOT / "docs/query.md").read_text(encoding="utf-8")))
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "NO_PROXY": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith('{"columns":[{"name":"state","title":{"zh":"状态"')
    assert re.search(r"^state +cargo$", done.stdout, re.MULTILINE)
    assert "refused: 1" in done.stdout
    assert "getenv" in done.stderr
