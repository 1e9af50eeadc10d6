"""The watcher of `kouan stream` that raises warnings: staff's rules over each frame, Alert words each second.

Its work is done in a task of its own, so that neither a slow database nor a long list of alarms holds up the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import asyncpg
import numpy as np

from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.kernel import clock
from kouan.kernel.database import GONE, Connection, scope
from kouan.kernel.errors import Failure
from kouan.kernel.principal import PLATFORM
from kouan.kernel.references import kinds
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text
from kouan.operations.alerts import store
from kouan.operations.alerts.acting import act
from kouan.operations.alerts.book import Alarm, Book, Entry
from kouan.operations.alerts.engine import Engine
from kouan.operations.alerts.judging import Health, Judges, Set
from kouan.operations.alerts.keeper import Keeper
from kouan.operations.alerts.naming import known, of_themselves
from kouan.operations.alerts.records import Warned
from kouan.operations.alerts.rows import MICRO
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.rulelife import RULE as RULES
from kouan.operations.alerts.spells import Bound, Change
from kouan.operations.alerts.watched import Known, limit_of, message, watched

log = logging.getLogger(__name__)
CODE = "operations.alerts"
RULE = "rule:"
ANSWERS = 2.0
BEAT, QUIET, SECOND, HOUSEKEEPING = 0.05, 0.25, 1.0, 2.0
COUNTED = 20.0
"""Seconds after which it is kept how often words and rules were asked, where nothing else changed."""
FATES = ("code", "revision", "failures", "problem", "failed_at", "isolated_until", "rules", "open", "kept", "refused", "dropped_rows")
MOST_FRAMES = 2000
LOST = (*GONE, asyncpg.PostgresError, Failure)


@watches
class Alerts(Watcher):
    """Rules and words at work. `engine` judges staff's rules, `judges` the words, `book` holds what is open."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ("position", "reading", "vessel_static")

    async def start(self, watch: Watch) -> None:
        """Read what is open and which rules are live, then work."""
        await super().start(watch)
        self.engine, self.book, self.judges = Engine(watch.port.site.zone, bounded=True), Book(), Judges()
        self.keeper = Keeper(watch.port, self.book)
        self.names: dict[int, Known] = {}
        self.rules: dict[str, StaffRule] = {}
        self.dropped = 0
        self.beat = Health(f"{CODE}.engine")
        self._frames: list[Frame | int] = []
        self._unnamed = 0.0
        self._fresh, self._todo = asyncio.Event(), asyncio.Event()
        self._told: tuple[Any, ...] = ()
        self._told_at = float("-inf")
        self._mark: tuple[Any, ...] = ()
        self._restored = False
        self._judged = datetime.min.replace(tzinfo=UTC)
        self._tasks = [asyncio.create_task(work, name=f"{CODE}.{name}") for name, work in (
            ("beat", self._run(self._work, BEAT)), ("keep", self._run(self._keep, BEAT)),
            ("house", self._run(self._house, HOUSEKEEPING)))]  # fmt: skip

    async def stop(self) -> None:
        """End; what waits to be filed is filed first, as far as the database is there."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(*LOST):
            await asyncio.wait_for(self.keeper.work(), 2)

    def fold(self, frame: Frame) -> None:
        """Frames wait for the next beat; beyond a limit the oldest go, and are counted."""
        self._frames.append(frame)
        self._fresh.set()
        if len(self._frames) > MOST_FRAMES:
            self.dropped += len(gone) if isinstance(gone := self._frames.pop(0), Frame) else 0

    def reached(self, at: int) -> None:
        """A mark waits among the frames: who is silent is asked when all before it was judged."""
        self._frames.append(at)

    async def _run(self, work: Any, pause: float) -> None:
        while True:
            try:
                await work()
            except LOST as problem:
                log.debug("warnings wait: %s", type(problem).__name__)
                await asyncio.sleep(0.5)
            except Exception as problem:
                log.exception("warnings: %s failed", work.__name__)
                self.beat.failures, self.beat.problem = self.beat.failures + 1, f"{type(problem).__name__}: {problem}"[:200]
                self.beat.failed_at = clock.now()
            await asyncio.sleep(pause)

    async def _work(self) -> None:
        if not self._frames:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fresh.wait(), QUIET)
        self._fresh.clear()
        frames, self._frames = self._frames, []
        now = clock.now()
        for one in frames:
            known_ = self.engine.reach(one) if isinstance(one, int) else self.engine.fold(await self._named(one), micros(now))
            for change in known_:
                self.changed(change, now)
        if now - self._judged >= timedelta(seconds=SECOND) or now < self._judged:
            self._judged = now
            self.judge(now)
        self.beat.runs += 1
        if self.book.todo:
            self._todo.set()

    def judge(self, now: datetime) -> None:
        """Ask every word, and let go of what is gone."""
        self.engine.share()
        for code, key, _times, value in self.engine.counted():
            self.book.met(f"{RULE}{code}|{key}", value if math.isfinite(value) else None, now)
        for code in self.judges.words:
            alarms = self.judges.judge(code, self.watch, now)
            if alarms is None:
                continue
            for alarm in alarms:
                self.book.raised(alarm, now)
            self.book.seen(code, [alarm.condition for alarm in alarms], now)
        self.book.settle(now)

    def changed(self, change: Change, now: datetime) -> None:
        """A staff's rule begins or ends an alarm."""
        condition = f"{RULE}{change.name}|{change.key}"
        if not change.began:
            self.book.gone(condition, now)
            return
        rule = self.rules.get(change.name)
        if rule is not None:
            self.book.raised(self._alarm(rule, change), now)

    def _alarm(self, rule: StaffRule, change: Change) -> Alarm:
        known = self.names.get(change.key)
        where: tuple[float | None, float | None] = (change.lon, change.lat) if change.lon == change.lon else (None, None)
        evidence = {"explanation": change.shown, **trend(self.engine.trail(rule.signal, change.key))}
        return Alarm(
            f"{RULE}{rule.code}", str(change.key), Text(rule.name_zh, rule.name_en), message(rule, known, change),
            moment(change.at), rule.severity, rule.owner, timedelta(seconds=rule.respond_s), timedelta(0), rule.clause,
            _subjects(known, rule), evidence, *where, change.value if change.value == change.value else None, limit_of(rule),
            known.unit if known else "", rule.orgs, rule.place, f"alertrule:{rule.code.upper()}/{rule.revision}", rule.revision,
            change.simulated,
        )  # fmt: skip

    async def _named(self, frame: Frame) -> Frame:
        """The frame's rows whose keys are known: rules are bound to a key once, by what it stands for."""
        fresh = [key for key in np.unique(frame["key"]).tolist() if key not in self.names]
        if not fresh:
            return frame
        if frame.signal == "position":
            self.names |= of_themselves(fresh)
            fresh = [key for key in fresh if key not in self.names]
        if fresh and time.monotonic() >= self._unnamed:
            # Rules go on over what is known while the database hangs: it is asked for the others now and then, and not waited for.
            try:
                asked = known(self.watch.numbers, Frame(frame.signal, {"key": np.array(fresh, np.uint64)}))
                self.names |= await asyncio.wait_for(asked, ANSWERS)
            except LOST as problem:
                self._unnamed = time.monotonic() + ANSWERS
                log.debug("keys are not known: %s", type(problem).__name__)
        unknown = [key for key in fresh if key not in self.names]
        if not unknown:
            return frame
        usable = ~np.isin(frame["key"], np.array(unknown, np.uint64))
        self.dropped += int((~usable).sum())
        return frame.pick(usable)

    async def _keep(self) -> None:
        if not self.book.todo:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._todo.wait(), SECOND)
        self._todo.clear()
        if self._restored and not await self.keeper.work():
            await asyncio.sleep(0.5)

    async def _house(self) -> None:
        """Reread what staff changed; keep counts and how the engine does."""
        async with scope(self.watch.port.pool, (0, PLATFORM.org), clearance=4) as conn:
            mark = await store.rules_mark(conn)
            if mark != self._mark:
                rules, stated, outlines = await store.live_rules(conn), await store.settings(conn), await store.outlines(conn)
                self.load(rules, stated, outlines)
                self._mark = mark
            rest = {code: await store.live_revisions(conn, code) for code in self.engine.isolated}
            if not self._restored:
                self.restore([(row.id, row.doc) for row in await store.holding(conn, store.MOST)])
            await self._say(conn)
        for code, ids in rest.items():
            for id_ in ids:
                await act(self.watch.port, RULES, id_, "rest", {"problem": self.engine.isolated[code]})
        await self.keeper.tell()

    async def _say(self, conn: Connection) -> None:
        """Keep how words and rules do: that the engine lives always, the others when one fares otherwise; what merely counts on, seldom."""
        docs = self.health()
        told = tuple(tuple(doc.get(name) for name in FATES) for doc in docs.values())
        if told != self._told or time.monotonic() - self._told_at >= COUNTED:
            await store.keep_engine(conn, docs, clock.now())
            self._told, self._told_at = told, time.monotonic()
        else:
            await store.keep_beat(conn, {self.beat.code: docs[self.beat.code]}, clock.now())

    def load(self, rules: list[dict[str, Any]], stated: list[dict[str, Any]], outlines: Mapping[str, Any]) -> None:
        """Run these rules with these settings from now on."""
        kept = [StaffRule.model_validate(doc) for doc in rules]
        self.rules = {rule.code: rule for rule in kept}
        self.engine.load(watched(kept, outlines, self.names))
        self.judges.settings = {doc["alert"]: Set(doc["values"], doc["enabled"]) for doc in stated}

    def restore(self, open_: list[tuple[Any, Mapping[str, Any]]]) -> None:
        """Warnings whose condition held when the process before this one ended: they go on, and are not raised again."""
        for id_, doc in open_:
            data = Warned.model_validate(doc)
            entry = Entry(alarm_of(data), data.number, data.last_at or data.at, str(id_), data.count, data.value)
            self.book.restore(entry)
            code, _, key = data.condition.partition("|")
            if code.startswith(RULE) and key.isdigit():
                self.engine.resume([Bound(code.removeprefix(RULE), int(key), micros(data.at))])
        self._restored = True

    def health(self) -> dict[str, dict[str, Any]]:
        """How words and rules do, by code."""
        docs = {code: health.out() for code, health in self.judges.health.items()}
        for code, rule in self.rules.items():
            problem = self.engine.isolated.get(code) or ("" if code in self.engine.rules else "a place that it names is not drawn")
            docs[f"{RULE}{code}"] = {"code": f"{RULE}{code}", "revision": rule.revision, "problem": problem or None}
        whole = {**self.beat.out(), **self.book.counts, "decisions": self.engine.decided, "rules": len(self.engine.rules),
                 "open": len(self.book.entries), "waiting": len(self.book.todo), "kept": self.keeper.kept,
                 "refused": self.keeper.refused, "dropped_rows": self.dropped}  # fmt: skip
        return {**docs, self.beat.code: whole}

    def troubles(self) -> dict[str, str]:
        """Words and rules that stand alone just now, and why."""
        words = {code: one.problem for code, one in self.judges.health.items() if one.until is not None}
        rules = {f"{RULE}{code}": problem for code, problem in self.engine.isolated.items()}
        return {**words, **rules}


