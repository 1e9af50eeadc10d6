"""What a steward looks at: the sources of the own organisation with their last and next run, and the runs with rows set aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.base.ingest import store
from kouan.base.ingest.records import Source
from kouan.base.ingest.telling import Words, words_of
from kouan.base.quality.api import known_type
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import by_ids, equal

MOST, RUNS, CAUSES = 500, 100, 3
ENDED = ("done", "failed")
"""States of a run after which the schedule begins the next; one that was stopped waits for its owner."""


async def sources(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The sources of the caller's organisation, the newest first, each with its last run and when the next is due."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = [row for row in await equal(conn, Source, {}, limit=MOST, newest=True) if row.org == who.org]
        last = await store.last_runs(conn, [row.id for row in rows])
        entered = await store.entered(conn, [row.id for row in rows])
    found = []
    words: dict[str, Words] = {}
    for row in rows:
        source, run = Source.model_validate(row.doc), last.get(row.id)
        if run and run["causes"] and source.target not in words:
            words[source.target] = await words_of(port, source)
        found.append({
            "id": str(row.id), "version": row.version, "code": source.code, "name": source.name, "kind": source.kind,
            "format": source.format, "target": source.target, "target_title": _title(source.target), "sender": source.sender,
            "every_minutes": source.every_minutes, "active": source.active, "entered": row.id in entered,
            "last": _last(words.get(source.target), run) if run else None, "next": _next(source, run),
        })  # fmt: skip
    return found


def _title(target: str) -> dict[str, str] | None:
    cls = known_type(target)
    return cls.facts.title.out() if cls else None


def _last(words: Words | None, run: Any) -> dict[str, Any]:
    counts = run["counts"]
    return {
        "id": str(run["id"]), "state": run["state"], "created": stamp(run["created"]),
        "ended": stamp(run["ended"]) if run["ended"] else None, "error": run["error"],
        "counts": {name: counts.get(name, 0) for name in ("taken", "changed", "kept", "known", "doubles", "refused")},
        "why": words.causes(run["causes"])[:CAUSES] if words else [],
    }  # fmt: skip


def _next(source: Source, run: Any) -> str | None:
    """When the schedule begins the next run; None for one that is by hand, paused, under way, or was never begun."""
    if source.every_minutes is None or not source.active or source.kind == "upload" or run is None or run["state"] not in ENDED:
        return None
    return stamp(run["created"] + timedelta(minutes=source.every_minutes))


async def aside(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The latest runs with rows set aside that the caller's organisation owns or sent the data of, with how many are in each state."""
    async with scope(port.pool, scope_of(who)) as conn:
        runs = await store.with_aside(conn, RUNS)
        fates = await store.fates(conn, [run["id"] for run in runs])
    async with scope(port.pool, scope_of(PLATFORM), clearance=4) as conn:
        named = {row.id: row.doc for row in await by_ids(conn, Source, list({run["source"] for run in runs}))}
    return [_of_run(port, who, run, named.get(run["source"], {}), fates.get(run["id"], {})) for run in runs]


def _of_run(port: Port, who: Principal, run: Any, source: Mapping[str, Any], fates: Mapping[str, int]) -> dict[str, Any]:
    target = str(source.get("target", ""))
    return {
        "id": str(run["id"]), "code": run["code"], "title": source.get("name") or run["code"], "file": run["name"], "target": target,
        "target_title": _title(target), "created": stamp(run["created"]), "owner": port.orgs.slug(run["org"]),
        "sender": port.orgs.slug(run["sender"]) if run["sender"] else None, "own": run["org"] == who.org, "aside": dict(fates),
    }  # fmt: skip
