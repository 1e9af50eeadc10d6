"""Numbers of entities and of series: what a key in a frame stands for, and who may see it.

An entity (truck, tag, aid to navigation) has a number of its own; a ship's is its MMSI, an aircraft's its ICAO address.
A series is one metric of one device. Numbers are given once and never change; each process remembers those it met.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import numpy as np

from kouan.facilities.telemetry import movers
from kouan.facilities.telemetry.movers import Movers
from kouan.facilities.telemetry.sealing import LEVEL, Seals
from kouan.facilities.telemetry.signals import BY_MMSI, KIND_BITS, KIND_LEVELS, KINDS
from kouan.kernel.database import Pool, scope
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.signals import Array
from kouan.kernel.store.schema import secure

_TABLES = ("telemetry_entity", "telemetry_series", "telemetry_subject")
DDL: tuple[str, ...] = (
    """create table if not exists telemetry_entity (
        number bigint generated always as identity primary key, ref text not null unique, kind text not null,
        name text not null default '', level smallint not null default 1, simulated boolean not null default false,
        orgs text[] not null default '{}', since timestamptz not null default now())""",
    """create table if not exists telemetry_series (
        number bigint generated always as identity primary key, device text not null, metric text not null,
        unit text not null default '', level smallint not null default 2, simulated boolean not null default false,
        orgs text[] not null default '{}', limits jsonb not null default '{}', since timestamptz not null default now(),
        unique (device, metric))""",
    """create table if not exists telemetry_subject (
        number bigint not null, subject text not null, since timestamptz not null default now(), primary key (number, subject))""",
    "alter table telemetry_series add column if not exists changed timestamptz not null default now()",
    "alter table telemetry_series add column if not exists subject text not null default ''",
    "create index if not exists telemetry_series_changed on telemetry_series (changed)",
    "alter table telemetry_entity add column if not exists changed timestamptz",  # null: nobody stated anything of it
    "alter table telemetry_entity add column if not exists subject text not null default ''",
    "create index if not exists telemetry_entity_changed on telemetry_entity (changed)",
    *(f"alter table {name} add column if not exists readers int[] not null default '{{{PLATFORM.org}}}'" for name in _TABLES),
    *(statement for name in _TABLES for statement in secure(name, "select, insert, update")),
)
_PREFIXES = (("ship", False, "vessel:mmsi:"), ("aircraft", False, "aircraft:icao:"), ("aircraft", True, "aircraft:mmsi:"),
             ("station", True, "station:mmsi:"))  # fmt: skip
"""Kinds whose entities bring a number of their own, whether it is marked as an MMSI, and the reference that it makes."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A mover: its number, reference, who sees it (no organisation named: everyone whose clearance reaches), and whose it is (a person)."""

    number: int
    ref: str
    kind: str
    name: str = ""
    level: int = 1
    simulated: bool = False
    orgs: tuple[str, ...] = ()
    subject: str = ""

    @property
    def key(self) -> int:
        """Its key in frames of positions."""
        return entity_key(self.kind, self.number)


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one device: its number, unit, who sees it, and the limits by which its readings are screened."""

    number: int
    device: str
    metric: str
    unit: str = ""
    level: int = 2
    simulated: bool = False
    orgs: tuple[str, ...] = ()
    limits: Mapping[str, Any] | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A series that shall exist, with what is stated of it ("" or None: as it is)."""

    device: str
    metric: str
    unit: str = ""
    level: int | None = None
    simulated: bool = False
    orgs: Sequence[str] | None = None
    limits: Mapping[str, Any] | None = None
    subject: str | None = None


def entity_key(kind: str, number: int) -> int:
    """The key of an entity in frames of positions; ValueError for an unknown kind."""
    return KINDS.index(kind) << KIND_BITS | number


def kind_of(key: int) -> str:
    """The kind in a position's key; "" for one that nobody declared."""
    index = int(key) >> KIND_BITS
    return KINDS[index] if index < len(KINDS) else ""


def mmsi_key(kind: str, mmsi: int) -> int:
    """The key of what reports by AIS; ValueError for an unknown kind."""
    return entity_key(kind, mmsi if kind == "ship" else mmsi | BY_MMSI)


def mmsi_of(key: int) -> int:
    """The MMSI in the key of what reports by AIS."""
    return int(key) & (BY_MMSI - 1)


