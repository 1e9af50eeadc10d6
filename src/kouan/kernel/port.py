"""Port: the one handle that services, handlers and routes use to file, act, find and read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from kouan.kernel.audit import AuditWriter
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection, Pool, scope
from kouan.kernel.errors import Denied, NotFound, Problem, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.keepable import validated
from kouan.kernel.meters import waiting
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Finding, Found, Kept, Need, judge, rules_at
from kouan.kernel.store import reading
from kouan.kernel.store.acting import AMEND, MISSING
from kouan.kernel.store.batch import COMMIT, Batcher
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import found_for, kept_of, load
from kouan.kernel.store.ops import ActOp, Filed, FileOp, Orgs, Prepared, Settling, Site
from kouan.kernel.store.sheet import Sheet
from kouan.kernel.text import Text
from kouan.kernel.uses import Uses
from kouan.kernel.vault import Vault
from kouan.kernel.waking import Ear, Waking

NOT_A_FILER = Text("贵单位或您的角色不能提交此类记录", "Your organisation or role does not file records of this type")
UNKNOWN_TYPE = Text("没有这种记录类型", "There is no such record type")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came: its format, its bytes, and the caller's Idempotency-Key, "" without one."""

    format: str
    body: bytes
    key: str = ""


class Directory(Orgs, Protocol):
    """What the port must know of identity."""

    def service(self, kind: str) -> Principal:
        """The service account of the (first) organisation of a kind."""
        ...

    def title(self, name: str) -> Text:
        """What a person reads for the organisation with that slug, code or reference; the name itself when unknown."""
        ...


class Keeper(Protocol):
    """What stands at the doors of a process and knows what this port does not take in."""

    async def closed(self, principal: Principal, records: Collection[str]) -> Mapping[str, Problem]:
        """Those of some record types that are not for a principal now, each with the reason."""
        ...


