"""Build the committed rows of the mission: `python -m kouan.standards.clauses.build SHARED_DIR`.

The source is `SHARED_DIR/spec/mission.csv`. Its Chinese key phrases and the names of its source texts are left out.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
from pathlib import Path

_NEAREST = re.compile(r"≈\s*(\S+)\Z")
_QUOTED = re.compile(r' \("[⺀-鿿]+"\)')
_APPENDIX = {"附录A": "A"}


def main() -> None:
    """Write `data/mission.csv`."""
    parser = argparse.ArgumentParser(description="Build the rows of the mission.")
    parser.add_argument("shared", type=Path, help="folder that holds spec/mission.csv")
    kept = Path(__file__).parent / "data" / "mission.csv"
    parser.add_argument("--out", type=Path, default=kept, help="file to write")
    args = parser.parse_args()
    text = built(args.shared / "spec" / "mission.csv")
    args.out.write_text(text, encoding="utf-8", newline="")


def built(source: Path) -> str:
    """The rows as CSV: id, board, clause, exact, capability, proof."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("id", "board", "clause", "exact", "capability", "proof"))
    with source.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            clause, exact = _clause(row["clause"])
            writer.writerow((row["id"], row["module"], clause, "1" if exact else "",
                             _QUOTED.sub("", row["capability"]), row["proof"]))
    return out.getvalue()


def _clause(text: str) -> tuple[str, bool]:
    """The clause of HS/T 82, and whether the row stands in it or only near it."""
    near = _NEAREST.search(text)
    return (near[1], False) if near else (_APPENDIX.get(text, text), True)


if __name__ == "__main__":
    main()
