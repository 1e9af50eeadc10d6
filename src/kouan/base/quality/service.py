"""The verbs of quality: the checks of a data set, a document's faults, and the score of what is kept."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kouan.base.quality import store
from kouan.base.quality.checks import CLASSES, KINDS, Check, declared
from kouan.base.quality.derived import checks_of
from kouan.base.quality.documents import columns_of
from kouan.base.quality.engine import Engine, Verdict
from kouan.base.quality.records import QualityScore
from kouan.base.quality.rules import known_type
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Problem, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.keepable import validated
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.references import make
from kouan.kernel.rules import Found, judge, rules_at
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import found_for
from kouan.kernel.text import Text

NO_TYPE = Text("没有这种记录类型", "There is no such record type")
PAGE, MOST_EXISTING = 5_000, 200_000
OTHER = Text("记录自身的要求", "What its record type demands")
NO_RULE = Text("按平台规则更正：{title}", "Correct it after the platform's rule: {title}")
log = logging.getLogger(__name__)


def type_of(name: str) -> type[Record]:
    """The record type of that name; NotFound when there is none that can be filed by a door."""
    cls = known_type(name)
    if cls is None or not cls.facts.http:
        raise NotFound(NO_TYPE, field="record", rule="record")
    return cls


async def checks(port: Port, of: str) -> tuple[Check, ...]:
    """All checks of a data set: by its fields, by code, by stewards."""
    cls = known_type(of)
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        added = [rule.as_check() for rule in await store.rules(conn, of)]
    return (*(checks_of(cls) if cls else ()), *declared(of), *added)


async def existing(port: Port, who: Principal, wanted: Mapping[Check, Iterable[str]]) -> dict[str, set[str]]:
    """For each check `exists` those of some values that name a record which the caller may see."""
    found: dict[str, set[str]] = {}
    async with scope(port.pool, scope_of(who)) as conn:
        for check, values in wanted.items():
            cls = known_type(check.about)
            refs: dict[str, list[str]] = {}
            for value in list(values)[:MOST_EXISTING]:
                if cls and (ref := _reference(cls, value)):
                    refs.setdefault(ref, []).append(value)
            kept = await store.existing(conn, cls, refs) if cls and refs else set()
            found[check.code] = {value for ref in kept for value in refs[ref]}
    return found


def _reference(cls: type[Record], value: str) -> str:
    try:
        return make(cls.facts.ref, value)
    except ValueError:
        return ""


async def examine(port: Port, who: Principal, record: str, documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What documents of a record type do not hold: field, rule, class, severity, reason and repair. Nothing is kept.

    Looked at are the checks of the data set, the structure, and, of a document that has it, the rules of its filing on facts
    that the caller may see.
    """
    cls = type_of(record)
    wanted = await checks(port, record)
    known = await existing(port, who, {c: _values(documents, c.field) for c in wanted if c.kind == "exists"})
    _, by_row = await asyncio.to_thread(_judged, port, cls, documents, wanted, known)
    faults = [_fault(row, check) for row, mine in sorted(by_row.items()) for check in mine]
    for row, document in enumerate(documents, 1):
        said = {check.field for check in by_row.get(row, ())}
        faults += await _structure(port, who, cls, document, row, said)
    faults.sort(key=lambda one: one["row"])
    return {"record": record, "rows": len(documents), "faults": faults, "scores": scored(len(documents), faults)}


def _values(documents: Sequence[Mapping[str, Any]], field: str) -> set[str]:
    return {value for one in documents if isinstance(value := one.get(field), str) and value}


def _judged(
    port: Port, cls: type[Record], documents: Sequence[Mapping[str, Any]], wanted: Sequence[Check], known: Mapping[str, Iterable[str]]
) -> tuple[Verdict, dict[int, list[Check]]]:
    engine = Engine(zone=port.site.zone, threads=1)
    try:
        engine.load(columns_of(cls.fields, documents))
        verdict = engine.judge(wanted, now(), known)
        return verdict, engine.faults(verdict, most=len(documents))
    finally:
        engine.close()


def _fault(row: int, check: Check) -> dict[str, Any]:
    return {
        "row": row, "field": check.field, "rule": check.code, "class": check.of, "severity": check.severity,
        "reason": check.fix.out(), "fix": check.fix.out(),
    }  # fmt: skip


