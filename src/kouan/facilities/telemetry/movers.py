"""Movers of a level of their own: their positions are routed, sealed and shown by what the register states of them."""

from __future__ import annotations

import numpy as np

from kouan.kernel.signals import Array

OPEN = 1
"""The level of positions of which nobody stated another."""
RESTRICTED = 3
"""From this level on positions are sealed by subject, and no record is made of where the mover was."""


class Movers:
    """The level of each mover by the key of its positions, for whole columns at once; most are of none of their own."""

    def __init__(self) -> None:
        self._levels: dict[int, int] = {}
        self._keys, self._of = np.zeros(0, np.uint64), np.zeros(0, np.uint8)

    def put(self, key: int, level: int) -> None:
        """State the level of a mover."""
        if self._levels.get(key, OPEN) == level:
            return
        self._levels[key] = level
        stated = sorted((key, level) for key, level in self._levels.items() if level != OPEN)
        self._keys = np.array([key for key, _ in stated], np.uint64)
        self._of = np.array([level for _, level in stated], np.uint8)

    def level(self, key: int) -> int:
        """The level of one mover."""
        return self._levels.get(key, OPEN)

    def restricted(self) -> set[int]:
        """The keys of movers of levels 3 and 4."""
        return set(self._keys[self._of >= RESTRICTED].tolist())

    def of(self, keys: Array) -> Array | None:
        """The level of each key, 0 where none was stated; None when that holds for all."""
        if not len(self._keys):
            return None
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        levels: Array = np.where(self._keys[place] == keys, self._of[place], 0).astype(np.uint8)
        return levels if levels.any() else None


BY_NUMBER = "select number, ref, kind, name, level, simulated, orgs, subject from telemetry_entity where number = any($1::bigint[])"
NAMED = """
select number, ref, kind, name, level, simulated, orgs, subject from telemetry_entity
where strpos(lower(ref), lower($1)) > 0 or strpos(lower(name), lower($1)) > 0 order by number desc limit $2"""
BY_REFS = "select number, ref, kind, name, level, simulated, orgs, subject from telemetry_entity where ref = any($1::text[])"
PUT = """
insert into telemetry_entity (ref, kind, name, level, simulated, orgs)
select r, k, n, l, s, coalesce(string_to_array(nullif(o, ''), ','), '{}')
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bool[], $6::text[]) as t(r, k, n, l, s, o) order by r
on conflict (ref) do update set
  name = case when excluded.name = '' then telemetry_entity.name else excluded.name end
returning number, ref, kind, name, level, simulated, orgs, subject"""
STATE = """
insert into telemetry_entity (ref, kind, name, level, simulated, orgs, subject, changed)
select r, k, n, l, s, coalesce(string_to_array(nullif(o, ''), ','), '{}'), p, clock_timestamp()
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bool[], $6::text[], $7::text[]) as t(r, k, n, l, s, o, p) order by r
on conflict (ref) do update set
  level = excluded.level, simulated = excluded.simulated, orgs = excluded.orgs, subject = excluded.subject, changed = clock_timestamp()
where (telemetry_entity.level, telemetry_entity.simulated, telemetry_entity.orgs, telemetry_entity.subject)
  is distinct from (excluded.level, excluded.simulated, excluded.orgs, excluded.subject)"""
CHANGED = """
select number, ref, kind, name, level, simulated, orgs, subject, changed from telemetry_entity
where changed > $1::timestamptz - interval '5 seconds'"""
