"""The engine: all checks of a table in one pass over its columns; what is at fault comes out as a table of flags."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.quality.checks import CLASSES, Check
from kouan.base.quality.columns import bare, fault, literal, numbered, of_number, quoted, sql, table
from kouan.base.quality.digits import SHAPES, wrong
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.api import check as identified

ROW = "_row"
ROWS, FAULTS = "quality_rows", "quality_faults"
MEMORY, BATCH = "1GB", 1_000_000
WHOLE = frozenset(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"))
FLOATING = frozenset(("FLOAT", "DOUBLE"))
_TWICE = """create or replace temp table {twice} as select r from (
    select "_row" r, row_number() over (partition by {x} order by "_row") n from {rows}
    where {x} in (select {x} from {rows} where {x} <> '' group by 1 having count(*) > 1)) where n > 1"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: `counts` of faulty rows by check, `faulty` rows by class, and how many hold at least one fault."""

    rows: int
    checks: tuple[Check, ...]
    counts: Mapping[str, int]
    faulty: Mapping[str, int]
    any: int
    skipped: tuple[str, ...] = ()

    def scores(self) -> dict[str, float]:
        """Of each class the share of rows without a fault of it, in per cent with two decimals; 100 where nothing was looked at."""
        return {name: _score(self.faulty.get(name, 0), self.rows) for name in CLASSES}


def _score(faulty: int, rows: int) -> float:
    """Rounded down, so that 100 means that there was no fault."""
    return 100.0 if not rows else int(10000 * (rows - faulty) / rows) / 100


