"""Extraction and quality: rows of a file through mapping, conversion and checks, into the analytical store and into Records.

Runs alone: a platform of its own with simulators off; the runs are begun by the public door and worked off by the worker, so
that the figures hold uploading nothing and waiting for nothing but the run itself. Peer, in the same run: DuckDB reading the
same file into a table with no mapping, no checks and no encryption. `rows_per_cpu_s`: by the CPU of every part of the platform.
Quality by itself: `python -m bench.quality`. All data are synthetic.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import httpx

from bench._command import parser, say
from bench._platform import Platform, machine, spent, started
from kouan.kernel.text import Text

ROWS, RECORDS = 1_000_000, 20_000
PART = 8 << 20
WITHIN = 600.0
FIX = Text("核对", "Look at it again")
MADE = """copy (select 'MSKU' || lpad((i * 7919 % 10000000)::varchar, 7, '0') as box,
    strftime(timestamp '2026-01-01' + to_seconds(i), '%Y/%m/%d %H:%M:%S') as "at",
    ['青岛', '上海', 'Rotterdam', 'Singapore', 'Hamburg'][1 + i % 5] as port, i % 40000 as kg, 'lot ' || (i % 1000) as note,
    (i * 0.37)::double as x, i as id from range({rows}) t(i)) to '{path}' ({form})"""
COLUMNS: list[dict[str, Any]] = [
    {"into": "box", "column": "box", "steps": [{"do": "trim"}]},
    {"into": "at", "column": "at", "type": "moment", "steps": [{"do": "date"}]},
    {"into": "port", "column": "port", "steps": [{"do": "code", "a": "locode"}]},
    {"into": "kg", "column": "kg", "type": "number"}, {"into": "note", "column": "note"},
    {"into": "x", "column": "x", "type": "number"}, {"into": "id", "column": "id", "type": "integer"},
]  # fmt: skip
RULES: tuple[dict[str, Any], ...] = (
    {"field_name": "box", "check": "required"}, {"field_name": "box", "check": "pattern", "pattern": "[A-Z]{4}[0-9]{7}"},
    {"field_name": "kg", "check": "range", "low": 0, "high": 50000}, {"field_name": "at", "check": "not_future", "high": 15},
    {"field_name": "port", "check": "code_list", "about": "locode"},
)  # fmt: skip
STATUS: list[dict[str, Any]] = [
    {"into": "equipment", "constant": "MSKU9070323"}, {"into": "code", "constant": "21"},
    {"into": "at", "column": "at", "steps": [{"do": "date"}]}, {"into": "text", "column": "note", "steps": [{"do": "trim"}]},
]  # fmt: skip


def made(path: Path, rows: int) -> Path:
    """A synthetic file: CSV or Parquet by its name."""
    form = "format parquet" if path.suffix == ".parquet" else "format csv, header"
    duckdb.sql(MADE.format(rows=rows, path=path, form=form))
    return path


class Clerk:
    """Who begins the runs."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._client = self._as("terminal")

    def _as(self, org: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self._platform.token(org)}"}
        return httpx.Client(base_url=self._platform.url, headers=headers, timeout=120, trust_env=False)

    def _asked(self, answer: httpx.Response) -> Any:
        if answer.status_code >= 400:
            raise RuntimeError(answer.text)
        return answer.json()

    def rules(self, of: str) -> None:
        """A steward's rules for a data set."""
        with self._as("customs") as steward:
            for at, rule in enumerate(RULES):
                said = {"code": f"bench-{at}", "of": of, "fix_zh": FIX.zh, "fix_en": FIX.en, **rule}
                self._asked(steward.post("/api/records/base/quality/rule", json=said))

    def run(self, path: Path, target: str, columns: list[dict[str, Any]]) -> dict[str, Any]:
        """Upload a file and run it; rows a second from the run's beginning to its end."""
        code = path.name.replace(".", "-").replace("_", "-") + "-" + target.partition(":")[0].replace(".", "-")
        source = {"code": code[:40], "name": "bench", "kind": "upload", "target": target, "columns": columns}
        number = self._asked(self._client.post("/api/records/base/ingest/source", json=source))["item"]["id"]
        upload = self._asked(self._client.post("/api/ingest/uploads"))["id"]
        body = path.read_bytes()
        for at in range(0, len(body), PART):
            self._asked(self._client.put(f"/api/ingest/uploads/{upload}", params={"offset": at}, content=body[at : at + PART]))
        before, began = self._platform.cpu(), time.monotonic()
        run = self._asked(self._client.post(f"/api/ingest/sources/{number}/runs", params={"upload": upload, "name": path.name}))
        while run["state"] in ("waiting", "running"):
            if time.monotonic() > began + WITHIN:
                raise RuntimeError(f"the run did not end: {run}")
            time.sleep(0.1)
            run = self._asked(self._client.get(f"/api/ingest/runs/{run['id']}"))
        took, during = time.monotonic() - began, spent(before, self._platform.cpu())
        if run["state"] != "done":
            raise RuntimeError(str(run["error"]))
        return {
            "rows": run["counts"]["taken"], "kept": run["counts"]["kept"], "changed": run["counts"]["changed"],
            "seconds": round(took, 2), "rows_per_s": round(run["counts"]["taken"] / took),
            "rows_per_cpu_s": round(run["counts"]["taken"] / max(sum(during.values()), 0.01)), "platform_cpu_s": during,
        }  # fmt: skip


def peer(path: Path) -> dict[str, Any]:
    """DuckDB reading the same file into a table."""
    read = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    connection, began = duckdb.connect(config={"threads": 2}), time.perf_counter()
    connection.execute(f"create table t as select * from {read}('{path}')").fetchall()
    rows = connection.execute("select count(*) from t").fetchone()
    took = time.perf_counter() - began
    connection.close()
    return {"seconds": round(took, 2), "rows_per_s": round((rows[0] if rows else 0) / took)}


def run(rows: int = ROWS, records: int = RECORDS) -> dict[str, Any]:
    """All of it."""
    where = machine()
    found: dict[str, Any] = {"name": "ingest"}
    with tempfile.TemporaryDirectory(prefix="kouan-bench-") as folder, started() as platform:
        clerk, parquet, csv = Clerk(platform), made(Path(folder) / "a.parquet", rows), made(Path(folder) / "a.csv", rows)
        clerk.rules("dataset:bench")
        warm = made(Path(folder) / "warm.csv", 1000)
        clerk.run(warm, "dataset:bench", COLUMNS)
        for name, path in (("parquet", parquet), ("csv", csv)):
            found[name] = {**clerk.run(path, "dataset:bench", COLUMNS), "duckdb": peer(path)}
        found["records"] = clerk.run(made(Path(folder) / "records.csv", records), "base.movement.status", STATUS)
    return {**found, "data": "synthetic", "machine": where}


def main() -> None:
    """Command line."""
    given = parser(__doc__)
    given.add_argument("--rows", type=int, default=ROWS)
    given.add_argument("--records", type=int, default=RECORDS)
    asked = given.parse_args()
    say(run(asked.rows, asked.records), line=asked.json)


if __name__ == "__main__":
    main()
