"""A long file through reader and refinery in a process of its own: `long.py FOLDER FORMAT MEGABYTES` tells the memory it took, in MiB.

`early`: the most it held (VmHWM) when a tenth was through; `late`: at the end; `rows`, `refused`: what came of the file.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kouan.base.ingest.readers import Options, Plain, read
from kouan.base.ingest.records import Source
from kouan.base.ingest.refining import Refinery
from kouan.base.quality.api import Check
from kouan.kernel.text import Text

NOTE = "货物 cargo " * 40
BATCH = 2_000
COLUMNS: list[dict[str, Any]] = [
    {"into": "box", "column": "box", "steps": [{"do": "trim"}]}, {"into": "at", "column": "at", "steps": [{"do": "date"}]},
    {"into": "note", "column": "note"},
]  # fmt: skip
CHECKS = (Check("digits", "box", "pattern", "compliance", Text("核对", "Look again"), pattern="MSKU[0-9]{7}"),)


def made(path: Path, form: str, size: int) -> Path:
    """A file of some bytes; one row of a thousand is at fault."""
    rows = [{"box": f" MSKU{n:07}" if n % 1000 else "?", "at": f"2026/5/{1 + n % 28} 8:30", "note": f"{n} {NOTE}"} for n in range(BATCH)]
    if form == "parquet":
        table = pa.Table.from_pylist(rows)
        with pq.ParquetWriter(path, table.schema, compression="none", use_dictionary=False) as out:
            while not path.exists() or path.stat().st_size < size:
                out.write_table(table)
        return path
    head, end = {"csv": ("box,at,note\n", ""), "json": ("", ""), "xml": ('<?xml version="1.0"?>\n<moves>\n', "</moves>\n")}[form]
    chunk = "".join(line(form, row) + "\n" for row in rows).encode()
    with path.open("wb") as file:
        file.write(head.encode())
        for _ in range(size // len(chunk)):
            file.write(chunk)
        file.write(end.encode())
    return path


def line(form: str, row: dict[str, str]) -> str:
    """A row as a line of the file."""
    if form == "xml":
        return f'<move box="{row["box"]}"><at>{row["at"]}</at><note>{row["note"]}</note></move>'
    return json.dumps(row, ensure_ascii=False) if form == "json" else ",".join(row.values())


def held() -> int:
    """The most memory this process has held."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) >> 10


def main() -> None:
    """See above."""
    folder, form, megabytes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    size = megabytes << 20
    path = made(folder / f"long.{form}", form, size)
    columns = [{**one, "column": "@box"} if form == "xml" and one["into"] == "box" else one for one in COLUMNS]
    source = Source.model_validate({"code": "s", "name": "s", "kind": "upload", "target": "dataset:s", "columns": columns})
    refinery = Refinery(source, CHECKS, "Asia/Shanghai", typed=True)
    rows = refused = early = 0
    expected = size // (len(f"MSKU00000002026/5/10 8:30{NOTE}".encode()) + 20)
    for piece in read(Plain(path), Options(form), name=path.name):
        refined = refinery.refine(piece.table, datetime.now(UTC), {})
        rows, refused = rows + refined.counts["taken"], refused + refined.counts["refused"]
        if not early and rows > expected / 10:
            early = held()
    refinery.close()
    path.unlink()
    print(json.dumps({"rows": rows, "refused": refused, "early": early, "late": held()}))


if __name__ == "__main__":
    main()
