"""The files of the project: those that are, or would be, committed."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE = {".git", ".venv", ".kouan", "node_modules", "__pycache__", "static", "dist"}


def tracked() -> list[Path]:
    """Paths relative to the root, sorted; without git every file that no tool made."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        every = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        return sorted(path for path in every if not MADE & set(path.parts) and (ROOT / path).is_file())
    return sorted(
        path for name in done.stdout.split("\0") if name and (ROOT / (path := Path(name))).is_file()
    )


def text(path: Path) -> str | None:
    """A file's text; None for a picture and the like."""
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return None
