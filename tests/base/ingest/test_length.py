"""A file of any length is taken in constant memory: 200 MB here (60 MB of XML), 10 GB with `make faults` (KOUAN_LONG_MB)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ASKED = os.environ.get("KOUAN_LONG_MB", "")
MEGABYTES = {"csv": 200, "parquet": 200, "json": 200, "xml": 60}
MORE = 96
"""MiB by which memory may grow between a tenth of a file and its end: allocators round up, and the engine's buffers settle."""


@pytest.mark.slow
@pytest.mark.parametrize("form", list(MEGABYTES))
def test_a_file_of_any_length_is_taken_in_constant_memory(tmp_path: Path, form: str) -> None:
    megabytes = int(ASKED or MEGABYTES[form])
    program = [sys.executable, "-m", "tests.base.ingest.long", str(tmp_path), form, str(megabytes)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=300 + megabytes, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rows"] >= megabytes * 1400, told
    assert told["refused"] == -(-told["rows"] // 1000) or form == "json", told
    assert 0 < told["early"] <= told["late"] <= told["early"] + MORE, told
