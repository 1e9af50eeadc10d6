"""Keeping warnings: what the book has to file goes through the platform's port, in order, and waits while that is away."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg

from kouan.kernel.clock import now, stamp
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import Conflict, Unavailable
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.references import full
from kouan.operations.alerts import store
from kouan.operations.alerts.book import Alarm, Book, Entry, Todo, number_of
from kouan.operations.alerts.lifecycle import CLOSED, FALSE
from kouan.operations.alerts.records import Warned

log = logging.getLogger(__name__)
WARNING = Warned.facts.name
AT_ONCE = 200
AWAY = (*GONE, asyncpg.PostgresError, Unavailable)
FALLBACK = "portoffice"


class Keeper:
    """Files, clears and reopens warnings as the book says. `problem` tells why nothing is kept just now."""

    def __init__(self, port: Port, book: Book) -> None:
        self._port, self._book = port, book
        self.kept = self.refused = 0
        self.problem = ""

    async def work(self) -> bool:
        """Do what waits, as much as goes at once; False when the database is away and it has to wait."""
        turn = self._turn()
        if not turn:
            return True
        outcomes = await asyncio.gather(*(self._do(todo) for todo in turn), return_exceptions=True)
        back = [todo for todo, outcome in zip(turn, outcomes, strict=True) if isinstance(outcome, AWAY)]
        self._book.todo.extendleft(reversed(back))
        for todo, outcome in zip(turn, outcomes, strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, AWAY):
                self.refused += 1
                log.error("warning %s is not kept: %r", todo.entry.number, outcome)
        self.problem = next((type(o).__name__ for o in outcomes if isinstance(o, AWAY)), "")
        return not back

    def _turn(self) -> list[Todo]:
        """What is done next: of each warning only the first, so that its turns keep their order."""
        turn: list[Todo] = []
        later: list[Todo] = []
        while self._book.todo and len(turn) < AT_ONCE:
            todo = self._book.todo.popleft()
            busy = any(todo.entry is other.entry for other in turn)
            (later if busy else turn).append(todo)
        self._book.todo.extendleft(reversed(later))
        return turn

    async def _do(self, todo: Todo) -> None:
        if todo.what == "file":
            await self._file(todo.entry)
        elif todo.entry.id:
            await (self._clear if todo.what == "clear" else self._again)(todo.entry)
        self.kept += 1

    async def _file(self, entry: Entry) -> None:
        draft = Draft(WARNING, data_of(self._port, entry))
        try:
            entry.id = (await self._port.file(PLATFORM, [draft])).kept[0].id
        except Conflict as raced:
            # It was kept, and only the answer was lost with the connection.
            found = await self._port.find(PLATFORM, WARNING, key=entry.number)
            if raced.code != "natural_key_kept" or not found:
                raise
            entry.id = found[0].id

    async def _clear(self, entry: Entry) -> None:
        changes = {"until": stamp(entry.gone or now()), **_counted(entry)}
        await self._act(entry, "clear", changes)

    async def _again(self, entry: Entry) -> None:
        kept = await self._port.get(PLATFORM, WARNING, entry.id)
        if kept.state in (CLOSED, FALSE):
            entry.number, entry.id, entry.count = number_of(now()), "", 1
            await self._file(entry)
            return
        await self._act(entry, "again", _counted(entry))

    async def _act(self, entry: Entry, action: str, changes: dict[str, Any]) -> None:
        try:
            await self._port.act(PLATFORM, WARNING, entry.id, action, changes=changes)
        except Conflict as already:
            if already.code != "not_in_state":
                raise

    async def tell(self) -> None:
        """Keep how often and when open warnings were met last."""
        rows = [(e.id, e.count, e.last, e.value) for e in self._book.changed()]
        if rows:
            async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
                await store.keep_live(conn, rows)


def _counted(entry: Entry) -> dict[str, Any]:
    return {"count": entry.count, "last_at": stamp(entry.last)}


def data_of(port: Port, entry: Entry) -> dict[str, Any]:
    """The warning's fields. What a word named wrongly (a subject of no known kind) stays in the evidence."""
    alarm = entry.alarm
    subjects, unknown = _subjects(alarm)
    evidence = {**alarm.evidence, **({"subjects": unknown} if unknown else {})}
    data: dict[str, Any] = {
        "number": entry.number, "alert": alarm.alert, "rule": alarm.rule, "revision": alarm.revision, "condition": alarm.condition,
        "severity": alarm.severity, "raised_as": alarm.severity, "title": alarm.title.out(), "message": _short(alarm),
        "at": stamp(alarm.at), "place": alarm.place or _place(subjects), "lon": alarm.lon, "lat": alarm.lat,
        "subjects": list(dict.fromkeys(subjects))[:50], "evidence": evidence, "value": alarm.value, "threshold": alarm.threshold,
        "unit": alarm.unit[:20], "clause": alarm.clause[:60], "count": entry.count, "owner": f"org:{org_of(port, alarm.owner)}",
        "orgs": orgs_of(port, alarm.orgs), "respond_s": int(min(max(alarm.respond.total_seconds(), 10), 604_800)),
        "simulated": alarm.simulated,
    }  # fmt: skip
    return {name: value for name, value in data.items() if value is not None}


def _short(alarm: Alarm) -> dict[str, str]:
    return {"zh": alarm.message.zh[:600], "en": alarm.message.en[:600]}


def _subjects(alarm: Alarm) -> tuple[list[str], list[str]]:
    known, unknown = [], []
    for subject in alarm.subjects:
        try:
            known.append(full(subject))
        except ValueError:
            unknown.append(str(subject)[:160])
    return known, unknown


def _place(subjects: list[str]) -> str | None:
    return next((subject for subject in subjects if subject.startswith("place:")), None)


def org_of(port: Port, name: str) -> str:
    """The short name of an organisation named by itself, by reference or by its kind; the port office where there is none."""
    bare = name.removeprefix("org:")
    if bare and port.orgs.named(bare) is not None:
        return bare
    numbers = port.orgs.of_kind(bare) or port.orgs.of_kind(FALLBACK)
    return port.orgs.slug(numbers[0]) if numbers else FALLBACK


def orgs_of(port: Port, names: tuple[str, ...]) -> list[str]:
    """The organisations told: each by itself, or all of a kind."""
    found: list[str] = []
    for name in names:
        bare = name.removeprefix("org:")
        if port.orgs.named(bare) is not None:
            found.append(f"org:{bare}")
        else:
            found += [f"org:{port.orgs.slug(number)}" for number in port.orgs.of_kind(bare)]
    return list(dict.fromkeys(found))[:20]
