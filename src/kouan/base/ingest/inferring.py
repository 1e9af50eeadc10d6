"""Inference: what the columns of a sample are, and to which fields of a target they probably belong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kouan.base.ingest.lookups import resolved
from kouan.base.ingest.records import Step
from kouan.base.ingest.steps import DAYS, MOMENTS, NOTHING, SPACES
from kouan.base.quality.api import ROW, Engine, bare, literal, quoted, sql
from kouan.kernel.records import Record
from kouan.standards.identifiers.api import check

SAMPLED = 1_000
ENOUGH, MOSTLY, NEAR = 0.8, 0.6, 0.72
IDENTIFIERS = ("container", "imo", "uscc", "mmsi", "awb", "s10", "plate", "locode")
OF_REFERENCE = {"container": "container", "imo": "vessel", "mmsi": "vessel", "uscc": "enterprise", "plate": "vehicle", "awb": "waybill"}
_SPLIT = re.compile(r"[\s_/()（）:：.-]+")
_LOOK = """select count(*), count(*) filter (where x is null or lower(x) in ({nothing})), count(distinct x),
    count(*) filter (where {day}), count(*) filter (where {moment}), count(*) filter (where {number}),
    count(*) filter (where regexp_full_match(x, '[-+]?[0-9]+')), count(*) filter (where was <> x),
    count(*) filter (where lower(x) in ({nothing}) and x <> ''), count(*) filter (where x similar to '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}.*')
    from {source}"""
_NUMBER = r"[-+]?[0-9][0-9,]*(\.[0-9]+)?"


@dataclass(slots=True)
class Guess:
    """What a column probably is: its type, how much of it is empty, how many different values, and some of them."""

    name: str
    type: str
    empty: float
    different: int
    examples: list[str]
    identifier: str = ""
    steps: list[Step] = field(default_factory=list)

    def out(self) -> dict[str, Any]:
        """The JSON shape of a guess."""
        return {
            "name": self.name, "type": self.type, "empty": round(self.empty, 3), "different": self.different, "examples": self.examples,
            "identifier": self.identifier, "steps": [step.model_dump(exclude_defaults=True) for step in self.steps],
        }  # fmt: skip


def guesses(sample: Any) -> list[Guess]:
    """What each column of a sample (an Arrow table) is."""
    engine = Engine(threads=1)
    try:
        engine.load(sample.slice(0, SAMPLED), "sample")
        return [_guess(engine, name) for name in sample.column_names if name != ROW]
    finally:
        engine.close()


def _guess(engine: Engine, name: str) -> Guess:
    x = f"trim(cast({quoted(name)} as VARCHAR), {literal(SPACES)})"
    nothing = ", ".join(literal(mark) for mark in NOTHING)
    day = f"try_strptime(x, [{', '.join(map(literal, DAYS))}]) is not null and length(x) >= 8"
    moments_ = f"try_strptime(x, [{', '.join(map(literal, MOMENTS))}]) is not null"
    moment = f"({moments_} or (x like '%T%:%' and try_cast(x as TIMESTAMPTZ) is not null))"
    number = f"regexp_full_match(x, {literal(_NUMBER)})"
    source = sql("(select {x} x, cast({name} as VARCHAR) was from sample)", x=x, name=quoted(name))
    row = engine.run(sql(_LOOK, nothing=nothing, day=day, moment=moment, number=number, source=source))[0]
    total, empty, different, days, moments, numbers, whole, spaced, marked, iso = row
    often = sql("select x from {source} where x <> '' group by x order by count(*) desc, x limit 60", source=source)
    values = [value for (value,) in engine.run(often)]
    held = max(total - empty, 1)
    kind = next((kind for kind, count in (("day", days), ("moment", moments), ("integer", whole), ("number", numbers))
                 if total > empty and count >= ENOUGH * held), "text")  # fmt: skip
    found = Guess(name, kind, empty / max(total, 1), different, values[:5], _identifier(values))
    found.steps += [Step(do="trim")] if spaced else []
    found.steps += [Step(do="blank")] if marked else []
    found.steps += [Step(do="date")] if kind in ("day", "moment") and iso < days + moments else []
    return found


def _identifier(values: Sequence[str]) -> str:
    """The kind of identifier that most values are by their check."""
    some = [value.rpartition(":")[2] for value in values]
    for kind in IDENTIFIERS:
        if some and sum(check(kind, value).ok for value in some) >= MOSTLY * len(some):
            return kind
    return ""


def suggestions(found: Sequence[Guess], cls: type[Record]) -> list[dict[str, Any]]:
    """For each field of a record type the column that fits best, each column once: by its name, else by its values.

    `sure` is 1 where a name is the field's own, less where it is like it or only the values fit.
    """
    ranked = sorted(
        ((_fit(guess, cls, name), at, guess, name) for at, name in enumerate(cls.fields) for guess in found),
        key=lambda one: (-one[0], one[1]),
    )
    taken: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    for sure, _, guess, name in ranked:
        if sure >= NEAR and name not in taken and guess.name not in used:
            used.add(guess.name)
            taken[name] = {"into": name, "column": guess.name, "sure": round(sure, 2),
                           "steps": [step.model_dump(exclude_defaults=True) for step in _steps(guess, cls, name)]}  # fmt: skip
    return [taken[name] for name in cls.fields if name in taken]


def _fit(guess: Guess, cls: type[Record], name: str) -> float:
    facts = cls.fields[name]
    by_name = max(_alike(guess.name, text) for text in (name, facts.title.zh, facts.title.en))
    by_values = 0.9 if guess.identifier and OF_REFERENCE.get(guess.identifier) == facts.reference else 0.0
    if facts.reference and guess.identifier and not by_values and by_name < 1:
        return 0.0
    return max(by_name, by_values)


def _alike(one: str, other: str) -> float:
    a, b = ("".join(_SPLIT.split(text.casefold())) for text in (one, other))
    if a == b:
        return 1.0
    if min(len(a), len(b)) >= 2 and not (a + b).isascii() and (a in b or b in a):
        return 0.85
    return 0.95 * difflib.SequenceMatcher(None, a, b).ratio() if min(len(a), len(b)) >= 3 else 0.0


def _steps(guess: Guess, cls: type[Record], name: str) -> list[Step]:
    kind, listed = bare(cls.model_fields[name].annotation)
    steps = list(guess.steps)
    if not listed and "date" in getattr(kind, "__name__", "") and not any(step.do == "date" for step in steps):
        steps.append(Step(do="date"))
    if _place(cls, name) and guess.identifier != "locode":
        known = [resolved("locode", value) for value in guess.examples]
        steps += [Step(do="code", a="locode")] if any(known) else []
    if cls.fields[name].unit and guess.type == "text" and any(char.isdigit() for text in guess.examples for char in text):
        steps.append(Step(do="unit", b=cls.fields[name].unit))
    return [step for step in steps if step.do != "unit" or step.b in UNITS_KNOWN]


def _place(cls: type[Record], name: str) -> bool:
    title: Mapping[str, str] = cls.fields[name].title.out()
    return "port" in name.split("_") or "口岸" in title["zh"] or "港" in title["zh"]


UNITS_KNOWN = frozenset({"kg", "t", "m", "cm", "km", "m3", "kn", "m/s", "km/h"})
