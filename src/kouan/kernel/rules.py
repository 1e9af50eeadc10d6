"""Rule: one clause of law, quality or risk; pure, named by its code, with its message in both languages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

from kouan.kernel.records import Record
from kouan.kernel.text import Text
from kouan.kernel.words import Word, every

R = TypeVar("R", bound=Record)
Severity = Literal["refuse", "warn", "hold", "divert"]


class Need(NamedTuple):
    """Facts that a rule needs: the current records of a type that mention a reference (or carry a natural key).

    They are read, and locked when `lock`, inside the filing's own transaction; by reference the newest, at most `most`.
    """

    record: str
    ref: str = ""
    key: str = ""
    lock: bool = False
    most: int = 200


class Kept(NamedTuple):
    """A kept record as rules and handlers see it."""

    id: str
    ref: str
    record: str
    version: int
    state: str
    tracks: Mapping[str, Mapping[str, Any]]
    filed_at: datetime
    filed_by: int
    filer: str
    data: Record
    warnings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The facts loaded for the needs of all rules of one judgement, and the moment of judging."""

    at: datetime
    filer: str
    site: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[Need, Sequence[Kept]] = field(default_factory=dict)

    def of(self, need: Need) -> Sequence[Kept]:
        """The records found for a need; empty when there are none."""
        return self.kept.get(need, ())


@dataclass(frozen=True, slots=True)
class Unmet:
    """Why a rule does not hold for this record, where, and (for gates) where to go instead."""

    reason: Text
    field: str = ""
    ref: str = ""
    to: str = ""
    score: float = 0.0


class Rule(Word):
    """Base of rules. `at`: the moment (`filing`, `release`, `gate`, `target`, …); `of`: full record name judged.

    `owner`: kind of organisation that can make it hold; `within`: how long that may take, from the filing.
    """

    requires: ClassVar[tuple[str, ...]] = ("at", "of", "title", "clause", "severity", "owner")
    at: ClassVar[str]
    of: ClassVar[str]
    title: ClassVar[Text]
    clause: ClassVar[str]
    severity: ClassVar[Severity]
    owner: ClassVar[str]
    within: ClassVar[timedelta | None] = None

    def needs(self, record: Any, filer: str) -> Iterable[Need]:
        """The facts wanted beside the record itself."""
        return ()

    def further(self, record: Any, found: Found) -> Iterable[Need]:
        """The facts that the first ones lead to (a box's bill leads to the bill's declaration); read after them."""
        return ()

    @abstractmethod
    def judge(self, record: Any, found: Found) -> Unmet | None:
        """None when the rule holds; else why not. Must not do input or output."""


_rules: dict[tuple[str, str], tuple[tuple[type[Rule], ...], tuple[Rule, ...]]] = {}


def rules_at(at: str, of: str) -> tuple[Rule, ...]:
    """The rules of a moment for a record type, in order of their codes."""
    known: tuple[type[Rule], ...] = every(Rule)
    held = _rules.get((at, of))
    if held is None or held[0] is not known:
        held = _rules[(at, of)] = (known, tuple(rule() for rule in known if rule.at == at and rule.of == of))
    return held[1]


class Finding(NamedTuple):
    """One rule's verdict on one record."""

    rule: Rule
    unmet: Unmet | None

    @property
    def met(self) -> bool:
        """Whether the rule holds."""
        return self.unmet is None


def judge(rules: Sequence[Rule], record: Record, found: Found) -> tuple[Finding, ...]:
    """Every rule's verdict; a rule that raises is a fault of ours and is not swallowed."""
    return tuple(Finding(rule, rule.judge(record, found)) for rule in rules)


def needs_of(rules: Sequence[Rule], record: Record, filer: str) -> tuple[Need, ...]:
    """All needs of some rules for a record, each once."""
    return tuple(dict.fromkeys(need for rule in rules for need in rule.needs(record, filer)))
