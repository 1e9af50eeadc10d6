"""The living demo port: everything simulated that runs beside the platform, at a small port's rhythm.

Ships report by AIS, SIM STAR 模拟星 comes and goes; for each of her voyages the agent files one port call, the carrier its
manifest, bay plan and discharge list, the terminal a berth plan and, box by box, what it discharged. Traders declare, trucks
drive over lanes with devices, agencies answer, officers inspect. It survives restarts of the platform.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kouan_sim import gateway, messages, profiles, trains
from kouan_sim.agencies import AGENCIES, RECEIVERS, Agency, Twin
from kouan_sim.ais import Identity
from kouan_sim.calls import fal_port_call
from kouan_sim.doors import Accounts, Door, NoAccount, Unreachable, healthy
from kouan_sim.feed import Station, feed
from kouan_sim.harbour import Harbour
from kouan_sim.identifiers import References
from kouan_sim.nautical import Chart
from kouan_sim.officers import Officers
from kouan_sim.park import park
from kouan_sim.scene import Pace, Scene, said
from kouan_sim.ships import Anchored, background, main_ship
from kouan_sim.terminal import BERTH, Yardmaster
from kouan_sim.traders import PORT, Bill, Desk, Voyage, understated

log = logging.getLogger(__name__)

BILLS = 30
WATCHED = 60
DISHONEST = 0.03
MARK = "SIMD"
DECLARED = "/api/records/base/declaration/declaration"


async def demo(url: str, nmea: int, home: Path, pace: Pace | None = None, wait: float = 240.0) -> None:
    """Run the demo until cancelled. Waits at most `wait` seconds for the platform; then raises Unreachable.

    `nmea`: the AIS port; 0 takes the one that the health document names. `home`: the folder with demo.json.
    """
    health = await healthy(url, wait)
    accounts = Accounts.of(home)
    port = nmea or int(health.get("ports", {}).get("nmea") or 0)
    refs = References()
    chart = await _chart(url, accounts)
    ship = main_ship(chart)
    scene = Scene(url, accounts, refs, pace or Pace(), ship, Desk(refs), home)
    others = background(chart, refs.chance("fleet"))
    anchored = [one.identity for one in others if isinstance(one, Anchored)]
    station = Station([ship, *others])
    acts: list[Awaitable[object]] = [
        _kept_up("voyages", lambda: _voyages(scene)),
        _kept_up("declarations", lambda: _declarations(scene)),
        _kept_up("outcomes", lambda: _outcomes(scene)),
        _kept_up("trucks", lambda: gateway.trucks(scene)),
        _kept_up("officers", lambda: _officers(scene)),
        _kept_up("profile", lambda: _profile(scene)),
        _kept_up("terminal", lambda: _terminal(scene)),
        _kept_up("devices", lambda: park(url, accounts, home, refs.chance("devices"))),
        _kept_up("roadstead", lambda: _roadstead(scene, anchored)),
        *(_kept_up(name, _twin(scene, agency)) for name, agency in {**AGENCIES, **RECEIVERS}.items()),
    ]
    if gnss := int(health.get("ports", {}).get("gnss") or 0):
        acts.append(_kept_up("train", lambda: trains.drive(url, accounts.token("terminal"), "127.0.0.1", gnss)))
    if port:
        acts.append(_kept_up("ships", lambda: feed(station, "127.0.0.1", port, factor=scene.pace.factor)))
    await asyncio.gather(*acts)


async def _chart(url: str, accounts: Accounts) -> Chart:
    try:
        async with Door(url, accounts.token("portoffice")) as door:
            answer = await door.get("/api/places")
            return Chart.from_geojson(answer.body) if answer.ok else Chart.fallback()
    except (Unreachable, NoAccount):
        return Chart.fallback()


async def _kept_up(name: str, act: Callable[[], Awaitable[object]]) -> None:
    """Run an act; when the platform goes away or something breaks, say so and begin it again."""
    while True:
        try:
            await act()
        except NoAccount as missing:
            log.warning("simulated %s: %s", name, missing)
            await asyncio.sleep(60)
        except (Unreachable, ConnectionError) as away:
            log.info("simulated %s: platform away (%s)", name, away)
        except Exception:
            log.exception("simulated %s: stumbled", name)
        await asyncio.sleep(2)


def _twin(scene: Scene, agency: Agency) -> Callable[[], Awaitable[object]]:
    def run() -> Awaitable[object]:
        return Twin(agency, scene.url, scene.accounts.token(agency.name)).run()

    return run


async def _voyages(scene: Scene) -> None:
    """The papers of each voyage of the ship, and what she does, as she does it."""
    async with scene.door("agent") as agent, scene.door("carrier") as carrier, scene.door("terminal") as terminal:
        harbour, told, seen = Harbour(agent, carrier, terminal, scene.refs), 0, "approaching"
        voyage: Voyage | None = None
        await harbour.settle(scene.ship.identity.name)
        while True:
            if scene.ship.voyages != told:
                await asyncio.sleep(scene.pace.start)
                told, seen = scene.ship.voyages, "approaching"
                voyage = await _announce(scene, agent, carrier)
                await harbour.stow(voyage)
                await harbour.berth(voyage, BERTH)
            elif voyage is not None and scene.ship.state != seen:
                seen = scene.ship.state
                await _sails(scene, harbour, voyage, seen)
            await asyncio.sleep(1)


async def _sails(scene: Scene, harbour: Harbour, voyage: Voyage, state: str) -> None:
    if state == "moored":
        await harbour.tell(voyage, "arrived")
        await harbour.tell(voyage, "alongside", BERTH)
        scene.alongside = voyage.number
    elif state == "departing":
        await harbour.tell(voyage, "departed", BERTH)


async def _roadstead(scene: Scene, anchored: Sequence[Identity]) -> None:
    """The calls of ships at anchor, each day anew."""
    async with scene.door("agent") as agent, scene.door("carrier") as carrier, scene.door("terminal") as terminal:
        harbour = Harbour(agent, carrier, terminal, scene.refs)
        while True:
            await harbour.roadstead(anchored)
            await asyncio.sleep(3600)


async def _profile(scene: Scene) -> None:
    """The demo's selection profile, by two officers of customs; tried again until it is in force, then left to people."""
    async with scene.door("customs") as first, scene.door("customs", profiles.SECOND) as second:
        while not await profiles.put_in_force(first, second):
            await asyncio.sleep(60)
        await asyncio.Event().wait()


