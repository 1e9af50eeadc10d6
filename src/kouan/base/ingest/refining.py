"""The refinery: a piece of a source is mapped, converted, rid of doubles and checked, column by column; every change is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.ingest.records import Column, Source, Step
from kouan.base.ingest.steps import bare, by_value, dated, expression, moments, shape, stated, trimmed
from kouan.base.quality.api import ROW, Check, Engine, literal, quoted, sql
from kouan.kernel.text import Text

CAST = Text("改为所述类型的值", "Make it a value of the type that is stated")
CHANGES = ("row", "field", "before", "after", "rule")
SAMPLED = 1_000
_ISO = r"^\d{4}-\d{2}-\d{2}"
_HASHED = """create or replace temp table hashed as
    select "_row" r, {hash} h, row_number() over (partition by {hash} order by "_row") n from whole"""
_WRITTEN = """case when epoch_us(x) % 1000000 = 0 then strftime(x, '%Y-%m-%dT%H:%M:%S{zone}')
    else strftime(x, '%Y-%m-%dT%H:%M:%S.%f{zone}') end"""
MOST_REFUSED = 5_000
"""Refused rows of one piece that are told one by one; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A row that is set aside: as it was mapped, and which checks it does not hold."""

    row: int
    data: Mapping[str, Any]
    checks: Sequence[Check]


@dataclass(slots=True)
class Refined:
    """What a piece became. `clean` has `_row` and the target's fields; `changes`: row, field, before, after, rule."""

    clean: pa.Table
    changes: pa.Table
    refused: list[Faulty]
    counts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)