def own_ref(key: int) -> str:
    """The reference that a key makes by itself; "" for one whose number the platform gave."""
    kind, number = kind_of(key), int(key) & ((1 << KIND_BITS) - 1)
    marked, plain = bool(number & BY_MMSI), number & (BY_MMSI - 1)
    prefix = next((text for name, mmsi, text in _PREFIXES if (name, mmsi) == (kind, marked)), "")
    return "" if not prefix else f"{prefix}{plain:06x}" if prefix.endswith("icao:") else f"{prefix}{plain:09d}"


def readable(who: Principal, one: Series | Entity) -> bool:
    """Whether a caller may read of a series or mover: its level, and who its readers are."""
    if who.org == PLATFORM.org:
        return True
    return one.level <= who.clearance and (not one.orgs or who.slug in one.orgs)


class Levels:
    """The level of each series by its number, for whole columns at once; 0 where this process does not know it."""

    def __init__(self) -> None:
        self._known = np.zeros(1024, np.uint8)

    def put(self, number: int, level: int) -> None:
        """State the level of a series."""
        if number >= len(self._known):
            self._known = np.concatenate([self._known, np.zeros(max(number, 2 * len(self._known)), np.uint8)])
        self._known[number] = level

    def of(self, numbers: Array) -> Array:
        """The level of each number."""
        last = len(self._known) - 1
        known = np.minimum(numbers, np.uint64(last)).astype(np.intp)
        levels: Array = np.where(numbers <= last, self._known[known], 0).astype(np.uint8)
        return levels


