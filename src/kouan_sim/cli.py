"""Command line of the simulators: ship, agencies, authority, trucks, papers, demo, load. All of it is simulated (模拟)."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import os
import random
import signal
import sys
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from kouan_sim import papers, province
from kouan_sim.agencies import AGENCIES, Faults, Twin, run_twins
from kouan_sim.authority import Authority, attend, examples
from kouan_sim.demo import demo
from kouan_sim.doors import Accounts, Door, NoAccount, Unreachable, address, running
from kouan_sim.feed import Station, feed
from kouan_sim.filings import KINDS
from kouan_sim.identifiers import References
from kouan_sim.load import Keeper, NotLoopback, Plan, Run, prepare
from kouan_sim.nautical import Chart
from kouan_sim.scene import Pace
from kouan_sim.ships import MAIN_SHIP, SISTER, background, main_ship
from kouan_sim.traders import OFFICE
from kouan_sim.trucks import Fleet, Yard, visit


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(document).decode() + "\n")
    sys.stdout.flush()


def _home(args: argparse.Namespace) -> Path:
    return Path(args.home or os.environ.get("KOUAN_HOME") or ".kouan")


def _url(args: argparse.Namespace) -> str:
    return address(args.url, _home(args))


def _token(args: argparse.Namespace, org: str) -> str:
    """The token given, KOUAN_TOKEN, or that of the organisation in the demo's data folder."""
    given: str = args.token or os.environ.get("KOUAN_TOKEN", "")
    return given or Accounts.of(_home(args)).token(org)


async def _ship(args: argparse.Namespace) -> int:
    chart = await _chart(args)
    chance = random.Random(args.seed)
    port = args.port or int(running(_home(args)).get("nmea", 0))
    if not port:
        raise Unreachable("no AIS port is known: give --port, KOUAN_NMEA_PORT or KOUAN_HOME")
    vessel = MAIN_SHIP if args.star else SISTER
    ships = [
        main_ship(chart, once=not args.loop, identity=vessel),
        *(background(chart, chance) if args.background else []),
    ]
    told = await feed(Station(ships, tagged=not args.plain), args.host, port, factor=args.speed, seconds=args.seconds)
    _say({"simulated": True, "ships": len(ships), "sentences": told.sentences, "connections": told.connections})
    return 0 if told.sentences else 1


async def _chart(args: argparse.Namespace) -> Chart:
    try:
        async with Door(_url(args), _token(args, "portoffice"), wait=3.0) as door:
            answer = await door.get("/api/places")
            return Chart.from_geojson(answer.body) if answer.ok else Chart.fallback()
    except (Unreachable, NoAccount, OSError, ValueError):
        return Chart.fallback()


async def _agencies(args: argparse.Namespace) -> int:
    accounts = Accounts.of(_home(args))
    faults = Faults(args.down, args.down_after, args.slow, args.unavailable, args.duplicates)
    names = args.only.split(",") if args.only else list(AGENCIES)
    url = _url(args)
    twins = [Twin(AGENCIES[n], url, accounts.token(n), faults=faults, think=args.think, guest=True) for n in names]
    try:
        await run_twins(twins, args.seconds)
    finally:
        counts = {
            twin.agency.name: {
                "deliveries": twin.deliveries, "repeated": twin.repeated, "forged": twin.forged, "answers": twin.answered,
                "instructions": [{"ref": one.ref, "what": one.what} for one in twin.instructions],
            }
            for twin in twins
        }  # fmt: skip
        _say({"simulated": True, "agencies": counts})
    return 0


async def _authority(args: argparse.Namespace) -> int:
    authority = Authority()
    authority.issue(examples(datetime.now(UTC).date()))
    async with Door(_url(args), _token(args, "portoffice")) as door:
        asked = await attend(authority, door, args.seconds)
    _say({"simulated": True, "asked": asked, "left": {n: str(p.left) for (_, n), p in authority.papers.items()}})
    return 0


async def _trucks(args: argparse.Namespace) -> int:
    refs, yard = References(), Yard()
    yard.ready.extend(args.container)
    fleet = Fleet(refs.chance("trucks"))
    url, accounts = _url(args), Accounts.of(_home(args))
    async with Door(url, accounts.token("terminal")) as terminal, Door(url, accounts.token("trucker")) as trucker:
        for number in itertools.count() if args.count is None else range(args.count):
            await asyncio.sleep(args.every if number else 0)
            wish, truck = fleet.next(yard)
            answer = await visit(trucker, terminal, wish, truck, refs)
            row = {"wish": wish, "passage": truck.passage(), "status": answer.status, "answer": answer.body}
            _say({"simulated": True, **row})
    return 0


async def _demo(args: argparse.Namespace) -> int:
    nmea = int(os.environ.get("KOUAN_NMEA_PORT") or 0)
    pace = Pace(args.declaration_every, args.truck_every, args.speed)
    await demo(_url(args), nmea, _home(args), pace)
    return 0


async def _papers(args: argparse.Namespace) -> int:
    _say(papers.write(Path(args.out), References()))
    return 0


async def _province(args: argparse.Namespace) -> int:
    url, accounts, wrong, taken = _url(args), Accounts.of(_home(args)), [], 0
    for filing in province.filings(References(), region=args.region):
        async with Door(url, accounts.token(filing.org)) as door:
            answer = await door.persistently("POST", filing.path, filing.body, media=filing.media)
        taken += answer.ok
        wrong += [one] if (one := province.refused(filing, answer)) else []
    async with Door(url, accounts.token("portoffice")) as door:
        families = (await door.get("/api/base/families")).body["items"]
    counts = {one["family"]: one["count"] for one in families}
    _say({"simulated": True, "filed": taken, "refused": wrong, "families": counts})
    return 0 if not wrong else 1


