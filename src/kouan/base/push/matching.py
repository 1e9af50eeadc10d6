"""The book of subscriptions: which of them a fact fits, found by index and not by asking each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.base.push.facts import Happened, Stated
from kouan.base.push.records import Subscription
from kouan.kernel.records import record_type
from kouan.kernel.references import make

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription as it is matched. `line`: its number; `where`: field and accepted values, in one spelling."""

    line: int
    id: UUID
    ref: str
    org: int
    state: str
    channel: str
    address: str
    content: str
    records: frozenset[str]
    moments: frozenset[str]
    states: frozenset[str]
    about: frozenset[str]
    where: tuple[tuple[str, frozenset[str]], ...]
    since: datetime
    until: datetime | None
    stale_s: int = 0

    @classmethod
    def of(cls, line: int, id: UUID, ref: str, org: int, state: str, filed: datetime, told: Subscription) -> Wish:
        """A kept subscription; it begins with its filing unless it says a later moment."""
        where = tuple((one.name, frozenset(_spelled(told.records[0], one.name, v) for v in one.values)) for one in told.where)
        since = max(told.since, filed) if told.since else filed
        return cls(line, id, ref, org, state, told.channel, told.address or "", told.content, frozenset(told.records),
                   frozenset(told.moments), frozenset(told.states), frozenset(told.about), where, since, told.until,
                   told.stale_s or 0)  # fmt: skip

    def places(self) -> Iterator[Key]:
        """Under what it stands in the index: its references, else one condition's values, else its record types."""
        if self.about:
            yield from (("ref", ref) for ref in self.about)
        elif self.where:
            (record,), (field, values) = self.records, min(self.where, key=lambda one: len(one[1]))
            yield from (("field", record, field, value) for value in values)
        else:
            yield from (("type", record) for record in self.records)


def _spelled(record: str, field: str, value: str) -> str:
    try:
        kind = record_type(record).fields[field].reference
        return make(kind, value).casefold() if kind else value.strip().casefold()
    except (KeyError, ValueError):  # A type or field that there is no more fits nothing.
        return value.strip().casefold()


class Book:
    """All subscriptions that have not ended, indexed. Several about one thing cost as much as they are; the rest cost nothing."""

    def __init__(self, wishes: Iterable[Wish] = ()) -> None:
        self.wishes: dict[UUID, Wish] = {}
        self._index: dict[Key, dict[UUID, Wish]] = {}
        self._types: dict[str, int] = defaultdict(int)
        self._filters: dict[tuple[str, str], int] = defaultdict(int)
        self._any = 0
        for wish in wishes:
            self.put(wish)

    def put(self, wish: Wish) -> None:
        """Add a subscription, or put its next version in the place of the former."""
        self.drop(wish.id)
        self.wishes[wish.id] = wish
        self._count(wish, 1)
        for key in wish.places():
            self._index.setdefault(key, {})[wish.id] = wish

    def drop(self, id: UUID) -> None:
        """Forget a subscription."""
        wish = self.wishes.pop(id, None)
        if wish is None:
            return
        self._count(wish, -1)
        for key in wish.places():
            held = self._index[key]
            held.pop(id, None)
            if not held:
                del self._index[key]

    def _count(self, wish: Wish, by: int) -> None:
        for record in wish.records:
            self._types[record] += by
        self._any += 0 if wish.records else by
        for key in wish.places():
            if key[0] == "field":
                self._filters[key[1], key[2]] += by

    def wants(self, record: str) -> bool:
        """Whether any subscription could fit a fact of a record type: else its content need not be read."""
        return bool(self._any or self._types.get(record, 0))

    def match(self, happened: Happened, stated: Stated) -> list[Wish]:
        """The subscriptions that a fact fits, each once, of organisations that could read it."""
        found: dict[UUID, Wish] = {}
        for field, wish in self._candidates(happened, stated):
            if wish.id not in found and self._fits(wish, field, happened, stated):
                found[wish.id] = wish
        return list(found.values())

    def _candidates(self, happened: Happened, stated: Stated) -> Iterator[tuple[str, Wish]]:
        yield from (("", wish) for wish in self._index.get(("type", happened.record), {}).values())
        yield from (("", wish) for wish in self._index.get(("ref", happened.ref), {}).values())
        for name, value in stated.doc.items():
            if (happened.record, name) in self._filters:
                for said in _values(value):
                    yield from ((name, wish) for wish in self._index.get(("field", happened.record, name, said), {}).values())
            if value.__class__ in (str, list, dict):
                for ref in _mentions(value):
                    held = self._index.get(("ref", ref))
                    if held:
                        yield from ((name, wish) for wish in held.values())

    def _fits(self, wish: Wish, field: str, happened: Happened, stated: Stated) -> bool:
        if wish.org not in happened.readers and 0 not in happened.readers:
            return False
        if (wish.records and happened.record not in wish.records) or (wish.moments and happened.what not in wish.moments):
            return False
        if (wish.states and stated.state not in wish.states) or happened.at < wish.since:
            return False
        if wish.until is not None and happened.at >= wish.until:
            return False
        # What one may not see one may not ask for either: the answer would tell it.
        needed = {name for name, _ in wish.where} | ({field} if field else set())
        if needed and not needed <= stated.seen(wish.org):
            return False
        return all(_says(stated.doc, name, values) for name, values in wish.where)


def _says(doc: Mapping[str, Any], name: str, values: frozenset[str]) -> bool:
    return any(said in values for said in _values(doc.get(name)))


def _values(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else (value,):
        if one is not None and not isinstance(one, dict | list):
            yield str(one).casefold()


def _mentions(value: Any) -> Iterator[str]:
    """Every text in a value that may be a reference."""
    if isinstance(value, str):
        if ":" in value:
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _mentions(part)
    elif isinstance(value, list):
        for part in value:
            yield from _mentions(part)
