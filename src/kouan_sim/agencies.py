"""Simulated agency systems (模拟): customs, maritime, border inspection, port office and the terminal.

Each is an HTTP server on a loopback socket of its own. It takes deliveries, answers its reference at once,
and after a short thinking time files its answer through the platform's public API with its own token.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from kouan_sim.doors import Answer, Door, Unreachable
from kouan_sim.httpd import Reply, Request, Server
from kouan_sim.identifiers import new_run
from kouan_sim.presence import Presence

log = logging.getLogger(__name__)

RESPONSE = "base.receipt.response"
PORT_CALL = "base.portcall.port_call"
# Documents as a whole are answered; lines of a manifest and persons aboard are only taken note of.
ANSWERED = frozenset({PORT_CALL, "base.manifest.manifest", "base.declaration.declaration"})
_REMEMBERED = 50_000  # events whose reference is known, so that a retry is not answered twice


@dataclass(frozen=True, slots=True)
class Need:
    """A fact that an agency cannot do without (any one of `fields`), and the words of its refusal."""

    fields: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Agency:
    """A party: its name (organisation and connector alike), reference prefix, needs by record."""

    name: str
    prefix: str
    needs: Mapping[str, tuple[Need, ...]]


def _agency(name: str, prefix: str, fields: str, zh: str, en: str) -> Agency:
    return Agency(name, prefix, {PORT_CALL: (Need(tuple(fields.split()), zh, en),)})


AGENCIES: Mapping[str, Agency] = {
    agency.name: agency
    for agency in (
        _agency("customs", "CUS", "voyage", "缺少航次号", "the voyage number is missing"),
        _agency("maritime", "MAR", "draught_m", "缺少吃水", "the draught is missing"),
        _agency("border", "BOR", "crew_count", "缺少船员人数", "the number of crew is missing"),
        _agency("portoffice", "POR", "eta", "缺少预计抵港时间", "the expected time of arrival is missing"),
        _agency("terminal", "TER", "eta", "缺少预计抵港时间", "the expected time of arrival is missing"),
    )
}


@dataclass(frozen=True, slots=True)
class Faults:
    """Bad days: down for `down` s from `down_after`, `slow` s an answer, a share of 503, answers twice."""

    down: float = 0.0
    down_after: float = 0.0
    slow: float = 0.0
    unavailable: float = 0.0
    duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an agency decides about what it was told."""

    code: str
    reason: dict[str, str] | None = None


def judge(agency: Agency, record: str, data: Mapping[str, Any]) -> Verdict:
    """Accepted, or rejected with the first need that the delivered data leave open."""
    for need in agency.needs.get(record, ()):
        # A crew of nobody is as good as no answer.
        if all(data.get(name) in (None, "", 0, [], {}) for name in need.fields):
            return Verdict("rejected", {"zh": f"（模拟）{need.zh}", "en": f"(simulated) {need.en}"})
    return Verdict("accepted")


def response(delivery: Mapping[str, Any], reference: str, verdict: Verdict) -> dict[str, Any]:
    """The record by which an agency answers a delivery: the one place that knows its field names."""
    answer: dict[str, Any] = {
        "about": delivery["ref"],
        "code": verdict.code,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reference": reference,
        "delivery": str(delivery["id"]),
    }
    if verdict.reason is not None:
        answer |= {"reason_zh": verdict.reason["zh"], "reason_en": verdict.reason["en"]}
    return answer


