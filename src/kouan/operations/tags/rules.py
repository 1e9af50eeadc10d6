"""What a tag must be: over fields that there are and may be asked for, with conditions that can hold, approved by nobody yet."""

from __future__ import annotations

from collections.abc import Iterator

from kouan.kernel.errors import Refused
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.operations.tags.fields import LISTED, MOMENTS, ORDERED, PARTS, STATE, usable
from kouan.operations.tags.fields import parsed as parse
from kouan.operations.tags.records import Instant, Tag, Term

NO_TYPE = Text("没有记录类型“{name}”", "There is no record type “{name}”")
NO_FIELD = Text("字段“{name}”不存在，或级别高于2级，不能用于标签", "There is no field “{name}”, or it is above level 2 and no tag goes by it")
NO_VALUES = Text("该比较须给出值", "This comparison needs a value")
ONE_VALUE = Text("该比较只能有一个值", "This comparison takes one value")
NO_VALUE_HERE = Text("该比较不带值", "This comparison takes no value")
BAD_VALUE = Text("“{value}”不是该字段可有的值", "“{value}” is no value that this field can have")
OP = Text("该字段不能这样比较", "This field is not compared so")
NO_CONDITION = Text("请给出至少一个条件，或两个时刻与时长", "State a condition at least, or two moments and a span of hours")
SPAN = Text("起始时刻、终止时刻与时长须同时给出", "Both moments and the hours between them are stated together")
TWO_EVENTS = Text("两个时刻不能都来自其他记录", "Only one of the two moments stands in another record")
TIME_FIELD = Text("“{name}”不是时间字段", "“{name}” is no field with a time")
NO_ACT = Text("该类记录没有操作“{name}”", "Records of this type have no action “{name}”")
NO_LINK = Text("“{name}”不是引用字段", "“{name}” is no field that refers to anything")
SUPERFLUOUS = Text("该时刻来源不使用此项", "This kind of moment does not use this")
BY_HAND = Text("提请人和批准人由平台记录，不能填写", "Who proposed and approved is recorded by the platform and cannot be stated")
NEEDS = {"field": ("name",), "filed": (), "act": ("acts",), "event": ("record", "by", "name")}
ALSO = {"event": ("where",)}


class FitTag(Rule):
    """A tag that cannot be computed is refused when it is written, not when it is counted."""

    code = "TAG-FIT"
    at = "filing"
    of = Tag.facts.name
    title = Text("标签可计算", "The tag can be computed")
    clause = "HS/T 82 7.2.4 b)"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Tag, found: Found) -> Unmet | None:
        """The first fault, with the field in which it stands."""
        return next(faults(record), None)


def faults(tag: Tag) -> Iterator[Unmet]:
    """Everything that keeps a tag from being computed."""
    cls = _type(tag.record)
    if cls is None:
        yield Unmet(NO_TYPE.fill(name=tag.record), "record")
        return
    if not tag.terms and tag.hours is None:
        yield Unmet(NO_CONDITION, "terms")
    yield from _terms(cls, tag.terms, "terms")
    if len({tag.since is None, tag.until is None, tag.hours is None}) > 1:
        yield Unmet(SPAN, "hours")
    for name in ("since", "until"):
        instant: Instant | None = getattr(tag, name)
        if instant is not None:
            yield from _instant(cls, instant, name)
    if tag.since and tag.until and tag.since.kind == tag.until.kind == "event":
        yield Unmet(TWO_EVENTS, "until.kind")
    if tag.proposed_by or tag.approved_by or tag.approved_at:
        yield Unmet(BY_HAND, "approved_by")


def _type(name: str) -> type[Record] | None:
    try:
        cls = record_type(name)
    except KeyError:
        return None
    return cls if cls.facts.http else None


def _terms(cls: type[Record], terms: tuple[Term, ...], where: str) -> Iterator[Unmet]:
    for at, term in enumerate(terms):
        one = usable(cls, term.name)
        if one is None:
            yield Unmet(NO_FIELD.fill(name=term.name), f"{where}.{at}.name")
            continue
        if not _fits(term.op, one.sql):
            yield Unmet(OP, f"{where}.{at}.op")
        elif reason := _values(cls, term):
            yield Unmet(reason, f"{where}.{at}.values")


def _fits(op: str, sql: str) -> bool:
    if op in ("known", "unknown"):
        return True
    if op in ("above", "below"):
        return sql in ORDERED
    if op == "has":
        return sql in ("text", LISTED)
    return sql not in (LISTED, PARTS)


def _values(cls: type[Record], term: Term) -> Text | None:
    if term.op in ("known", "unknown"):
        return NO_VALUE_HERE if term.values else None
    if not term.values:
        return NO_VALUES
    if term.op in ("above", "below") and len(term.values) > 1:
        return ONE_VALUE
    one = usable(cls, term.name)
    assert one is not None
    for value in term.values:
        try:
            parse(one, value)
        except (ValueError, Refused):
            return BAD_VALUE.fill(value=value[:60])
    return None


def _instant(cls: type[Record], instant: Instant, where: str) -> Iterator[Unmet]:
    needed = NEEDS[instant.kind]
    for name in ("name", "acts", "record", "by", "where"):
        stated = bool(getattr(instant, name))
        if name in needed and not stated:
            yield Unmet(NO_VALUES, f"{where}.{name}")
            return
        if stated and name not in (*needed, *ALSO.get(instant.kind, ())):
            yield Unmet(SUPERFLUOUS, f"{where}.{name}")
            return
    if instant.kind == "field":
        yield from _timed(cls, instant.name or "", where)
    elif instant.kind == "act":
        life = lifecycle_of(cls.facts.name)
        known = {action.name for track in (life.tracks if life else ()) for action in track.actions} | {"filed", "amend"}
        yield from (Unmet(NO_ACT.fill(name=act), f"{where}.acts") for act in instant.acts if act not in known)
    elif instant.kind == "event":
        yield from _event(cls, instant, where)


def _event(cls: type[Record], instant: Instant, where: str) -> Iterator[Unmet]:
    other = _type(instant.record or "")
    if other is None:
        yield Unmet(NO_TYPE.fill(name=instant.record), f"{where}.record")
        return
    link = usable(cls, instant.by or "")
    if link is None or not link.reference or link.name == STATE:
        yield Unmet(NO_LINK.fill(name=instant.by), f"{where}.by")
    yield from _timed(other, instant.name or "", where)
    yield from _terms(other, instant.where, f"{where}.where")


def _timed(cls: type[Record], name: str, where: str) -> Iterator[Unmet]:
    one = usable(cls, name)
    if one is None or one.sql not in MOMENTS:
        yield Unmet(TIME_FIELD.fill(name=name), f"{where}.name")
