"""Gate passages over HTTP: all rules of the gate judged, the passage kept durably, the decision in the answer.

Runs alone: a platform of its own with simulators off. Open loop at a rate, each passage with another simulated plate
and box; latency counts from the moment at which it should have been sent. Without --booked no vehicle has an appointment,
so that all are refused; with it each has one, all are let in, and their moves and the yard's stock follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from bench._command import parser, say
from bench._platform import Platform, machine, spent, started
from kouan_sim.filings import Source, passages
from kouan_sim.identifiers import References
from kouan_sim.load import Filing, Plan, Run

RATE, SECONDS, WARM, CONNECTIONS = 100.0, 30.0, 5.0, 32
BOOKINGS, BOOKED_RATE = "/api/records/services/booking/booking", 100.0
DECISIONS = "select doc->>'decision' decision, count(*) n from r_facilities_gate_passage group by 1"


def bookings(trucks: Iterable[Filing]) -> Iterator[Filing]:
    """An appointment for each of some vehicles, from an hour ago until in two hours."""
    opens, closes = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=2)
    for truck in trucks:
        body = {**orjson.loads(truck.body), "number": f"BK-{truck.reference}"[:40], "opens": opens, "closes": closes}
        yield Filing(truck.reference, BOOKINGS, "application/json", orjson.dumps(body))


async def _measure(platform: Platform, source: Source, warm: Plan, plan: Plan, *, booked: bool) -> dict[str, Any]:
    token = platform.token(source.filer)
    trucks = list(islice(source.filings, warm.count + plan.count))
    if booked:
        told = Plan(BOOKED_RATE, len(trucks) / BOOKED_RATE, CONNECTIONS)
        made = await Run(told, platform.url, platform.token("trucker"), bookings(trucks)).run()
        if made["accepted"] < len(trucks):
            raise RuntimeError(f"bookings were not taken: {made['problems']}")
    presented = iter(trucks)
    await Run(warm, platform.url, token, presented).run()
    before = platform.cpu()
    report = await Run(plan, platform.url, token, presented).run()
    during = spent(before, platform.cpu())
    conn = await platform.connect()
    decisions = {row["decision"]: row["n"] for row in await conn.fetch(DECISIONS)}
    await conn.close()
    if booked and (others := sum(decisions.values()) - decisions.get("open", 0)):
        raise RuntimeError(f"{others} vehicles with an appointment were not let in: {decisions}")
    total = sum(during.values())
    return {
        "name": "gate", "booked": booked, **report, "per_cpu_s": round(report["accepted"] / total, 1) if total else None,
        "platform_cpu_s": during, "platform_cpu_total_s": round(total, 2),
        "cpu_ms_each": round(1000 * total / max(report["accepted"], 1), 2), "decisions": decisions, "fsync": True,
        "peers": {"absent": "no open gate system that could be started beside it"},
    }  # fmt: skip


def run(rate: float = RATE, seconds: float = SECONDS, warm: float = WARM, *, booked: bool = False) -> dict[str, Any]:
    """Present vehicles at lane in-1 at a rate; the answer names what is simulated and the machine."""
    plan, first = Plan(rate, seconds, CONNECTIONS), Plan(rate, warm, CONNECTIONS)
    source, where = passages(References(), plan.count + first.count, ""), machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, source, first, plan, booked=booked))
    return {**measured, "data": "simulated vehicles (kouan_sim), demo port (fictional)", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rate", type=float, default=RATE, help="passages a second")
    made.add_argument("--seconds", type=float, default=SECONDS)
    made.add_argument("--booked", action="store_true", help="every vehicle has an appointment and is let in")
    given = made.parse_args()
    say(run(given.rate, given.seconds, booked=given.booked), line=given.json)


if __name__ == "__main__":
    main()
