"""The living demo port: everything simulated that runs beside the platform, at a small port's rhythm.

Ships report by AIS, SIM STAR 模拟星 comes and goes; for each of her voyages the agent files one port call and the
carrier one manifest; traders declare, trucks come, agencies answer, officers inspect. It survives restarts of the platform.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kouan_sim import messages
from kouan_sim.agencies import AGENCIES, Twin
from kouan_sim.calls import fal_port_call
from kouan_sim.doors import Accounts, Answer, Door, NoAccount, Unreachable, healthy
from kouan_sim.feed import Station, feed
from kouan_sim.identifiers import References
from kouan_sim.nautical import Chart
from kouan_sim.officers import Officers
from kouan_sim.ships import Voyager, background, main_ship
from kouan_sim.terminal import Yardmaster
from kouan_sim.traders import Bill, Desk, Voyage, understated
from kouan_sim.trucks import Fleet, Yard, visit

log = logging.getLogger(__name__)

BILLS = 30
BERTH = "CNWHH/berth/B2"
WATCHED = 60
DISHONEST = 0.03
MARK = "SIMD"
DECLARED = "/api/records/base/declaration/declaration"


@dataclass(frozen=True, slots=True)
class Pace:
    """The rhythm: seconds between declarations and between trucks, and how much faster than life ships sail."""

    declaration: float = 20.0
    truck: float = 15.0
    factor: float = 20.0
    officers: float = 30.0
    start: float = 2.0
    box: float = 4.0


@dataclass(slots=True)
class Scene:
    """What the acts of the demo share."""

    url: str
    accounts: Accounts
    refs: References
    pace: Pace
    ship: Voyager
    desk: Desk
    yard: Yard = field(default_factory=Yard)
    undeclared: deque[tuple[Voyage, Bill]] = field(default_factory=deque)
    declared: dict[str, Bill] = field(default_factory=dict)
    aboard: deque[tuple[Voyage, Bill]] = field(default_factory=deque)
    landed: set[str] = field(default_factory=set)

    def door(self, org: str) -> Door:
        """A door with an organisation's token; raises NoAccount."""
        return Door(self.url, self.accounts.token(org))


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
    scene = Scene(url, accounts, refs, pace or Pace(), ship, Desk(refs))
    station = Station([ship, *background(chart, refs.chance("fleet"))])
    acts: list[Awaitable[object]] = [
        _kept_up("voyages", lambda: _voyages(scene)),
        _kept_up("declarations", lambda: _declarations(scene)),
        _kept_up("outcomes", lambda: _outcomes(scene)),
        _kept_up("trucks", lambda: _trucks(scene)),
        _kept_up("officers", lambda: _officers(scene)),
        _kept_up("terminal", lambda: _terminal(scene)),
        *(_kept_up(name, _twin(scene, name)) for name in AGENCIES),
    ]
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
        except Unreachable as away:
            log.info("simulated %s: platform away (%s)", name, away)
        except Exception:
            log.exception("simulated %s: stumbled", name)
        await asyncio.sleep(2)


def _twin(scene: Scene, name: str) -> Callable[[], Awaitable[object]]:
    def run() -> Awaitable[object]:
        return Twin(AGENCIES[name], scene.url, scene.accounts.token(name)).run()

    return run


def _said(what: str, answer: Answer) -> None:
    if not answer.ok:
        log.warning("simulated %s refused: %s", what, answer.reason)


async def _voyages(scene: Scene) -> None:
    """One port call and one manifest for each voyage of the ship."""
    async with scene.door("agent") as agent, scene.door("carrier") as carrier:
        told = 0
        while True:
            if scene.ship.voyages != told:
                await asyncio.sleep(scene.pace.start)
                await _announce(scene, agent, carrier)
                told = scene.ship.voyages
            await asyncio.sleep(1)


async def _announce(scene: Scene, agent: Door, carrier: Door) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    # The times are those of the clock on the wall: the ship sails faster than life.
    hours = timedelta(hours=1) / scene.pace.factor
    voyage = scene.desk.voyage(now + hours, BILLS, stay=scene.ship.stay * hours)
    call = fal_port_call(voyage, berth=BERTH)
    _said("port call", await agent.persistently("POST", "/api/intake/imo-fal", call, key=voyage.call, seconds=300))
    await asyncio.sleep(scene.pace.start)
    body = messages.cuscar(voyage, now)
    answer = await carrier.persistently(
        "POST", "/api/intake/edifact", body, key=voyage.manifest, media="application/edifact", seconds=300
    )
    _said("manifest", answer)
    scene.undeclared.extend((voyage, bill) for bill in voyage.bills)
    scene.aboard.extend((voyage, bill) for bill in voyage.bills)


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
                _said("declaration", answer)
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
    del scene.declared[reference]
    released = item.get("state") == "released" and all(box.number in scene.landed for box in bill.boxes)
    for box in bill.boxes:
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
    """Boxes come off the ship one by one once she has arrived, and those asked for go to the inspection bay and back."""
    async with scene.door("terminal") as terminal:
        master = Yardmaster(terminal)
        while True:
            if scene.aboard and scene.aboard[0][0].eta <= datetime.now(UTC):
                voyage, bill = scene.aboard.popleft()
                await master.discharge(voyage, bill.boxes)
                scene.landed.update(box.number for box in bill.boxes)
            await master.round()
            await asyncio.sleep(scene.pace.box)


async def _trucks(scene: Scene) -> None:
    """A truck at the gate, again and again."""
    fleet = Fleet(random.Random(f"{scene.refs.run}/trucks"))
    async with scene.door("terminal") as terminal, scene.door("trucker") as trucker:
        while True:
            await asyncio.sleep(scene.pace.truck)
            await visit(trucker, terminal, *fleet.next(scene.yard), scene.refs)
