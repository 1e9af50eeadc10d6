"""Simulated agency systems (模拟): customs, maritime, border inspection, transport, port office and the terminal.

Each is an HTTP server on a loopback socket of its own. It takes deliveries that the platform signed with the key that it
fetched, answers its reference at once, and after a short thinking time files its answer through the platform's public API
with its own token, in the standard in which it was asked: customs answers a WCO declaration by a WCO response and a cargo
report by CUSRES, the terminal by APERAK, all else is answered as JSON. An instruction of another authority it acknowledges and replies to.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kouan_sim.answers import Said, aperak, cusres, wco_response
from kouan_sim.doors import Answer, Door, Unreachable
from kouan_sim.envelopes import Forged, Told, Unreadable, opened, verify
from kouan_sim.httpd import Reply, Request, Server
from kouan_sim.identifiers import new_run
from kouan_sim.presence import Presence

log = logging.getLogger(__name__)

RESPONSE = "base.receipt.response"
PORT_CALL = "base.portcall.port_call"
INSTRUCTION = "base.exchange.instruction"
# Documents as a whole are answered; lines of a manifest and persons aboard are only taken note of.
ANSWERED = frozenset({PORT_CALL, "base.manifest.manifest", "base.declaration.declaration"})
STATED = frozenset({"filed", "amend"})
"""Moments at which a document states something; what becomes of it later is only taken note of."""
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
        _agency("maritime", "MAR", "draught_m ArrivalDraught", "缺少吃水", "the draught is missing"),
        _agency("border", "BOR", "crew_count NumberOfCrew", "缺少船员人数", "the number of crew is missing"),
        _agency("transport", "TRA", "eta", "缺少预计抵港时间", "the expected time of arrival is missing"),
        _agency("portoffice", "POR", "eta ArrivalTime", "缺少预计抵港时间", "the expected time of arrival is missing"),
        _agency("terminal", "TER", "eta", "缺少预计抵港时间", "the expected time of arrival is missing"),
    )
}


RECEIVERS: Mapping[str, Agency] = {
    name: Agency(name, prefix, {}) for name, prefix in (("carrier", "CAR"), ("trader", "TRD"))
}
"""Firms with a system of their own: what they are told they take, and answer nothing."""


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
        if all(_stated(data, name) in (None, "", 0, "0", [], {}) for name in need.fields):
            return Verdict("rejected", {"zh": f"（模拟）{need.zh}", "en": f"(simulated) {need.en}"})
    return Verdict("accepted")


def _stated(data: Mapping[str, Any], name: str) -> Any:
    """What stands under a name, wherever in the document."""
    if name in data:
        return data[name]
    inner = (_stated(value, name) for value in data.values() if isinstance(value, Mapping))
    return next((found for found in inner if found is not None), None)


DOCUMENT: Mapping[str, str] = {"base.declaration.declaration": "FunctionalReferenceID", "base.manifest.manifest": "document"}
"""Where the number stands by which a document's sender knows it."""
WRITERS: Mapping[tuple[str, str, str], tuple[str, str, Callable[[Said], bytes]]] = {
    ("customs", "base.declaration.declaration", "xml"): ("wco-res", "application/xml", wco_response),
    ("customs", "base.manifest.manifest", "edifact"): ("edifact", "application/edifact", cusres),
    ("terminal", "base.manifest.manifest", "edifact"): ("edifact", "application/edifact", aperak),
}
"""How an agency answers a document that came in a standard: the door, the media type, the writer."""
AMBIGUOUS = "reply.several"
"""The platform's word for a number under which several senders filed: only the platform's own reference tells them apart."""


