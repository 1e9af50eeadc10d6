"""One verification: messages good, repeated, changed, unsigned, stale and broken go to the interface; its answers are judged.

A message is a POST of JSON, signed as Standard Webhooks 1.0 by the interface's own key.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from kouan.base.exchange.api import signing
from kouan.base.push.api import Answered, Away, Forbidden, Outward
from kouan.base.verification.criteria import BY_CODE, CRITERIA
from kouan.base.verification.records import Case, Finding, Interface
from kouan.kernel.clock import now
from kouan.kernel.ids import uuid7
from kouan.kernel.text import Text

WHOLE, WAIT, STALE = 40.0, 5.0, timedelta(hours=1)
EXCERPT = 300
JSON, PROBLEM = "application/json", "application/problem+json"
NO_TIME = Text("验证总时限已到，未检查", "Not tried: the time of the verification was over")


@dataclass(slots=True)
class Shot:
    """One message and what came back: an answer, or why there is none."""

    sent: str
    answer: Answered | None
    why: str = ""

    @property
    def status(self) -> int:
        """The status answered; 0 for none."""
        return self.answer.status if self.answer else 0

    @property
    def document(self) -> Any:
        """The answer as JSON; None when it is none."""
        try:
            return orjson.loads(self.answer.body) if self.answer else None
        except orjson.JSONDecodeError:
            return None


Verdict = tuple[bool, Text, Shot | None]


@dataclass(slots=True)
class Verification:
    """One run against an interface. `key`: the interface's signing key."""

    interface: Interface
    key: bytes
    outward: Outward
    shots: list[Shot] = field(default_factory=list)
    first: dict[str, Shot] = field(default_factory=dict)

    async def run(self) -> list[Finding]:
        """Every rule's finding, in the order of the criteria; never raises for what the interface does."""
        checks: Mapping[str, Callable[[], Awaitable[Verdict]]] = {
            "IF-REACH": self._reach, "IF-STRUCTURE": self._structure, "IF-EXPECTED": self._expected, "IF-IDEMPOTENT": self._idempotent,
            "IF-SIGNATURE": self._signature, "IF-UNSIGNED": self._unsigned, "IF-STALE": self._stale, "IF-ERROR": self._error,
            "IF-TIME": self._time,
        }  # fmt: skip
        found: list[Finding] = []
        ends = time.monotonic() + WHOLE
        for one in CRITERIA:
            try:
                async with asyncio.timeout(max(0.01, ends - time.monotonic())):
                    found.append(_finding(one.code, await checks[one.code]()))
            except TimeoutError:
                found.append(_finding(one.code, (False, NO_TIME, None)))
        return found

    @property
    def _good(self) -> Case:
        return next(case for case in self.interface.cases if case.outcome == "accepted")

    async def _case(self, case: Case) -> Shot:
        """A case's first message; sent once, judged by several rules."""
        if case.name not in self.first:
            self.first[case.name] = await self._send(f"{case.name}", case.body.encode(), str(uuid7()))
        return self.first[case.name]

    async def _send(
        self, what: str, body: bytes, event: str, *, at: datetime | None = None, signed: bytes | None = None, sign: bool = True
    ) -> Shot:
        """One message. `signed`: what the signature is over where that is another body; `sign`: whether there is one."""
        headers = {"Content-Type": JSON, "Accept": f"{JSON}, {PROBLEM}"}
        headers |= signing.headers(event, at or now(), body if signed is None else signed, (self.key,) if sign else ())
        try:
            shot = Shot(what, await self.outward.call("POST", self.interface.address, headers, body, wait=WAIT))
        except (Away, Forbidden) as away:
            shot = Shot(what, None, f"{type(away).__name__}: {away}")
        self.shots.append(shot)
        return shot

    async def _reach(self) -> Verdict:
        shot = await self._case(self._good)
        if shot.answer is None:
            return False, Text(f"没有应答：{shot.why}", f"No answer: {shot.why}"), shot
        return True, Text(f"应答 HTTP {shot.status}", f"Answered HTTP {shot.status}"), shot

    async def _structure(self) -> Verdict:
        shot = await self._case(self._good)
        media = _media(shot)
        document = shot.document
        reference = document.get("reference") if isinstance(document, dict) else None
        ok = 200 <= shot.status < 300 and media == JSON and isinstance(reference, str) and bool(reference)
        said = f"HTTP {shot.status}, {media or '-'}, reference {reference!r}"[:EXCERPT]
        return ok, Text(f"应答为 {said}", f"The answer is {said}"), shot

    async def _expected(self) -> Verdict:
        shot = None
        for case in self.interface.cases:
            shot = await self._case(case)
            accepted, refused = 200 <= shot.status < 300, 400 <= shot.status < 500
            if not (accepted if case.outcome == "accepted" else refused):
                return False, Text(f"用例“{case.name}”应答 HTTP {shot.status}，与预期不符",
                                   f"Case “{case.name}” was answered HTTP {shot.status}, which is not as expected"), shot  # fmt: skip
            for one in case.expected:
                if (said := _at(shot.document, one.path)) != one.value:
                    return False, Text(f"用例“{case.name}”的 {one.path} 为 {said!r}，应为 {one.value!r}"[:EXCERPT],
                                       f"Case “{case.name}”: {one.path} is {said!r}, not {one.value!r}"[:EXCERPT]), shot  # fmt: skip
        count = len(self.interface.cases)
        return True, Text(f"{count} 个用例均符合预期", f"All cases ({count}) ended as expected"), shot

    async def _idempotent(self) -> Verdict:
        event, body = str(uuid7()), self._good.body.encode()
        one, two = await self._send("first of two", body, event), await self._send("the same again", body, event)
        first, second = _at(one.document, "reference"), _at(two.document, "reference")
        ok = first is not None and first == second and 200 <= two.status < 300
        said = f"{first!r}, {second!r}"[:EXCERPT]
        return ok, Text(f"两次的 reference：{said}", f"References of both: {said}"), two

    async def _signature(self) -> Verdict:
        body = self._good.body.encode()
        other = body[:-1] + b" }" if body.endswith(b"}") else body + b" "
        return _turned_away(await self._send("a byte more than was signed", other, str(uuid7()), signed=body))

    async def _unsigned(self) -> Verdict:
        return _turned_away(await self._send("no signature", self._good.body.encode(), str(uuid7()), sign=False))

    async def _stale(self) -> Verdict:
        return _turned_away(await self._send("signed an hour ago", self._good.body.encode(), str(uuid7()), at=now() - STALE))

    async def _error(self) -> Verdict:
        shot = await self._send("no JSON, well signed", b'{"broken": ', str(uuid7()))
        document = shot.document
        told = document if isinstance(document, dict) else {}
        formed = isinstance(told.get("type"), str) and isinstance(told.get("title"), str) and told.get("status") == shot.status
        ok = shot.status in (400, 422) and _media(shot) == PROBLEM and formed
        said = f"HTTP {shot.status}, {_media(shot) or '-'}"
        return ok, Text(f"应答为 {said}", f"The answer is {said}"), shot

    async def _time(self) -> Verdict:
        answered = [shot for shot in self.shots if shot.answer]
        slowest = max(answered, key=lambda shot: shot.answer.ms if shot.answer else 0.0, default=None)
        if slowest is None or slowest.answer is None:
            return False, Text("没有应答可计时", "There was no answer to time"), None
        silent, ms, limit = len(self.shots) - len(answered), slowest.answer.ms, self.interface.within_ms
        said = Text(f"{len(answered)} 次应答中最慢 {ms:.0f} 毫秒，时限 {limit} 毫秒，{silent} 次未应答",
                    f"The slowest of {len(answered)} answers took {ms:.0f} ms of {limit}; {silent} without an answer")  # fmt: skip
        return ms <= limit and not silent, said, slowest


def _turned_away(shot: Shot) -> Verdict:
    ok = shot.status in (400, 401, 403)
    said = f"HTTP {shot.status or '-'}"
    return ok, Text(f"应答 {said}，应为 400、401 或 403", f"Answered {said}; 400, 401 or 403 is due"), shot


def _media(shot: Shot) -> str:
    return shot.answer.headers.get("content-type", "").partition(";")[0].strip().lower() if shot.answer else ""


def _at(document: Any, path: str) -> str | None:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    if isinstance(document, bool):
        return "true" if document else "false"
    return str(document) if isinstance(document, str | int | float) else None


def _finding(code: str, verdict: Verdict) -> Finding:
    passed, said, shot = verdict
    title = BY_CODE[code].title
    answer = shot.answer if shot else None
    return Finding(
        rule=code, title_zh=title.zh, title_en=title.en, passed=passed, zh=said.zh[:400], en=said.en[:400],
        sent=shot.sent if shot else "", status=answer.status if answer else None, ms=round(answer.ms, 1) if answer else None,
        answer=_excerpt(answer.body) if answer else "",
    )  # fmt: skip


def _excerpt(body: bytes) -> str:
    text = body[: 4 * EXCERPT].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:EXCERPT]
