"""What refused rows, and how often: the codes of checks and rules as a person reads them (HS/T 82 7.2.3 b) 2))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kouan.base.ingest.records import Source
from kouan.base.quality.api import CHECKS as KINDS
from kouan.base.quality.api import checks, known_type
from kouan.kernel.port import Port
from kouan.kernel.rules import Rule
from kouan.kernel.text import Text
from kouan.kernel.words import every

OTHER = Text("记录自身的要求", "What its record type demands")
COLONS = {"zh": "：", "en": ": "}
OF_ROWS: Mapping[str, Text] = {
    "unreadable": Text("该行无法读出", "The row cannot be read"),
    "json": Text("列表或对象的写法", "Spelling of a list or object"),
    "natural_key": Text("与已有记录重复", "Like a record that is kept already"),
    "reference": Text("标识有效", "A usable identifier"),
    "timezone_aware": Text("时间带时区", "A time with its zone"),
    "missing": KINDS["required"], "literal_error": KINDS["codes"], "enum": KINDS["codes"], "string_pattern_mismatch": KINDS["pattern"],
    "string_too_long": KINDS["length"], "string_too_short": KINDS["length"], "too_long": KINDS["length"], "too_short": KINDS["length"],
    "greater_than_equal": KINDS["range"], "greater_than": KINDS["range"], "less_than_equal": KINDS["range"], "less_than": KINDS["range"],
}  # fmt: skip
"""Rules of a record's structure and of reading, which no check and no rule of a module stands for."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words for one source's rules and fields."""

    fields: Mapping[str, Text]
    rules: Mapping[str, tuple[str, Text]]

    def of(self, rule: str, field: str = "") -> dict[str, Any]:
        """Titles of a field and of a rule, in both languages; a field that the target does not have stands as it is written."""
        known, title = self.rules.get(rule, ("", _structure(rule)))
        name = (field or known).partition(".")[0]
        of_field = self.fields[name].out() if name in self.fields else {"zh": name, "en": name}
        return {"field_title": of_field, "title": title.out()}

    def causes(self, counted: Mapping[str, int]) -> list[dict[str, Any]]:
        """Counted rules with what they are called, the most frequent first."""
        ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        return [{"rule": rule, "count": count, **self.of(rule)} for rule, count in ranked]

    def said(self, rule: str) -> dict[str, str]:
        """Field and rule in one, by language."""
        told = self.of(rule)
        return {lang: f"{told['field_title'][lang]}{colon}{told['title'][lang]}".removeprefix(colon) for lang, colon in COLONS.items()}


def _structure(rule: str) -> Text:
    if rule in OF_ROWS:
        return OF_ROWS[rule]
    kind = rule.rpartition("_")[2]
    return KINDS["type"] if kind in ("type", "parsing") or rule.endswith(".type") else OTHER


async def words_of(port: Port, source: Source) -> Words:
    """The words for what a source's rows may fail by: checks of its target, types of its mapping, rules of the platform."""
    cls = known_type(source.target)
    fields = {name: facts.title for name, facts in cls.fields.items()} if cls else {}
    rules: dict[str, tuple[str, Text]] = {rule.code: ("", rule.title) for rule in _rules(source.target)}
    rules |= {f"{column.into}.type": (column.into, KINDS["type"]) for column in source.columns}
    rules |= {check.code: (check.field, KINDS[check.kind]) for check in await checks(port, source.target)}
    return Words(fields, rules)


def _rules(target: str) -> Sequence[type[Rule]]:
    found: tuple[type[Rule], ...] = every(Rule)
    return [rule for rule in found if rule.of == target]


def columns_of(source: Source) -> list[dict[str, Any]]:
    """How each field of a source's target is made, with its title and level; of a data set the name stands for the title."""
    cls = known_type(source.target)
    found = []
    for column in source.columns:
        facts = cls.fields.get(column.into) if cls else None
        title = facts.title if facts else Text(column.into, column.into)
        found.append({"into": column.into, "title": title.out(), "level": facts.level if facts else 1, "column": column.column,
                      "constant": column.constant, "steps": [step.model_dump(exclude_defaults=True) for step in column.steps]})  # fmt: skip
    return found
