"""Goods declarations through the front door: filed over HTTP at a fixed rate, each validated, durable, with receipt.

Runs alone: a platform of its own (PostgreSQL with fsync on, NATS, signer, server, worker) with simulators off. A null
agency (customs' system) takes every declaration from the outbox and acknowledges in batches. The
declarations are synthetic, of the demo port's own office, so that each is validated, kept, put on the ledger, scored
by the risk rules and released by the worker. Open loop: latency counts from the moment at which each should have been
sent. Peers, in the same run: what it costs to parse the same bodies with lxml; and, where KOUAN_SHARED or ../shared
holds a published schema, to parse and validate the very bodies that were filed, and its own examples, beside our reading of them.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from bench._agency import Agency
from bench._command import parser, say
from bench._platform import ROOT, Platform, machine, spent, started
from kouan.base.exchange.formats.wco_dec.format import WcoDeclaration
from kouan.kernel.errors import Failure
from kouan.kernel.ledger import store
from kouan.kernel.suites.intl import INTL
from kouan_sim.doors import Door
from kouan_sim.filings import Source, declarations
from kouan_sim.identifiers import References
from kouan_sim.load import Filing, Plan, Run, prepare
from kouan_sim.traders import OFFICE

RATE, SECONDS, WARM, CONNECTIONS = 300.0, 60.0, 5.0, 64
WATCH = 5.0
CONNECTOR = "customs"
DECLARATION = "base.declaration.declaration"
SETTLE_WITHIN = 30.0
PEER_SECONDS = 2.0
SCHEMA = "schemas/wco/declaration/WCO_DEC_2_DMS.xsd"
STATES = "select state, count(*) n from r_base_declaration_declaration group by 1"
BEHIND = """select count(*) n, coalesce(extract(epoch from now() - min(run_at)), 0)::float8 age
    from task where not dead and run_at <= now()"""


async def _settled(platform: Platform) -> dict[str, Any]:
    """How far behind the handlers are now, and how long until they have done everything."""
    conn, began = await platform.connect(), time.monotonic()
    first = now = await conn.fetchrow(BEHIND)
    while now["n"] and time.monotonic() < began + SETTLE_WITHIN:
        await asyncio.sleep(0.05)
        now = await conn.fetchrow(BEHIND)
    states = {row["state"]: row["n"] for row in await conn.fetch(STATES)}
    await conn.close()
    return {
        "waiting_at_end": first["n"], "oldest_at_end_s": round(first["age"], 2),
        "caught_up_after_s": round(time.monotonic() - began, 2) if not now["n"] else None, "states": states,
    }  # fmt: skip


async def _watch(platform: Platform, samples: list[dict[str, Any]]) -> None:
    """Note every few seconds how far the handlers and the outbox are behind and what memory is held, until cancelled."""
    conn = await platform.connect()
    try:
        while True:
            behind = await conn.fetchrow(BEHIND)
            samples.append({"lag_s": behind["age"], "tasks": behind["n"], "memory": await asyncio.to_thread(platform.memory)})
            await asyncio.sleep(WATCH)
    finally:
        await conn.close()


def course(samples: list[dict[str, Any]]) -> dict[str, Any]:
    """How lag and memory went: the largest lag of the first and the last third; memory at the start, in the middle, at the end."""
    third = max(len(samples) // 3, 1)
    first, last = samples[:third], samples[-third:]
    moments = {"start": samples[0], "middle": samples[len(samples) // 2], "end": samples[-1]} if samples else {}
    return {
        "samples": len(samples), "lag_s": {"first_third": _largest(first), "last_third": _largest(last)},
        "memory_mib": {
            part: {moment: round(sample["memory"].get(part, 0.0), 1) for moment, sample in moments.items()}
            for part in sorted(samples[-1]["memory"])
        },
    } if samples else {}  # fmt: skip


def _largest(samples: list[dict[str, Any]]) -> float:
    return round(max(float(one["lag_s"]) for one in samples), 2)


async def _told(platform: Platform, agency: Agency) -> dict[str, Any]:
    """How many deliveries the null agency took, and how many still wait for it."""
    conn = await platform.connect()
    waiting = await conn.fetchval("select count(*) from delivery where connector = $1 and state = 'waiting'", CONNECTOR)
    await conn.close()
    return {"taken": agency.taken, "batches": agency.batches, "waiting_at_end": waiting}


async def _connected(platform: Platform, agency: Agency) -> None:
    while not (platform.home / "demo.json").exists():
        await asyncio.sleep(0.1)
    async with Door(platform.url, platform.token(CONNECTOR), wait=30.0) as door:
        answer = await door.call("PUT", f"/api/connectors/{CONNECTOR}", {"address": agency.url})
        if not answer.ok:
            raise ValueError(f"the null agency's address was not taken: {answer.reason}")
        # It asks for JSON: writing another party's standard is that party's cost, measured apart.
        answer = await door.call("PUT", f"/api/routes/{CONNECTOR}/{DECLARATION}", {"form": "json"})
        if not answer.ok:
            raise ValueError(f"the null agency's route was not taken: {answer.reason}")


async def _proof_wait(platform: Platform) -> float | None:
    """Seconds from now, when the last filing is answered, until a signed checkpoint covers every entry there is."""
    conn, began = await platform.connect(), time.monotonic()
    last = await conn.fetchval("select id from ledger_entry order by seq desc limit 1")
    proof = None
    while proof is None and time.monotonic() < began + 10:
        proof = await store.proof(conn, INTL, last)
        await asyncio.sleep(0.005)
    await conn.close()
    return round(time.monotonic() - began, 2) if proof else None


def _published() -> tuple[etree.XMLSchema, list[bytes]] | None:
    """HM Revenue & Customs' schema of a WCO declaration and their examples that are valid by it and that we read too."""
    folder = Path(os.environ.get("KOUAN_SHARED") or ROOT.parent / "shared") / "data" / "customs" / "hmrc-cds"
    if not (folder / SCHEMA).is_file():
        return None
    schema = etree.XMLSchema(etree.parse(str(folder / SCHEMA)))
    bodies = [path.read_bytes() for path in sorted((folder / "examples").glob("*/*.xml"))]
    return schema, [body for body in bodies if _valid(schema, body) and _read(body)]