def response(delivery: Told, reference: str, verdict: Verdict) -> dict[str, Any]:
    """The record by which an agency answers a delivery: the one place that knows its field names."""
    answer: dict[str, Any] = {
        "about": delivery.ref,
        "code": verdict.code,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reference": reference,
        "delivery": delivery.id,
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
        self.forged = 0
        self.forms: set[tuple[str, str]] = set()
        self.spoken: set[str] = set()
        self.told: deque[Told] = deque(maxlen=200)
        self.instructions: deque[Told] = deque(maxlen=200)
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
            self._presence = presence = Presence(door, self.agency.name, self.server.url, self._watch)
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
            verify(request, self._presence.keys)
            told = opened(request)
        except Forged as trouble:
            self.forged += 1
            return Reply(401, {"problem": str(trouble)})
        except Unreadable as trouble:
            return Reply(400, {"problem": str(trouble)})
        known = self._references.get(told.event)
        if known is not None:
            self.repeated += 1
            return Reply(200, {"reference": known, "repeated": True})
        reference = f"{self.agency.prefix}-{self._run_id}{next(self._count):05d}"
        self._references[told.event] = reference
        if len(self._references) > _REMEMBERED:
            del self._references[next(iter(self._references))]
        self.deliveries += 1
        self.forms.add((told.record, told.form))
        self.told.append(told)
        if told.record == INSTRUCTION:
            self.instructions.append(told)
            self._think_over(self._obey(told))
        elif told.record in ANSWERED and told.what in STATED and self.agency.name not in RECEIVERS:
            self._think_over(self._answer(told, reference))
        return Reply(200, {"reference": reference})

    def _think_over(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._thinking.add(task)
        task.add_done_callback(self._thinking.discard)

    async def _answer(self, told: Told, reference: str) -> None:
        verdict = judge(self.agency, told.record, told.data)
        steps = [Verdict("received"), verdict] if told.record == PORT_CALL else [verdict]
        for step in steps:
            await asyncio.sleep(self._chance.uniform(0.3, 1.0) * self._think)
            body = response(told, reference, step)
            for _ in range(2 if self._faults.duplicates else 1):
                await self._file(told, body, f"{told.event}{step.code}")

    async def _obey(self, told: Told) -> None:
        """Acknowledge another's instruction and reply; look at a reply to an own one, and close it."""
        door = f"/api/records/{INSTRUCTION.replace('.', '/')}/{told.record_id}/actions"
        steps: Sequence[tuple[str, dict[str, Any]]] = ()
        if told.what == "filed":
            reply = {"outcome": "nothing-found", "reply": "（模拟）已核查，未发现异常 (simulated) checked, nothing found"}
            steps = (("acknowledge", {}), ("reply", reply))
        elif told.what in ("reply", "decline"):
            steps = (("close", {}),)
        for action, data in steps:
            await asyncio.sleep(self._chance.uniform(0.3, 1.0) * self._think)
            try:
                key = f"{told.event}{action}"
                answer = await self._door.persistently("POST", f"{door}/{action}", {"data": data}, key=key, seconds=600)
            except Unreachable:
                log.warning("simulated %s: instruction %s not acted on", self.agency.name, told.ref)
                return
            # Told twice, or somebody at the desk was faster: what is done is done.
            if not answer.ok and answer.status != 409:
                log.warning("simulated %s: %s refused: %s", self.agency.name, action, answer.reason)
                return

    async def _file(self, told: Told, body: dict[str, Any], key: str) -> None:
        try:
            async with self._turn:
                answer = await self._say(told, body, key)
        except Unreachable:
            log.warning("simulated %s: answer about %s not delivered", self.agency.name, body["about"])
            return
        self.answers.append((body, answer))
        self.answered += answer.ok
        if not answer.ok:
            log.warning("simulated %s: answer refused: %s", self.agency.name, answer.reason)

    async def _say(self, told: Told, body: dict[str, Any], key: str) -> Answer:
        """File an answer in the standard of what is answered; as JSON where that cannot say which document it means."""
        writer = WRITERS.get((self.agency.name, told.record, told.form))
        if writer is not None:
            door, media, write = writer
            number, at = f"26{self.agency.prefix}{told.event[-12:].upper()}", datetime.fromisoformat(body["at"])
            said = Said(body["code"], body["reference"], told.data[DOCUMENT[told.record]], number, at, body.get("reason_en", ""))
            self.spoken.add(door)
            answer = await self._door.persistently("POST", f"/api/intake/{door}", write(said), key=f"{key}{door}", media=media, seconds=600)
            if not isinstance(answer.body, dict) or answer.body.get("code") != AMBIGUOUS:
                return answer
        return await self._door.persistently("POST", f"/api/intake/json?record={RESPONSE}", body, key=key, seconds=600)


async def run_twins(twins: Sequence[Twin], seconds: float | None = None) -> None:
    """Run simulated systems side by side, for so many seconds or until cancelled."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(twin.run() for twin in twins))
