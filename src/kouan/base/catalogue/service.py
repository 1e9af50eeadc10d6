"""The catalogue as its readers see it: search, one entry with all that is known of it, samples, editions, applications."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import asyncpg

from kouan.base.catalogue import errors, lineage, querying, store, words
from kouan.base.catalogue.lifecycle import PUBLISH
from kouan.base.catalogue.records import Dataset, Element
from kouan.base.grant.api import Grant, owner_of
from kouan.base.identity.api import KINDS
from kouan.kernel import clock
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.formats import Draft
from kouan.kernel.http.records import shown
from kouan.kernel.indicators import Indicator
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Kept
from kouan.kernel.signals import Signal
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import EVERYONE, scope_of
from kouan.kernel.store.finding import equal
from kouan.kernel.store.schema import table
from kouan.kernel.words import named
from kouan.standards.codes import api as codes

SAMPLES = 3
SYNCED = "catalogue"
Scores = Callable[[Port, Principal, str], Awaitable[list[dict[str, Any]]]]
_scores: list[Scores] = []


def tells_quality(scores: Scores) -> None:
    """Let a function say the quality of a record type: figures with class, score and time, as its caller may see them."""
    _scores.append(scores)


async def sync(port: Port) -> None:
    """Bring the index to what the registry says, once a process; a repeat costs nothing."""
    if SYNCED in port.extras:
        return
    lines = words.lines()
    async with port.pool.acquire() as conn, conn.transaction():
        await store.put(conn, lines, words.digest(lines), words.OWN, clock.now())
    port.extras[SYNCED] = True


async def find(port: Port, text: str, kind: str, skip: int, limit: int) -> dict[str, Any]:
    """Entries that fit a text, best first; all of a kind without a text."""
    await sync(port)
    asked = querying.wanted(text, kind)
    async with port.pool.acquire() as conn:
        if not text.strip():
            about = await store.count(conn, kind)
            rows = await store.browse(conn, kind, skip, limit)
        elif not asked.query:
            return {"items": [], "found": 0, "more": False}
        else:
            rows = await store.search(conn, asked, skip, limit)
            about = rows[0]["about"] if rows else 0
    return {"items": [brief(row) for row in rows], "found": about, "more": skip + len(rows) < about}


def brief(row: asyncpg.Record) -> dict[str, Any]:
    """An entry as a list shows it."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "name": row["name"],
        "title": {"zh": row["title_zh"], "en": row["title_en"]},
        "summary": {"zh": row["summary_zh"], "en": row["summary_en"]},
        "owner": row["owner"].split(","),
        "level": row["level"],
        "theme": row["theme"],
        "clause": row["clause"],
        "changed": stamp(row["changed"]),
    }


async def entry(port: Port, who: Principal, number: str) -> dict[str, Any]:
    """All that is known of an entry; NotFound when none of that number is listed."""
    await sync(port)
    async with port.pool.acquire() as conn:
        row = await store.entry(conn, number)
    if row is None:
        raise errors.no_entry()
    made = {"record": _record, "signal": _signal, "indicator": _indicator, "codes": _codes, "dataset": _dataset, "element": _element}
    return {**brief(row), "kind_title": words.TITLES[row["kind"]].out(), **await made[row["kind"]](port, who, row["name"])}


async def _record(port: Port, who: Principal, name: str) -> dict[str, Any]:
    cls = record_type(name)
    kinds = words.stewards(cls) or list(cls.facts.filers)
    owners = [port.orgs.slug(number) for kind in words.stewards(cls) for number in port.orgs.of_kind(kind)]
    defined = await _defined(port, name)
    fields = [
        {
            "name": one.name, "title": one.title.out(), "level": one.level, "unit": one.unit, "reference": one.reference,
            "filter": one.filter, "required": cls.model_fields[one.name].is_required(),
            "values": {value: said.out() for value, said in one.values.items()},
            "elements": [code for path, code in defined if path.partition(".")[0] == one.name],
        }
        for one in cls.fields.values()
    ]  # fmt: skip
    newest, about = await _volume(port, cls)
    quality = [figure for scores in _scores for figure in await scores(port, who, name)]
    return {
        "owner_kinds": [{"kind": kind, "title": KINDS[kind].out()} for kind in kinds if kind in KINDS],
        "owners": owners,
        "retention_years": cls.facts.retention,
        "fields": fields,
        "newest": stamp(newest) if newest else None,
        "rows_about": about,
        "quality": quality,
        "lineage": lineage.of_record(cls),
        "doors": {"records": "/api/records/" + name.replace(".", "/"), "shared": f"/api/shared/{name}"},
        "applied_for": True,
    }


async def _defined(port: Port, record: str) -> list[tuple[str, str]]:
    """The published elements that say that a record type holds them: path and code."""
    async with scope(port.pool, (EVERYONE, PLATFORM.org)) as conn:
        rows = await equal(conn, Element, {}, states=("published",), limit=5000)
    return [(use["path"], row.doc["code"]) for row in rows for use in row.doc.get("used_by") or () if use["record"] == record]


async def _volume(port: Port, cls: type[Record]) -> tuple[datetime | None, int | None]:
    """When the newest record of a type was filed, whoever may read it, and about how many there are."""
    async with scope(port.pool, (EVERYONE, PLATFORM.org)) as conn:
        rows = await equal(conn, cls, {}, limit=1, newest=True)
        return (rows[0].filed_at if rows else None), await store.rows_about(conn, table(cls))