async def _structure(
    port: Port, who: Principal, cls: type[Record], document: Mapping[str, Any], row: int, said: set[str]
) -> list[dict[str, Any]]:
    try:
        record = validated(cls, Draft(cls.facts.name, document).data)
    except Refused as refusal:
        return [_stated(row, one) for one in refusal.problems if one.field.partition(".")[0] not in said]
    rules, at, site = rules_at("filing", cls.facts.name), now(), port.site.facts()
    async with scope(port.pool, scope_of(who)) as conn:
        facts = await found_for(conn, [(rules, record, who.slug)], port.orgs, at, site)
    found = []
    for finding in judge(rules, record, Found(at, who.slug, site, facts)):
        if finding.unmet is not None and finding.unmet.field not in said:
            rule = finding.rule
            severity = "error" if rule.severity == "refuse" else "warning"
            fix = Text(NO_RULE.zh.format(title=rule.title.zh), NO_RULE.en.format(title=rule.title.en))
            found.append({"row": row, "field": finding.unmet.field, "rule": rule.code, "class": "compliance", "severity": severity,
                          "reason": finding.unmet.reason.out(), "fix": fix.out()})  # fmt: skip
    return found


def _stated(row: int, one: Problem) -> dict[str, Any]:
    of = "completeness" if one.rule == "missing" else "compliance"
    return {"row": row, "field": one.field, "rule": one.rule, "class": of, "severity": "error", "reason": one.reason.out(),
            "fix": one.reason.out()}  # fmt: skip


def scored(rows: int, faults: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of each class the share of rows without a fault of it."""
    by_class = {name: len({one["row"] for one in faults if one["class"] == name}) for name in CLASSES}
    return Verdict(rows, (), {}, by_class, 0).scores()


async def measure(port: Port, record: str) -> dict[str, Any]:
    """Look at all kept records of a type and keep their score; restricted fields, which are sealed, are not looked at."""
    cls = type_of(record)
    open_fields = [name for name, facts in cls.fields.items() if facts.level < 3]
    wanted = [check for check in await checks(port, record) if check.field in open_fields and check.kind not in ("exists", "unique")]
    counts: Counter[str] = Counter()
    after, at = 0, now()
    while True:
        async with scope(port.pool, scope_of(PLATFORM), clearance=4) as conn:
            page = await store.documents(conn, cls, after, PAGE)
        if not page:
            break
        after = page[-1][0]
        verdict, _ = await asyncio.to_thread(_judged, port, cls, [doc for _, doc in page], wanted, {})
        _add(counts, verdict)
    return await keep(port, of=record, at=at, counts=counts)


def _add(counts: Counter[str], verdict: Verdict) -> None:
    counts.update({"rows": verdict.rows, "any": verdict.any})
    counts.update({f"class:{name}": number for name, number in verdict.faulty.items()})
    counts.update({f"check:{code}": number for code, number in verdict.counts.items() if number})


async def keep(port: Port, *, of: str, at: datetime, counts: Mapping[str, int], run: str = "", owner: str = "") -> dict[str, Any]:
    """Keep a score. `counts`: rows, any, class:<class> and check:<code>; what it says, as the record states it."""
    faulty = {name: counts.get(f"class:{name}", 0) for name in CLASSES}
    rows = counts.get("rows", 0)
    worst = sorted(((number, name) for name, number in counts.items() if name.startswith("check:")), reverse=True)[:5]
    data = {
        "of": of, "run": run or None, "owner": f"org:{owner}" if owner else None, "at": at, "rows": rows, "faulty": counts.get("any", 0),
        **Verdict(rows, (), {}, faulty, 0).scores(), "worst": [await _told(port, of, name.removeprefix("check:"), n) for n, name in worst],
    }  # fmt: skip
    await port.file(PLATFORM, [Draft(QualityScore.facts.name, data)])
    return {name: value for name, value in data.items() if name != "at"}


async def _told(port: Port, of: str, code: str, rows: int) -> dict[str, Any]:
    cls = known_type(of)
    check = next((one for one in await checks(port, of) if one.code == code), None)
    field = cls.fields[check.field].title if cls and check and check.field in cls.fields else None
    title = KINDS[check.kind] if check else OTHER
    said = {"zh": f"{field.zh}：{title.zh}", "en": f"{field.en}: {title.en}"} if field else title.out()
    return {**said, "rows": rows, "rule": code}


async def measure_all(port: Port) -> int:
    """Score every record type that stewards or modules ask about; answers how many."""
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        asked = {one.facts.name for one in record_types() if declared(one.facts.name) or await store.rules(conn, one.facts.name)}
    for name in sorted(asked):
        if type_ := known_type(name):
            await measure(port, type_.facts.name)
    return len(asked)
