"""Indicator: a measured number, defined once and shown anywhere; its formula is declared over a record type's fields and acts.

The engine that keeps the totals is in `operations/monitoring`. A higher board declares indicators over its own records and
acts; the engine finds them in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.kernel.records import record_type
from kouan.kernel.text import Text
from kouan.kernel.words import Incomplete, Word

How = Literal["count", "sum", "share", "mean", "median", "p90", "level"]
HOWS = ("count", "sum", "share", "mean", "median", "p90", "level")
QUANTILES: Mapping[str, float] = {"median": 0.5, "p90": 0.9}
ADDED = ("count", "sum", "level")
"""Parts of these add up to the whole."""
Grain = Literal["day", "hour"]
WAYS: Mapping[str, Text] = {"import": Text("进口", "Import"), "export": Text("出口", "Export"), "other": Text("其他", "Other")}
DIMENSIONS: Mapping[str, Text] = {
    "direction": Text("方向", "Direction"),
    "mode": Text("运输方式", "Mode of transport"),
    "place": Text("地点", "Place"),
    "country": Text("国别（地区）", "Country or region"),
    "chapter": Text("税则章", "HS chapter"),
    "kind": Text("类别", "Kind"),
}
"""By what figures may be divided; one list for the whole port, so that a filter means the same to all of them."""
LENT = "record."
"""What is put before the name of a record's field where a line holds it."""
KIND = ".kind"
"""What is put behind a field to ask for the kind of the place that it names."""
UNKNOWN = "?"
"""The value of a dimension that a fact does not state."""


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a record: what was done, when, by which organisation, and whether its automation did it."""

    action: str
    at: datetime
    org: int
    automatic: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as a formula sees it: its open fields, when it was filed, what was done to it (the oldest first)."""

    doc: Mapping[str, Any]
    filed_at: datetime
    steps: tuple[Step, ...] = ()

    def first(self, actions: tuple[str, ...]) -> Step | None:
        """The first of some acts, if one was taken."""
        return next((step for step in self.steps if step.action in actions), None)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a record's life: a field of it, the first of some acts, or its filing."""

    field: str = ""
    acts: tuple[str, ...] = ()

    def of(self, seen: Seen) -> datetime | None:
        """When it was; None when it has not come."""
        if self.acts:
            step = seen.first(self.acts)
            return step.at if step else None
        if not self.field:
            return seen.filed_at
        value = seen.doc.get(self.field)
        return datetime.fromisoformat(value) if isinstance(value, str) else None


FILED = Moment()


def at(name: str) -> Moment:
    """The moment that a field states."""
    return Moment(field=name)


def done(*acts: str) -> Moment:
    """The first time that one of some acts was taken."""
    return Moment(acts=acts)


@dataclass(frozen=True, slots=True)
class Where:
    """A condition: a field is one of some values, or as a named test says."""

    field: str
    values: tuple[Any, ...] = ()
    test: Callable[[Any], bool] | None = None

    def holds(self, part: Mapping[str, Any]) -> bool:
        """Whether a record, or one line of it, fulfils it."""
        value = part.get(self.field)
        return self.test(value) if self.test else value in self.values


@dataclass(frozen=True, slots=True)
class By:
    """A dimension: the field that states it and, where its value is not the field's own, what it is made of.

    `out_of`: made of several fields of the record or line, beside `field` those that `uses` names.
    """

    field: str
    as_: Callable[[Any], str] | None = None
    words: Mapping[str, Text] = made(default_factory=dict)
    out_of: Callable[[Mapping[str, Any]], str] | None = None
    uses: tuple[str, ...] = ()

    def of(self, part: Mapping[str, Any]) -> str:
        """The value of a record, or of a line; `?` where it states none."""
        if self.out_of:
            return self.out_of(part) or UNKNOWN
        value = part.get(self.field)
        found = self.as_(value) if self.as_ else ("" if value is None else str(value))
        return found or UNKNOWN


