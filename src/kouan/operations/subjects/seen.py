"""Who counts in a total: SQL that leaves out every row whose fields the asker's parties do not all see."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record


def parties(cls: type[Record], uses: frozenset[str]) -> list[str]:
    """The parties of a record type that see all of some fields."""
    return [party.name for party in cls.facts.parties if party.sees == "*" or party.sees >= uses]


def seen(row: str, org: str, names: str) -> str:
    """SQL: the organisation (`org`) filed the row, keeps it, or is one of the parties `names` of it. The arguments are SQL."""
    member = f"p.key = any({names}) and (p.value @> to_jsonb({org}) or p.value @> '0')"
    party = f"exists (select 1 from jsonb_each({row}.parties) p where {member})"  # noqa: S608 - SQL of this board's own
    return f"({row}.org = {org} or {org} = {PLATFORM.org} or {party})"


def whole(cls: type[Record], uses: frozenset[str], who: Principal) -> bool:
    """Whether a caller's kind of organisation reads these fields of every record of a type, and so the port's own total."""
    found = (party for party in cls.facts.parties if party.sees == "*" or party.sees >= uses)
    return who.org == PLATFORM.org or any(party.by in (f"kind:{who.kind}", "everyone") for party in found)


def level(cls: type[Record], names: Iterable[str]) -> int:
    """The highest level among some fields."""
    return max((cls.fields[name].level for name in names), default=1)


def at_least(moment_ms: int) -> UUID:
    """The least identifier of a record made at a moment (UUIDv7), so that a bound in time is one on the primary key."""
    return UUID(int=max(moment_ms, 0) << 80)