def _valid(schema: etree.XMLSchema, body: bytes) -> bool:
    found = etree.fromstring(body).find(".//{*}Declaration")
    return found is not None and schema.validate(found)


def _read(body: bytes) -> bool:
    try:
        return bool(WcoDeclaration().read(body, record="", office=OFFICE).parts)
    except Failure:
        return False


def _cost(bodies: list[bytes], work: Any, seconds: float) -> dict[str, float]:
    done, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < began + seconds:
        for body in bodies:
            work(body)
        done += len(bodies)
    return {
        "per_s": round(done / (time.perf_counter() - began)), "per_cpu_s": round(done / (time.process_time() - cpu)),
    }  # fmt: skip


def peers(bodies: list[bytes], seconds: float = PEER_SECONDS) -> dict[str, Any]:
    """What reading alone costs, without storing: lxml; a published schema's validation beside our own reading.

    Of the bodies filed and of the schema's own examples; how many are valid by it is said, since a refusal costs less.
    """
    found: dict[str, Any] = {"lxml parse": _cost(bodies, etree.fromstring, seconds)}
    published = _published()
    if published is None:
        found["published schema"] = {"absent": "no declaration schema in KOUAN_SHARED or ../shared"}
        return found
    schema, examples = published
    sets = {"bodies filed": bodies, "its own examples": examples}
    found["published schema"] = {name: _validated(schema, some, seconds) for name, some in sets.items()}
    return found


def _validated(schema: etree.XMLSchema, bodies: list[bytes], seconds: float) -> dict[str, Any]:
    """Parsing and validating by the schema, and our reading, on the same bodies."""
    if not bodies:
        return {"absent": "no such files"}
    return {
        "bodies": len(bodies), "valid by the schema": sum(_valid(schema, body) for body in bodies),
        "read by kouan": sum(map(_read, bodies)), "lxml parse and validate": _cost(bodies, partial(_valid, schema), seconds),
        "kouan read and check": _cost(bodies, _read, seconds),
    }  # fmt: skip


async def _measure(platform: Platform, source: Source, warm: Plan, plan: Plan) -> dict[str, Any]:
    async with Agency() as agency:
        await _connected(platform, agency)
        return await _loaded(platform, agency, source, warm, plan)


async def _loaded(platform: Platform, agency: Agency, source: Source, warm: Plan, plan: Plan) -> dict[str, Any]:
    samples: list[dict[str, Any]] = []
    seen: list[bytes] = []

    def kept(filings: Iterator[Filing]) -> Iterator[Filing]:
        for filing in filings:
            if len(seen) < 200:
                seen.append(filing.body)
            yield filing

    await prepare(platform.url, platform.token("carrier"), source.before)
    token, filings = platform.token("trader"), kept(source.filings)
    await Run(warm, platform.url, token, filings).run()
    await _settled(platform)
    before = platform.cpu()
    watching = asyncio.create_task(_watch(platform, samples))
    report = await Run(plan, platform.url, token, filings).run()
    watching.cancel()
    told = await _told(platform, agency)
    during = spent(before, platform.cpu())
    handlers, proof = await asyncio.gather(_settled(platform), _proof_wait(platform))
    whole = spent(before, platform.cpu())
    total = sum(whole.values())
    return {
        "name": "intake", **report, "per_cpu_s": round(report["accepted"] / total, 1) if total else None,
        "platform_cpu_s": whole, "platform_cpu_total_s": round(total, 2), "platform_cpu_during_load_s": during,
        "cpu_ms_each": round(1000 * total / max(report["accepted"], 1), 2), "handlers": handlers, "course": course(samples), "agency": told,
        "proof_after_last_s": proof, "fsync": True, "peers": peers(seen),
    }  # fmt: skip


def run(rate: float = RATE, seconds: float = SECONDS, warm: float = WARM) -> dict[str, Any]:
    """File at a rate for some seconds after a warm-up; the answer names what is synthetic and the machine."""
    refs, plan, first = References(), Plan(rate, seconds, CONNECTIONS), Plan(rate, warm, CONNECTIONS)
    source = declarations(refs, plan.count + first.count)
    where = machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, source, first, plan))
    return {**measured, "data": "synthetic declarations (kouan_sim), demo port (fictional)", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rate", type=float, default=RATE, help="declarations a second")
    made.add_argument("--seconds", type=float, default=SECONDS)
    given = made.parse_args()
    say(run(given.rate, given.seconds), line=given.json)


if __name__ == "__main__":
    main()