@dataclass(frozen=True, slots=True)
class Number:
    """A quantity: what a field says, times a factor; or what a named function makes of the record or line."""

    field: str = ""
    times: float = 1.0
    out_of: Callable[[Mapping[str, Any]], float | str | None] | None = None
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The time from one moment to another, in hours times a factor (60 for minutes)."""

    since: Moment
    until: Moment
    times: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """A formula: which records count, when, by what, and how much each.

    `over`: the list whose lines count each by itself; `where` and `by` are then asked of the line, which holds the record's
    fields that `lends` names beside its own, under `record.` and their names. `of`: conditions on the record. `hit`: of a share,
    whether the record is among those meant. `leaves`: of a level, when the record counts no more. `moved`: further acts that
    change what it reads. A field `place.kind` is the kind of the place that the field `place` names.
    """

    record: str
    at: Moment
    of: tuple[Where, ...] = ()
    where: tuple[Where, ...] = ()
    over: str = ""
    lends: tuple[str, ...] = ()
    value: Number | Span | None = None
    hit: Callable[[Seen], bool] | None = None
    hit_uses: tuple[str, ...] = ()
    leaves: Moment | None = None
    moved: tuple[str, ...] = ()
    by: Mapping[str, By] = made(default_factory=dict)

    def moments(self) -> tuple[Moment, ...]:
        """All moments that it asks for."""
        span = (self.value.since, self.value.until) if isinstance(self.value, Span) else ()
        return (self.at, *span, *((self.leaves,) if self.leaves else ()))

    def topics(self) -> tuple[str, ...]:
        """What has to be heard to keep it: the filing, each change of content, and the acts that it names."""
        acts = {act for moment in self.moments() for act in moment.acts} | set(self.moved)
        return tuple(f"{self.record}:{what}" for what in ("filed", "amend", *sorted(acts)))

    def kinds(self) -> frozenset[str]:
        """The fields whose places' kinds it asks for."""
        named = [w.field for w in (*self.of, *self.where)] + [one.field for one in self.by.values()]
        return frozenset(name.partition(".")[0] for name in named if name.endswith(KIND))

    def uses(self) -> frozenset[str]:
        """The record's fields that it reads."""
        named = [m.field for m in self.moments()] + [w.field for w in self.of] + list(self.hit_uses)
        line = [w.field for w in self.where] + [name for one in self.by.values() for name in (one.field, *one.uses)]
        if isinstance(self.value, Number):
            line += [self.value.field, *self.value.uses]
        named += [self.over, *self.lends] if self.over else line
        return frozenset(name.partition(".")[0] for name in named if name)


class Indicator(Word):
    """Base of indicators. What is shown of it anywhere is what stands here.

    `formula`: the formula in words. `how`: what a total is made of. `good`: the direction of good. `owner`: the kind of
    organisation that answers for its definition. `readers`: kinds that read the port's totals, ``("*",)`` everyone; the facts
    behind are open to those only who may see every field used. `firm`: the organisation that has the figure of its own:
    ``"@filer"`` or a field that names it. `tally`: None where the figure comes from outside only.
    `revision` is raised when the formula changes: all that is kept is then counted anew.
    """

    requires = ("title", "unit", "clause", "formula", "good", "how", "group", "owner", "readers")
    title: ClassVar[Text]
    unit: ClassVar[Text]
    clause: ClassVar[str]
    formula: ClassVar[Text]
    good: ClassVar[Literal["up", "down", ""]]
    how: ClassVar[How]
    group: ClassVar[str]
    owner: ClassVar[str]
    readers: ClassVar[tuple[str, ...]]
    tally: ClassVar[Tally | None] = None
    firm: ClassVar[str] = ""
    grains: ClassVar[tuple[Grain, ...]] = ("day",)
    digits: ClassVar[int] = 0
    revision: ClassVar[int] = 1
    divided: ClassVar[tuple[str, ...]] = ()
    """Dimensions of figures from outside, where the platform does not count it itself."""

    @classmethod
    def _register(cls) -> None:
        where = f"{cls.__module__}.{cls.__qualname__}"
        for fact in ("unit", "formula"):
            if not isinstance(getattr(cls, fact, None), Text):
                raise Incomplete(f"{where}: `{fact}` must be a Text in both languages")
        if getattr(cls, "how", None) not in HOWS:
            raise Incomplete(f"{where}: `how` is one of {HOWS}")
        if unknown := set(cls.dimensions()) - set(DIMENSIONS):
            raise Incomplete(f"{where}: unknown dimensions {sorted(unknown)}")
        if cls.tally and (cls.tally.hit is None) is (cls.how == "share"):
            raise Incomplete(f"{where}: a share, and nothing else, states `hit`")
        if cls.tally and cls.tally.value is None and cls.how in ("sum", "mean", *QUANTILES):
            raise Incomplete(f"{where}: states no `value`")
        super()._register()

    @classmethod
    def dimensions(cls) -> tuple[str, ...]:
        """By what it can be divided."""
        return tuple(cls.tally.by) if cls.tally else cls.divided

    @classmethod
    def said(cls, dimension: str, value: str) -> Text | None:
        """The words for a value of a dimension, where it or the record's field behind it has some."""
        by = cls.tally.by.get(dimension) if cls.tally else None
        stated = record_type(cls.tally.record).fields.get(by.field) if cls.tally and by and not by.as_ and not cls.tally.over else None
        known = {**(stated.values if stated else {}), **(by.words if by else {})}
        return known.get(value) or (WAYS.get(value) if dimension == "direction" else None)
