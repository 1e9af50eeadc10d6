"""A client of one server: a session, some nodes subscribed to, and their values as they come."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from kouan.facilities.devices.addresses import NodeId
from kouan.facilities.devices.drivers.opcua import answers, chunks, requests, status
from kouan.facilities.devices.drivers.opcua.answers import Endpoint, Notification, Policy, Refusal
from kouan.facilities.devices.drivers.opcua.channel import LIFETIME_MS, Channel
from kouan.facilities.devices.drivers.opcua.wire import DataValue, Malformed
from kouan.facilities.devices.lining import Lost

NO_SECURITY = 1
AHEAD = 2
"""Requests that wait at the server for the next notification."""
QUEUE = 100
"""Values of a node that the server keeps between two notifications."""
AT_ONCE = 500
"""Nodes in one request."""
RUNNING = 0
SILENT = 3
"""Times that a subscription may stay without its sign of life."""
Values = Callable[[Sequence[tuple[int, DataValue]]], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """Nodes, the interval of their values and the keep-alive in seconds, and the user (None: anonymous)."""

    nodes: Sequence[NodeId]
    every: float
    keep_alive: float
    login: tuple[str, str] | None = None
    lifetime_ms: int = LIFETIME_MS


class Client:
    """One connection. `values` hears values by the place of their node in the wishes, and none at a sign of life.

    `counts`: what is not as wished, by cause.
    """

    def __init__(self, url: str, wishes: Wishes, patience: float, values: Values, counts: Counter[str]) -> None:
        self.channel = Channel(url, patience, wishes.lifetime_ms)
        self._url, self._wishes, self._values, self._counts = url, wishes, values, counts
        self._had: list[tuple[int, int]] = []
        self._expected = 1
        self._missed = False
        self._told_at = 0.0

    async def run(self, host: str, port: int) -> None:
        """Work until the connection breaks: Lost with the cause."""
        try:
            await self.channel.open(host, port)
            await self.enter()
            await self._work()
        except Refusal as refusal:
            raise Lost(f"opcua.{status.name(refusal.code)}") from refusal
        except Malformed as wrong:
            raise Lost("opcua.malformed") from wrong
        finally:
            await self.channel.close()

    async def enter(self) -> None:
        """A session, as the user of the wishes or as nobody in particular."""
        timeout = max(10.0, 4 * self._wishes.keep_alive) * 1000
        session = answers.session(await self.channel.ask(
            requests.CREATE_SESSION,
            lambda head: requests.create_session(head, self._url, secrets.token_bytes(32), timeout, chunks.MOST_BYTES),
        ))  # fmt: skip
        self.channel.session = session.token
        token = _identity(session.endpoints, self._wishes.login)
        await self.channel.ask(requests.ACTIVATE, lambda head: requests.activate_session(head, token))

    async def _work(self) -> None:
        try:
            subscription = await self._subscribe()
        except Refusal as refusal:
            if refusal.code != status.UNSUPPORTED:
                raise
            self._counts["opcua.no_subscriptions"] += 1
            return await self._poll()
        await self._monitor(subscription.number)
        self._told_at = asyncio.get_running_loop().time()
        quiet = max(SILENT * subscription.every_ms * max(subscription.keep_alive, 1) / 1000, 2 * self._wishes.keep_alive)
        tasks = [asyncio.create_task(self._publish(subscription.number, first=n == 0)) for n in range(AHEAD)]
        tasks.append(asyncio.create_task(self._beat(quiet)))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _subscribe(self) -> answers.Subscription:
        every = self._wishes.every * 1000
        alive = max(1, int(self._wishes.keep_alive * 500 / every))
        return answers.subscription(await self.channel.ask(
            requests.SUBSCRIBE, lambda head: requests.subscribe(head, every, max(30, 10 * alive), alive)
        ))  # fmt: skip

    async def _monitor(self, number: int) -> None:
        every = self._wishes.every * 1000
        places = list(enumerate(self._wishes.nodes))
        for begin in range(0, len(places), AT_ONCE):
            some = partial(requests.monitor, subscription=number, nodes=places[begin : begin + AT_ONCE], every_ms=every, queue=QUEUE)
            codes = answers.monitored(await self.channel.ask(requests.MONITOR, some))
            for code in codes:
                if status.quality(code) == 2:
                    self._counts[f"opcua.{status.name(code)}"] += 1

    async def _publish(self, number: int, *, first: bool) -> None:
        while True:
            had, self._had = self._had, []
            try:
                answer = await self.channel.ask(requests.PUBLISH, partial(requests.publish, had=had), 0)
            except Refusal as refusal:
                if refusal.code != status.TOO_MANY_PUBLISH or first:
                    raise
                await asyncio.Event().wait()  # the server lets one wait at a time
                return
            told = answers.notification(answer)
            if told.subscription == number:
                self._told(told)
            if self._missed:
                self._missed = False
                await self._read_all()

    def _told(self, told: Notification) -> None:
        if told.ended and status.quality(told.ended) == 2:
            raise Lost(f"opcua.{status.name(told.ended)}")
        self._told_at = asyncio.get_running_loop().time()
        if not told.empty:
            if told.number > self._expected:
                self._missed = True
                self._counts["opcua.missed"] += told.number - self._expected
            self._expected = told.number + 1
            self._had.append((told.subscription, told.number))
        self._values(told.values)

    async def _beat(self, quiet: float) -> None:
        """Ask for the server's state: a sign of life beside the subscription, which may be `quiet` for so many seconds."""
        while True:
            await asyncio.sleep(self._wishes.keep_alive / 2)
            [state] = await self._read([requests.SERVER_STATE])
            if state.value not in (RUNNING, None):
                self._counts["opcua.not_running"] += 1
            self._values(())
            if asyncio.get_running_loop().time() - self._told_at > quiet:
                raise Lost("opcua.silent_subscription")

    async def _poll(self) -> None:
        """For servers without subscriptions: all nodes at the interval."""
        while True:
            await self._read_all()
            await asyncio.sleep(self._wishes.every)

    async def _read_all(self) -> None:
        nodes = self._wishes.nodes
        found = [value for n in range(0, len(nodes), AT_ONCE) for value in await self._read(nodes[n : n + AT_ONCE])]
        self._values(list(enumerate(found)))

    async def _read(self, nodes: Sequence[NodeId]) -> list[DataValue]:
        found = answers.values(await self.channel.ask(requests.READ, lambda head: requests.read(head, nodes)))
        if len(found) != len(nodes):
            raise Malformed("not as many values as nodes")
        return found


def _identity(endpoints: Sequence[Endpoint], login: tuple[str, str] | None) -> bytes:
    """Who we are, in the form that the server's open door asks for; Lost where it wants what is not there: encryption."""
    open_ = [one for one in endpoints if one.mode == NO_SECURITY]
    if endpoints and not open_:
        raise Lost("opcua.security_needed")
    kind = answers.USER_NAME_TOKEN if login else answers.ANONYMOUS_TOKEN
    policies: list[Policy] = [policy for one in open_ for policy in one.policies if policy.kind == kind]
    if login is None:
        return requests.anonymous(policies[0].name if policies else "anonymous")
    plain = [policy for policy in policies if policy.security in ("", chunks.POLICY)]
    if policies and not plain:
        raise Lost("opcua.encryption_needed")
    return requests.user_name(plain[0].name if plain else "username", *login)
