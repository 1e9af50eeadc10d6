"""Fifty quality rules over ten million rows in one table, by the engine that the platform uses.

Peer, in the same run, where it is installed: pandera on the same rules over the same values (its default backend, pandas, which is held in
memory as it stands: fewer rows unless `--peer-rows` says otherwise). All data are synthetic: one box in a thousand has a wrong check digit.
"""

from __future__ import annotations

import importlib
import importlib.util
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench._command import parser, say
from bench._platform import machine
from kouan.base.quality.api import Check, Engine
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.api import check as identified
from kouan_sim.identifiers import container

ROWS, PEER = 10_000_000, 1_000_000
FIX = Text("核对", "Look at it again")
KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "required"}, {"kind": "pattern", "pattern": "[A-Z0-9 ]{1,20}"}, {"kind": "codes", "values": tuple("ABCDE")},
    {"kind": "length", "high": 12}, {"kind": "range", "low": 0, "high": 1e9}, {"kind": "type", "about": "integer"},
    {"kind": "code_list", "about": "country"}, {"kind": "check_digit", "about": "container"}, {"kind": "pattern", "pattern": "[^?]*"},
    {"kind": "equal", "about": "c0"},
)  # fmt: skip
AGAIN: tuple[dict[str, Any], ...] = (
    {"kind": "pattern", "pattern": "(?s).+"}, {"kind": "pattern", "pattern": "[A-Z0-9]{1,24} ?"},
    {"kind": "codes", "values": tuple("ABCDEF")}, {"kind": "length", "high": 13},
    {"kind": "range", "low": -1, "high": 2e9}, {"kind": "type", "about": "number"},
    {"kind": "codes", "values": ("CN", "NL", "SG", "DE")}, {"kind": "pattern", "pattern": "[A-Z]{3}[UJZ][0-9]{7}"},
    {"kind": "pattern", "pattern": "[^!]*"}, {"kind": "length", "high": 20},
)  # fmt: skip
"""What is asked beside each of KINDS, so that no rule is another one's repeat."""
FIELDS: dict[str, tuple[int, ...]] = {
    "c0": (0, 1, 7, 8, 3), "c1": (0, 2, 3, 8, 1), "c2": (0, 4, 5, 3, 8), "c3": (0, 6, 3, 1, 8), "c4": (0, 9, 3, 8, 1),
}  # fmt: skip
MADE = """create table quality_rows as select i as _row, getvariable('boxes')[1 + i % 1000] c0, chr((65 + i % 5)::int) c1,
    (i % 100000)::varchar c2, ['CN', 'NL', 'SG'][1 + i % 3] c3, getvariable('boxes')[1 + i % 1000] c4 from range({rows}) t(i)"""


def fifty() -> list[Check]:
    """Fifty different checks of five columns."""
    asked = [(name, again, at) for name, chosen in FIELDS.items() for again in range(2) for at in chosen]
    return [Check(f"{name}.{at}.{again}", name, of="compliance", fix=FIX, **(KINDS, AGAIN)[again][at]) for name, again, at in asked]


def filled(rows: int) -> Engine:
    """An engine that holds the rows."""
    engine, boxes = Engine(), [container("MSK", number) for number in range(1000)]
    boxes[0] = "MSKU0000009"
    engine.run(f"set variable boxes = {boxes}")
    engine.run(MADE.format(rows=rows))
    return engine


def quality(rows: int) -> dict[str, Any]:
    """All rules in one look; nearly all rows hold them, as is usual."""
    engine = filled(rows)
    try:
        checks, began, cpu = fifty(), time.perf_counter(), time.process_time()
        verdict = engine.judge(checks, datetime.now(UTC))
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        return {"rows": rows, "rules": len(verdict.checks), "faulty": verdict.any, "seconds": round(took, 2), "cpu_s": round(spent, 2),
                "rows_per_cpu_s": round(rows / spent), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10}  # fmt: skip
    finally:
        engine.close()


def pandera(rows: int) -> dict[str, Any]:
    """The same rules in pandera."""
    if not importlib.util.find_spec("pandera") or not importlib.util.find_spec("pandas"):
        return {"absent": "pandera (pip install 'pandera[pandas]')"}
    pa, pd = importlib.import_module("pandera.pandas"), importlib.import_module("pandas")
    engine = filled(rows)
    frame = engine.connection.sql("select c0, c1, c2, c3, c4 from quality_rows").df()
    engine.close()
    asked = {name: [kinds[at] for kinds in (KINDS, AGAIN) for at in chosen if kinds[at]["kind"] != "required"]
             for name, chosen in FIELDS.items()}  # fmt: skip
    columns = {name: pa.Column(str, [_of(pa, pd, frame, kind) for kind in mine], nullable=False) for name, mine in asked.items()}
    schema, began, cpu = pa.DataFrameSchema(columns), time.perf_counter(), time.process_time()
    faulty = 0
    try:
        schema.validate(frame, lazy=True)
    except importlib.import_module("pandera.errors").SchemaErrors as wrong:
        faulty = int(wrong.failure_cases["index"].nunique())
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    return {"rows": rows, "rules": len(fifty()), "faulty": faulty, "seconds": round(took, 2), "cpu_s": round(spent, 2),
            "rows_per_cpu_s": round(rows / spent)}  # fmt: skip


def _of(pa: Any, pd: Any, frame: Any, kind: dict[str, Any]) -> Any:
    """A rule as pandera states it. What must stand there is `nullable=False` of the column; check digits go by each different value."""
    made: dict[str, Callable[[], Any]] = {
        "pattern": lambda: pa.Check(lambda column: column.str.fullmatch(kind["pattern"])),
        "codes": lambda: pa.Check.isin(kind["values"]), "length": lambda: pa.Check.str_length(max_value=kind["high"]),
        "range": lambda: pa.Check(lambda column: pd.to_numeric(column, errors="coerce").between(kind["low"], kind["high"])),
        "type": lambda: pa.Check(lambda column: pd.to_numeric(column, errors="coerce").notna()),
        "code_list": lambda: pa.Check.isin([one.code for one in codes.entries(kind["about"])]),
        "check_digit": lambda: pa.Check(
            lambda column: column.map({value: identified(kind["about"], value).ok for value in column.unique()})),
        "equal": lambda: pa.Check(lambda column: column == frame[kind["about"]]),
    }  # fmt: skip
    return made[kind["kind"]]()


def main() -> None:
    """Command line."""
    given = parser(__doc__)
    given.add_argument("--rows", type=int, default=ROWS)
    given.add_argument("--peer-rows", type=int, default=PEER)
    asked = given.parse_args()
    found = {"name": "quality", "quality": quality(asked.rows), "pandera": pandera(asked.peer_rows)}
    say({**found, "data": "synthetic", "machine": machine()}, line=asked.json)


if __name__ == "__main__":
    main()
