"""A site's own map tiles: only when set, and the policy is wider by exactly that host."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kouan.app.http.guards import CSP
from kouan.app.http.tiles import Tiles, policy, router
from kouan.kernel.http import problems
from kouan.kernel.http.deps import caller
from tests.app.http.archives import archive, png


def test_without_the_setting_nothing_is_admitted() -> None:
    assert Tiles.of("") is None
    assert policy(CSP, None) == CSP


@pytest.mark.parametrize(("setting", "origin"), [
    ("https://tiles.port.example:8443/{z}/{x}/{y}.png", "https://tiles.port.example:8443"),
    ("http://10.1.2.3/t?z={z}&x={x}&y={y}", "http://10.1.2.3"), ("tianditu:0123abcd", "https://t0.tianditu.gov.cn"),
])  # fmt: skip
def test_the_policy_is_wider_by_the_host_alone(setting: str, origin: str) -> None:
    tiles = Tiles.of(setting)
    assert tiles is not None
    wider = {part.strip() for part in policy(CSP, tiles).split(";")} - {part.strip() for part in CSP.split(";")}
    assert wider == {f"img-src 'self' data: blob: {origin}", f"connect-src 'self' {origin}"}
    assert all(part in tiles.out()["urls"][0] for part in ("{z}", "{x}", "{y}"))


def test_the_names_of_tianditu_are_drawn_too_in_the_language_of_the_screen() -> None:
    tiles, other = Tiles.of("tianditu:0123abcd"), Tiles.of("https://tiles.example/{z}/{x}/{y}.png")
    assert tiles is not None
    assert other is not None
    told = tiles.out()
    layers = [url.split("/")[3] for url in (told["urls"][0], told["labels"]["zh"], told["labels"]["en"])]
    assert layers == ["vec_w", "cva_w", "eva_w"]
    for url in told["labels"].values():
        assert url.startswith(tiles.origin + "/"), "the same host, so that the policy is not wider"
        assert "LAYER=vec" not in url
        assert url.endswith("TILEROW={y}&TILECOL={x}&tk=0123abcd")
    assert other.out()["labels"] == {}


@pytest.mark.parametrize("setting", [
    "tiles.example/{z}/{x}/{y}", "https://tiles.example/{z}/{x}", "javascript:{z}{x}{y}", "https://a.example; script-src */{z}/{x}/{y}",
    "https://user@a.example/{z}/{x}/{y}", "file:///{z}/{x}/{y}",
])  # fmt: skip
def test_what_is_no_address_of_tiles_is_refused_at_the_start(setting: str) -> None:
    with pytest.raises(ValueError, match="KOUAN_TILES"):
        Tiles.of(setting)


async def test_an_archive_is_served_by_ranges_to_those_who_are_signed_in(tmp_path: Path) -> None:
    picture = png(10, 200, 30)
    path = archive(tmp_path / "port.pmtiles", picture)
    tiles = Tiles.of(f"pmtiles:{path}")
    assert tiles is not None
    assert policy(CSP, tiles) == CSP, "our own host is asked, and no other"
    assert (tiles.out()["archive"], tiles.out()["urls"]) == ("/api/tiles", [])
    app = FastAPI()
    problems.install(app)
    app.state.tiles = tiles
    app.include_router(router)
    app.dependency_overrides[caller] = lambda: None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://port") as client:
        head = await client.get("/api/tiles", headers={"Range": "bytes=0-126"})
        assert (head.status_code, head.content[:8], len(head.content)) == (206, b"PMTiles\x03", 127)
        end = await client.get("/api/tiles", headers={"Range": f"bytes=-{len(picture)}"})
        assert (end.status_code, end.content) == (206, picture)
        app.state.tiles = None
        assert (await client.get("/api/tiles")).status_code == 404


def test_what_is_no_archive_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"PMTiles\x02 older")
    for name in ("other", "absent"):
        with pytest.raises(ValueError, match="PMTiles 3"):
            Tiles.of(f"pmtiles:{tmp_path / name}")
