"""Figures of data security: use over time and by whom, restricted data by level, keys and tokens. Each can be asked for its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from kouan.assurance.datause import store_uses as store
from kouan.assurance.datause.store_uses import By, Wanted
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record, record_types
from kouan.kernel.references import kinds
from kouan.kernel.signals import Signal
from kouan.kernel.text import Text
from kouan.kernel.words import every

LEVELS = (1, 2, 3, 4)
NOTHING: Mapping[str, Any] = {"rows": 0, "masked": 0, "accounts": 0, "service": False, "restricted": 0, "denied": 0}
MOST, MOST_TOKENS = 750, 200_000
"""Keys of a sum, which a month has of hours; pairs of token and record type that are looked through."""
OTHER_KINDS: Mapping[str, Text] = {
    "": Text("以编号为主体", "Subjects by bare number"),
    "record": Text("单条记录", "Single record"), "ingest": Text("数据抽取批次", "Run of extraction"),
    "quarantine": Text("隔离区报文", "Quarantined message"), "link": Text("平台互联", "Link"),
}  # fmt: skip


async def counts(port: Port, wanted: Wanted, by: By | None) -> list[dict[str, Any]]:
    """Records shown and masked, restricted reads and denials by a key: the time at which an hour or day (of the port's zone) begins, an
    organisation's short name, an account, a record type or a door. What is in time stands in its order, the rest by size."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        used = await store.used(conn, wanted, by, port.site.zone, MOST)
        audited = await store.audited(conn, wanted, by, port.site.zone, MOST)
    sums: dict[Any, dict[str, Any]] = {}
    for row in (*used, *audited):
        said = sums.setdefault(row["k"], {**NOTHING})
        told = {"rows": row.get("n"), **{name: row.get(name) for name in ("masked", "accounts", "service", "restricted", "denied")}}
        said |= {name: value for name, value in told.items() if value is not None}
        said["org"] = said.get("org") or (port.orgs.slug(row["org"]) if row["org"] else "")
        said["last"] = max(said.get("last", ""), stamp(row["last"]))
    timed = by in ("hour", "day")
    for key in _steps(wanted, by, port.site.zone) if timed else ():
        sums.setdefault(key, {**NOTHING, "org": "", "last": ""})
    out = [{"key": _key(port, by, key), **said} for key, said in sums.items()]
    return sorted(out, key=lambda one: one["key"] if timed else (-one["rows"], -one["restricted"], -one["denied"], one["key"]))


def _steps(wanted: Wanted, by: By | None, zone: str) -> Iterator[datetime]:
    """When the hours or days of a span begin in the port's zone, as many as a sum holds."""
    here = wanted.since.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    step = here.replace(hour=0) if by == "day" else here.astimezone(UTC)
    for _ in range(MOST):
        if step >= wanted.until:
            return
        yield step.astimezone(UTC)
        step += timedelta(days=1) if by == "day" else timedelta(hours=1)


def _key(port: Port, by: By | None, key: Any) -> str:
    if by in ("hour", "day"):
        return stamp(key)
    return (port.orgs.slug(key) if key else "") if by == "org" else str(key)


async def levels(port: Port, wanted: Wanted) -> dict[str, Any]:
    """Record types with fields of levels 2-4, who is entitled to these, and how they were read in a span; signals of these levels."""
    read = {one["key"]: one for one in await counts(port, wanted, "record")}
    told = [
        {**one, "used": {name: read[one["record"]][name] for name in ("rows", "masked", "accounts", "restricted")} if one["record"] in read
         else None} for one in _declared()
    ]  # fmt: skip
    signals = [{"code": one.code, "title": one.title.out(), "level": one.level} for one in every(Signal) if one.level > 1]
    return {"levels": [{"level": level, "fields": _fields(level)} for level in LEVELS],
            "records": told, "signals": sorted(signals, key=lambda one: (-one["level"], one["code"]))}  # fmt: skip


def _fields(level: int) -> int:
    return sum(facts.level == level for cls in record_types() for facts in cls.fields.values())


@cache
def _declared() -> tuple[dict[str, Any], ...]:
    """What is declared of record types with fields above level 1, those with the highest and most first."""
    found = [_type(cls) for cls in record_types() if any(facts.level > 1 for facts in cls.fields.values())]
    return tuple(sorted(found, key=lambda one: [-one["levels"][level] for level in ("4", "3", "2")] + [one["record"]]))


def _type(cls: type[Record]) -> dict[str, Any]:
    above = {name: facts for name, facts in cls.fields.items() if facts.level > 1}
    secret = {name for name, facts in above.items() if facts.level > 2}
    return {
        "record": cls.facts.name,
        "title": cls.facts.title.out(),
        "levels": {str(level): sum(facts.level == level for facts in above.values()) for level in (2, 3, 4)},
        "fields": [{"name": name, "title": facts.title.out(), "level": facts.level} for name, facts in _highest(above)],
        "sealed_for": kinds()[ref].title.out() if (ref := _subject(cls)) in kinds() else None,
        "parties": [{"name": p.name, "by": p.by, "fields": len(set(above) if p.sees == "*" else set(above) & p.sees),
                     "restricted": len(secret if p.sees == "*" else secret & p.sees)} for p in cls.facts.parties],
    }  # fmt: skip


def _highest(fields: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return sorted(fields.items(), key=lambda one: -one[1].level)


def _subject(cls: type[Record]) -> str:
    return cls.fields[cls.facts.subject].reference if cls.facts.subject else ""


async def protection(port: Port) -> dict[str, Any]:
    """The suite of algorithms in use, keys held and destroyed by kind of subject, and persons' tokens that join record types."""
    suite = port.vault.suite
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        held, erased = await store.keys(conn)
        personal = [one.name for one in kinds().values() if one.personal]
        joins = {kind: [dict(row) for row in await store.tokens(conn, kind, MOST_TOKENS)] for kind in personal}
    kept: dict[str, dict[str, Any]] = {}
    for row in held:
        _of_kind(kept, row["kind"])["held"] += row["n"]
    for row in erased:
        told = _of_kind(kept, row["kind"])
        told |= {"erased": told["erased"] + row["n"], "last": max(told["last"] or "", stamp(row["last"]))}
    return {
        "suite": {"code": suite.code, "title": suite.title.out(), "hash": suite.hash_name, "signature": suite.signature_name,
                  "seal": suite.seal_name, "mac": suite.mac_name},
        "keys": [{"kind": kind, "title": _kind(kind).out(), **one} for kind, one in kept.items()],
        "tokens": [{"kind": kind, "title": _kind(kind).out(), "most": MOST_TOKENS, **_joins(rows)} for kind, rows in joins.items()],
    }  # fmt: skip


def _of_kind(kept: dict[str, dict[str, Any]], kind: str) -> dict[str, Any]:
    """The sums of a kind of subject. A subject that is a bare number has none: what stands before a colon in it is told to nobody."""
    return kept.setdefault(kind if kind in kinds() or kind in OTHER_KINDS else "", {"held": 0, "erased": 0, "last": None})


def _joins(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tokens of all record types together, and by record type, most first."""
    told = [{name: row[name] for name in ("record", "tokens", "joined")} for row in rows]
    whole = next((one for one in told if not one["record"]), {"tokens": 0, "joined": 0})
    records = sorted((one for one in told if one["record"]), key=lambda one: (-int(one["tokens"]), str(one["record"])))
    return {"tokens": whole["tokens"], "joined": whole["joined"], "records": records}


def _kind(kind: str) -> Text:
    return kinds()[kind].title if kind in kinds() else OTHER_KINDS[kind]