@dataclass(slots=True)
class Port:
    """Database, keys, organisations and the group committers of a process.

    `pressing`: the committer of what someone stands and waits for; it does not let other filings gather before it.
    `keeper`: stands at the doors of `kouan serve`; what the platform does by itself elsewhere follows facts that were taken in.
    """

    pool: Pool
    vault: Vault
    orgs: Directory
    site: Site
    batcher: Batcher
    audit: AuditWriter
    extras: dict[str, Any] = field(default_factory=dict)
    pressing: Batcher | None = None
    keeper: Keeper | None = None
    waking: Waking | None = None
    uses: Uses = field(default_factory=Uses.nowhere)

    def ear(self) -> Ear:
        """One who waits between two looks at what was accepted; ask for it where the event loop runs."""
        return self.waking.ear() if self.waking else Ear()

    async def file(
        self,
        principal: Principal,
        drafts: Sequence[Draft],
        *,
        format: str = "",
        body: bytes = b"",
        key: str = "",
        settling: Settling | None = None,
        pressing: bool = False,
    ) -> Filed:
        """File drafts under one receipt, all or none. Raises Refused, Conflict, Denied or Unavailable.

        `settling`: how the records are finished inside the transaction, on facts that cannot change meanwhile.
        `pressing`: someone stands and waits (a vehicle at a lane).
        """
        prepared = await self._admitted(prepare(drafts, principal), principal)
        if settling:
            prepared = tuple(replace(one, settling=settling) for one in prepared)
        content = body or orjson.dumps([dict(d.data) for d in drafts], option=orjson.OPT_SORT_KEYS, default=str)
        op = FileOp(principal, prepared, format, content, len(content), key)
        (self.pressing if pressing and self.pressing else self.batcher).put(op)
        return await waiting("file", COMMIT, op.done)

    async def _admitted(self, prepared: tuple[Prepared, ...], principal: Principal) -> tuple[Prepared, ...]:
        """Drafts of types that are closed for the filer are refused; reports are kept and flagged."""
        if self.keeper is None or principal.org == PLATFORM.org:
            return prepared
        closed = await self.keeper.closed(principal, {one.record.facts.name for one in prepared})
        asked = {one.record.facts.name for one in prepared if one.record.facts.kind != "report"}
        if refused := [closed[name] for name in sorted(closed) if name in asked]:
            raise Refused.of(refused)
        if not closed:
            return prepared
        said = {name: problem.out() for name, problem in closed.items()}
        flags = (((said[one.record.facts.name],) if one.record.facts.name in said else ()) for one in prepared)
        return tuple(replace(one, warnings=(*one.warnings, *flag)) for one, flag in zip(prepared, flags, strict=True))

    async def act(
        self,
        principal: Principal,
        record: str,
        record_id: UUID | str,
        action: str,
        *,
        changes: Mapping[str, Any] | None = None,
        note: str = "",
        version: int | None = None,
        body: bytes = b"",
        then: Sequence[str] = (),
    ) -> Kept:
        """Take an action of a record's lifecycle. Raises NotFound, Denied, Conflict or Refused.

        `then`: further actions for the same transaction, taken as far as states and rules allow; the answer tells how far.
        Their rules find the record itself as it was before all of them.
        """
        said = {"action": action, "note": note, "changes": dict(changes or {}), **({"then": list(then)} if then else {})}
        content = body or orjson.dumps(said, default=str)
        op = ActOp(principal, record, UUID(str(record_id)), action, content, note, None, changes, version, then=tuple(then))
        self.batcher.put(op)
        return await waiting("act", COMMIT, op.done)

    async def act_by(
        self, principal: Principal, record: str, record_id: UUID | str, action: str, message: Message, *, note: str = ""
    ) -> Filed:
        """`act`, asked for by a message: it is a submission of its own, answered with a receipt."""
        op = ActOp(
            principal, record, UUID(str(record_id)), action, message.body, note, receipt=uuid7(), format=message.format,
            key=message.key,
        )  # fmt: skip
        self.batcher.put(op)
        kept = await waiting("act", COMMIT, op.done)
        return Filed(str(op.receipt), (kept,))

    async def amend(
        self, principal: Principal, record: Record, record_id: UUID | str, version: int, body: bytes
    ) -> Kept:
        """Replace a record's content by a new version; only its filer may."""
        op = ActOp(principal, record.facts.name, UUID(str(record_id)), AMEND, body, "", record, None, version)
        self.batcher.put(op)
        return await waiting("amend", COMMIT, op.done)

    async def get(self, principal: Principal, record: str, record_id: UUID | str) -> Kept:
        """One record as rules see it (restricted fields closed); NotFound outside the principal's scope."""
        async with scope(self.pool, scope_of(principal)) as conn:
            row = await reading.one(conn, record_type(record), UUID(str(record_id)))
        if row is None:
            raise NotFound(MISSING)
        return kept_of(record, row, self.orgs)

    async def find(self, principal: Principal, record: str, *, ref: str = "", key: str = "") -> list[Kept]:
        """Records that mention a reference, or carry a natural key, in the principal's scope; newest first."""
        need = Need(record, ref=ref, key=key)
        async with scope(self.pool, scope_of(principal)) as conn:
            return (await load(conn, [need], self.orgs)).get(need, [])

    async def judged(self, principal: Principal, at: str, kept: Kept) -> tuple[Finding, ...]:
        """What all rules of a moment say of a kept record now, on facts that the principal may see."""
        rules = rules_at(at, kept.record)
        async with scope(self.pool, scope_of(principal)) as conn:
            moment, site = now(), self.site.facts()
            found = await found_for(conn, [(rules, kept.data, kept.filer)], self.orgs, moment, site)
        return judge(rules, kept.data, Found(moment, kept.filer, site, found))

    async def overdue(self, record: str, record_id: UUID, track: str, state: str, due: str = "") -> datetime | None:
        """Tell, once, that a track is still in a state after its deadline (event `overdue`); the record stays as it is.

        `due`: the deadline that is asked about; a later one of the same state is asked about by itself. Answers it when by
        this process's clock it is still to come: the clock that woke us goes before ours.
        """
        async with scope(self.pool, (0, PLATFORM.org), clearance=4) as conn:
            row = await reading.one(conn, record_type(record), record_id)
            sheet = Sheet(now(), self.vault)
            found = row.tracks.get(track, {}) if row else {}
            if row is None or found.get("state") != state or not found.get("due"):
                return None
            if found["due"] > stamp(sheet.at):
                return datetime.fromisoformat(found["due"]) if found["due"] == due else None
            data = {"track": track, "state": state, "due": found["due"]}
            if not await _told(conn, row.id, f"{record}:overdue", data):
                sheet.announce(row, record, "overdue", PLATFORM, data)
                await sheet.write(conn)
            return None

    def service(self, kind: str) -> Principal:
        """The service account that acts for a kind of organisation."""
        return self.orgs.service(kind)


async def _told(conn: Connection, record_id: UUID, topic: str, data: Mapping[str, Any]) -> bool:
    sql = "select exists (select 1 from event where record_id = $1 and topic = $2 and data @> $3)"
    return bool(await conn.fetchval(sql, record_id, topic, dict(data)))


def prepare(drafts: Sequence[Draft], principal: Principal) -> tuple[Prepared, ...]:
    """Drafts with their structure checked and the filer's right to file them; Refused or Denied otherwise."""
    problems: list[Problem] = []
    prepared: list[Prepared] = []
    for draft in drafts:
        try:
            cls = record_type(draft.record)
        except KeyError:
            raise NotFound(UNKNOWN_TYPE, field="record") from None
        may_file(cls, principal)
        try:
            record = validated(cls, draft.data, position=draft.position)
        except Refused as refused:
            problems += refused.problems
            continue
        prepared.append(Prepared(uuid7(), record, draft.warnings, renew=draft.renew or cls.facts.renews, version=draft.version))
    if problems:
        raise Refused.of(problems)
    return tuple(prepared)


def may_file(cls: type[Record], principal: Principal) -> None:
    """Raises Denied when the principal's organisation or roles do not file records of a type."""
    if principal.org == PLATFORM.org:
        return
    if not principal.writes or not {principal.kind, "*"} & set(cls.facts.filers):
        raise Denied(NOT_A_FILER, rule=f"{cls.facts.name}:write")