class Numbers:
    """The numbers of a process: asked of the database once, then remembered."""

    def __init__(self, pool: Pool, seals: Seals | None = None) -> None:
        self._pool, self.seals = pool, seals
        self._entities: dict[str, Entity] = {}
        self._by_key: dict[int, Entity] = {}
        self._series: dict[tuple[str, str], Series] = {}
        self._by_number: dict[int, Series] = {}
        self.levels, self.movers = Levels(), Movers()
        self._read_at = self._stated_at = datetime(1970, 1, 1, tzinfo=UTC)

    async def entity(
        self, kind: str, ref: str, *, name: str = "", level: int = 1, simulated: bool = False, orgs: Sequence[str] = ()
    ) -> Entity:
        """The entity of a reference, made when it is new; a later name replaces the former."""
        known = self._entities.get(ref)
        if known is None or (name and known.name != name):
            wanted = Entity(0, ref, kind, name, level, simulated, tuple(orgs))
            known = (await self.entities([wanted]))[ref]
        return known

    async def entities(self, wanted: Iterable[Entity]) -> dict[str, Entity]:
        """Entities by reference, made where they are new (their `number` does not count)."""
        asked = {one.ref: one for one in wanted}
        missing = [o for o in asked.values() if (k := self._entities.get(o.ref)) is None or (o.name and k.name != o.name)]
        if missing:
            rows = await self._ask(
                movers.PUT,
                [o.ref for o in missing], [o.kind for o in missing], [o.name for o in missing],
                [o.level for o in missing], [o.simulated for o in missing], [",".join(o.orgs) for o in missing],
            )  # fmt: skip
            await self._remember(rows)
        return {ref: self._entities[ref] for ref in asked}

    async def state_entities(self, wanted: Collection[Entity]) -> dict[str, Entity]:
        """Let entities be exactly as stated: level, readers, whose they are; made where they are new (their `number` does not count)."""
        await self._ask(
            movers.STATE,
            [o.ref for o in wanted], [o.kind for o in wanted], [o.name for o in wanted], [o.level for o in wanted],
            [o.simulated for o in wanted], [",".join(o.orgs) for o in wanted], [o.subject for o in wanted],
        )  # fmt: skip
        found = await self._remember(await self._ask(movers.BY_REFS, [o.ref for o in wanted]))
        return {one.ref: one for one in found}

    async def series(
        self, device: str, metric: str, *, unit: str = "", level: int | None = None, simulated: bool = False,
        orgs: Sequence[str] | None = None, limits: Mapping[str, Any] | None = None,
    ) -> Series:  # fmt: skip
        """One metric of a device, made when it is new; what is stated replaces what was known."""
        wanted = Wanted(device, metric, unit, level, simulated, orgs, limits)
        return (await self.many_series([wanted]))[(device, metric)]

    async def many_series(self, wanted: Iterable[Wanted]) -> dict[tuple[str, str], Series]:
        """Series by device and metric, made or changed where what is stated differs."""
        asked = {(one.device, one.metric): one for one in wanted}
        missing = [one for pair, one in asked.items() if _differs(self._series.get(pair), one)]
        if missing:
            rows = await self._ask(
                _PUT_SERIES,
                [o.device for o in missing], [o.metric for o in missing], [o.unit for o in missing],
                [o.level for o in missing], [o.simulated for o in missing],
                [None if o.orgs is None else ",".join(o.orgs) for o in missing],
                [None if o.limits is None else dict(o.limits) for o in missing],
            )  # fmt: skip
            await self._note(rows)
        return {pair: self._series[pair] for pair in asked}

    def known_series(self, device: str, metric: str) -> Series | None:
        """A series that this process met already."""
        return self._series.get((device, metric))

    async def find_series(self, device: str, metric: str = "") -> list[Series]:
        """The series of a device, or the one of a metric, that exist; makes none."""
        return await self._note(await self._ask(_SERIES_BY_NAME, device, metric))

    async def series_holding(self, text: str) -> list[Series]:
        """The series of devices whose code holds a text, hyphens and blanks left out."""
        return await self._note(await self._ask(_SERIES_HOLDING, text))

    async def series_of(self, numbers: Iterable[int]) -> dict[int, Series]:
        """Series by number; unknown numbers are left out."""
        asked = {int(number) for number in numbers}
        missing = [number for number in asked if number not in self._by_number]
        if missing:
            await self._note(await self._ask(_SERIES_OF, missing))
        return {number: self._by_number[number] for number in asked if number in self._by_number}

    async def entity_of(self, keys: Iterable[int]) -> dict[int, Entity]:
        """Entities by their keys in frames; ships and aircraft are known by their own numbers, unknown ones are left out."""
        found: dict[int, Entity] = {}
        asked: list[int] = []
        for key in {int(key) for key in keys}:
            kind, number = kind_of(key), key & ((1 << KIND_BITS) - 1)
            if key in self._by_key:
                found[key] = self._by_key[key]
            elif ref := own_ref(key):
                found[key] = Entity(number, ref, kind)
            elif kind:
                asked.append(number)
        if asked:
            found.update({one.key: one for one in await self._remember(await self._ask(movers.BY_NUMBER, asked))})
        return found

    async def named(self, text: str, most: int) -> list[Entity]:
        """Entities whose name or reference holds a text, in any case, the newest first."""
        return await self._remember(await self._ask(movers.NAMED, text, most))

    async def key_of(self, ref: str) -> int | None:
        """The key of a reference in frames of positions; None when nothing of that name ever reported."""
        for kind, marked, prefix in _PREFIXES:
            if ref.startswith(prefix):
                text = ref.removeprefix(prefix)
                base = 16 if prefix.endswith("icao:") else 10
                return entity_key(kind, int(text, base) | marked * BY_MMSI) if _plain(text, base) else None
        if ref not in self._entities:
            await self._remember(await self._ask(movers.BY_REFS, [ref]))
        known = self._entities.get(ref)
        return known.key if known else None

    async def _remember(self, rows: Iterable[Any]) -> list[Entity]:
        found = [
            Entity(**{**dict(row), "orgs": tuple(row["orgs"]), "level": max(row["level"], KIND_LEVELS.get(row["kind"], 1))})
            for row in rows
        ]  # fmt: skip
        if self.seals is not None:
            await self._learn({one.key: self.seals.mover(one.ref, one.subject) for one in found if one.level >= LEVEL})
        for one in found:
            self._entities[one.ref] = self._by_key[one.key] = one
            self.movers.put(one.key, one.level)
        return found

    async def _note(self, rows: Iterable[Any]) -> list[Series]:
        found = [Series(**{**dict(row), "orgs": tuple(row["orgs"])}) for row in rows]
        if self.seals is not None:  # before the level is known: nothing of it goes out unsealed
            await self._learn({one.number: self.seals.subject(one.device, one.subject) for one in found if one.level >= LEVEL})
        for one in found:
            self._series[one.device, one.metric] = self._by_number[one.number] = one
            self.levels.put(one.number, one.level)
        return found

    async def _learn(self, subjects: Mapping[int, str]) -> None:
        if self.seals is not None:
            known = self.seals.of
            await self.seals.learn({key: name for key, name in subjects.items() if key not in known or known[key].name != name})

    async def _ask(self, sql: str, *values: Any) -> Sequence[asyncpg.Record]:
        """Rows, with the rights of the platform: who sees a series is said by its `orgs`, to whoever asks us."""
        async with scope(self._pool, (PLATFORM.org,), clearance=4) as conn:
            return await conn.fetch(sql, *values)

    async def _one(self, sql: str, *values: Any) -> asyncpg.Record:
        """The row of a statement that always has one."""
        return (await self._ask(sql, *values))[0]

    async def refresh(self) -> None:
        """Read anew what others changed of series and movers that this process knows, or may be asked for."""
        rows = await self._ask(_SERIES_CHANGED, self._read_at)
        if rows:
            self._read_at = max(row["changed"] for row in rows)
            await self._note(_plain_rows(rows))
        await self.stated()

    async def stated(self) -> list[Entity]:
        """Read anew what the register states of movers now; those of which that changed since the last time, or shortly before."""
        rows = await self._ask(movers.CHANGED, self._stated_at)
        if not rows:
            return []
        self._stated_at = max(row["changed"] for row in rows)
        return await self._remember(_plain_rows(rows))

    async def state(self, wanted: Wanted) -> Series:
        """Let a series be exactly as stated: unit, level, readers and limits."""
        row = await self._one(
            _STATE_SERIES, wanted.device, wanted.metric, wanted.unit, wanted.level or 2, wanted.simulated,
            list(wanted.orgs or ()), dict(wanted.limits or {}), wanted.subject,
        )  # fmt: skip
        return (await self._note([row]))[0]

    def series_now(self, numbers: Iterable[int]) -> list[Series]:
        """Those of these series that this process knows."""
        return [self._by_number[number] for number in numbers if number in self._by_number]