def alarm_of(data: Warned) -> Alarm:
    """A kept warning as the alarm that it was."""
    said, told = data.title, data.message
    return Alarm(
        data.alert, data.condition.partition("|")[2], Text(said.zh, said.en), Text(told.zh, told.en), data.at, data.severity,
        data.owner, timedelta(seconds=data.respond_s), timedelta(0), data.clause, data.subjects, data.evidence, data.lon, data.lat,
        data.value, data.threshold, data.unit, data.orgs, data.place, data.rule, data.revision, data.simulated,
    )  # fmt: skip


def _subjects(known: Known | None, rule: StaffRule) -> tuple[str, ...]:
    named = () if known is None else (known.name,) if ":" in known.name else (f"device:{known.name}",) if "device" in kinds() else ()
    return (*named, *((rule.place,) if rule.place else ()))


def trend(trail: Mapping[str, Any]) -> dict[str, Any]:
    """The last values with their times, and their slope a minute (least squares)."""
    at, value = trail.get("at"), trail.get("value")
    if at is None or not len(at):
        return {}
    if value is None:
        return {"track": [[moment(int(t)).isoformat(), float(x), float(y)] for t, x, y in zip(at, trail["lon"], trail["lat"], strict=True)]}
    samples = [[moment(int(t)).isoformat(), float(v)] for t, v in zip(at, value, strict=True)]
    minutes = (at - at[0]) / (60 * MICRO)
    slope = float(np.polyfit(minutes, value, 1)[0]) if len(at) > 1 and minutes[-1] > 0 else 0.0
    return {"trend": {"per_min": round(slope, 4), "samples": samples}}


def micros(moment_: datetime) -> int:
    """A moment in microseconds UTC."""
    return int(moment_.timestamp() * MICRO)


def moment(at: int) -> datetime:
    """Microseconds UTC as a moment."""
    return datetime.fromtimestamp(at / MICRO, UTC)
