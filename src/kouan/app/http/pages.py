"""The built web client: its files, and its one page for every address that is not a file or an API."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from kouan.kernel.errors import NotFound
from kouan.kernel.text import Text

STATIC = Path(__file__).parent / "static"
NOTHING = Text("没有这个地址", "There is no such address")
BARE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>口岸 Kouan</title>
<h1>口岸 Kouan</h1><p>网页端尚未构建，接口已可用：<a href="/openapi.json">/openapi.json</a></p>
<p lang="en">The web client is not built; the API is at <a href="/openapi.json">/openapi.json</a>.</p></html>"""

SMALLER = {".js", ".mjs", ".css", ".svg", ".json"}
"""What is worth compressing; fonts and pictures are compressed already."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def first() -> Response:
    """The first page."""
    return _page()


@router.get("/{path:path}")
async def anything(path: str, request: Request) -> Response:
    """A file of the web client, or its page; never anything outside its folder."""
    if path.startswith("api/") or path == "openapi.json":
        raise NotFound(NOTHING)
    try:
        found = (STATIC / path).resolve()
        inside = found.is_relative_to(STATIC.resolve()) and found.is_file()
    except (ValueError, OSError):
        raise NotFound(NOTHING) from None
    if inside:
        lasting = "/assets/" in f"/{path}"
        caching = "public, max-age=31536000, immutable" if lasting else "no-cache"
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        if found.suffix in (".js", ".mjs"):
            kind = "text/javascript"
        headers = {"Cache-Control": caching}
        if lasting and found.suffix in SMALLER:
            headers |= {"Vary": "Accept-Encoding"}
            if "gzip" in request.headers.get("accept-encoding", ""):
                return Response(_gzipped(found), media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
        return FileResponse(found, media_type=kind, headers=headers)
    if "." in path.rpartition("/")[2] and "text/html" not in request.headers.get("accept", ""):
        raise NotFound(NOTHING)
    return _page()


@lru_cache(maxsize=512)
def _gzipped(asset: Path) -> bytes:
    """An asset compressed once; its name changes with its content."""
    return gzip.compress(asset.read_bytes(), 6)


def _page() -> Response:
    page = STATIC / "index.html"
    if page.is_file():
        return FileResponse(page, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})
    return HTMLResponse(BARE)
