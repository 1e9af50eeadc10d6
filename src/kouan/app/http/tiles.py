"""Map tiles of a site's own (KOUAN_TILES): where the browser fetches them, and the one host that the security policy then admits.

Without the setting the map asks no other host for anything. `tianditu:KEY` names 天地图 (vector base and names, CGCS2000 on web mercator)
with the site's key; `pmtiles:FILE` an archive of tiles on this machine (PMTiles 3), which the platform serves by ranges; anything
else is the address of raster tiles with {z}, {x} and {y} in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.text import Text

router = APIRouter(tags=["map"], responses=RESPONSES)
PMTILES, MAGIC = "pmtiles:", b"PMTiles\x03"
ARCHIVE = "/api/tiles"
NONE = Text("没有设置离线瓦片", "No archive of tiles is set")

TIANDITU = "tianditu:"
_TIANDITU = (
    "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
_LABELS = {"zh": "cva", "en": "eva"}
"""天地图 writes names on a layer of their own, one in each language; the base has none."""
BAD = Text(
    "KOUAN_TILES 应为 tianditu:密钥、pmtiles:文件，或含 {z}、{x}、{y} 的瓦片地址",
    "KOUAN_TILES is tianditu:KEY, pmtiles:FILE, or an address of tiles with {z}, {x} and {y}",
)
NO_ARCHIVE = Text("KOUAN_TILES 所指不是可读的 PMTiles 3 文件", "KOUAN_TILES names no readable PMTiles 3 file")


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles as the map reads them; `origin`: scheme and host that the browser must be let to, "" for our own; `file`: an archive;
    `labels`: tiles of names by language, where they are apart from the base.
    """

    url: str
    origin: str
    attribution: str
    maxzoom: int = 18
    file: Path | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, setting: str) -> Tiles | None:
        """What the setting states; None without one. ValueError when it is no such form, or not plain enough for a policy."""
        if not setting:
            return None
        if setting.startswith(PMTILES):
            return cls("", "", "", file=_archive(Path(setting.removeprefix(PMTILES)).expanduser()))
        known = setting.startswith(TIANDITU)
        key = setting.removeprefix(TIANDITU)
        url = _TIANDITU.format(layer="vec", key=key) if known else setting
        labels = {lang: _TIANDITU.format(layer=layer, key=key) for lang, layer in _LABELS.items()} if known else {}
        parts = urlsplit(url)
        plain = all(sign.isalnum() or sign in ".-:" for sign in parts.netloc)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not all(p in url for p in ("{z}", "{x}", "{y}")):
            raise ValueError(BAD.en)
        return cls(url, f"{parts.scheme}://{parts.netloc}", "天地图" if known else parts.hostname, labels=labels)

    def out(self) -> dict[str, Any]:
        """As the web client reads it."""
        return {
            "urls": [] if self.file else [self.url], "archive": ARCHIVE if self.file else "", "size": 256,
            "attribution": self.attribution, "maxzoom": self.maxzoom,
            "labels": dict(self.labels),
        }  # fmt: skip


def _archive(path: Path) -> Path:
    try:
        with path.open("rb") as file:
            begin = file.read(len(MAGIC))
    except OSError as problem:
        raise ValueError(f"{NO_ARCHIVE.en}: {problem}") from problem
    if begin != MAGIC:
        raise ValueError(NO_ARCHIVE.en)
    return path.resolve()


@router.get(
    ARCHIVE, operation_id="tiles", summary="The site's own map tiles", response_class=FileResponse,
    responses={200: {"content": {"application/vnd.pmtiles": {}}, "description": "The archive, or with Range a part of it (206)"}},
)  # fmt: skip
async def archive(request: Request, who: Caller) -> Response:
    """The archive of tiles that KOUAN_TILES names, for the map, which reads it by ranges. NotFound without one."""
    tiles: Tiles | None = request.app.state.tiles
    if tiles is None or tiles.file is None:
        raise NotFound(NONE)
    return FileResponse(tiles.file, media_type="application/vnd.pmtiles", headers={"Cache-Control": "private, max-age=3600"})


def policy(csp: str, tiles: Tiles | None) -> str:
    """A content security policy that lets pictures and requests to the tiles' host too, and nothing else."""
    if tiles is None or not tiles.origin:
        return csp
    admitted = {"img-src", "connect-src"}
    parts = [part.strip() for part in csp.split(";")]
    return "; ".join(f"{part} {tiles.origin}" if part.split(" ")[0] in admitted else part for part in parts)
