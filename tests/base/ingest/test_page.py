"""The page on extraction says what is true: its examples run on the platform, and what they print is what it says."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Running

RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples use curl")
def test_the_examples_run(platform: Running, tmp_path: Path) -> None:
    page = (ROOT / "docs/extraction.md").read_text(encoding="utf-8")
    assert page.count("\n") <= 120
    unique = f"G{secrets.token_hex(4)}"
    script = "set -eu\n" + "".join(RUN.findall(page)).replace("GATE-1", unique).replace("docs-moves", unique.lower())
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "NO_PROXY": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(["sh", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    said = done.stdout
    assert '"identifier":"container"' in said
    assert '"after":"CNQIN","rule":"code"' in said
    assert '"class":"authenticity"' in said
    assert '"state":"repaired"' in said
    assert '"class":"timeliness"' in said
    with platform.client("terminal") as client:
        found = client.get("/api/records/base/movement/status", params={"code": unique}).json()["items"]
    assert len(found) == 3
