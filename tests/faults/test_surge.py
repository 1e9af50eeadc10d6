"""A surge on one small service is shed there; filings and other services go on (UNI-PASS, December 2025)."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx

from kouan_sim.identifiers import References
from kouan_sim.messages import wco_declaration
from kouan_sim.traders import TRADER, Desk
from tests.conftest import Running
from tests.shipment import GREEN

SURGE, FILINGS = 320, 20


def caller(platform: Running, org: str, most: int = 10) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=platform.url, headers={"Authorization": f"Bearer {platform.token(org)}"}, timeout=60, trust_env=False,
        limits=httpx.Limits(max_connections=most),
    )  # fmt: skip


async def surge(platform: Running) -> tuple[list[httpx.Response], list[int], int]:
    """Many traces at once, and meanwhile declarations, somebody else's trace and a list."""
    desk, refs, now = Desk(References(), "SRG"), References(), datetime.now(UTC)
    bill = desk.bill(GREEN, 1, TRADER)
    voyage = desk.voyage(now + timedelta(hours=6), 0, extra=[bill])
    bodies = [wco_declaration(voyage, bill, refs.next("SRG"), now, office="9902") for _ in range(FILINGS)]
    async with caller(platform, "customs", SURGE) as many, caller(platform, "trader") as trader, caller(platform, "border") as other:
        asked = [asyncio.create_task(many.post("/api/trace", json={"ref": "container:MSKU9070323"})) for _ in range(SURGE)]
        await asyncio.sleep(0.3)
        filed = [(await trader.post("/api/intake/wco-dec", content=body)).status_code for body in bodies]
        # Another caller of the same service has its turn before those who came in thousands.
        fair = (await other.post("/api/trace", json={"ref": "container:MSKU9070323"})).status_code
        return list(await asyncio.gather(*asked)), filed, fair


def test_a_surge_on_one_service_is_shed_there_alone(platform: Running) -> None:
    asked, filed, fair = asyncio.run(surge(platform))
    assert filed == [201] * FILINGS
    assert fair == 200
    seen = Counter(answer.status_code for answer in asked)
    assert seen[503] > 0
    assert set(seen) == {200, 503}
    shed = next(answer for answer in asked if answer.status_code == 503)
    assert int(shed.headers["retry-after"]) > 0
    problem = shed.json()
    assert shed.headers["content-type"] == "application/problem+json"
    assert problem["rule"] == "bulkhead"
    assert problem["reason"]["zh"]
    assert problem["reason"]["en"]
