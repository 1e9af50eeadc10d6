"""What a data element must be: used where it says, and numbered by the platform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel

from kouan.base.catalogue.records import Element, FieldUse
from kouan.kernel.records import record_type
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

ELEMENT = Element.facts.name


class _OfElement(Rule):
    """Base of rules for data elements."""

    abstract = True
    at = "filing"
    of = ELEMENT
    clause = "HS/T 82 7.2.3 c) 1)"
    severity = "refuse"
    owner = "portoffice"


class UsedWhereItSays(_OfElement):
    """Lineage that leads nowhere is worse than none."""

    code = "ELEMENT-USED"
    title = Text("使用字段存在", "The fields that hold it are there")

    def judge(self, record: Element, found: Found) -> Unmet | None:
        """Refuses the first field that no record type has."""
        for at, use in enumerate(record.used_by):
            if not leads(use):
                reason = Text(f"没有字段 {use.record}.{use.path}", f"There is no field {use.record}.{use.path}")
                return Unmet(reason, f"used_by.{at}.path")
        return None


class NumberedByPlatform(_OfElement):
    """Editions are counted, not claimed."""

    code = "ELEMENT-EDITION"
    title = Text("版本号由平台编排", "Editions are numbered by the platform")

    def needs(self, record: Element, filer: str) -> Iterable[Need]:
        """The element as it is kept, when this is a revision."""
        return (Need(ELEMENT, key=record.key(filer)),)

    def judge(self, record: Element, found: Found) -> Unmet | None:
        """Refuses a new element that says that it is published."""
        if not found.of(Need(ELEMENT, key=record.key(found.filer))) and (record.edition or record.published_at):
            return Unmet(Text("版本由发布产生，不填写", "An edition is made by publishing and not stated"), "edition")
        return None


def leads(use: FieldUse) -> bool:
    """Whether a path leads to a field of a record type."""
    try:
        model: type[BaseModel] | None = record_type(use.record)
    except KeyError:
        return False
    for name in use.path.split("."):
        if model is None or name not in model.model_fields:
            return False
        model = _part(model.model_fields[name].annotation)
    return True


def _part(annotation: Any) -> type[BaseModel] | None:
    """The part that an annotation holds, be it optional or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _part(inner))), None)
