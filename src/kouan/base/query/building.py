"""From a built query to SQL over tables that hold what the caller may see: names checked, values bound, nothing of them written in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made

from kouan.base.query import errors
from kouan.base.query.asked import AggregateIn, Asked, GroupIn, JoinIn
from kouan.base.query.conditions import Values, condition, pushed
from kouan.base.query.tables import Column, Kind, fitting, reachable, type_named
from kouan.base.query.tables import columns as all_columns
from kouan.kernel.records import Record
from kouan.kernel.text import Text

TOTAL, BEHIND = "_total", 50
"""The column with the number of all rows; references that are told of one row of an answer, of each record type."""
_NUMBERS = frozenset({"integer", "number", "decimal"})
AGGREGATES: Mapping[str, tuple[str, str, str]] = {
    "count": ("count", "数", "Number of"), "sum": ("sum", "合计", "Sum of"), "avg": ("avg", "平均", "Mean of"),
    "min": ("min", "最小", "Least"), "max": ("max", "最大", "Greatest"), "distinct": ("count", "不同值数", "Different values of"),
}  # fmt: skip
ROWS = Text("条数", "Rows")


@dataclass(slots=True)
class Part:
    """A record type of a query: its alias, the columns that are needed, what is asked of it before it is loaded.

    `key`: the column whose values are those that another part holds (`of`: alias and column), where it is joined. `large`: its rows are
    handed over as they come, and of the records behind a row the first are told with their number.
    """

    alias: str
    cls: type[Record]
    columns: dict[str, Column] = made(default_factory=dict)
    pushed: dict[str, str] = made(default_factory=dict)
    large: bool = False
    key: Column | None = None
    of: tuple[str, Column] | None = None

    @property
    def table(self) -> str:
        """The name of its table in the engine."""
        return f"t_{self.alias}"


@dataclass(frozen=True, slots=True)
class Out:
    """A column of the answer."""

    name: str
    title: Text
    kind: Kind
    unit: str = ""
    record: str = ""
    field: str = ""
    values: Mapping[str, Text] = made(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What a query comes to: the parts to load, the statement with its values, the columns of its answer.

    Behind these stands the number of all rows, and for each part the list of the numbers of the records behind a row; of a large part
    how many they are, and the first of them with their references. `count`: the statement that gives the number of all rows, where the
    rows would have to be held to be numbered.
    """

    parts: list[Part]
    columns: list[Out]
    sql: str
    values: list[str]
    count: str = ""

    @property
    def once(self) -> bool:
        """Whether a statement goes through its only table once, so that its rows need not be held."""
        return len(self.parts) == 1


def quoted(name: str) -> str:
    """An identifier as DuckDB reads it literally."""
    return '"' + name.replace('"', '""') + '"'


