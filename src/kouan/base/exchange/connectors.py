"""The courier: hands over what is due, each party in a lane of its own, so that one that is away harms no other.

Each party has a circuit breaker. One that is away (no connection, time-out, 401, 403, 502-504) opens it: it gets one
probe at a time with growing pauses up to five seconds, and everything at once when it is back; such tries never make a
dead letter. One that answers but does not take a delivery (other than 2xx) is asked eight times with growing pauses,
then the delivery is a dead letter. Pauses vary by a quarter, so that many do not come back in step. Content is read from
the record's version at each try; the event is the same on every try. While a try runs its lease is renewed: a party may
be slow, and what a killed process held is taken over within the lease.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from kouan.base.exchange.party import MOST_LISTED, HttpParty, Party, PartyAway, PartyRefused
from kouan.base.exchange.service import packing
from kouan.base.exchange.service.packing import Parcel
from kouan.base.exchange.store import addresses, deliveries, hops, outages
from kouan.base.exchange.store.deliveries import EVER
from kouan.kernel import calls
from kouan.kernel.connectors import Connector
from kouan.kernel.database import scope
from kouan.kernel.meters import measured
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.kernel.words import every

PAUSE = 0.4
CHECK = 15.0
CHECK_WAIT = 5.0
AT_ONCE = 16
MOST_CLAIMED = MOST_LISTED
QUICK = 1.0
"""Seconds within which a party must have taken all that was claimed, to be given twice as many the next time."""
LATELY, WHOLE = timedelta(seconds=3), 2.0
"""A look takes what became due lately; every so many seconds, and while that finds more than it may take, it takes the oldest first."""
MOST_REFUSED = 8
FIRST_WAIT, LONGEST_WAIT = 0.5, 300.0
LONGEST = 400
EXTRA = "exchange.courier"
GONE = Text("单证或收件方已不存在", "The record or its receiver is gone")
log = logging.getLogger(__name__)
Outcome = Literal["taken", "refused", "away"]


@dataclass(frozen=True, slots=True)
class Line:
    """One party's system: its connector, organisation and address."""

    connector: str
    org: int
    address: str
    probing: bool


@dataclass(frozen=True, slots=True)
class Try:
    """What became of one try: the party's reference when it was taken, else why not."""

    row: Any
    outcome: Outcome
    said: str


@dataclass(slots=True)
class Pace:
    """How a party is served: how many are claimed at once, and when all that waits is looked through again (time of the loop)."""

    most: int = AT_ONCE
    whole_at: float = 0.0


def _again(one: Try) -> deliveries.Again:
    away = one.outcome == "away"
    seconds = FIRST_WAIT if away else min(FIRST_WAIT * 2.0 ** one.row["attempts"], LONGEST_WAIT)
    wait = timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, guards nothing
    return deliveries.Again(one.row["id"], one.said[:LONGEST], wait, refused=not away)


def _hop(one: Try) -> hops.What:
    return "away" if one.outcome == "away" else "refused"


def courier_of(port: Port) -> Courier:
    """The courier of this process, at work."""
    found: Courier | None = port.extras.get(EXTRA)
    if found is None:
        found = port.extras[EXTRA] = Courier(port)
    found.start()
    return found


