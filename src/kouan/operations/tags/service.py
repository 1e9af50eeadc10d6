"""Computing tags, and the library of indicators, data models and tags."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from kouan.kernel import clock
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.indicators import Indicator
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_type, record_types
from kouan.kernel.store.entitle import EVERYONE, scope_of
from kouan.kernel.store.finding import by_ids, equal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.tags import store
from kouan.operations.tags.errors import not_in_force
from kouan.operations.tags.fields import usable, uses
from kouan.operations.tags.lifecycle import IN_FORCE
from kouan.operations.tags.records import Tag
from kouan.operations.tags.wording import formula

log = logging.getLogger(__name__)
MOST = 2000
COUNTED = Text("统计“{title}”，单位：{unit}", "Counts “{title}”, in {unit}")
LOADED = Text("由外部统计装载，单位：{unit}", "Loaded from outside statistics, in {unit}")


async def compute(port: Port, tag_id: UUID) -> store.Run | None:
    """Compute one tag now; None, and no record carries it, when it is not in force."""
    async with scope(port.pool, (EVERYONE, PLATFORM.org), clearance=4) as conn:
        found = await by_ids(conn, Tag, [tag_id])
        if not found:
            return None
        await store.hold(conn, found[0].doc["code"])
        row = (await by_ids(conn, Tag, [tag_id]))[0]
        tag = Tag.model_validate(row.doc)
        if row.state != IN_FORCE:
            await store.clear(conn, tag.code)
            return None
        reach = reach_of(port, tag, row)
        run = await store.compute(conn, tag, reach, port.site.zone, clock.now())
        sharers = [port.orgs.slug(org) for org in reach.orgs if org > PLATFORM.org]
        await store.note(conn, tag, row.version, run, sharers, reach.level)
    return run


async def compute_all(port: Port) -> None:
    """Compute every tag that is in force; one that fails holds up no other."""
    async with scope(port.pool, (EVERYONE, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Tag, {}, states=(IN_FORCE,), limit=MOST)
    failed: list[str] = []
    for row in rows:
        try:
            await compute(port, row.id)
        except Exception:
            log.exception("tag %s is not computed", row.doc["code"])
            failed.append(row.doc["code"])
    if failed:
        raise RuntimeError(f"tags not computed: {', '.join(failed)}")


async def compute_now(port: Port, tag_id: UUID) -> dict[str, Any]:
    """Compute a tag on demand; Conflict when it is not in force."""
    run = await compute(port, tag_id)
    if run is None:
        raise not_in_force()
    return {"at": stamp(run.at), "records": run.records, "simulated": run.simulated, "came": run.came, "went": run.went}


def reach_of(port: Port, tag: Tag, row: Row) -> store.Reach:
    """Who sees what a tag finds: readers of its definition, to whom all fields are open that it goes by.

    Of another record that it looks at, only kinds of organisations count that see those fields of every such record: that there is
    none tells as much as that there is one.
    """
    wanted = uses(tag)
    cls = record_type(tag.record)
    orgs = {org for org in row.readers if org > EVERYONE}
    for name, names in wanted.items():
        if name != tag.record and (seers := _seers(port, record_type(name), names)) is not None:
            orgs &= seers
    seeing = [party.name for party in cls.facts.parties if party.sees == "*" or party.sees >= wanted[tag.record]]
    levels = [one.level for name, names in wanted.items() for field in names if (one := usable(record_type(name), field))]
    return store.Reach(sorted(orgs), seeing, max(levels, default=1))


def _seers(port: Port, cls: type[Record], names: Iterable[str]) -> set[int] | None:
    """Organisations whose kind sees some fields of every record of a type; None for everyone."""
    wanted = set(names)
    open_ = [party.by for party in cls.facts.parties if party.sees == "*" or party.sees >= wanted]
    if "everyone" in open_:
        return None
    return {org for by in open_ if by.startswith("kind:") for org in port.orgs.of_kind(by.removeprefix("kind:"))}


async def library(port: Port, who: Principal, kind: str) -> list[dict[str, Any]]:
    """Indicators, data models and tags: definition, formula, owner and version of each, as its source states them."""
    found: list[dict[str, Any]] = []
    if kind in ("", "indicator"):
        found += [_indicator(one) for one in every(Indicator)]
    if kind in ("", "model"):
        found += [_model(cls) for cls in record_types() if cls.facts.http]
    if kind in ("", "tag"):
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            found += await _tags(port, conn)
    return found


def _entry(
    kind: str, code: str, title: Text, definition: Text, formula_: Text, owner: Sequence[str], version: str, **more: Any
) -> dict[str, Any]:
    said = {"kind": kind, "code": code, "title": title.out(), "definition": definition.out(), "formula": formula_.out()}
    return {**said, "owner": list(owner), "version": version, "state": None, "computed_at": None, "records": None, **more}


def _indicator(one: type[Indicator]) -> dict[str, Any]:
    unit = one.unit
    of = record_type(one.tally.record).facts.title if one.tally else None
    definition = (
        Text(COUNTED.zh.format(title=of.zh, unit=unit.zh), COUNTED.en.format(title=of.en.lower(), unit=unit.en)) if of
        else Text(LOADED.zh.format(unit=unit.zh), LOADED.en.format(unit=unit.en))
    )  # fmt: skip
    href = f"/api/monitoring/{one.code}"
    return _entry("indicator", one.code, one.title, definition, one.formula, [one.owner], str(one.revision), href=href)


def _model(cls: type[Record]) -> dict[str, Any]:
    """A record type: its formula is its fields, its version the fingerprint of their declaration."""
    facts, titles = cls.facts, [one.title for one in cls.fields.values()]
    fields = Text("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))
    version = sha256(orjson.dumps(cls.model_json_schema(), option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
    owner = [party.by.removeprefix("kind:") for party in facts.parties if party.by.startswith("kind:") and party.sees == "*"]
    href = f"/api/catalogue/entries/record:{facts.name}"
    return _entry("model", facts.name, facts.title, facts.summary, fields, owner or facts.filers, version, href=href)


async def _tags(port: Port, conn: Connection) -> list[dict[str, Any]]:
    rows = await equal(conn, Tag, {}, limit=MOST)
    counts = await store.counted(conn)
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as own:
        runs = await store.last_runs(own)
    return [_tag(port, row, counts, runs) for row in sorted(rows, key=lambda one: str(one.doc["code"]))]


def _tag(port: Port, row: Row, counts: dict[str, int], runs: dict[str, Any]) -> dict[str, Any]:
    tag = Tag.model_validate(row.doc)
    ran = runs.get(tag.code) if row.state == IN_FORCE else None
    href = f"/api/records/{tag.record.replace('.', '/')}?tag={tag.code}"
    name, definition, owner = Text(tag.name_zh, tag.name_en), Text(tag.definition_zh, tag.definition_en), port.orgs.slug(row.org)
    stands = {"state": row.state, "computed_at": stamp(ran) if ran else None, "records": counts.get(tag.code, 0) if ran else None}
    return _entry("tag", tag.code, name, definition, formula(tag), [owner], str(row.version), href=href, **stands)
