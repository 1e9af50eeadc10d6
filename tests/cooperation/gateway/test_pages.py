"""The examples of docs/gateway.md and docs/verification.md run as they stand there, and say what the pages say."""

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
def test_the_examples_of_both_pages_run(platform: Running) -> None:
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("gateway.md", "verification.md")]
    script = "set -eu\n" + "".join(part for page in pages for part in RUN.findall(page))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "PATH": path, "NO_PROXY": "127.0.0.1"}
    script = script.replace("my-interface", f"my-interface-{secrets.token_hex(4)}")
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert '"algorithm":"EdDSA"' in done.stdout
    assert "no alg" in done.stdout
    assert '"code":"IF-SIGNATURE"' in done.stdout
    assert '"secret":"whsec_' in done.stdout
    assert '"state":"verifying"' in done.stdout
    assert '"clause":"7.2.1 g)"' in done.stdout