async def _load(args: argparse.Namespace) -> int:
    plan = Plan(args.rate, args.seconds, args.connections)
    refs = References(args.run_id or None)
    url, source = _url(args), KINDS[args.kind](refs, plan.count, args.office)
    run = Run(plan, url, _token(args, source.filer), source.filings)
    if source.before:
        await prepare(url, Accounts.of(_home(args)).token("carrier"), source.before)
    keeper = Keeper(Path(args.keep)) if args.keep else None
    try:
        report = await run.run(keeper)
    finally:
        if keeper is not None:
            keeper.close()
    _say({"simulated": True, "kind": args.kind, "run": refs.run, **report})
    return 0 if report["accepted"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kouan-sim", description="Simulated ships, agencies, trucks and traders (模拟)"
    )
    commands = parser.add_subparsers(required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--url", default="", help="the platform (default KOUAN_URL, or this machine's KOUAN_PORT)")
    common.add_argument("--home", default="", help="data folder with demo.json (default KOUAN_HOME, or .kouan)")
    common.add_argument("--token", default="", help="bearer token (default KOUAN_TOKEN, or the demo's)")
    _add_ship(commands.add_parser("ship", parents=[common], help="a simulated voyage as AIS over TCP"))
    _add_agencies(commands.add_parser("agencies", parents=[common], help="simulated agency systems"))
    authority = commands.add_parser("authority", parents=[common], help="an issuing authority that verifies import licences")
    authority.add_argument("--seconds", type=float, help="how long to serve (default: without end)")
    authority.set_defaults(run=_authority)
    trucks = commands.add_parser("trucks", parents=[common], help="simulated trucks at the gate")
    trucks.add_argument("--count", type=int, help="how many (default: without end)")
    trucks.add_argument("--every", type=float, default=15.0, help="seconds between two trucks")
    trucks.add_argument("--container", action="append", default=[], help="a box that may leave; can be repeated")
    trucks.set_defaults(run=_trucks)
    lively = commands.add_parser("demo", parents=[common], help="the living demo port beside the platform")
    lively.add_argument("--speed", type=float, default=20.0, help="how many times faster than life ships sail")
    lively.add_argument("--declaration-every", type=float, default=20.0, help="seconds")
    lively.add_argument("--truck-every", type=float, default=15.0, help="seconds")
    lively.set_defaults(run=_demo)
    written = commands.add_parser("papers", help="the papers of one fresh voyage of SIM COMET as files")
    written.add_argument("--out", required=True, help="folder for them and index.json")
    written.set_defaults(run=_papers)
    sample = commands.add_parser("province", parents=[common], help="load a sample province: one base, four ports, seven families")
    sample.add_argument("--region", default="transport", help="the organisation that is the region's window and reads the base")
    sample.set_defaults(run=_province)
    _add_load(commands.add_parser("load", parents=[common], help="open-loop load on this machine's platform"))
    return parser


def _add_ship(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("KOUAN_NMEA_PORT") or 0), help="AIS over TCP")
    parser.add_argument("--speed", type=float, default=20.0, help="how many times faster than life the ship sails")
    parser.add_argument("--seconds", type=float, help="how long to send (default: without end)")
    parser.add_argument("--star", action="store_true", help="sail the demo's SIM STAR, not her sister SIM COMET")
    parser.add_argument("--background", action="store_true", help="a dozen other simulated ships too")
    parser.add_argument("--loop", action="store_true", help="leave the berth again and come back")
    parser.add_argument("--plain", action="store_true", help="no NMEA tag blocks")
    parser.add_argument("--seed", default="kouan-sim")
    parser.set_defaults(run=_ship)


def _add_agencies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, help="how long to serve (default: without end)")
    parser.add_argument("--only", default="", help="names with commas between: " + ",".join(AGENCIES))
    parser.add_argument("--think", type=float, default=1.5, help="longest thinking time, seconds")
    parser.add_argument("--down", type=float, default=0.0, help="fault: refuse connections for so many seconds")
    parser.add_argument("--down-after", type=float, default=0.0, help="seconds before that begins")
    parser.add_argument("--slow", type=float, default=0.0, help="fault: seconds before each answer")
    parser.add_argument("--unavailable", type=float, default=0.0, help="fault: share of requests answered by 503")
    parser.add_argument("--duplicates", action="store_true", help="fault: file each answer twice")
    parser.set_defaults(run=_agencies)


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=float, required=True, help="filings a second")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--kind", choices=sorted(KINDS), default="wco-dec")
    parser.add_argument("--keep", default="", help="file for one line per acknowledged filing (reference, receipt)")
    parser.add_argument("--office", default=OFFICE, help="customs office of the declarations")
    parser.add_argument("--run-id", default="", help="repeat the references of that run")
    parser.set_defaults(run=_load)


async def _until_told(work: Coroutine[Any, Any, int]) -> int:
    """The work, ended early and cleanly by SIGTERM or SIGINT (exit code 0)."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `kouan-sim`: 0 when all went well, 1 when nothing was achieved, 2 when it could not begin."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    args = _parser().parse_args(argv)
    try:
        return asyncio.run(_until_told(args.run(args)))
    except (Unreachable, NoAccount, NotLoopback, OSError, ValueError) as trouble:
        sys.stderr.write(f"kouan-sim: {trouble}\n")
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