class Refinery:
    """Refines the pieces of one run, one after another; used by one thread at a time.

    `typed`: the target is a data set, whose fields have the types that the mapping states; else they stay text.
    """

    def __init__(self, source: Source, checks: Sequence[Check], zone: str, *, typed: bool) -> None:
        self._columns, self._zone, self._typed = source.columns, zone, typed
        self._unique = [name for name in source.unique if any(column.into == name for column in source.columns)]
        own = [
            Check(f"{column.into}.type", column.into, "type", "compliance", CAST, about=column.type)
            for column in source.columns if typed and column.type != "text"
        ]  # fmt: skip
        self._checks = (*own, *checks)
        self._dates: dict[str, list[str]] = {}
        self._shapes: dict[tuple[str, tuple[str, ...]], Sequence[str]] = {}
        self._engine = Engine(zone=zone)
        self._engine.run("set preserve_insertion_order = true")
        self._engine.run("create table seen (h ubigint)")

    def close(self) -> None:
        """End it."""
        self._engine.close()

    def wanted(self, table: pa.Table) -> dict[Check, list[str]]:
        """The values that the checks `exists` ask about, of a table as it came."""
        found: dict[Check, list[str]] = {}
        for check in self._checks:
            if check.kind == "exists":
                mapped = self._mapped(table, [column for column in self._columns if column.into == check.field])[0]
                values = mapped[check.field].unique().to_pylist() if check.field in mapped else []
                found[check] = [value for value in values if value]
        return found

    def remember(self, clean: pa.Table) -> None:
        """Count the rows of an earlier piece as seen, so that a resumed run knows its doubles."""
        if self._unique and clean.num_rows:
            self._engine.load(clean, "earlier")
            self._engine.run(sql("insert into seen select {hash} from earlier", hash=self._hash()))

    def refine(self, table: pa.Table, at: datetime, known: Mapping[str, Iterable[str]]) -> Refined:
        """What a piece becomes."""
        counts: Counter[str] = Counter(taken=table.num_rows)
        mapped, changes = self._mapped(table, self._columns)
        whole = pa.table({ROW: table.column(ROW), **mapped})
        counts["values"], counts["changed"] = changes.num_rows, len(pc.unique(changes.column("row")))
        if self._unique:
            whole = self._single(whole, counts)
        self._engine.load(whole)
        verdict = self._engine.judge(self._checks, at, known)
        told = self._engine.faults(verdict, most=verdict.any)
        bad = {row: checks for row, checks in told.items() if any(check.severity == "error" for check in checks)}
        causes = Counter({code: number for code, number in verdict.counts.items() if number})
        counts.update({"rows": verdict.rows, "any": verdict.any, "refused": len(bad)})
        counts.update({f"class:{name}": number for name, number in verdict.faulty.items()})
        clean, refused = whole, []
        if bad:
            aside = pc.is_in(whole.column(ROW), pa.array(list(bad), pa.int64()))
            refused = [Faulty(row[ROW], {k: v for k, v in row.items() if k != ROW and v is not None}, bad[row[ROW]])
                       for row in whole.filter(aside).slice(0, MOST_REFUSED).to_pylist()]  # fmt: skip
            clean = whole.filter(pc.invert(aside))
        return Refined(self._cast(clean) if self._typed else clean, changes, refused, counts, causes)

    def _mapped(self, table: pa.Table, columns: Sequence[Column]) -> tuple[dict[str, Any], pa.Table]:
        """The target's columns, and what was changed on the way."""
        held: dict[str, Any] = {}
        told: list[pa.Table] = []
        for column in columns:
            held[column.into] = self._begin(table, column)
        for turn in range(max((len(column.steps) for column in columns), default=0)):
            mine = [column for column in columns if turn < len(column.steps)]
            after = self._turn(held, mine, turn)
            for column in mine:
                before, now = held[column.into], after[column.into]
                told.append(_changes(table.column(ROW), column.into, before, now, column.steps[turn].do))
                held[column.into] = now
        return held, pa.concat_tables(told) if told else _none()

    def _begin(self, table: pa.Table, column: Column) -> Any:
        if column.column is None or column.column not in table.column_names:
            return pa.chunked_array([pa.repeat(pa.scalar(column.constant, pa.string()), table.num_rows)])
        found = table.column(column.column)
        plain = pa.types.is_string(found.type) or (self._typed and not column.steps)
        return found if plain else self._text(found)

    def _text(self, found: Any) -> Any:
        """A column of another type as text, moments after ISO 8601."""
        if pa.types.is_boolean(found.type) or pa.types.is_integer(found.type) or pa.types.is_large_string(found.type):
            return found.cast(pa.string())
        zone = ""
        if pa.types.is_timestamp(found.type):
            # Without a zone it is the port's wall time, as everywhere; with one, Arrow holds it in UTC.
            zone, found = "Z" if found.type.tz else "", found.cast(pa.timestamp("us"))
        self._engine.load(pa.table({"x": found}), "untyped")
        written = _WRITTEN.format(zone=zone) if pa.types.is_timestamp(found.type) else "cast(x as VARCHAR)"
        return self._engine.arrow(sql("select {x} x from untyped", x=written)).column("x").cast(pa.string())

    def _turn(self, held: Mapping[str, Any], columns: Sequence[Column], turn: int) -> dict[str, Any]:
        after: dict[str, Any] = {}
        chosen = []
        for column in columns:
            step = column.steps[turn]
            made = expression(step, quoted(column.into))
            if step.do == "trim":
                after[column.into] = bare(held[column.into])
            elif step.do == "date":
                after[column.into] = self._dated(step, f"{column.into}/{turn}", held[column.into])
            elif made is None:
                after[column.into] = pa.chunked_array([by_value(step, held[column.into])])
            else:
                chosen.append(f"cast({made} as VARCHAR) as {quoted(column.into)}")
        if chosen:
            self._engine.load(pa.table({column.into: held[column.into] for column in columns}), "turn")
            found = self._engine.arrow(sql("select {chosen} from turn", chosen=", ".join(chosen)))
            after |= {name: found.column(name).cast(pa.string()) for name in found.column_names}
        return after

    def _dated(self, step: Step, place: str, column: Any) -> Any:
        """A column of dates after ISO 8601. The formats are those of its first rows; what these leave is looked at by itself."""
        formats = self._dates.setdefault(place, [*self._formats(column.slice(0, SAMPLED), stated(step))])
        after = self._converted(column, formats)
        left = column.filter(pc.fill_null(pc.equal(after, column), True))
        left = left.filter(pc.invert(pc.fill_null(pc.match_substring_regex(left, _ISO), True)))
        more = [one for one in self._formats(left, stated(step)) if one not in formats] if len(left) else []
        if more:
            formats += more
            after = self._converted(column, formats)
        return after

    def _converted(self, column: Any, formats: Sequence[str]) -> Any:
        plain = trimmed(column)
        self._engine.load(pa.table({"x": plain}), "dates")
        local = self._engine.arrow(sql("select {moments} m from dates", moments=moments("x", formats))).column("m")
        utc = pc.assume_timezone(local.cast(pa.timestamp("s")), self._zone, ambiguous="earliest", nonexistent="latest")
        self._engine.load(pa.table({"o": column, "x": plain, "m": pc.local_timestamp(utc.cast(pa.timestamp("s", "UTC")))}), "dates")
        return self._engine.arrow(sql("select {made} x from dates", made=dated("o", "x", "m", formats))).column("x").cast(pa.string())

    def _formats(self, column: Any, known: Sequence[str]) -> Sequence[str]:
        """Of some formats of dates those that a column has."""
        self._engine.load(pa.table({"x": column}), "dated")
        seen = "select {shape} s, any_value(trim(x)) from dated where x <> '' group by s limit 200"
        shapes = self._engine.run(sql(seen, shape=shape("x")))
        found = dict.fromkeys(one for look, example in shapes for one in self._of_shape(look, example, known))
        return list(found)

    def _of_shape(self, look: str, example: str, known: Sequence[str]) -> Sequence[str]:
        place = (look, tuple(known))
        if place not in self._shapes:
            tried = [(one, self._engine.run(sql("select try_strptime({x}, {f})", x=literal(example), f=literal(one)))) for one in known]
            self._shapes[place] = [one for one, rows in tried if rows[0][0] is not None]
        return self._shapes[place]

    def _hash(self) -> str:
        return f"hash({', '.join(f'cast({quoted(name)} as VARCHAR)' for name in self._unique)})"

    def _single(self, whole: pa.Table, counts: Counter[str]) -> pa.Table:
        """The rows whose fields were not seen before in this run."""
        self._engine.load(whole, "whole")
        self._engine.run(sql(_HASHED, hash=self._hash()))
        doubles = self._engine.arrow("select r from hashed where n > 1 union select hashed.r from seen join hashed using (h)")
        self._engine.run("insert into seen select h from hashed where n = 1")
        counts["doubles"] += doubles.num_rows
        return whole.filter(pc.invert(pc.is_in(whole.column(ROW), doubles.column("r").combine_chunks()))) if doubles.num_rows else whole

    def _cast(self, clean: pa.Table) -> pa.Table:
        kinds = {"integer": "BIGINT", "number": "DOUBLE", "moment": "TIMESTAMPTZ", "day": "DATE"}
        wanted = {column.into: kinds[column.type] for column in self._columns if column.type != "text"}
        written = [name for name in wanted if pa.types.is_string(clean.column(name).type)]
        if not written:
            return clean
        self._engine.load(clean.select(written), "clean")
        chosen = ", ".join(f"try_cast({quoted(name)} as {wanted[name]}) as {quoted(name)}" for name in written)
        cast = self._engine.arrow(sql("select {chosen} from clean", chosen=chosen))
        for name in written:
            clean = clean.set_column(clean.schema.get_field_index(name), name, cast.column(name))
        return clean


def _changes(rows: Any, name: str, before: Any, after: Any, rule: str) -> pa.Table:
    differs = pc.or_(pc.xor(pc.is_null(before), pc.is_null(after)), pc.fill_null(pc.not_equal(before, after), False))
    if not pc.any(differs).as_py():
        return _none()
    found = rows.filter(differs)
    return pa.table({
        "row": found, "field": pa.repeat(name, len(found)), "before": before.filter(differs), "after": after.filter(differs),
        "rule": pa.repeat(rule, len(found)),
    })  # fmt: skip


def _none() -> pa.Table:
    kinds = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.string())
    return pa.table({name: pa.array([], kind) for name, kind in zip(CHANGES, kinds, strict=True)})