@dataclass(slots=True)
class Engine:
    """One connection of DuckDB, in memory, without a way out. Not shared by threads.

    `zone`: in which times without zone are meant; `threads`: how many it may use.
    """

    zone: str = "UTC"
    threads: int = 0
    connection: Any = field(init=False)
    _lists: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": self.threads or min(os.cpu_count() or 1, 2)})
        self.run(f"set memory_limit = '{MEMORY}'")
        self.run(f"set TimeZone = {literal(self.zone)}")
        self.run("set preserve_insertion_order = false")
        self.run("set enable_progress_bar = false")
        self.run("set enable_external_access = false")

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute a statement to its end; its rows."""
        rows: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return rows

    def arrow(self, query: str) -> pa.Table:
        """The result of a query as an Arrow table."""
        return self.connection.sql(query).to_arrow_table()

    def close(self) -> None:
        """End the connection and what it holds."""
        self.connection.close()

    def load(self, rows: pa.Table, name: str = ROWS) -> None:
        """Let an Arrow table be the rows to be judged; it needs a whole-numbered column `_row`."""
        self.connection.register(name, rows)

    def judge(
        self, checks: Sequence[Check], at: datetime, known: Mapping[str, Iterable[str]] | None = None, rows: str = ROWS
    ) -> Verdict:
        """Look at the rows of a table. `known`: for each check `exists` the values that there are.

        What is at fault lies in the table `quality_faults` afterwards: `_row` and a flag `f<n>` for the n-th check.
        Checks of columns that the table has not are left out, but for `required`, which then fails everywhere.
        """
        columns = dict(self._described(rows))
        usable = tuple(check for check in checks if self._usable(check, columns))
        self.run(f"create or replace macro now_at() as {literal(at.isoformat())}::timestamptz")
        filled: set[str] = set()
        for check in usable:
            mark = table("bad", check) if check.kind == "check_digit" else check.code
            if mark not in filled:
                self._beside(check, rows, known or {})
            filled.add(mark)
        flags = [self._flag(check, columns) for check in usable]
        chosen = ", ".join([quoted(ROW), *(f"{flag} as f{at}" for at, flag in enumerate(flags))])
        some = " or ".join(f"f{at}" for at in range(len(flags))) or "false"
        made = "create or replace temp table {faults} as select * from (select {chosen} from {rows}) where {some}"
        self.run(sql(made, faults=FAULTS, chosen=chosen, rows=quoted(rows), some=some))
        skipped = tuple(check.code for check in checks if check not in usable)
        return self._counted(usable, rows, skipped)

    def _described(self, rows: str) -> list[tuple[str, str]]:
        """The columns of a table and their types."""
        found = self.connection.execute(sql("select * from {rows} limit 0", rows=quoted(rows)))
        return [(str(column[0]), str(column[1])) for column in found.description]

    def _usable(self, check: Check, columns: Mapping[str, str]) -> bool:
        if check.field not in columns:
            return check.kind == "required"
        if check.kind == "equal" and check.about not in columns:
            return False
        if check.kind != "pattern":
            return True
        try:
            self.run(f"select regexp_full_match('', {literal(check.pattern)})")
        except duckdb.Error:  # a pattern that Python reads and RE2 does not
            return False
        return True

    def _flag(self, check: Check, columns: Mapping[str, str]) -> str:
        if check.field not in columns:
            return "true"
        kind = columns[check.field]
        if kind in WHOLE or kind in FLOATING:
            native = of_number(check, quoted(check.field), whole=kind in WHOLE)
            if native is not None:
                return native
        other = _text(check.about) if check.kind == "equal" else ""
        return f"coalesce({fault(check, _text(check.field), other)}, false)"

    def _beside(self, check: Check, rows: str, known: Mapping[str, Iterable[str]]) -> None:
        """Fill the table that stands beside a check."""
        column = _text(check.field)
        if check.kind == "code_list":
            if check.about not in self._lists:
                self._lists.add(check.about)
                self._values("known", check, _codes(check.about))
        elif check.kind == "exists":
            self._values("known", check, known.get(check.code, ()))
        elif check.kind == "unique":
            self.run(sql(_TWICE, twice=table("twice", check), x=column, rows=quoted(rows)))
        elif check.kind == "check_digit" and check.about in SHAPES:
            self._digits(check, column, rows)
        elif check.kind == "check_digit":
            found = self.run(sql("select distinct {x} from {rows} where {x} <> ''", x=column, rows=quoted(rows)))
            self._values("bad", check, [value for (value,) in found if not identified(check.about, value.rpartition(":")[2]).ok])

    def _digits(self, check: Check, column: str, rows: str) -> None:
        """The rows whose number is not of its shape, or has a wrong check digit."""
        shape = f"regexp_full_match({bare(column)}, {literal(SHAPES[check.about])})"
        asked = sql('select "_row" r, {x} v, {shape} s from {rows} where {numbered}', x=bare(column), shape=shape, rows=quoted(rows),
                    numbered=numbered(check, column))  # fmt: skip
        bad = []
        for batch in self.connection.sql(asked).to_arrow_reader(BATCH):
            shaped = batch.column("s").to_numpy(zero_copy_only=False)
            number, which = batch.column("r").to_numpy(), pa.chunked_array([batch.column("v")])
            odd = ~shaped
            odd[shaped] = wrong(check.about, which if shaped.all() else which.filter(pa.array(shaped)))
            bad.append(number[odd])
        self._hold("bad", check, pa.table({"v": np.concatenate(bad) if bad else np.zeros(0, np.int64)}))

    def _values(self, what: str, check: Check, values: Iterable[str]) -> None:
        self._hold(what, check, pa.table({"v": pa.array(sorted(set(values)), pa.string())}))

    def _hold(self, what: str, check: Check, held: pa.Table) -> None:
        self.connection.register("quality_values", held)
        self.run(sql("create or replace temp table {name} as select v from quality_values", name=table(what, check)))
        self.connection.unregister("quality_values")

    def _counted(self, checks: tuple[Check, ...], rows: str, skipped: tuple[str, ...]) -> Verdict:
        counts = [f"count(*) filter (where f{at})" for at in range(len(checks))]
        by_class = []
        for name in CLASSES:
            mine = [f"f{at}" for at, check in enumerate(checks) if check.of == name]
            by_class.append(f"count(*) filter (where {' or '.join(mine) or 'false'})")
        found = self.run(sql("select count(*), {counts} from {faults}", counts=", ".join([*by_class, *counts]), faults=FAULTS))[0]
        total = self.run(sql("select count(*) from {rows}", rows=quoted(rows)))[0][0]
        classes = dict(zip(CLASSES, found[1 : 1 + len(CLASSES)], strict=True))
        per = {check.code: n for check, n in zip(checks, found[1 + len(CLASSES) :], strict=True)}
        return Verdict(total, checks, per, classes, found[0], skipped)

    def faults(self, verdict: Verdict, *, most: int = 1000) -> dict[int, list[Check]]:
        """Of the rows at fault, at most so many, what each does not hold; by row."""
        flags = ", ".join(f"f{at}" for at in range(len(verdict.checks)))
        if not flags:
            return {}
        rows = self.run(sql('select "_row", {flags} from {faults} order by 1 limit {most}', flags=flags, faults=FAULTS, most=int(most)))
        return {row[0]: [check for check, flag in zip(verdict.checks, row[1:], strict=True) if flag] for row in rows}


def _text(name: str) -> str:
    return f"cast({quoted(name)} as VARCHAR)"


@lru_cache(maxsize=16)
def _codes(name: str) -> tuple[str, ...]:
    try:
        return tuple(code.code for code in codes.entries(name))
    except KeyError:
        return ()


