"""What the web client and integrators learn of the platform from its registry: boards, modules, records, lifecycles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.app.registry import BOARDS
from kouan.base.profile.api import Plan, plans, shut, used
from kouan.kernel.errors import NotFound
from kouan.kernel.formats import Format
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import reply
from kouan.kernel.lifecycles import Lifecycle, lifecycle_of
from kouan.kernel.modules import Module, modules
from kouan.kernel.principal import ADMINS, Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.schema import filters
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.standards.clauses import api as clauses

router = APIRouter(tags=["meta"], responses=RESPONSES)
NO_PORT = Text("没有这个口岸的画像", "There is no profile of that port")
PORT = Text("望海港（演示口岸，虚构）", "Wanghai Port (demo port, fictional)")
CENTRE = (121.60, 36.05)


class MetaOut(BaseModel):
    """The registry as the web client reads it."""

    port: dict[str, Any]
    boards: list[dict[str, Any]]
    records: dict[str, dict[str, Any]]


@router.get("/api/meta", response_model=MetaOut, operation_id="meta")
async def meta(
    who: Caller, request: Request, held: ThePort, port: Annotated[str, Query(max_length=10, pattern=r"^[A-Z0-9]*$")] = ""
) -> Response:
    """Boards, modules and record types, with what the caller's organisation and roles may do.

    Only modules that the caller's ports of entry use; `port`: those of one port, by the profile that it has.
    """
    settings = request.app.state.settings
    known = plans(held)
    mine = await known.of(who)
    # Administrators are kept apart from business data, of which the profiles of ports are a part.
    entries = () if who.roles and who.roles <= ADMINS else await known.all()
    shown = _chosen(entries, port, settings.site) if port else mine
    if not _described.cache_info().currsize:
        # Seconds of work, once: beside the loop, so that nobody else waits for it.
        await asyncio.to_thread(_described)
    told = {
        "code": settings.site,
        "office": settings.office,
        "name": PORT.out(),
        "demo": settings.demo,
        "center": CENTRE,
        "zone": settings.zone,
        "tiles": tiles.out() if (tiles := request.app.state.tiles) else None,
        "entry": port,
        "entries": [_entry(one) for one in entries],
    }
    records = {cls.facts.name: _record(cls, who, mine, shown) for cls in record_types() if cls.facts.http}
    return reply({"port": told, "boards": [_board(name, shown) for name in BOARDS], "records": records})


def _chosen(entries: Sequence[Plan], port: str, site: str) -> tuple[Plan, ...]:
    found = tuple(one for one in entries if one.port == port)
    if not found and port != site:
        raise NotFound(NO_PORT, field="port", rule="profile")
    return found


def _entry(plan: Plan) -> dict[str, Any]:
    """A port of entry that can be chosen."""
    return {"code": plan.port, "name": plan.name.out(), "mode": plan.profile.mode, "tier": plan.profile.tier}


def _board(name: str, shown: Sequence[Plan]) -> dict[str, Any]:
    clause, title, summary = BOARDS[name]
    return {
        "name": name,
        "title": title.out(),
        "clause": clause,
        "summary": summary.out(),
        "modules": [_module(m, shown) for m in modules() if m.board == name and used(shown, m)],
        "holds": [{"clause": topic.clause, "title": topic.title.out()} for topic in clauses.topics(name)],
    }


def _module(module: Module, shown: Sequence[Plan]) -> dict[str, Any]:
    types = [cls for cls in record_types() if cls.facts.name.rpartition(".")[0] == module.name]
    own = [cls.facts.name for cls in types if shut(shown, cls) is None]
    return {
        "name": module.name,
        "title": module.title.out(),
        "summary": module.summary.out(),
        "clauses": list(module.clauses),
        "modes": list(module.modes),
        "records": own,
        "pages": [{"path": page.path, "title": page.title.out()} for page in module.pages],
    }


def _record(cls: type[Record], who: Principal, mine: Sequence[Plan], shown: Sequence[Plan]) -> dict[str, Any]:
    business = not (who.roles and who.roles <= ADMINS)
    writable = business and who.writes and bool({who.kind, "*"} & set(cls.facts.filers))
    writable = writable and shut(mine, cls) is None and shut(shown, cls) is None
    return {**_facts(cls), "readable": business, "writable": writable}


@cache
def _described() -> int:
    """Describe all record types once; how many there are."""
    return len([_facts(cls) for cls in record_types() if cls.facts.http])


@cache
def _facts(cls: type[Record]) -> dict[str, Any]:
    facts, life = cls.facts, lifecycle_of(cls.facts.name)
    shown = list(facts.columns) or [name for name, field in cls.fields.items() if field.filter]
    return {
        "title": facts.title.out(),
        "summary": facts.summary.out(),
        "clause": facts.clause,
        "kind": facts.kind,
        "key": list(facts.key),
        "ref": facts.ref,
        "label": facts.label,
        "amendable": facts.amendable,
        "retention_years": facts.retention,
        "schema": _schema(cls),
        "columns": shown or list(cls.fields)[:6],
        "filters": [{"field": name, "type": kind} for name, kind in filters(cls).items()],
        "parties": [{"name": p.name, "sees": "all" if p.sees == "*" else sorted(p.sees)} for p in facts.parties],
        "lifecycle": _life(life) if life else None,
        "samples": _samples(cls),
    }


def _schema(cls: type[Record]) -> dict[str, Any]:
    schema: dict[str, Any] = orjson.loads(orjson.dumps(cls.model_json_schema(), default=str))
    for name, field in cls.fields.items():
        schema["properties"][name]["x-kouan"] |= {"ref": field.reference}
    # A field that says whose record it is holds an organisation; a person reads that one's name.
    for name in {party.by.partition(":")[2] for party in cls.facts.parties if party.by.startswith("field:")} & cls.fields.keys():
        if not cls.fields[name].reference:
            schema["properties"][name]["x-kouan"].setdefault("named", "org")
    return schema


def _life(life: type[Lifecycle]) -> dict[str, Any]:
    return {
        "tracks": [
            {
                "name": track.name,
                "title": track.title.out(),
                "owner": track.owner,
                "final": list(track.final),
                "states": {name: title.out() for name, title in track.states.items()},
                "actions": [
                    {"name": a.name, "title": a.title.out(), "from": list(a.frm), "to": a.to, "by": list(a.by), "sets": list(a.sets)}
                    for a in track.actions
                ],
            }
            for track in life.tracks
        ]
    }


def _samples(cls: type[Record]) -> list[dict[str, str]]:
    return [
        {"name": sample.name, "format": kind.code, "href": f"/api/samples/{sample.name}"}
        for kind in every(Format)
        for sample in kind().samples()
        if cls.facts.name == sample.record or (not sample.record and cls.facts.name in kind.records)
    ]