async def _announce(scene: Scene, agent: Door, carrier: Door) -> Voyage:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    # The times are those of the clock on the wall: the ship sails faster than life.
    hours = timedelta(hours=1) / scene.pace.factor
    voyage = scene.desk.voyage(now + hours, BILLS, stay=scene.ship.stay * hours)
    call = fal_port_call(voyage, berth=f"{PORT}/berth/{BERTH}")
    said("port call", await agent.persistently("POST", "/api/intake/imo-fal", call, key=voyage.call, seconds=300))
    await asyncio.sleep(scene.pace.start)
    body = messages.cuscar(voyage, now)
    answer = await carrier.persistently(
        "POST", "/api/intake/edifact", body, key=voyage.manifest, media="application/edifact", seconds=300
    )
    said("manifest", answer)
    scene.expect(voyage)
    return voyage


async def _declarations(scene: Scene) -> None:
    """A declaration for the next bill of lading, again and again."""
    chance = scene.refs.chance("declarations")
    async with scene.door("trader") as trader:
        while True:
            if scene.undeclared:
                voyage, bill = scene.undeclared.popleft()
                reference = scene.refs.next(MARK)
                told = understated(bill) if chance.random() < DISHONEST else bill
                body = messages.wco_declaration(voyage, told, reference, datetime.now(UTC))
                answer = await trader.persistently(
                    "POST", "/api/intake/wco-dec", body, key=reference, media="application/xml", seconds=300
                )
                said("declaration", answer)
                if answer.ok:
                    scene.declared[reference] = bill
                await asyncio.sleep(scene.pace.declaration)
            else:
                await asyncio.sleep(1)


async def _outcomes(scene: Scene) -> None:
    """Ask, as the traders do, which declarations are released, so that trucks come for their boxes."""
    async with scene.door("trader") as trader:
        while True:
            await asyncio.sleep(10)
            for reference, bill in list(scene.declared.items())[:5]:
                answer = await trader.get(f"{DECLARED}?functional_reference={reference}")
                items = answer.body.get("items", []) if isinstance(answer.body, dict) else []
                _sort(scene, reference, bill, items[0] if items else {})


def _sort(scene: Scene, reference: str, bill: Bill, item: dict[str, object]) -> None:
    """Boxes still aboard are no truck's business yet."""
    del scene.declared[reference]
    ashore = all(box.number in scene.landed for box in bill.boxes)
    released = item.get("state") == "released" and ashore
    for box in bill.boxes if ashore else ():
        scene.yard.learn(box.number, released)
    if not released and len(scene.declared) < WATCHED:
        scene.declared[reference] = bill  # asked again when its turn comes


async def _officers(scene: Scene) -> None:
    """Officers at joint inspections, once a while."""
    async with scene.door("customs") as customs, scene.door("terminal") as terminal:
        officers = Officers(customs, terminal, MARK, scene.refs.chance("officers"), moves=False)
        while True:
            await asyncio.sleep(scene.pace.officers)
            await officers.round()


async def _terminal(scene: Scene) -> None:
    """Boxes come off the ship bill by bill once she lies alongside, and those asked for go to the inspection bay and back."""
    async with scene.door("terminal") as terminal:
        master = Yardmaster(terminal)
        while True:
            if scene.aboard and scene.alongside in {one.number for one, _ in scene.aboard}:
                voyage, bill = scene.aboard.popleft()
                await master.unload(voyage, bill, scene.refs)
                scene.landed.update(box.number for box in bill.boxes)
            await master.round()
            await asyncio.sleep(scene.pace.box)
