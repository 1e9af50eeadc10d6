"""The examples of docs/push.md run as they stand there, and say what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.conftest import ROOT, Running

RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples use curl")
def test_the_examples_of_the_page_run(platform: Running) -> None:
    script = "set -eu\n" + "".join(RUN.findall((ROOT / "docs/push.md").read_text(encoding="utf-8")))
    name = f"my-box-{os.getpid()}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "PATH": path, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(["sh", "-c", script.replace("my-box", name)], env=env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    assert '{"seq":1}' in done.stdout
    (told,) = [orjson.loads(line[6:]) for line in done.stdout.splitlines() if line.startswith("data: ")]
    assert (told["what"], told["seq"], told["subscription"]) == ("test", 1, f"subscription:TRADER/{name.upper()}")
    assert '"withheld":[]' in done.stdout