_SERIES_OF = """
select number, device, metric, unit, level, simulated, orgs, limits, subject from telemetry_series where number = any($1::bigint[])"""
_SERIES_BY_NAME = """
select number, device, metric, unit, level, simulated, orgs, limits, subject from telemetry_series
where device = $1 and ($2 = '' or metric = $2) order by metric"""
_SERIES_HOLDING = """
select number, device, metric, unit, level, simulated, orgs, limits, subject from telemetry_series
where strpos(upper(translate(device, '- ', '')), $1) > 0 order by number limit 200"""
_SERIES_CHANGED = """
select number, device, metric, unit, level, simulated, orgs, limits, subject, changed from telemetry_series
where changed > $1::timestamptz - interval '5 seconds'"""
_STATE_SERIES = """
insert into telemetry_series (device, metric, unit, level, simulated, orgs, limits, subject)
values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, ''))
on conflict (device, metric) do update set unit = excluded.unit, level = excluded.level, simulated = excluded.simulated,
  orgs = excluded.orgs, limits = excluded.limits,
  subject = case when $8::text is null then telemetry_series.subject else $8 end, changed = clock_timestamp()
returning number, device, metric, unit, level, simulated, orgs, limits, subject"""
_PUT_SERIES = """
insert into telemetry_series (device, metric, unit, level, simulated, orgs, limits)
select d, m, u, coalesce(l, 2), s, coalesce(string_to_array(nullif(o, ''), ','), '{}'), coalesce(j, '{}'::jsonb)
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bool[], $6::text[], $7::jsonb[]) as t(d, m, u, l, s, o, j)
order by d, m
on conflict (device, metric) do update set
  unit = case when excluded.unit = '' then telemetry_series.unit else excluded.unit end
returning number, device, metric, unit, level, simulated, orgs, limits, subject"""


def _plain_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "changed"} for row in rows]


def _differs(known: Series | None, wanted: Wanted) -> bool:
    return known is None or bool(wanted.unit and known.unit != wanted.unit)


def _plain(text: str, base: int) -> bool:
    return 0 < len(text) <= 9 and all(c in "0123456789abcdefABCDEF"[: 10 if base == 10 else 22] for c in text)

