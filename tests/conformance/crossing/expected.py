"""Who may see what of a record: read from the declarations once more, independently of the code that enforces them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kouan.kernel.records import Party, Record, record_type

ADMINS = {"system-admin", "security-admin", "audit-admin"}
META = "(reference)"


@dataclass(frozen=True)
class Account:
    """One demo account and what it says of itself."""

    org: str
    kind: str
    role: str
    clearance: int
    token: str
    number: int

    @property
    def business(self) -> bool:
        """Whether it deals with business data at all."""
        return self.role not in ADMINS

    def __str__(self) -> str:
        return f"{self.org}-{self.role}"


@dataclass(eq=False)
class Instance:
    """One kept record: who filed it and all that it holds, whoever may see it."""

    record: str
    id: str
    ref: str
    filer: str
    data: dict[str, Any]
    receipt: str

    @property
    def cls(self) -> type[Record]:
        """Its type."""
        return record_type(self.record)

    @property
    def door(self) -> str:
        """The address of its type's list."""
        return "/api/records/" + self.record.replace(".", "/")


@dataclass
class World:
    """All seeded records, the accounts, and the canaries that were put into the records."""

    accounts: list[Account]
    instances: list[Instance] = field(default_factory=list)
    canaries: set[str] = field(default_factory=set)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    granted: dict[str, str] = field(default_factory=dict)
    former: list[Instance] = field(default_factory=list)
    places: dict[str, list[tuple[Instance, str]]] = field(default_factory=dict)
    told: dict[str, list[tuple[Instance, str]]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    _fields: dict[tuple[Instance, str], frozenset[str]] = field(default_factory=dict)
    _forbidden: dict[str, Sought] = field(default_factory=dict)

    def by_ref(self, ref: str) -> list[Instance]:
        """The seeded records of that name."""
        return [one for one in self.instances if one.ref == ref]

    def is_party(self, party: Party, one: Instance, org: str, kind: str) -> bool:
        """Whether an organisation is a declared party of a record."""
        how, _, what = party.by.partition(":")
        if how in ("filer", "everyone"):
            return how == "everyone" or org == one.filer
        if how == "kind":
            return kind == what
        value = one.data.get(what)
        if how == "like":
            return any(self.reads(other, org, kind) for other in self.by_ref(str(value)))
        names = value if isinstance(value, list) else [value]
        bare = {str(name).removeprefix("org:").removeprefix("enterprise:") for name in names}
        return org in {self.codes.get(name, name.lower()) for name in bare}

    def reads(self, one: Instance, org: str, kind: str) -> bool:
        """Whether an organisation is a reader of a record at all."""
        return org == one.filer or any(self.is_party(p, one, org, kind) for p in one.cls.facts.parties)

    def fields(self, one: Instance, account: Account) -> frozenset[str]:
        """The fields of a record that an account's organisation may see, masked or not. The world is complete when it is first asked."""
        key = one, str(account)
        if key not in self._fields:
            self._fields[key] = frozenset(self._fields_of(one, account))
        return self._fields[key]

    def _fields_of(self, one: Instance, account: Account) -> set[str]:
        if not account.business:
            return set()
        everything = set(one.cls.fields)
        if account.org == one.filer:
            return everything
        mine = [p for p in one.cls.facts.parties if self.is_party(p, one, account.org, account.kind)]
        return set().union(*(everything if p.sees == "*" else p.sees for p in mine))

    def masked(self, one: Instance, account: Account) -> set[str]:
        """Those of them that its level hides: a filer's people see level 3 of what they filed."""
        limit = max(account.clearance, 3) if account.org == one.filer else account.clearance
        levels = one.cls.fields
        return {n for n in self.fields(one, account) if levels[n].level > limit and one.data.get(n) is not None}

    def homes(self, canary: str) -> list[tuple[Instance, str]]:
        """Every place where a canary stands or stood: a field of a record's version, or the reference that names it."""
        if not self.places:
            canaries = Sought(self.canaries | set(self.granted))
            for one in self.instances:
                self._stands(canaries, one, META, one.ref)
            for one in (*self.instances, *self.former):
                for name, value in one.data.items():
                    if value is not None:
                        self._stands(canaries, one, name, values_of(value))
        return self.places.get(canary, [])

    def _stands(self, canaries: Sought, one: Instance, name: str, text: str) -> None:
        for canary in canaries.within(text):
            self.places.setdefault(canary, []).append((one, name))

    def entitled(self, canary: str, account: Account) -> bool:
        """Whether an account may come to see a canary somewhere."""
        if self.granted.get(canary) == account.org:
            return account.business
        for one, name in self.homes(canary):
            shown = self.fields(one, account)
            if name == META and shown:
                return True
            if name in shown and name not in self.masked(one, account):
                return True
        return False

    def findable(self, canary: str, account: Account) -> bool:
        """Whether an account may find something by a canary: what stands as a token is found by whoever sees its field."""
        if not self.told:
            canaries = Sought(self.canaries)
            for one in self.instances:
                for name, value in self.sent.get(one.id, {}).items():
                    for found in canaries.within(values_of(value)):
                        self.told.setdefault(found, []).append((one, name))
        return self.entitled(canary, account) or any(name in self.fields(one, account) for one, name in self.told.get(canary, ()))

    def forbidden(self, account: Account) -> Sought:
        """The canaries that no answer to an account may hold. The world is complete when it is first asked."""
        if str(account) not in self._forbidden:
            self._forbidden[str(account)] = Sought(canary for canary in self.canaries if not self.entitled(canary, account))
        return self._forbidden[str(account)]


class Sought(frozenset[str]):
    """Canaries that are looked for in texts, all of them in a few passes: by their shapes, each a beginning and its digits."""

    _shapes: tuple[re.Pattern[str], ...]

    def within(self, text: str) -> list[str]:
        """Which of them stand in a text."""
        if not hasattr(self, "_shapes"):
            shapes = {re.escape(one[:2]) + re.sub(r"[0-9]", "[0-9]", re.escape(one[2:])) for one in self}
            self._shapes = tuple(re.compile(shape) for shape in sorted(shapes))
        return sorted({found for shape in self._shapes for found in _every(shape, text) if found in self})


def _every(shape: re.Pattern[str], text: str) -> Iterator[str]:
    """All places of a shape; the next is sought from the next sign on, since one may stand within the digits of another."""
    found = shape.search(text)
    while found:
        yield found[0]
        found = shape.search(text, found.start() + 1)


def leaks(text: str, forbidden: Iterable[str]) -> list[str]:
    """Which canaries stand in a text, as they are or escaped as JSON does."""
    return (forbidden if isinstance(forbidden, Sought) else Sought(forbidden)).within(text)


def values_of(data: object) -> str:
    """A content as one searchable text."""
    return json.dumps(data, ensure_ascii=False, default=str)
