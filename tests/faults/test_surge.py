"""A surge on one small service is shed there; filings and other services go on (UNI-PASS, December 2025)."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kouan_sim.identifiers import References
from kouan_sim.messages import wco_declaration
from kouan_sim.traders import TRADER, Desk
from tests.conftest import Running
from tests.shipment import GREEN

SURGE, FILINGS = 320, 20
STATUS = "/api/records/base/movement/status"
DECLARATION = "/api/records/base/declaration/declaration"


def caller(platform: Running, org: str, most: int = 10) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=platform.url, headers={"Authorization": f"Bearer {platform.token(org)}"}, timeout=60, trust_env=False,
        limits=httpx.Limits(max_connections=most),
    )  # fmt: skip


Answers = dict[str, list[httpx.Response]]


async def surge(platform: Running) -> tuple[list[httpx.Response], Answers, int]:
    """Many traces at once, and meanwhile declarations, reports by form, lists, and somebody else's trace."""
    desk, refs, now = Desk(References(), "SRG"), References(), datetime.now(UTC)
    bill = desk.bill(GREEN, 1, TRADER)
    voyage = desk.voyage(now + timedelta(hours=6), 0, extra=[bill])
    status = {"code": "21", "text": "surge", "equipment": bill.boxes[0].number}
    async with AsyncExitStack() as opened:
        many, trader, terminal, other = [
            await opened.enter_async_context(caller(platform, org, most))
            for org, most in (("customs", SURGE), ("trader", 10), ("terminal", 10), ("border", 10))
        ]
        asked = [asyncio.create_task(many.post("/api/trace", json={"ref": "container:MSKU9070323"})) for _ in range(SURGE)]
        await asyncio.sleep(0.3)
        others: Answers = {name: [] for name in ("intake", "form", "list")}
        for count in range(FILINGS):
            body = wco_declaration(voyage, bill, refs.next("SRG"), now, office="9902")
            others["intake"].append(await trader.post("/api/intake/wco-dec", content=body))
            others["form"].append(await terminal.post(STATUS, json={**status, "at": (now - timedelta(minutes=count)).isoformat()}))
            others["list"].append(await terminal.get(STATUS, params={"limit": 5}))
        # Another caller of the same service has its turn before those who came in thousands.
        fair = (await other.post("/api/trace", json={"ref": "container:MSKU9070323"})).status_code
        return list(await asyncio.gather(*asked)), others, fair


@pytest.mark.alone
def test_a_surge_on_one_service_is_shed_there_alone(platform: Running) -> None:
    asked, others, fair = asyncio.run(surge(platform))
    said = {name: Counter(answer.status_code for answer in answers) for name, answers in others.items()}
    assert said == {"intake": {201: FILINGS}, "form": {201: FILINGS}, "list": {200: FILINGS}}, "none is shed at the other doors"
    with platform.client("trader") as trader, platform.client("terminal") as terminal:
        filed = [record["id"] for answer in others["intake"] for record in answer.json()["records"]]
        told = [answer.json()["item"]["id"] for answer in others["form"]]
        assert len({*filed, *told}) == 2 * FILINGS
        kept = [trader.get(f"{DECLARATION}/{one}").status_code for one in filed]
        kept += [terminal.get(f"{STATUS}/{one}").status_code for one in told]
    assert kept == [200] * 2 * FILINGS, "what was accepted meanwhile is kept"
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
