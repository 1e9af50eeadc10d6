"""The chain of receipts of a submission, and the proof of its ledger entry (HS/T 82 7.2.1 a) 5))."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.receipt import store
from kouan.base.receipt.records import CODES
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import NotFound, Unavailable
from kouan.kernel.ledger import store as ledger
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import record_type
from kouan.kernel.store.entitle import scope_of, visible
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text

UNKNOWN = Text("没有这份回执，或您无权查看", "There is no such receipt, or it is not yours to see")
PENDING = Text("账本尚未收录该回执，请稍候", "The ledger has not taken this receipt up yet: try again shortly")
PATIENCE = 3.0
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a chain. `entry` is its entry in the ledger, `rank` orders what the ledger has not taken up yet."""

    at: datetime
    code: str
    agency: str
    title: Text
    reason: Mapping[str, str | None] | None
    entry: UUID
    ref: str
    rank: tuple[datetime, int]


async def receipt(port: Port, who: Principal, number: UUID, after: int = 0) -> dict[str, Any]:
    """A receipt with its chain behind step `after`; NotFound unless the caller reads a record of the submission.

    Steps are numbered in the order of the ledger, so that what was once read keeps its number; steps that the ledger
    has not taken up yet come last, as `pending`. A refusal at the door answers under its quarantine number.
    """
    async with scope(port.pool, scope_of(who)) as conn:
        found = await store.submission(conn, number)
        if found is None:
            return await _refused(conn, port, who, number, after)
        records = await _records(conn, found["records"])
        steps = [
            _filed(port, found, records),
            *_answered(port, await store.answers(conn, [row.ref for _, row in records])),
        ]
        steps += _happened(port, await store.events(conn, [row.id for _, row in records]), {s.ref for s in steps})
        places = await store.positions(conn, [step.entry for step in steps])
    first = records[0] if records else None
    index = places.get(number)
    shape = {
        "id": str(number),
        "at": stamp(found["at"]),
        "record": first[0] if first else "",
        "ref": first[1].ref if first else "",
        "format": found["format"],
        "org": port.orgs.slug(found["org"]),
        "ledger": {"index": index, "status": "pending" if index is None else "included", "suite": port.vault.suite.code},
        "records": [{"record": name, "ref": row.ref, "id": str(row.id), "state": row.state} for name, row in records],
    }
    return {"receipt": shape, "chain": _numbered(steps, places)[after:]}


async def _records(conn: Connection, named: Sequence[Mapping[str, str]]) -> list[tuple[str, Row]]:
    """The records of a submission that the connection's scope may see, in the order of the submission."""
    found: dict[str, tuple[str, Row]] = {}
    for name in {one["record"] for one in named}:
        ids = [UUID(one["id"]) for one in named if one["record"] == name]
        found |= {str(row.id): (name, row) for row in await store.rows(conn, name, ids)}
    return [found[one["id"]] for one in named if one["id"] in found]


def _filed(port: Port, submission: asyncpg.Record, records: Sequence[tuple[str, Row]]) -> Step:
    at = submission["at"]
    ref = records[0][1].ref if records else ""
    agency = port.orgs.slug(submission["org"])
    return Step(at, "filed", agency, CODES["filed"], None, submission["id"], ref, (at, -1))


def _answered(port: Port, rows: Iterable[Row]) -> Iterable[Step]:
    for row in rows:
        doc = row.doc
        zh, en = doc.get("reason_zh"), doc.get("reason_en")
        reason = {"zh": zh or en, "en": en or zh} if zh or en else None
        yield Step(
            row.filed_at, doc["code"], port.orgs.slug(row.org), CODES[doc["code"]], reason, row.submission, row.ref,
            (row.filed_at, row.seq),
        )  # fmt: skip