class Courier:
    """Hands deliveries over until it is stopped; several in several processes share the work."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._parties: dict[str, Connector] = {connector.code: connector() for connector in every(Connector)}
        for party in self._parties.values():
            if isinstance(party, Party):
                party.bind(port)
        self._lanes: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._paces: dict[tuple[str, int], Pace] = {}
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, or begin again what has ended."""
        if not self._tasks or any(task.done() for task in self._tasks):
            self._tasks = [
                asyncio.create_task(self._run(), name="courier"),
                asyncio.create_task(self._checks(), name="courier-checks"),
            ]

    async def stop(self) -> None:
        """End at once; what is under way is tried again, under the same event, when its lease has run out."""
        tasks = [*self._tasks, *self._lanes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks, self._lanes = [], {}
        for party in self._parties.values():
            close = getattr(party, "close", None)
            if close is not None:
                await close()

    def nudge(self) -> None:
        """Something may be due now."""
        self._woken.set()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._round()
            except Exception as fault:
                log.warning("deliveries wait: %s", type(fault).__name__, exc_info=fault)
                await asyncio.sleep(1)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), PAUSE)

    async def _round(self) -> None:
        async with scope(self._port.pool, (PLATFORM.org,), clearance=4) as conn:
            found = await addresses.lines(conn)
        for row in found:
            mark = (row["connector"], row["org"])
            lane = self._lanes.get(mark)
            if mark[0] in self._parties and (lane is None or lane.done()):
                line = Line(*mark, row["address"], row["out"])
                self._lanes[mark] = asyncio.create_task(self._lane(line), name=f"lane-{mark[0]}-{mark[1]}")

    async def _lane(self, line: Line) -> None:
        """Hand over what is due for one party until nothing is left or the party goes away."""
        pace = self._paces.setdefault((line.connector, line.org), Pace())
        most, probing, loop = 1 if line.probing else pace.most, line.probing, asyncio.get_running_loop()
        try:
            while True:
                whole = probing or loop.time() >= pace.whole_at
                packed = await self._claimed(line, most, EVER if whole else LATELY)
                if whole and len(packed) < most:
                    pace.whole_at = loop.time() + WHOLE
                if not packed:
                    return
                began = loop.time()
                tries = await self._tries(line, packed)
                quick = loop.time() < began + QUICK and all(one.outcome == "taken" for one in tries)
                await self._settle(line, tries, probing=probing)
                full = len(packed) == most
                pace.most = (min(2 * most, MOST_CLAIMED) if full else most) if quick and not probing else AT_ONCE
                if any(one.outcome == "away" for one in tries):
                    return
                most, probing = pace.most, False
        except Exception as fault:
            log.warning("lane %s: %s", line.connector, type(fault).__name__, exc_info=fault)

    async def _claimed(self, line: Line, most: int, since: timedelta) -> list[Parcel]:
        """What is due, with its content as it was kept."""
        async with scope(self._port.pool, (PLATFORM.org,), clearance=4) as conn:
            rows = await deliveries.claim(conn, line.connector, line.org, most, since=since)
            return await packing.parcels(conn, self._port, type(self._parties[line.connector]), line.org, rows)

    async def _tries(self, line: Line, parcels: Sequence[Parcel]) -> list[Try]:
        """Hand deliveries over side by side; their leases are renewed until the last has ended."""
        keeping = asyncio.create_task(self._keep([parcel.row["id"] for parcel in parcels]))
        doors, away = asyncio.Semaphore(AT_ONCE), ""

        async def one(parcel: Parcel) -> Try:
            nonlocal away
            async with doors:
                if away:
                    return Try(parcel.row, "away", away)
                tried = await self._try(line, parcel)
                if tried.outcome == "away":
                    away = tried.said
                return tried

        try:
            done = await self._listed(line, parcels)
            rest = [parcel for parcel in parcels if parcel.row["id"] not in done]
            return [*done.values(), *await asyncio.gather(*(one(parcel) for parcel in rest))]
        finally:
            keeping.cancel()

    async def _listed(self, line: Line, parcels: Sequence[Parcel]) -> dict[Any, Try]:
        """What became of those that could be handed over in one list; the others are handed over one by one."""
        party = self._parties[line.connector]
        if len(parcels) < 2 or not isinstance(party, HttpParty) or not await party.takes_lists(line.address):
            return {}
        whole = [parcel for parcel in parcels[:MOST_LISTED] if parcel.content is not None]
        # One post cannot be of many traces: it goes on with one that is collected, and stands as a span in the others.
        traces = sorted({parcel.trace for parcel in whole}, key=calls.collected, reverse=True)
        call = calls.follow(traces[0] if traces else "")
        try:
            async with measured(f"delivery {line.connector}", metered=False) as work:
                packed = [await packing.packed(self._port, type(party), line.org, parcel) for parcel in whole]
                async with asyncio.timeout(party.timeout):
                    said = await party.deliver_list(packed, line.address)
            work.also(traces[1:])
        except (PartyAway, OSError, TimeoutError) as away:
            return {one.row["id"]: Try(one.row, "away", f"{type(away).__name__}: {away}") for one in whole}
        except Exception as fault:
            # One of them may be at fault: each is tried by itself, under the same event.
            log.warning("a list to %s was not taken", line.connector, exc_info=fault)
            return {}
        finally:
            call.over = True
        return {one.row["id"]: Try(one.row, "taken", reference) for one, reference in zip(whole, said, strict=True)}

    async def _keep(self, held: Sequence[Any]) -> None:
        while True:
            await asyncio.sleep(deliveries.LEASE.total_seconds() / 3)
            with contextlib.suppress(Exception):
                async with scope(self._port.pool, (PLATFORM.org,), clearance=4) as conn:
                    await deliveries.renew(conn, held)

    async def _try(self, line: Line, parcel: Parcel) -> Try:
        """Hand one delivery over, as work for the call that its fact comes from; whatever goes wrong is told, never raised."""
        call = calls.follow(parcel.trace)
        try:
            async with measured(f"delivery {line.connector}", metered=False):
                return await self._tried(line, parcel)
        finally:
            call.over = True

    async def _tried(self, line: Line, parcel: Parcel) -> Try:
        party, row = self._parties[line.connector], parcel.row
        try:
            if parcel.content is None:
                return Try(row, "refused", GONE.en)
            delivery = await packing.packed(self._port, type(party), line.org, parcel)
            async with asyncio.timeout(party.timeout):
                return Try(row, "taken", await party.deliver(delivery, line.address))
        except (PartyAway, OSError, TimeoutError) as away:
            return Try(row, "away", f"{type(away).__name__}: {away}")
        except PartyRefused as refused:
            return Try(row, "refused", str(refused))
        except Exception as fault:
            # A connector may raise anything: it is the party's or the connector's trouble, told beside the delivery.
            log.warning("delivery to %s stumbled", line.connector, exc_info=fault)
            return Try(row, "refused", f"{type(fault).__name__}: {fault}")

    async def _settle(self, line: Line, tries: Sequence[Try], *, probing: bool) -> None:
        """Note what became of some tries, and how the party does."""
        away = [one for one in tries if one.outcome == "away"]
        async with scope(self._port.pool, (PLATFORM.org,), clearance=4) as conn:
            await deliveries.done(conn, [(one.row["id"], one.said) for one in tries if one.outcome == "taken"])
            failed = [one for one in tries if one.outcome != "taken"]
            dead = await deliveries.again(conn, [_again(one) for one in failed], MOST_REFUSED)
            await hops.note(conn, [(one.row["id"], _hop(one), one.said[:LONGEST], "") for one in failed])
            await hops.note(conn, [(one, "dead", "", "") for one in sorted(dead)])
            if away:
                if await addresses.away(conn, line.connector, line.org, line.address, away[0].said[:LONGEST]):
                    await outages.begin(conn, line.connector, line.org)
            elif await addresses.back(conn, line.connector, line.org):
                await outages.end(conn, line.connector, line.org)
            if probing and not away:
                await deliveries.due_now(conn, line.connector, line.org)

    async def _checks(self) -> None:
        while True:
            try:
                async with scope(self._port.pool, (PLATFORM.org,), clearance=4) as conn:
                    found = await addresses.states(conn)
                await asyncio.gather(*(self._check(row) for row in found if row["connector"] in self._parties))
            except Exception as fault:
                log.warning("checks wait: %s", type(fault).__name__, exc_info=fault)
            await asyncio.sleep(CHECK)

    async def _check(self, row: Any) -> None:
        party = self._parties[row["connector"]]
        try:
            async with asyncio.timeout(min(party.timeout, CHECK_WAIT)):
                wrong = await party.check(row["address"])
        except Exception as fault:
            log.warning("check of %s stumbled", row["connector"], exc_info=fault)
            name = type(fault).__name__
            wrong = Text(f"自检失败：{name}", f"The check failed: {name}")
        async with scope(self._port.pool, (PLATFORM.org,), clearance=4) as conn:
            await addresses.checked(conn, row["connector"], row["org"], wrong.out() if wrong else None)
