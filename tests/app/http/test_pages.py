"""The web client's files travel compressed to whoever can read that, and are the same files."""

from __future__ import annotations

import re

from tests.conftest import Running


def test_assets_travel_compressed_and_are_the_same(platform: Running) -> None:
    with platform.client() as client:
        page = client.get("/").text
        assets = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', page)
        assert assets
        for asset in assets:
            small = client.get(asset, headers={"Accept-Encoding": "gzip"})
            plain = client.get(asset, headers={"Accept-Encoding": "identity"})
            assert small.headers["content-encoding"] == "gzip"
            assert "content-encoding" not in plain.headers
            assert int(small.headers["content-length"]) < int(plain.headers["content-length"])
            assert small.content == plain.content
            assert small.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
            assert small.headers["content-type"] == plain.headers["content-type"]
