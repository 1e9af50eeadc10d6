"""A source is taken when it can be run: its target and fields are there, and what its conversions need is stated."""

from __future__ import annotations

from kouan.base.ingest.records import Source, Step
from kouan.base.ingest.steps import UNITS
from kouan.base.quality.api import OUTSIDE, known_type
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes

NO_TARGET = Text("去向应为可提交的记录类型，或 dataset:名称", "The target is a record type that can be filed, or dataset:name")
NOT_YOURS = Text("贵单位不能提交这种记录", "Your organisation does not file records of this type")
NO_FIELD = Text("去向没有字段“{name}”", "The target has no field “{name}”")
TWICE = Text("字段“{name}”映射了两次", "The field “{name}” is mapped twice")
NOTHING = Text("字段“{name}”既无来源列也无固定值", "The field “{name}” has neither a column nor a constant")
NO_ADDRESS = Text("请填写地址", "State the address")
NO_QUERY = Text("请填写查询或主题", "State the query or topic")
NO_STEP = Text("转换“{what}”的参数不可用；可用：{known}", "The conversion “{what}” cannot be done with that; there are: {known}")
_QUERIED = ("postgresql", "mysql", "sqlite", "mqtt", "nats", "signals")


class Runnable(Rule):
    """The source names what is there."""

    code = "base.ingest.runnable"
    at = "filing"
    of = Source.facts.name
    title = Text("数据源可执行", "The source can be run")
    clause = "7.2.3 a)"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Source, found: Found) -> Unmet | None:
        """The first thing that the source lacks."""
        cls = known_type(record.target)
        if not record.target.removeprefix(OUTSIDE) or ((cls is None or not cls.facts.http) and not record.target.startswith(OUTSIDE)):
            return Unmet(NO_TARGET, "target")
        if record.kind != "upload" and not record.address:
            return Unmet(NO_ADDRESS, "address")
        if record.kind in _QUERIED and not record.query:
            return Unmet(NO_QUERY, "query")
        return _mapped(record, None if cls is None else set(cls.fields))


def _mapped(record: Source, fields: set[str] | None) -> Unmet | None:
    seen: set[str] = set()
    for at, column in enumerate(record.columns):
        where = f"columns.{at}"
        if fields is not None and column.into not in fields:
            return Unmet(NO_FIELD.fill(name=column.into), where)
        if column.into in seen:
            return Unmet(TWICE.fill(name=column.into), where)
        if column.column is None and column.constant is None:
            return Unmet(NOTHING.fill(name=column.into), where)
        seen.add(column.into)
        for step in column.steps:
            if unmet := _step(step, where):
                return unmet
    return None


def _step(step: Step, where: str) -> Unmet | None:
    known: list[str] = []
    if step.do == "code":
        known = [one.name for one in codes.lists()]
        ok = (step.a or "locode") in known
    elif step.do == "unit":
        known = list(UNITS)
        ok = (step.b or "kg") in known and (step.a is None or step.a.lower() in known)
    elif step.do == "split":
        known, ok = ["a: ;", "b: 1"], (step.b or "1").isdigit() and 0 < int(step.b or "1") < 1000
    elif step.do == "date":
        known, ok = ["%Y-%m-%d|%d/%m/%Y"], all("%" in part for part in (step.a or "%").split("|"))
    else:
        ok = True
    return None if ok else Unmet(NO_STEP.fill(what=step.do, known=", ".join(known[:20])), where)
