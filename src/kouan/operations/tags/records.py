"""Tag: a mark that records carry while a stated condition holds for them (数据标签; HS/T 82 7.2.4 b))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.text import Text

reference_kind("tagdef", Text("数据标签", "Data tag"))
AUTHORS = ("portoffice", "customs", "border", "maritime", "transport", "terminal")
"""Kinds of organisations that define tags, and that read them."""
Op = Literal["is", "not", "above", "below", "has", "known", "unknown"]
OPS: Mapping[str, Text] = {
    "is": Text("为", "is"), "not": Text("不为", "is not"), "above": Text("大于", "is above"), "below": Text("小于", "is below"),
    "has": Text("包含", "holds"), "known": Text("已填", "is stated"), "unknown": Text("未填", "is not stated"),
}  # fmt: skip
KINDS: Mapping[str, Text] = {
    "field": Text("字段", "Field"), "filed": Text("提交时刻", "Filing"), "act": Text("操作时刻", "Action"),
    "event": Text("相关记录", "Another record"),
}  # fmt: skip
Name = Annotated[str, Reference("tagdef")]
NAMED, FULL_NAME = r"^[a-z][a-z0-9_]*$", r"^[a-z_]+\.[a-z_]+\.[a-z_]+$"


class Term(Part):
    """One condition on a field of a record, or on its `state`: any of the values fulfils `is` and `has`, none of them `not`."""

    name: str = field("字段", "Field", example="activity", max_length=60, pattern=NAMED)
    op: Op = field("比较", "Comparison", default="is", example="is", values=OPS)
    values: tuple[str, ...] = field("值", "Values", default=(), max_length=50, example=["gate-out"])


class Instant(Part):
    """A moment in a record's life.

    `field`: what the field `name` states. `filed`: when it was filed. `act`: the last time that one of `acts` was taken.
    `event`: what the field `name` states of another record of type `record` that names the same thing as the field `by` of
    this one, and fulfils `where`.
    """

    kind: Literal["field", "filed", "act", "event"] = field("时刻来源", "Where it stands", example="field", values=KINDS)
    name: str | None = field("时间字段", "Field with the time", default=None, example="at", max_length=60, pattern=NAMED)
    acts: tuple[str, ...] = field("操作", "Actions", default=(), max_length=10, example=["release"])
    record: str | None = field("相关记录类型", "Type of the other record", default=None, max_length=80, pattern=FULL_NAME)
    by: str | None = field("关联字段", "Field that both go by", default=None, max_length=60, pattern=NAMED)
    where: tuple[Term, ...] = field("相关记录条件", "Conditions on the other record", default=(), max_length=10)


LATE = {
    "since": {
        "kind": "event", "record": "base.movement.handling_order", "by": "equipment", "name": "opens",
        "where": [{"name": "task", "op": "is", "values": ["release"]}],
    },
    "until": {"kind": "field", "name": "at"},
}  # fmt: skip


class Tag(Record):
    """A tag's definition. It works once a second person approved it: computed then, each day, and on demand.

    All conditions hold together; where two moments are stated, more than `hours` lie between them. While the later one has not
    come, `running` counts the time so far.
    """

    facts: ClassVar[Facts] = Facts(
        name="operations.tags.tag",
        title=Text("数据标签", "Data tag"),
        summary=Text("数据标签的定义、条件、负责单位和版本，批准后每日计算", "A tag's meaning, condition, owner and version; computed daily once approved"),
        clause="7.2.4 b)",
        kind="filing",
        ref="tagdef",
        key=("code",),
        parties=(Party.filer("owner"), *(Party.kind(kind) for kind in AUTHORS)),
        filers=AUTHORS,
        retention=10,
        label="name_zh",
        amendable=False,
    )
    code: str = field("标签代码", "Code", filter=True, example="late-gate-out", pattern=r"^[a-z0-9][a-z0-9-]{1,47}$")
    name_zh: str = field("中文名称", "Name in Chinese", example="超期出场", min_length=1, max_length=80)
    name_en: str = field("英文名称", "Name in English", example="Late gate-out", min_length=1, max_length=80)
    definition_zh: str = field("中文定义", "Meaning in Chinese", example="放箱后超过3天才出场的集装箱", min_length=1, max_length=600)
    definition_en: str = field(
        "英文定义", "Meaning in English", example="Gated out more than three days after its release", min_length=1, max_length=600
    )
    record: str = field("记录类型", "Record type", filter=True, example="base.movement.move", max_length=80, pattern=FULL_NAME)
    terms: tuple[Term, ...] = field(
        "条件", "Conditions", default=(), max_length=20, example=[{"name": "activity", "op": "is", "values": ["gate-out"]}]
    )
    since: Instant | None = field("起始时刻", "From", default=None, example=LATE["since"])
    until: Instant | None = field("终止时刻", "To", default=None, example=LATE["until"])
    hours: float | None = field("超过时长", "More than", unit="h", default=None, ge=0, le=87_600, example=72)
    running: bool = field("未到终止时刻也计时", "Count time that still runs", default=False)
    proposed_by: str | None = field("提请人", "Proposed by", default=None, max_length=80, read_only=True, account=True)
    approved_by: str | None = field("批准人", "Approved by", default=None, max_length=80, read_only=True, account=True)
    approved_at: datetime | None = field("批准时间", "Approved at", default=None, read_only=True)
