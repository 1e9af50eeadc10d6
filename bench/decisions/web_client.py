"""What the built web client weighs, and how much of it the first page needs: bytes as they go over the wire (gzip)."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from bench._platform import ROOT
from bench.decisions._server import parser, tell

STATIC = ROOT / "src" / "kouan" / "app" / "http" / "static"
ADDRESS = re.compile(r"(?:https?:)?//[A-Za-z0-9.-]+\.[a-z]{2,}")
NAMED = re.compile(r"""(?:src|href)="/?([^"]+\.(?:js|css))\"""")
STATED = re.compile(r"""(?:from|import)\s*["']\./([^"']+\.js)["']""")


def _weight(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6))


def first_page(folder: Path) -> set[Path]:
    """The scripts and styles that the page names, and those that they import without waiting."""
    left = [folder / name for name in NAMED.findall((folder / "index.html").read_text())]
    found: set[Path] = set()
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        if path.suffix == ".js":
            left += [path.parent / name for name in STATED.findall(path.read_text())]
    return found


def main() -> None:
    """Command line."""
    parser(__doc__).parse_args()
    files = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css")]
    needed = first_page(STATIC)
    heaviest = sorted(((_weight(path), path.name) for path in files), reverse=True)[:6]
    packages: dict[str, Any] = json.loads((ROOT / "web" / "package.json").read_text())["dependencies"]
    called = {found for name in ("index.html",) for found in ADDRESS.findall((STATIC / name).read_text())}
    tell(__doc__, {
        "dependencies": packages, "files": len(files), "gzip_kb": round(sum(map(_weight, files)) / 1000),
        "first_page_files": len(needed), "first_page_gzip_kb": round(sum(map(_weight, needed)) / 1000),
        "heaviest_gzip_kb": {name: round(size / 1000) for size, name in heaviest}, "other_hosts_in_index": sorted(called),
    })  # fmt: skip


if __name__ == "__main__":
    main()