class _Builder:
    def __init__(self, asked: Asked, clearance: int, token: Callable[[str], str], large: Collection[str]) -> None:
        self.asked, self.clearance, self.token, self.large = asked, clearance, token, large
        main = type_named(asked.from_)
        alias = main.facts.name.rpartition(".")[2]
        self.main = Part(alias, main, large=alias in large)
        self.parts = {alias: self.main}
        self.values = Values()
        self.out: list[Out] = []
        self.chosen: list[str] = []
        self.orders: dict[str, str] = {}

    def column(self, name: str) -> tuple[Part, Column]:
        """A column by its name in the query; it is loaded from now on."""
        alias, _, bare = name.rpartition(".")
        part = self.parts.get(alias) if alias else self.main
        if part is None:
            raise errors.refused(errors.NO_ALIAS, name, "alias", name=alias)
        return part, self.of(part, bare)

    def of(self, part: Part, name: str) -> Column:
        column = all_columns(part.cls).get(name)
        if column is None:
            raise errors.refused(errors.NO_COLUMN, name, "column", table=part.cls.facts.name, name=name)
        if column.level > self.clearance:
            raise errors.too_high(name)
        part.columns[name] = column
        return column

    def at(self, name: str) -> str:
        """The expression of a column."""
        part, column = self.column(name)
        return f"{quoted(part.alias)}.{quoted(column.name)}"

    def source(self) -> str:
        """The clause `from`, with its joins."""
        text = f"{quoted(self.main.table)} as {quoted(self.main.alias)}"
        for number, join in enumerate(self.asked.join):
            text += self._join(number, join)
        return text

    def _join(self, number: int, join: JoinIn) -> str:
        cls = type_named(join.record, f"join.{number}.record")
        alias = join.as_ or cls.facts.name.rpartition(".")[2]
        if alias in self.parts:
            raise errors.refused(errors.TWICE, f"join.{number}.as", "twice", name=alias)
        left_part, left = self.column(join.on)
        part = Part(alias, cls, large=alias in self.large)
        right = self.of(part, join.to)
        if not fitting(left, right):
            raise errors.refused(errors.MISMATCH, f"join.{number}.on", "join", left=join.on, right=join.to)
        self.parts[alias] = part
        part.key, part.of = right, (left_part.alias, left)
        way = "left join" if join.keep == "all" else "join"
        one, other = quoted(left_part.alias), quoted(alias)
        if "list" not in (left.kind, right.kind):
            return f" {way} {quoted(part.table)} as {other} on {one}.{quoted(left.name)} = {other}.{quoted(right.name)}"
        pairs = f"({_values(left_part, left)}) l join ({_values(part, right)}) r on l.v = r.v"
        pairs = f'select distinct l."_id" as l, r."_id" as r from {pairs}'  # noqa: S608 - checked names
        link = quoted(f"_link{number}")
        return (f' {way} ({pairs}) as {link} on {link}.l = {one}."_id"'
                f' {way} {quoted(part.table)} as {other} on {other}."_id" = {link}.r')  # fmt: skip

    def where(self) -> str:
        """The clause `where`."""
        found = []
        for number, one in enumerate(self.asked.where):
            part, column = self.column(one.column)
            found.append(condition(column, self.at(one.column), one, f"where.{number}", self.values, self.token))
            if text := pushed(column, one, self.token):
                part.pushed.setdefault(*text)
        return f" where {' and '.join(found)}" if found else ""

    def show(self, name: str, sql: str, title: Text, kind: Kind, part: Part | None = None, column: Column | None = None) -> None:
        """Put an expression into the answer."""
        if name in self.orders:
            raise errors.refused(errors.TWICE, "select", "twice", name=name)
        self.orders[name] = str(len(self.out) + 1)
        self.out.append(Out(name, title, kind, column.unit if column else "", part.cls.facts.name if part else "",
                            column.of if column else "", column.values if column else {}))  # fmt: skip
        self.chosen.append(f"{sql} as {quoted(name)}")

    def select(self) -> None:
        """The columns of an answer without groups; what lists show when none are named."""
        named = list(dict.fromkeys(self.asked.select)) or _usual(self.main, self.clearance)
        for name in named:
            part, column = self.column(name)
            self.show(name, self.at(name), _title(part, column, part is not self.main), column.kind, part, column)

    def groups(self) -> list[str]:
        """The columns that are grouped by; their places."""
        if set(self.asked.select) - {one.column for one in self.asked.group}:
            raise errors.refused(errors.SELECT_GROUP, "select", "select")
        for number, one in enumerate(self.asked.group):
            self._group(number, one)
        return [str(n + 1) for n in range(len(self.out))]

    def _group(self, number: int, one: GroupIn) -> None:
        part, column = self.column(one.column)
        if column.kind in ("json", "list") or (one.by and column.kind not in ("time", "date")):
            raise errors.refused(errors.NO_BY, f"group.{number}", "by", name=one.column)
        sql = self.at(one.column)
        if one.by:
            sql = f"date_trunc('{one.by}', {sql})"
            sql = f"cast({sql} as date)" if column.kind == "date" else sql
        self.show(one.column, sql, _title(part, column, part is not self.main), column.kind, part, column)

    def aggregates(self) -> None:
        """The figures of each group."""
        for number, one in enumerate(self.asked.aggregate):
            self._aggregate(number, one)

    def _aggregate(self, number: int, one: AggregateIn) -> None:
        name = one.as_ or "_".join(filter(None, (one.fn, (one.column or "").replace(".", "_"))))
        if one.column is None:
            if one.fn != "count":
                raise errors.refused(errors.NO_AGGREGATE, f"aggregate.{number}", "aggregate", name="*", fn=one.fn)
            self.show(name, "count(*)", ROWS, "integer")
            return
        part, column = self.column(one.column)
        scalar = column.kind not in ("json", "list") and not (column.kind == "boolean" and one.fn in ("min", "max"))
        if not (scalar if one.fn in ("min", "max", "distinct", "count") else column.kind in _NUMBERS):
            raise errors.refused(errors.NO_AGGREGATE, f"aggregate.{number}", "aggregate", name=one.column, fn=one.fn)
        call, zh, en = AGGREGATES[one.fn]
        of = _title(part, column, part is not self.main)
        kind: Kind = "integer" if call == "count" else "number" if one.fn == "avg" else column.kind
        inner = f"{'distinct ' if one.fn == 'distinct' else ''}{self.at(one.column)}"
        unit = column if call != "count" else None
        self.show(name, f"{call}({inner})", Text(f"{of.zh}{zh}", f"{en} {of.en}"), kind, part if unit else None, unit)

    def order(self, grouped: bool) -> str:
        """The clause `order by`: columns of the answer, or any column where rows are not grouped."""
        found = []
        for number, one in enumerate(self.asked.sort):
            name, way = one.lstrip("-"), "desc" if one.startswith("-") else "asc"
            place = self.orders.get(name)
            if place is None and grouped:
                raise errors.refused(errors.NO_SORT, f"sort.{number}", "sort", name=name)
            if place is None:
                _, column = self.column(name)
                if column.kind in ("json", "list"):
                    raise errors.refused(errors.NO_SORT, f"sort.{number}", "sort", name=name)
                place = self.at(name)
            found.append(f"{place} {way} nulls last")
        ends = [str(n + 1) for n in range(len(self.out))] if grouped else [f'{quoted(self.main.alias)}."_id" desc']
        return ", ".join([*found, *ends])

    def plan(self) -> Plan:
        """All of it."""
        source = self.source()
        where = self.where()
        grouped = bool(self.asked.group or self.asked.aggregate)
        keys = self.groups() if grouped else []
        if grouped:
            self.aggregates()
        else:
            self.select()
        behind = [_behind(part, grouped, alone=len(self.parts) == 1) for part in self.parts.values()]
        apart = bool(self.large) and not grouped
        total = f"{'0' if apart else 'count(*) over ()'} as {quoted(TOTAL)}"
        chosen = ", ".join([*self.chosen, total, *(f"{sql} as {quoted(f'_behind{n}')}" for n, sql in enumerate(behind))])
        by = f" group by {', '.join(keys)}" if keys else ""
        ends = f"order by {self.order(grouped)} limit {int(self.asked.limit)}"
        rows = f"from {source}{where}"
        sql, count = f"select {chosen} {rows}{by} {ends}", f"select count(*) {rows}" if apart else ""
        return Plan(list(self.parts.values()), self.out, sql, self.values.texts, count)


