"""A run: pieces are refined, staged, filed and counted one after another; each is committed with the place behind it.

What a piece leaves behind has names and keys made of run, piece and row: a run that is taken over after a crash does the
piece that was under way again, with nothing lost and nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.identity.api import still
from kouan.base.ingest import store
from kouan.base.ingest.filing import file_rows, in_chunks
from kouan.base.ingest.readers import Piece, Unreadable
from kouan.base.ingest.records import Run, Source
from kouan.base.ingest.refining import Refined, Refinery
from kouan.base.ingest.secrets import opened
from kouan.base.ingest.sources import Away, Context, Item, items
from kouan.base.ingest.staging import Staging, incoming, uploads
from kouan.base.ingest.store import Aside
from kouan.base.ingest.telling import words_of
from kouan.base.quality.api import OUTSIDE, checks, existing, keep, known_type
from kouan.kernel.clock import now
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import Failure, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.room import Room
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.kernel.vault import seal

RENEWED = 15.0
REMEMBERED = 10_000
MOST_HELD = 10_000
"""Rows of a run that are set aside one by one; what comes beyond is counted, and lies in the staging area only."""
FAULT = Text("平台内部故障，已记录", "A fault of the platform; it is logged")
NO_MORE = Text("启动该抽取的账户已停用或不再具有业务经办角色", "The account that began this run is switched off, or no longer works here")
NO_TARGET = Text("去向不存在", "The target is not there")
log = logging.getLogger(__name__)


class Lost(Exception):
    """Another process has the run now."""


class Stopped(Exception):
    """Somebody asked the run to stop."""


def as_principal(held: Mapping[str, Any]) -> Principal:
    """Who started a run."""
    return Principal(**{**held, "roles": frozenset(held["roles"]), "scopes": frozenset()})


async def principal_now(port: Port, held: Mapping[str, Any]) -> Principal:
    """Who started a run, with what its account has kept since of the rights that it had then. Refused when that is nothing."""
    who = as_principal(held)
    found = await still(port.pool, who)
    if found is None or not found.writes:
        raise Refused(NO_MORE, rule="account", code="run.account")
    return found


def as_held(who: Principal) -> dict[str, Any]:
    """A principal as a run keeps it."""
    return {"org": who.org, "slug": who.slug, "kind": who.kind, "user": who.user, "roles": sorted(who.roles),
            "clearance": who.clearance, "grant": who.grant, "service": who.service}  # fmt: skip


@dataclass(slots=True)
class Runner:
    """One run in one process, which holds it by lease."""

    port: Port
    row: Any
    lease: str
    room: Room = field(default_factory=Room.endless)
    counts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    position: dict[str, Any] = field(default_factory=dict)
    pieces: int = 0
    held: int = 0

    def __post_init__(self) -> None:
        self.counts, self.causes = Counter(self.row["counts"]), Counter(self.row["causes"])
        self.position, self.pieces = dict(self.row["position"]), self.row["pieces"]
        self.held = self.counts["held"]

    @property
    def id(self) -> UUID:
        """The run's number."""
        found: UUID = self.row["id"]
        return found

    async def run(self) -> None:
        """To the end, or until it is stopped. What fails is kept with the run; a database that is away leaves it for later."""
        beat = asyncio.create_task(self._beat())
        state, error = "done", None
        try:
            await self._take()
        except (Lost, *GONE):
            log.warning("run %s waits to be taken over", self.id)
            return
        except Stopped:
            state = "stopped"
        except (Away, Unreadable, Failure) as wrong:
            state, error = "failed", wrong.reason.out()
        except Exception:
            log.exception("run %s failed", self.id)
            state, error = "failed", FAULT.out()
        finally:
            beat.cancel()
        async with scope(self.port.pool, scope_of(PLATFORM)) as conn:
            await store.finish(conn, self.id, self.lease, state, self.position, error)
        if state == "done":
            incoming(self.port, str(self.id)).remove()
        await tell(self.port, self.id)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            with contextlib.suppress(*GONE):
                async with scope(self.port.pool, scope_of(PLATFORM)) as conn:
                    await store.renew(conn, self.id, self.lease)

    async def _take(self) -> None:
        source = await source_of(self.port, self.row["source"])
        work = await _Work.of(self, source)
        try:
            async for item in items(await self._context(source)):
                await self._item(work, item)
        finally:
            work.refinery.close()

    async def _context(self, source: Source) -> Context:
        async with scope(self.port.pool, scope_of(PLATFORM)) as conn:
            sealed = await store.secret(conn, self.row["source"])
            allowed = {row["place"] for row in await store.allowed(conn)}
        user, password = opened(self.port.vault, str(self.row["source"]), sealed) if sealed else ("", "")
        who = await principal_now(self.port, self.row["principal"])
        return Context(source, self.row["source"].hex, user, password, allowed, self.position, uploads(self.port),
                       incoming(self.port, str(self.id)), self.row["name"], self.room, self.port, who)  # fmt: skip

    async def _item(self, work: _Work, item: Item) -> None:
        same = (self.position.get("item"), self.position.get("mark")) == (item.name, item.mark)
        start = int(self.position.get("row", 0)) if same else 0
        self.position |= {"item": item.name, "mark": item.mark, "row": start}
        keeping: asyncio.Task[None] | None = None
        try:
            async for piece in item.pieces(start):
                # While one piece is staged, filed and committed, the next is refined; pieces are committed in their order.
                refined = await work.refined(piece, keeping)
                if keeping is not None:
                    await keeping
                keeping = asyncio.create_task(work.keep(piece, refined, item.name))
                if piece.settle is not None:
                    await keeping
                    await piece.settle()
        finally:
            if keeping is not None:
                await keeping
        done = {**self.position.get("done", {}), item.name: item.mark}
        self.position["done"] = dict(list(done.items())[-REMEMBERED:])
        for name in ("item", "mark", "row"):
            self.position.pop(name, None)
        self.counts["items"] += 1


