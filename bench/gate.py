"""Gate passages over HTTP: all rules of the gate judged, the passage kept durably, the decision in the answer.

Runs alone: a platform of its own with simulators off. Open loop at a rate, each passage with another simulated plate
and box; latency counts from the moment at which it should have been sent.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bench._command import parser, say
from bench._platform import Platform, machine, spent, started
from kouan_sim.filings import Source, passages
from kouan_sim.identifiers import References
from kouan_sim.load import Plan, Run

RATE, SECONDS, WARM, CONNECTIONS = 100.0, 30.0, 5.0, 32
DECISIONS = "select doc->>'decision' decision, count(*) n from r_facilities_gate_passage group by 1"


async def _measure(platform: Platform, source: Source, warm: Plan, plan: Plan) -> dict[str, Any]:
    token = platform.token(source.filer)
    await Run(warm, platform.url, token, source.filings).run()
    before = platform.cpu()
    report = await Run(plan, platform.url, token, source.filings).run()
    during = spent(before, platform.cpu())
    conn = await platform.connect()
    decisions = {row["decision"]: row["n"] for row in await conn.fetch(DECISIONS)}
    await conn.close()
    total = sum(during.values())
    return {
        "name": "gate", **report, "per_cpu_s": round(report["accepted"] / total, 1) if total else None,
        "platform_cpu_s": during, "platform_cpu_total_s": round(total, 2),
        "cpu_ms_each": round(1000 * total / max(report["accepted"], 1), 2), "decisions": decisions, "fsync": True,
        "peers": {"absent": "no open gate system that could be started beside it"},
    }  # fmt: skip


def run(rate: float = RATE, seconds: float = SECONDS, warm: float = WARM) -> dict[str, Any]:
    """Present vehicles at lane in-1 at a rate; the answer names what is simulated and the machine."""
    plan, first = Plan(rate, seconds, CONNECTIONS), Plan(rate, warm, CONNECTIONS)
    source, where = passages(References(), plan.count + first.count, ""), machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, source, first, plan))
    return {**measured, "data": "simulated vehicles (kouan_sim), demo port (fictional)", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rate", type=float, default=RATE, help="passages a second")
    made.add_argument("--seconds", type=float, default=SECONDS)
    given = made.parse_args()
    say(run(given.rate, given.seconds), line=given.json)


if __name__ == "__main__":
    main()