def _behind(part: Part, grouped: bool, *, alone: bool) -> str:
    """The records behind a row: all of them, or of a large part how many and the earliest, which takes the same room for any number."""
    at = f'{quoted(part.alias)}."_id"'
    if not part.large:
        return f"list(distinct {at})" if grouped else f"[{at}]"
    named = f'''{at} || ' ' || {quoted(part.alias)}."_ref"'''
    if not grouped:
        return f"{{'n': if({at} is null, 0, 1), 'first': [{named}]}}"
    return f"{{'n': count({'' if alone else 'distinct '}{at}), 'first': min({named}, {BEHIND})}}"


def _values(part: Part, column: Column) -> str:
    value = f"unnest({quoted(column.name)})" if column.kind == "list" else quoted(column.name)
    return f'select "_id", {value} as v from {quoted(part.table)}'  # noqa: S608 - a checked name


def _title(part: Part, column: Column, far: bool) -> Text:
    of = part.cls.facts.title
    return Text(f"{of.zh}·{column.title.zh}", f"{of.en}: {column.title.en}") if far else column.title


def _usual(part: Part, clearance: int) -> Sequence[str]:
    known = reachable(part.cls, min(clearance, 2))
    return ["ref", "state", *(name for name, column in known.items() if column.source == "field" and column.filter)][:14]


def build(asked: Asked, clearance: int, token: Callable[[str], str], large: Collection[str] = ()) -> Plan:
    """The plan of a query for a clearance. Refused or Denied, with the place in the query. `token`: of personal references; `large`: the
    aliases of the parts that are handed over as they come."""
    return _Builder(asked, clearance, token, large).plan()