@dataclass(slots=True)
class _Work:
    """What a run does with each piece."""

    runner: Runner
    source: Source
    who: Principal
    cls: Any
    refinery: Refinery
    staging: Staging
    hidden: frozenset[str]

    @classmethod
    async def of(cls, runner: Runner, source: Source) -> _Work:
        """For a run of a source."""
        target = known_type(source.target)
        if target is None and not source.target.startswith(OUTSIDE):
            raise Refused(NO_TARGET, field="target", rule="target")
        port, who = runner.port, await principal_now(runner.port, runner.row["principal"])
        refinery = Refinery(source, await checks(port, source.target), port.site.zone, typed=target is None)
        staging = Staging(port, str(runner.row["source"]), str(runner.id))
        if source.unique:
            for clean in staging.pieces("clean", runner.pieces):
                await asyncio.to_thread(refinery.remember, clean)
        hidden = frozenset(target.sealed()) if target else frozenset()
        return cls(runner, source, who, target, refinery, staging, hidden)

    async def refined(self, piece: Piece, before: asyncio.Task[None] | None) -> Refined:
        """What a piece becomes. `before`: the keeping of the former one, whose records a check may ask about."""
        wanted = self.refinery.wanted(piece.table)
        if wanted and before is not None:
            await before
        known = await existing(self.runner.port, self.who, wanted) if wanted else {}
        return await asyncio.to_thread(self.refinery.refine, piece.table, now(), known)

    async def keep(self, piece: Piece, refined: Refined, item: str) -> None:
        """Stage and file a piece, and commit what was taken with the place behind it."""
        runner, port = self.runner, self.runner.port
        await asyncio.to_thread(self._stage, piece, refined, item)
        aside: list[tuple[int, Mapping[str, Any], list[dict[str, Any]]]] = []
        aside += [(row.row, {"text": row.text}, [_broken(row.reason)]) for row in piece.broken]
        aside += [(one.row, one.data, [_fault(check) for check in one.checks]) for one in refined.refused]
        if self.cls is not None:
            key = f"{runner.id}/{runner.pieces}"
            outcome = await file_rows(port, self.who, self.cls, in_chunks(refined.clean), key, renew=self.source.renew)
            refined.counts.update({"kept": outcome.kept, "known": outcome.known, "refused": len(outcome.refused)})
            refined.causes.update(problem["rule"] for _, _, problems in outcome.refused for problem in problems)
            aside += outcome.refused
        else:
            refined.counts["kept"] += refined.clean.num_rows
        refined.counts.update({"taken": len(piece.broken), "refused": len(piece.broken)})
        refined.causes.update({"unreadable": len(piece.broken)} if piece.broken else {})
        await self._commit(piece, refined, aside, item)

    def _stage(self, piece: Piece, refined: Refined, item: str) -> None:
        number = self.runner.pieces
        about = {"source": self.source.code, "item": item, "at": now().isoformat(), "rows": str(piece.table.num_rows)}
        self.staging.write("raw", number, self._open(piece.table), about=about)
        if self.cls is None or self.source.unique:
            self.staging.write("clean", number, refined.clean.drop_columns([n for n in refined.clean.column_names if n in self.hidden]))
        if refined.changes.num_rows:
            shown = refined.changes
            if self.hidden:
                shown = shown.filter(pc.invert(pc.is_in(shown.column("field"), pa.array(sorted(self.hidden), pa.string()))))
            self.staging.write("changes", number, shown)

    def _open(self, table: Any) -> Any:
        """The rows as they came, without the columns that become restricted fields: those are kept in their records only."""
        hidden = {column.column for column in self.source.columns if column.into in self.hidden}
        return table.drop_columns([name for name in table.column_names if name in hidden])

    async def _commit(self, piece: Piece, refined: Refined, aside: Sequence[Any], item: str) -> None:
        runner = self.runner
        number, position = runner.pieces, {**runner.position, **piece.marks, "row": piece.last}
        if piece.after is not None:
            position["after"] = piece.after
        room = max(MOST_HELD - runner.held, 0)
        counts = runner.counts + refined.counts
        counts["held"] = runner.held + min(len(aside), room)
        causes = runner.causes + refined.causes
        async with scope(runner.port.pool, scope_of(PLATFORM), clearance=4) as conn:
            rows = await sealed_rows(runner.port, conn, runner.id, number, aside[:room], item)
            readers = readers_of(runner.row)
            state = await store.taken(conn, runner.id, runner.lease, number, position, counts, causes, rows, readers)
        if state is None:
            raise Lost
        runner.counts, runner.causes, runner.position, runner.held = counts, causes, position, counts["held"]
        runner.pieces += 1
        if state == "stopping":
            raise Stopped


