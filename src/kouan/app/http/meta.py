"""What the web client and integrators learn of the platform from its registry: boards, modules, records, lifecycles."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.app.registry import BOARDS
from kouan.kernel.formats import Format
from kouan.kernel.http.deps import Caller
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
PORT = Text("望海港(演示口岸,虚构)", "Wanghai Port (demo port, fictional)")
CENTRE = (121.60, 36.05)


class MetaOut(BaseModel):
    """The registry as the web client reads it."""

    port: dict[str, Any]
    boards: list[dict[str, Any]]
    records: dict[str, dict[str, Any]]


@router.get("/api/meta", response_model=MetaOut, operation_id="meta")
async def meta(who: Caller, request: Request) -> Response:
    """Boards, modules and record types, with what the caller's organisation and roles may do."""
    settings = request.app.state.settings
    port = {
        "code": settings.site,
        "office": settings.office,
        "name": PORT.out(),
        "demo": settings.demo,
        "center": CENTRE,
        "zone": settings.zone,
    }
    records = {cls.facts.name: _record(cls, who) for cls in record_types() if cls.facts.http}
    return reply({"port": port, "boards": [_board(name) for name in BOARDS], "records": records})


def _board(name: str) -> dict[str, Any]:
    clause, title, summary = BOARDS[name]
    return {
        "name": name,
        "title": title.out(),
        "clause": clause,
        "summary": summary.out(),
        "modules": [_module(m) for m in modules() if m.board == name],
        "holds": [{"clause": topic.clause, "title": topic.title.out()} for topic in clauses.topics(name)],
    }


def _module(module: Module) -> dict[str, Any]:
    own = [cls.facts.name for cls in record_types() if cls.facts.name.rpartition(".")[0] == module.name]
    return {
        "name": module.name,
        "title": module.title.out(),
        "summary": module.summary.out(),
        "clauses": list(module.clauses),
        "records": own,
        "pages": [{"path": page.path, "title": page.title.out()} for page in module.pages],
    }


def _record(cls: type[Record], who: Principal) -> dict[str, Any]:
    business = not (who.roles and who.roles <= ADMINS)
    writable = business and who.writes and bool({who.kind, "*"} & set(cls.facts.filers))
    return {**_facts(cls), "readable": business, "writable": writable}


@cache
def _facts(cls: type[Record]) -> dict[str, Any]:
    facts, life = cls.facts, lifecycle_of(cls.facts.name)
    shown = [name for name, field in cls.fields.items() if field.filter]
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
                    {"name": a.name, "title": a.title.out(), "from": list(a.frm), "to": a.to, "by": list(a.by)}
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
