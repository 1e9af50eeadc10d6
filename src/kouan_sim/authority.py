"""A simulated issuing authority (模拟): it knows its certificates, answers whether one is good, and keeps its own quotas.

An HTTP server on a loopback socket: POST /verifications answers and writes off, the same key always once;
DELETE /verifications/{key} gives the quantity back; GET /certificates tells what is left of each.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from kouan_sim.doors import Door
from kouan_sim.httpd import Reply, Request, Server
from kouan_sim.identifiers import new_run

WORDS = {
    "unknown": ("本机关未签发此证件", "this authority issued no such certificate"),
    "not_yet": ("证件尚未生效", "the certificate is not valid yet"),
    "expired": ("证件已过期", "the certificate has expired"),
    "withdrawn": ("证件已撤销", "the certificate is withdrawn"),
    "holder": ("证件持有人不符", "the certificate is another holder's"),
    "goods": ("证件不适用于该商品", "the certificate is not for these goods"),
    "unit": ("计量单位不符", "the certificate counts in another unit"),
}


@dataclass(slots=True)
class Paper:
    """A certificate as its authority knows it; `left`: what may still be written off."""

    kind: str
    number: str
    holder: str
    until: date
    hs: str = ""
    since: date = date(2020, 1, 1)
    left: Decimal | None = None
    unit: str = "KGM"
    withdrawn: bool = False


@dataclass(slots=True)
class _Done:
    """What was answered under a key, and what it took."""

    paper: Paper
    quantity: Decimal
    document: dict[str, Any]


@dataclass(slots=True)
class Authority:
    """The authority's service; `url` while it is open."""

    name: str = "SIM Commerce Authority 模拟商务主管部门"
    papers: dict[tuple[str, str], Paper] = field(default_factory=dict)
    asked: int = 0
    _done: dict[str, _Done] = field(default_factory=dict)
    _run: str = field(default_factory=new_run)
    _count: Any = field(default_factory=lambda: itertools.count(1))
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = Server(self._handle)

    @property
    def url(self) -> str:
        return self.server.url

    def issue(self, papers: Iterable[Paper]) -> None:
        """Put certificates on file."""
        self.papers |= {(paper.kind, paper.number): paper for paper in papers}

    async def _handle(self, request: Request) -> Reply:
        if (request.method, request.path) == ("POST", "/verifications"):
            return self._verify(request.body)
        if request.method == "DELETE" and request.path.startswith("/verifications/"):
            return self._give_back(request.path.rpartition("/")[2])
        if (request.method, request.path) == ("GET", "/certificates"):
            return Reply(200, [{"kind": p.kind, "number": p.number, "left": _text(p.left)} for p in self.papers.values()])
        return Reply(404, {"problem": "no such door"})

    def _verify(self, body: bytes) -> Reply:
        self.asked += 1
        try:
            told = orjson.loads(body)
            key, kind, number = (str(told[name]) for name in ("key", "kind", "number"))
            quantity = Decimal(told["quantity"]) if told.get("quantity") is not None else None
        except (orjson.JSONDecodeError, KeyError, TypeError, InvalidOperation):
            return Reply(400, {"problem": "no question"})
        if key in self._done:
            return Reply(200, self._done[key].document)
        paper = self.papers.get((kind, number))
        wrong = _wrong(paper, told, quantity)
        if paper is None or wrong is not None:
            return Reply(200, wrong or _no("unknown"))
        if paper.left is not None and quantity is not None:
            paper.left -= quantity
        document = {
            "verdict": "valid", "issuer": self.name, "valid_until": paper.until.isoformat(), "remaining": _text(paper.left),
            "unit": paper.unit, "write_off": f"SIMW-{self._run}{next(self._count):05d}", "simulated": True,
        }  # fmt: skip
        self._done[key] = _Done(paper, quantity or Decimal(0), document)
        return Reply(200, document)

    def _give_back(self, key: str) -> Reply:
        done = self._done.pop(key, None)
        if done is None:
            return Reply(404, {"problem": "nothing was written off under that key"})
        if done.paper.left is not None:
            done.paper.left += done.quantity
        return Reply(200, {"remaining": _text(done.paper.left)})


def _wrong(paper: Paper | None, told: Mapping[str, Any], quantity: Decimal | None) -> dict[str, Any] | None:
    if paper is None:
        return _no("unknown")
    today = datetime.now(UTC).date()
    hs = "".join(sign for sign in str(told.get("hs") or "") if sign.isdigit())
    checks = (
        ("withdrawn", paper.withdrawn), ("not_yet", today < paper.since), ("expired", today > paper.until),
        ("holder", paper.holder not in (told.get("holders") or [])), ("goods", not hs.startswith(paper.hs)),
        ("unit", paper.left is not None and (quantity is None or told.get("unit") not in ("", paper.unit))),
    )  # fmt: skip
    found = next((name for name, applies in checks if applies), None)
    if found is not None:
        return _no(found)
    if paper.left is not None and quantity is not None and quantity > paper.left:
        left = _text(paper.left)
        reason = {"zh": f"（模拟）余量 {left} {paper.unit}，不足核销", "en": f"(simulated) {left} {paper.unit} left, which is too little"}
        return {"verdict": "exceeded", "reason": reason, "remaining": left, "unit": paper.unit}
    return None


def _no(verdict: str) -> dict[str, Any]:
    zh, en = WORDS[verdict]
    return {"verdict": verdict, "reason": {"zh": f"（模拟）{zh}", "en": f"(simulated) {en}"}}


def _text(left: Decimal | None) -> str | None:
    return None if left is None else f"{left:f}"


VERIFIERS = "/api/records/base/permit/verifier"
KIND = "1"


def examples(today: date) -> list[Paper]:
    """Import licences to try: one good, one expired, one of another firm, one with little left."""
    until = today.replace(year=today.year + 1, day=1)
    return [
        Paper(KIND, "SIM-0001", "TRADER", until, left=Decimal(100_000)),
        Paper(KIND, "SIM-0002", "TRADER", date(2024, 12, 31), left=Decimal(100_000)),
        Paper(KIND, "SIM-0003", "SOMEBODYELSE", until, left=Decimal(100_000)),
        Paper(KIND, "SIM-0004", "TRADER", until, left=Decimal(10)),
    ]


async def attend(authority: Authority, door: Door, seconds: float | None = None) -> int:
    """Serve and be named at the platform as the service for its kinds, for so many seconds or until cancelled.

    `door`: with the port office's token. Answers how many questions came; 0 too when the platform did not take the name.
    """
    await authority.server.open()
    named = {"number": f"sim-{new_run()}", "title_zh": "模拟商务主管部门", "title_en": "SIM Commerce Authority",
             "kinds": sorted({kind for kind, _ in authority.papers}), "address": authority.url}  # fmt: skip
    answer = await door.persistently("POST", VERIFIERS, named)
    try:
        if answer.ok:
            await (asyncio.sleep(seconds) if seconds is not None else asyncio.Event().wait())
    finally:
        if answer.ok:
            await door.call("POST", f"{VERIFIERS}/{answer.body['item']['id']}/actions/stop", {})
        await authority.server.close()
    return authority.asked
