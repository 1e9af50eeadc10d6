"""Grant: an owner lets another organisation read a part of its data for a purpose and a time (数据授权; HS/T 82 7.2.5 b) 6))."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.identity.api import KINDS
from kouan.base.reference.api import OrgRef
from kouan.kernel import clock
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

WAYS: Mapping[str, Text] = {
    "application": Text("申请", "Applied for"), "grant": Text("主动授权", "Granted unasked"),
}  # fmt: skip
TYPE = r"^[a-z_]+\.[a-z_]+\.[a-z_]+$"
NAME = r"^[a-z_][a-z0-9_]*(\.(gte|gt|lte|lt|in))?$"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_number() -> str:
    """A number that no other grant has: the day (UTC) and eight random letters that cannot be mistaken for each other."""
    return f"G{clock.now():%y%m%d}-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


class Condition(Part):
    """A condition that narrows a grant, written as lists are filtered (`declarant`, `filed_at.gte`, `ref`)."""

    name: str = field("字段", "Field", pattern=NAME, max_length=80, example="declarant")
    value: str = field("取值", "Value", min_length=1, max_length=400, example="enterprise:91379999MA0WHH048N")


class Grant(Record):
    """Leave to read records of one type that their owner filed or sees whole; nothing more than the owner sees itself."""

    facts: ClassVar[Facts] = Facts(
        name="base.grant.grant",
        title=Text("数据授权", "Data grant"),
        summary=Text(
            "数据提供方授权某单位在约定范围、用途和期限内读取数据，可随时撤销",
            "An owner lets an organisation read data within a scope, for a purpose and a time, and may revoke it",
        ),
        clause="7.2.5 b) 6)",
        kind="filing",
        ref="grant",
        key=("number",),
        parties=(Party.filer("filer"), Party.field("grantor", "grantor"), Party.field("grantee", "grantee")),
        filers=tuple(KINDS),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("授权编号", "Grant number", filter=True, default_factory=new_number, min_length=1, max_length=40,
                        pattern=r"^[^\s|\\/\x00-\x1f\x7f]+$")  # fmt: skip
    kind: Literal["application", "grant"] = field("方式", "Way", filter=True, default="application", values=WAYS)
    grantor: OrgRef = field("提供方", "Owner", filter=True, example="org:customs", max_length=60)
    grantee: OrgRef = field("使用方", "User", filter=True, example="org:carrier", max_length=60)
    record: str = field("记录类型", "Record type", filter=True, pattern=TYPE, max_length=120, example="base.declaration.declaration")
    where: tuple[Condition, ...] = field("范围条件", "Conditions", default=(), max_length=20)
    shows: tuple[str, ...] = field("字段（空为三级以下全部）", "Fields (none: all below level 3)", default=(), max_length=200)
    purpose: str = field("用途", "Purpose", min_length=2, max_length=400, example="核实贸易背景")
    valid_from: datetime | None = field("生效时间", "Valid from", default=None)
    valid_until: datetime = field("失效时间", "Valid until", filter=True, example="2027-01-31T16:00:00Z")
    reason: str | None = field("办理意见", "Decision", default=None, max_length=400)
