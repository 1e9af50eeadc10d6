"""The platform's own words as entries of the catalogue: record types, signals, indicators, code lists."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from kouan.base.catalogue.store import Line
from kouan.base.identity.api import KINDS
from kouan.kernel.indicators import Indicator
from kouan.kernel.modules import modules
from kouan.kernel.records import Record, record_types
from kouan.kernel.signals import Signal
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.standards.codes import api as codes

RECORD, SIGNAL, INDICATOR, CODES = "record", "signal", "indicator", "codes"
OWN = (RECORD, SIGNAL, INDICATOR, CODES)
TITLES: dict[str, Text] = {
    RECORD: Text("记录类型", "Record type"), SIGNAL: Text("信号", "Signal"), INDICATOR: Text("指标", "Indicator"),
    CODES: Text("代码表", "Code list"), "dataset": Text("外部数据集", "Outside data set"), "element": Text("数据元", "Data element"),
}  # fmt: skip
"""Kinds of entries."""
_SIGNAL = Text("实时观测流，不逐条登记", "A stream of observations that is not filed one by one")


def stewards(cls: type[Record]) -> list[str]:
    """Kinds of organisations that see every record of a type whole, and may grant it; none: each filer grants its own."""
    whole = [p.by.removeprefix("kind:") for p in cls.facts.parties if p.by.startswith("kind:") and p.sees == "*"]
    return [kind for kind in whole if kind in KINDS]


def lines() -> list[Line]:
    """All of them, in order of their numbers."""
    return sorted((*_records(), *_signals(), *_indicators(), *_codes()), key=lambda line: line.id)


def digest(found: list[Line]) -> str:
    """What changes when an entry changes."""
    return sha256(repr(found).encode()).hexdigest()


def _records() -> Iterator[Line]:
    boards = {module.name: module.title for module in modules()}
    for cls in record_types():
        if not cls.facts.http:
            continue
        facts, fields = cls.facts, cls.fields
        theme = boards.get(facts.name.rpartition(".")[0])
        said = [word for one in fields.values() for word in (one.name, one.title.zh, one.title.en, one.unit)]
        owner = ",".join(stewards(cls) or facts.filers)
        level = max((one.level for one in fields.values()), default=1)
        yield _line(RECORD, facts.name, facts.title, facts.summary, owner, level, theme, facts.clause, " ".join(said))


def _signals() -> Iterator[Line]:
    for signal in every(Signal):
        said = [word for column in signal.columns for word in (column.name, column.title.zh, column.title.en, column.unit)]
        yield _line(SIGNAL, signal.code, signal.title, _SIGNAL, "platform", signal.level, None, "6", " ".join(said))


def _indicators() -> Iterator[Line]:
    for one in every(Indicator):
        said = f"{one.unit.zh} {one.unit.en}"
        yield _line(INDICATOR, one.code, one.title, one.formula, one.owner, 1, None, one.clause, said)


def _codes() -> Iterator[Line]:
    for one in codes.lists():
        summary = Text(f"来源：{one.source}；版本 {one.edition}；{one.count} 条", f"Source: {one.source}; edition {one.edition}; {one.count} codes")
        yield _line(CODES, one.name, one.title, summary, "platform", 1, None, "12.2", one.source)


def _line(
    kind: str, name: str, title: Text, summary: Text, owner: str, level: int, theme: Text | None, clause: str, words: str
) -> Line:
    topic = f"{theme.zh} / {theme.en}" if theme else ""
    return Line(f"{kind}:{name}", kind, name, title.zh, title.en, summary.zh, summary.en, owner, level, topic, clause, words)
