"""Parties, issuing authorities and files that are fetched: a name that leads into an inside network is not called."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kouan.base.ingest.records import Source
from kouan.base.ingest.sources.common import Away as SourceAway
from kouan.base.ingest.sources.common import Context
from kouan.base.ingest.sources.files import http
from kouan.base.permit.asking import Asking
from kouan.base.permit.asking import Away as AuthorityAway
from kouan.kernel.outgoing import WAYS
from kouan.kernel.ways import Ways
from kouan.supervision.clearance.connectors.customs.connector import Customs
from tests.base.exchange.parties import party


async def test_a_name_that_leads_inside_is_called_by_nothing_of_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    async with party() as its:
        port: Any = SimpleNamespace(extras={WAYS: Ways(demo=False)})
        for scheme in ("http", "https"):
            address = f"{scheme}://party.example:{its.port}"
            customs = Customs()
            customs.bind(port)
            wrong = await customs.check(address)
            assert wrong is not None
            assert "may not be called" in wrong.en
            await customs.close()
            async with Asking(demo=False) as asking:
                with pytest.raises(AuthorityAway, match="may not be called"):
                    await asking.verify(address, {})
            source = Source(code="x", name="x", kind="http", address=f"{address}/check", target="dataset:x")
            context = Context(source, "k", allowed={f"party.example:{its.port}"}, folder=tmp_path, port=port)
            with pytest.raises(SourceAway, match="inside network"):
                _ = [item async for item in http(context)]
        demo = Customs()
        demo.bind(SimpleNamespace(extras={WAYS: Ways(demo=True)}))  # type: ignore[arg-type]  # all that it asks of the port
        assert await demo.check(f"http://party.example:{its.port}") is None
        await demo.close()
