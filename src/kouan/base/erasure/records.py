"""Erasure: that a person's data were erased, when and on which ground; it names nobody."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text


class Erasure(Record):
    """That somebody's restricted data were destroyed. `number` is all that links it to the request."""

    facts: ClassVar[Facts] = Facts(
        name="base.erasure.erasure",
        title=Text("个人信息删除", "Erasure"),
        summary=Text("依法删除个人信息的记录", "That a person's data were erased by law"),
        clause="7.2.2 e)",
        kind="report",
        ref="erasure",
        key=("number",),
        parties=(Party.filer("keeper"), Party.kind("portoffice")),
        filers=("platform",),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("编号", "Number", filter=True, max_length=64)
    ground: str = field("依据", "Ground", example="个人信息保护法第四十七条", max_length=200)
    records: int = field("涉及记录数", "Records concerned", ge=0)
    salts: int = field("销毁的盐数", "Salts destroyed", ge=0)
    at: datetime = field("时间", "At", filter=True)