def _happened(port: Port, events: Iterable[asyncpg.Record], answers: set[str]) -> Iterable[Step]:
    """Lifecycle steps; one that only follows an answer (its note names it) is not said twice."""
    for event in events:
        data = event["data"]
        note = str(data.get("note") or "")
        if note in answers:
            continue
        code = data["code"]
        title = CODES.get(code) or _action_title(event["record"], event["topic"]) or Text(code, code)
        yield Step(
            event["at"], code, port.orgs.slug(event["org"]), title, {"zh": note, "en": note} if note else None,
            UUID(data["receipt"]), event["ref"], (event["at"], event["seq"]),
        )  # fmt: skip


def _action_title(record: str, topic: str) -> Text | None:
    life = lifecycle_of(record)
    found = life.find(topic.partition(":")[2]) if life else None
    return found[1].title if found else None


def _numbered(steps: Sequence[Step], places: Mapping[UUID, int]) -> list[dict[str, Any]]:
    beyond = max(places.values(), default=0) + 1
    ordered = sorted(steps, key=lambda step: (places.get(step.entry, beyond), step.rank))
    return [
        {
            "seq": number,
            "at": stamp(step.at),
            "code": step.code,
            "agency": step.agency,
            "title": step.title.out(),
            "reason": step.reason,
            "ref": step.ref,
            "status": "included" if step.entry in places else "pending",
        }
        for number, step in enumerate(ordered, 1)
    ]


async def _refused(conn: Connection, port: Port, who: Principal, number: UUID, after: int) -> dict[str, Any]:
    """A refusal at the door, by its quarantine number: it was handed in, and rejected with a reason."""
    found = await store.refusal(conn, number, who.org)
    if found is None:
        raise NotFound(UNKNOWN)
    at = stamp(found["at"])
    common = {"at": at, "ref": "", "status": "refused"}
    chain = [
        {"seq": 1, "code": "filed", "agency": port.orgs.slug(found["org"]), "title": CODES["filed"].out(),
         "reason": None, **common},
        {"seq": 2, "code": "rejected", "agency": PLATFORM.slug, "title": CODES["rejected"].out(),
         "reason": found["problem"].get("reason"), **common},
    ]  # fmt: skip
    shape = {
        "id": str(number), "at": at, "record": "", "ref": "", "format": found["format"],
        "org": port.orgs.slug(found["org"]), "ledger": {"index": None, "status": "refused", "suite": port.vault.suite.code}, "records": [],
    }  # fmt: skip
    return {"receipt": shape, "chain": chain[after:]}


async def proof(port: Port, who: Principal, number: UUID) -> dict[str, Any]:
    """The proof of a receipt, waiting up to three seconds for the ledger to take it up.

    Raises NotFound unless the caller reads a record of the submission, Unavailable when it takes longer. Salt and
    document hash are disclosed only to who may see the whole document: they would let others test guesses about it.
    """
    limit = asyncio.get_running_loop().time() + PATIENCE
    while True:
        async with scope(port.pool, scope_of(who)) as conn:
            found = await store.submission(conn, number)
            if found is None:
                raise NotFound(UNKNOWN)
            proved = await ledger.proof(conn, port.vault.suite, number)
            if proved is not None:
                whole = await _sees_all(conn, who, found)
                return proved if whole else {**proved, "disclosure": None}
        if asyncio.get_running_loop().time() > limit:
            raise Unavailable(PENDING, retry_after=1, code="receipt.pending")
        await asyncio.sleep(PAUSE)


async def _sees_all(conn: Connection, who: Principal, submission: asyncpg.Record) -> bool:
    if who.org in (submission["org"], PLATFORM.org):
        return True
    seen = await _records(conn, submission["records"])
    return len(seen) == len(submission["records"]) and all(_whole(name, row, who) for name, row in seen)


def _whole(name: str, row: Row, who: Principal) -> bool:
    cls = record_type(name)
    highest = max(facts.level for facts in cls.fields.values())
    return visible(cls, row.parties, row.org, who) == frozenset(cls.fields) and who.clearance >= highest