async def _signal(_port: Port, _who: Principal, name: str) -> dict[str, Any]:
    signal = named(Signal, name)
    return {
        "fields": [
            {"name": one.name, "title": one.title.out(), "unit": one.unit, "type": one.dtype, "level": signal.level}
            for one in signal.columns
        ],
        "kept_days": signal.kept.days,
        "doors": {"stream": "/api/stream"},
        "applied_for": False,
    }


async def _indicator(port: Port, _who: Principal, name: str) -> dict[str, Any]:
    one = named(Indicator, name)
    newest = (await _volume(port, record_type(one.tally.record)))[0] if one.tally else None
    return {
        "unit": one.unit.out(),
        "formula": one.formula.out(),
        "readers": list(one.readers),
        "newest": stamp(newest) if newest else None,
        "lineage": lineage.of_indicator(one),
        "applied_for": False,
    }


async def _codes(_port: Port, _who: Principal, name: str) -> dict[str, Any]:
    return {
        "edition": codes.edition(name),
        "doors": {"parameters": f"/api/parameters/{name}", "download": f"/api/parameters/{name}/download"},
        "applied_for": False,
    }


async def _dataset(port: Port, who: Principal, code: str) -> dict[str, Any]:
    kept = (await port.find(who, Dataset.facts.name, key=code))[0]
    assert isinstance(kept.data, Dataset)
    doc = kept.data.model_dump(mode="json", exclude={"access"})
    fields = [
        {"name": one["name"], "title": {"zh": one["title_zh"] or one["name"], "en": one["title_en"] or one["name"]},
         "unit": one["unit"], "level": one["level"]} for one in doc["columns"]
    ]  # fmt: skip
    return {
        "owners": [kept.filer],
        "fields": fields,
        "newest": doc["updated"],
        "lineage": {"made_from": doc["derived_from"]},
        "about": {name: doc[name] for name in ("pace", "media", "licence", "covers_from", "covers_until", "keywords", "simulated")},
        "doors": {"shared": f"/api/shared/{Dataset.facts.name}?code={code}"},
        "applied_for": True,
    }


async def _element(port: Port, who: Principal, code: str) -> dict[str, Any]:
    return {"element": await element(port, who, code), "applied_for": False}


async def samples(port: Port, who: Principal, number: str) -> list[dict[str, Any]]:
    """The newest few records of a type as the caller may see and read them; none of what it may not read at all."""
    kind, _, name = number.partition(":")
    async with port.pool.acquire() as conn:
        if await store.entry(conn, number) is None:
            raise errors.no_entry()
    if kind != words.RECORD:
        return []
    cls = record_type(name)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        page = await reading.page(conn, cls, reading.Query({}, limit=SAMPLES, who=who), port.vault)
        return await shown(port, who, cls, list(page.rows), conn)


async def element(port: Port, who: Principal, code: str, edition: int = 0) -> dict[str, Any]:
    """A data element's published edition (0: the latest), all its editions, and the tables that hold it."""
    found = await port.find(who, Element.facts.name, key=code)
    if not found:
        raise errors.no_entry()
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await reading.one(conn, Element, _uuid(found[0]))
        history = await reading.history(conn, rows.id) if rows else []
    published = [version for version in history if version["action"] == PUBLISH]
    said = next((v for v in reversed(published) if edition in (0, v["doc"]["edition"])), None)
    if said is None:
        raise errors.no_edition()
    uses = [lineage.of_use(record_type(use["record"]), use["path"]) for use in said["doc"].get("used_by") or ()]
    return {
        "id": found[0].id,
        "code": code,
        "state": found[0].state,
        "edition": said["doc"]["edition"],
        "definition": said["doc"],
        "editions": [
            {"edition": v["doc"]["edition"], "published_at": stamp(v["at"]), "by": port.orgs.slug(v["org"]),
             "changed": _changed(published[at - 1]["doc"] if at else {}, v["doc"])} for at, v in enumerate(published)
        ],
        "lineage": {"tables": uses},
    }  # fmt: skip


def _uuid(kept: Kept) -> Any:
    return kept.id


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name in after if name not in ("edition", "published_at") and before.get(name) != after[name]]


async def apply(port: Port, who: Principal, number: str, asked: Mapping[str, Any]) -> str:
    """Apply to its owner for what an entry stands for; the identifier of the application.

    Raises NotFound for no entry, Refused where nothing is applied for or nobody is named who could grant it.
    """
    async with port.pool.acquire() as conn:
        row = await store.entry(conn, number)
    if row is None:
        raise errors.no_entry()
    if row["kind"] == words.RECORD:
        cls = record_type(row["name"])
        owners = [port.orgs.slug(org) for kind in words.stewards(cls) for org in port.orgs.of_kind(kind)]
        owner = asked["grantor"] or next((one for one in owners if one != who.slug), "")
        scope_: dict[str, Any] = {"record": row["name"], "where": asked["where"], "shows": asked["shows"]}
    elif row["kind"] == "dataset":
        owner = row["owner"]
        scope_ = {
            "record": Dataset.facts.name, "where": [{"name": "ref", "value": number}], "shows": ["code", "title_zh", "title_en", "access"],
        }  # fmt: skip
    else:
        raise errors.not_applied_for()
    if not owner or owner_of(port, owner) is None:
        raise errors.no_owner()
    data = {
        **scope_, "kind": "application", "grantor": f"org:{owner}", "grantee": f"org:{who.slug}", "purpose": asked["purpose"],
        "valid_from": asked["valid_from"], "valid_until": asked["valid_until"],
    }  # fmt: skip
    filed = await port.file(who, [Draft(Grant.facts.name, data)])
    return filed.kept[0].id
