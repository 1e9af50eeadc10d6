"""What a grant must be: asked for by its user or given by its owner, of a type that is there, for a time to come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, get_origin

from pydantic import TypeAdapter, ValidationError

from kouan.base.grant.records import Condition, Grant
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text

GRANT = Grant.facts.name
LONGEST = timedelta(days=5 * 366)
STATE = "state"
"""May stand among the fields granted: where a record is in its life."""
OPEN = ("ref", STATE, "filed_at")
"""What may narrow a grant beside the declared filters: one record, its state, when it was filed."""
RESTRICTED = 3


class _OfGrant(Rule):
    """Base of rules for grants."""

    abstract = True
    at = "filing"
    of = GRANT
    clause = "HS/T 82 7.2.5 b) 6)"
    severity = "refuse"
    owner = "portoffice"


class OneOfTheTwo(_OfGrant):
    """Nobody applies for another, and nobody gives what is another's."""

    code = "GRANT-PARTIES"
    title = Text("由使用方申请或由提供方授予", "Applied for by its user or given by its owner")

    def judge(self, record: Grant, found: Found) -> Unmet | None:
        """Refuses a filer who is not the side that the way names, and a grant to oneself."""
        side = "grantee" if record.kind == "application" else "grantor"
        if getattr(record, side) != f"org:{found.filer}":
            said = Text("申请须由使用方本单位提交", "An application is filed by the organisation that will use the data")
            given = Text("主动授权须由数据提供方本单位提交", "A grant unasked is filed by the owner of the data")
            return Unmet(said if side == "grantee" else given, side)
        if record.grantor == record.grantee:
            return Unmet(Text("提供方与使用方不能是同一单位", "Owner and user are the same organisation"), "grantee")
        return None


class OfWhatIsThere(_OfGrant):
    """A grant names a record type, its declared filters and its fields."""

    code = "GRANT-SCOPE"
    title = Text("授权范围有效", "The scope is one that can be read")

    def judge(self, record: Grant, found: Found) -> Unmet | None:
        """Refuses the first thing that is not there, and restricted fields that nobody with that level approved."""
        cls = None
        with suppress(KeyError):
            cls = record_type(record.record)
        if cls is None or not cls.facts.http:
            return Unmet(Text("没有这种记录类型", "There is no such record type"), "record")
        return next(_wrong(record, cls), None)


class ForATime(_OfGrant):
    """Every grant ends."""

    code = "GRANT-TERM"
    title = Text("授权有期限", "A grant is for a time")

    def judge(self, record: Grant, found: Found) -> Unmet | None:
        """Refuses an end that has passed, comes before the beginning, or is more than five years ahead."""
        if record.valid_until <= max(found.at, record.valid_from or found.at):
            return Unmet(Text("失效时间须晚于现在和生效时间", "It must end after now and after it begins"), "valid_until")
        if record.valid_until > found.at + LONGEST:
            return Unmet(Text("授权期限不得超过五年", "A grant is for five years at most"), "valid_until")
        return None


def _wrong(record: Grant, cls: type[Record]) -> Iterator[Unmet]:
    for at, one in enumerate(record.where):
        if reason := misfit(cls, one):
            yield Unmet(reason, f"where.{at}.name")
    names = [condition.name for condition in record.where]
    if len(set(names)) < len(names):
        yield Unmet(Text("同一条件出现两次", "A condition stands twice"), "where")
    for at, name in enumerate(record.shows):
        if name != STATE and name not in cls.fields:
            yield Unmet(Text("该类记录没有这个字段", "Records of this type have no such field"), f"shows.{at}")
        elif record.kind == "grant" and name != STATE and cls.fields[name].level >= RESTRICTED:
            asked = Text(
                "三级以上字段须由使用方申请、由具备相应数据级别的人员批准",
                "Fields of level 3 and 4 are applied for, and approved by somebody of that clearance",
            )
            yield Unmet(asked, f"shows.{at}")


def misfit(cls: type[Record], one: Condition) -> Text | None:
    """Why a condition cannot narrow records of a type; None when it can."""
    name, _, how = one.name.partition(".")
    facts = cls.fields.get(name)
    if name not in OPEN and not (facts and facts.filter and facts.level < RESTRICTED):
        return Text("不能按该字段限定范围：不是声明的筛选字段", "Not a declared filter of this type")
    annotation: Any = {"filed_at": datetime}.get(name, str) if facts is None else cls.model_fields[name].annotation
    if get_origin(annotation) in (tuple, list):
        return Text("该字段只能按包含的值限定范围", "This field is narrowed by a value that it holds alone") if how else None
    checked: TypeAdapter[Any] = TypeAdapter(annotation)
    try:
        for value in one.value.split(",") if how == "in" else [one.value]:
            checked.validate_strings(value)
    except ValidationError:
        return Text("取值与字段类型不符", "The value is not of the field's type")
    return None