async def sealed_rows(
    port: Port, conn: Any, run: UUID, piece: int, aside: Sequence[tuple[int, Mapping[str, Any], Sequence[Mapping[str, Any]]]], item: str
) -> list[Aside]:
    """Rows to be set aside, sealed under the run's own key."""
    if not aside:
        return []
    subject = f"ingest:{run}"
    key = (await port.vault.subject_keys(conn, [subject], create=True))[subject]
    # A row may be refused by a check and, never at the same time, by its filing: each stands once.
    return [Aside(row, item, seal(key, f"{piece}/{row}", dict(data)), problems) for row, data, problems in aside]


def readers_of(row: Any) -> list[int]:
    """Who may read of a run: its owner, the sender of its data, and the platform that keeps it."""
    return sorted({PLATFORM.org, row["org"], *([row["sender"]] if row["sender"] else [])})


async def source_of(port: Port, source: UUID) -> Source:
    """A source as the platform sees it. Raises Refused when it is gone."""
    async with scope(port.pool, scope_of(PLATFORM), clearance=4) as conn:
        found = await reading.one(conn, Source, source)
    if found is None:
        raise Refused(NO_TARGET, field="source", rule="source")
    return Source.model_validate(found.doc)


def _broken(reason: Text) -> dict[str, Any]:
    return {"field": "", "rule": "unreadable", "class": "compliance", "severity": "error", "reason": reason.out(), "fix": reason.out()}


def _fault(check: Any) -> dict[str, Any]:
    return {"field": check.field, "rule": check.code, "class": check.of, "severity": check.severity, "reason": check.fix.out(),
            "fix": check.fix.out()}  # fmt: skip


async def tell(port: Port, run: UUID) -> None:
    """File the record of a run that ended, and the score of what it took; done again it files nothing twice."""
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        row = await store.run(conn, run)
    if row is None or row["told"] or row["ended"] is None:
        return
    source, counts = await source_of(port, row["source"]), Counter(row["counts"])
    words, error = await words_of(port, source), row["error"] or {}
    number = str(run)
    data = {
        "number": number, "name": source.name, "source": row["code"], "kind": source.kind, "target": source.target,
        "owner": f"org:{port.orgs.slug(row['org'])}",
        "sender": source.sender, "outcome": row["state"], "started": row["created"], "ended": row["ended"], "taken": counts["taken"],
        "changed": counts["changed"], "kept": counts["kept"], "known": counts["known"], "doubles": counts["doubles"],
        "refused": counts["refused"], "error_zh": (error.get("zh") or None), "error_en": (error.get("en") or None),
        "causes": [{**words.said(name), "rows": count, "rule": name} for name, count in Counter(row["causes"]).most_common(50)],
    }  # fmt: skip
    await port.file(PLATFORM, [Draft(Run.facts.name, data, renew=True)])
    if counts["rows"]:
        score = {**counts, **{f"check:{name}": count for name, count in row["causes"].items()}}
        await keep(port, of=source.target, at=row["ended"], counts=score, run=number, owner=port.orgs.slug(row["org"]))
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        await store.told(conn, run)
