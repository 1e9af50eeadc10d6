"""What the lock files hold: packages, hashes, and addresses of hosts (none), beside what uv's own lock would name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench._platform import ROOT
from bench.decisions._server import parser, tell

HOST = re.compile(r"https?://")


def _requirements() -> dict[str, int]:
    text = (ROOT / "requirements.lock").read_text()
    return {
        "packages": len(re.findall(r"^[A-Za-z0-9._-]+==", text, re.MULTILINE)), "hashes": text.count("--hash=sha256:"),
        "lines": text.count("\n"), "addresses": len(HOST.findall(text)),
    }  # fmt: skip


def _npm() -> dict[str, int]:
    text = (ROOT / "web" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    return {
        "packages": len(packages) - 1, "hashes": text.count('"integrity"'), "resolved": text.count('"resolved"'),
    }  # fmt: skip


def _peer() -> dict[str, Any]:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not uv:
        return {"absent": "uv is not installed"}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "pyproject.toml", folder)
        (Path(folder) / "README.md").touch()
        done = subprocess.run([uv, "lock", "--quiet"], cwd=folder, capture_output=True, text=True, timeout=170, check=False)
        lock = Path(folder) / "uv.lock"
        if done.returncode or not lock.exists():
            return {"absent": "uv lock did not end well here"}
        return {"lines": lock.read_text().count("\n"), "addresses": len(HOST.findall(lock.read_text()))}


def main() -> None:
    """Command line."""
    parser(__doc__).parse_args()
    tell(__doc__, {"requirements.lock": _requirements(), "web/package-lock.json": _npm(), "peer: uv.lock": _peer()})


if __name__ == "__main__":
    main()
