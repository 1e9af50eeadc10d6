"""/openapi.json: every door described, made once for one state of the code and kept in the data folder, beside the loop that serves."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response
from starlette.routing import BaseRoute

from kouan.app.http.keeping import digest_of, kept_or_made
from kouan.kernel.http.problems import ProblemOut
from kouan.kernel.records import record_types

OPEN = (
    "/api/health", "/api/status", "/api/ledger/key", "/api/ledger/checkpoint", "/api/ledger/consistency",
    "/api/ledger/suite", "/api/session", "/api/session/demo",
    "/api/session/oidc", "/api/session/oidc/start", "/api/session/oidc/callback",
)  # fmt: skip
"""Doors that ask for no credentials: health, the public status, what a stranger verifies proofs by, and the ways to sign in."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The description as OpenAPI has it, made at the first call."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title,
        version=app.version,
        routes=app.routes,
        description="The open platform for smart ports of entry. 智慧口岸开放平台。",
    )
    parts = schema.setdefault("components", {}).setdefault("schemas", {})
    for cls in record_types():
        for name, part in cls.model_json_schema(ref_template="#/components/schemas/{model}").get("$defs", {}).items():
            parts.setdefault(name, part)
    shapes = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.update(shapes.pop("$defs", {}))
    parts["ProblemOut"] = shapes
    schemes = schema["components"].setdefault("securitySchemes", {})
    schemes["bearer"] = {"type": "http", "scheme": "bearer"}
    schemes["session"] = {"type": "apiKey", "in": "cookie", "name": "kouan_session"}
    schema["security"] = [{"bearer": []}, {"session": []}]
    for path in OPEN:
        for operation in schema["paths"][path].values():
            operation["security"] = []
    _exemplify(schema)
    app.openapi_schema = schema
    return schema


def _exemplify(schema: dict[str, Any]) -> None:
    """The example of a body's shape stands beside the body, too, where most programs look for it."""
    for operation in (one for path in schema["paths"].values() for one in path.values() if isinstance(one, dict)):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            shape = schema["components"]["schemas"].get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
            if "example" in shape:
                content.setdefault("example", shape["example"])


def doors(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """Which doors an application has, in their order: those of routers that it took in are named by themselves."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from doors(inner.routes)
        else:
            told = (getattr(route, name, "") for name in ("path", "name", "operation_id", "summary", "include_in_schema"))
            yield f"{type(route).__name__} {sorted(getattr(route, 'methods', None) or ())} {' '.join(map(str, told))}"


def described_router(app: FastAPI, home: Path) -> APIRouter:
    """The door of the description; `home`: the data folder."""
    router = APIRouter(include_in_schema=False)
    making = asyncio.Lock()

    @cache
    def written() -> tuple[bytes, bytes]:
        digest = digest_of([app.title, app.version, *doors(app.routes)])
        small = kept_or_made(home, "openapi", digest, lambda: gzip.compress(orjson.dumps(describe(app)), 6, mtime=0))
        return gzip.decompress(small), small

    @router.get("/openapi.json")
    async def description(request: Request) -> Response:
        # Where it was not kept, making it takes seconds of computing: in a thread of its own, it lets others have their turn every few
        # milliseconds.
        async with making:
            plain, small = await asyncio.to_thread(written)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            return Response(small, media_type="application/json", headers=headers)
        return Response(plain, media_type="application/json", headers={"Vary": "Accept-Encoding"})

    return router