class Twin:
    """One agency's simulated system, reachable while `run` runs."""

    def __init__(
        self,
        agency: Agency,
        url: str,
        token: str,
        *,
        faults: Faults | None = None,
        think: float = 1.5,
        watch: float = 5.0,
        guest: bool = False,
    ) -> None:
        """`url`, `token`: the platform and this organisation's key; `think`: longest thinking time, s; `watch`:
        seconds between two looks at the known address; `guest`: forgets the address when it ends.
        """
        self.agency = agency
        self.server = Server(self._handle)
        self.deliveries = 0
        self.repeated = 0
        self.answered = 0
        self.answers: deque[tuple[dict[str, Any], Answer]] = deque(maxlen=200)
        self._url, self._token = url, token
        self._faults = faults or Faults()
        self._think = think
        self._watch = watch
        self._guest = guest
        self._chance = random.Random()
        self._run_id, self._count = new_run(), itertools.count(1)
        self._references: dict[str, str] = {}
        self._thinking: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(8)

    async def run(self) -> None:
        """Serve until cancelled: listen, make the address known, answer; be down when the faults say so."""
        await self.server.open()
        async with Door(self._url, self._token) as door:
            self._door = door
            presence = Presence(door, self.agency.name, self.server.url, self._watch)
            try:
                await asyncio.gather(presence.keep(), self._fail())
            finally:
                for task in self._thinking:
                    task.cancel()
                if self._guest:
                    await presence.leave()
                await self.server.close()

    async def _fail(self) -> None:
        if self._faults.down <= 0:
            return
        await asyncio.sleep(self._faults.down_after)
        await self.server.close()
        await asyncio.sleep(self._faults.down)
        await self.server.open()

    async def _handle(self, request: Request) -> Reply:
        if self._faults.slow:
            await asyncio.sleep(self._faults.slow)
        if self._chance.random() < self._faults.unavailable:
            return Reply(503, {"problem": "simulated: not available"})
        if (request.method, request.path) == ("GET", "/check"):
            return Reply(200, {"status": "ok", "agency": self.agency.name, "simulated": True})
        if (request.method, request.path) == ("POST", "/deliveries"):
            return self._take(request)
        return Reply(404, {"problem": "no such door"})

    def _take(self, request: Request) -> Reply:
        try:
            delivery = orjson.loads(request.body)
            event = request.headers.get("x-kouan-event") or str(delivery["event"])
            told = {name: delivery[name] for name in ("id", "record", "ref", "data")}
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as trouble:
            return Reply(400, {"problem": f"no delivery: {trouble}"})
        known = self._references.get(event)
        if known is not None:
            self.repeated += 1
            return Reply(200, {"reference": known, "repeated": True})
        reference = f"{self.agency.prefix}-{self._run_id}{next(self._count):05d}"
        self._references[event] = reference
        if len(self._references) > _REMEMBERED:
            del self._references[next(iter(self._references))]
        self.deliveries += 1
        if told["record"] in ANSWERED:
            task = asyncio.create_task(self._answer(event, told, reference))
            self._thinking.add(task)
            task.add_done_callback(self._thinking.discard)
        return Reply(200, {"reference": reference})

    async def _answer(self, event: str, delivery: Mapping[str, Any], reference: str) -> None:
        verdict = judge(self.agency, delivery["record"], delivery["data"])
        steps = [Verdict("received"), verdict] if delivery["record"] == PORT_CALL else [verdict]
        for step in steps:
            await asyncio.sleep(self._chance.uniform(0.3, 1.0) * self._think)
            body = response(delivery, reference, step)
            for _ in range(2 if self._faults.duplicates else 1):
                await self._file(body, f"{event}{step.code}")

    async def _file(self, body: dict[str, Any], key: str) -> None:
        try:
            async with self._turn:
                answer = await self._door.persistently(
                    "POST", f"/api/intake/json?record={RESPONSE}", body, key=key, seconds=600
                )
        except Unreachable:
            log.warning("simulated %s: answer about %s not delivered", self.agency.name, body["about"])
            return
        self.answers.append((body, answer))
        self.answered += answer.ok
        if not answer.ok:
            log.warning("simulated %s: answer refused: %s", self.agency.name, answer.reason)


async def run_twins(twins: Sequence[Twin], seconds: float | None = None) -> None:
    """Run simulated systems side by side, for so many seconds or until cancelled."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(twin.run() for twin in twins))
