"""What is registered in the catalogue: data sets from outside, and definitions of data elements (HS/T 82 7.2.3 c))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.identity.api import KINDS
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
STEWARDS = ("portoffice", "customs")
"""Kinds of organisations that define data elements."""
PACES: Mapping[str, Text] = {
    "realtime": Text("实时", "As it happens"), "daily": Text("每日", "Daily"), "weekly": Text("每周", "Weekly"),
    "monthly": Text("每月", "Monthly"), "yearly": Text("每年", "Yearly"), "irregular": Text("不定期", "Irregular"),
}  # fmt: skip


class SetColumn(Part):
    """A column of a data set."""

    name: str = field("列名", "Column", min_length=1, max_length=80, example="teu")
    title_zh: str = field("中文名称", "Name in Chinese", default="", max_length=120, example="标准箱量")
    title_en: str = field("英文名称", "Name in English", default="", max_length=120, example="TEU")
    unit: str = field("单位", "Unit", default="", max_length=40)
    level: int = field("数据级别", "Level", default=1, ge=1, le=4)


class Dataset(Record):
    """Data that its owner keeps elsewhere. Everybody finds and understands it; how to reach it is told under a grant."""

    facts: ClassVar[Facts] = Facts(
        name="base.catalogue.dataset",
        title=Text("外部数据集", "Outside data set"),
        summary=Text("登记在目录中、由提供方保存的数据集", "Data sets that their owners keep and the catalogue lists"),
        clause="7.2.3 c) 2)",
        kind="filing",
        ref="dataset",
        key=("code",),
        parties=(
            Party.filer("owner"),
            Party.everyone("code", "title_zh", "title_en", "summary_zh", "summary_en", "keywords", "theme", "level", "pace",
                           "updated", "covers_from", "covers_until", "media", "licence", "columns", "derived_from", "simulated"),
        ),
        filers=tuple(KINDS),
        retention=10,
        label="title_zh",
    )  # fmt: skip
    code: str = field("数据集代码", "Code", filter=True, pattern=CODE, max_length=60, example="BERTH-HISTORY-2025")
    title_zh: str = field("中文名称", "Title in Chinese", min_length=1, max_length=200, example="2025 年靠泊历史（模拟）")
    title_en: str = field("英文名称", "Title in English", min_length=1, max_length=200, example="Berthing history of 2025 (simulated)")
    summary_zh: str = field("中文说明", "Description in Chinese", default="", max_length=2000)
    summary_en: str = field("英文说明", "Description in English", default="", max_length=2000)
    keywords: tuple[str, ...] = field("关键词", "Keywords", default=(), max_length=30)
    theme: str = field("主题", "Theme", filter=True, default="", max_length=80, example="port operation")
    level: int = field("数据级别", "Level", filter=True, default=1, ge=1, le=4)
    pace: Literal["realtime", "daily", "weekly", "monthly", "yearly", "irregular"] = field(
        "更新周期", "Renewed", filter=True, default="irregular", values=PACES
    )
    updated: datetime | None = field("数据更新时间", "Data as of", default=None)
    covers_from: datetime | None = field("数据起始", "Covers from", default=None)
    covers_until: datetime | None = field("数据截止", "Covers until", default=None)
    media: str = field("格式", "Format", default="", max_length=120, example="text/csv")
    licence: str = field("使用许可", "Licence", default="", max_length=200)
    columns: tuple[SetColumn, ...] = field("数据列", "Columns", default=(), max_length=400)
    derived_from: tuple[str, ...] = field("来源目录项", "Made from (catalogue entries)", default=(), max_length=50)
    access: str | None = field("获取方式", "How to reach it", level=2, default=None, max_length=1000,
                               example="https://data.example/berths-2025.csv")  # fmt: skip
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)


class FieldUse(Part):
    """A field of a record type that holds a data element; `field` may lead into parts (`items.hs`)."""

    record: str = field("记录类型", "Record type", max_length=120, example="base.declaration.declaration")
    path: str = field("字段", "Field", max_length=120, example="gross_kg")


class Element(Record):
    """A data element's definition. What is published is an edition that stays readable when the next one is published."""

    facts: ClassVar[Facts] = Facts(
        name="base.catalogue.element",
        title=Text("数据元", "Data element"),
        summary=Text("数据元的名称、定义、表示和来源，分版本发布", "Names, meaning, representation and source of data elements, in editions"),
        clause="7.2.3 c) 1)",
        kind="filing",
        ref="element",
        key=("code",),
        parties=(Party.filer("steward"), Party.everyone()),
        filers=STEWARDS,
        retention=30,
        label="name_zh",
        amendable=False,
    )
    code: str = field("数据元代码", "Code", filter=True, pattern=CODE, max_length=60, example="GROSS-MASS")
    name_zh: str = field("中文名称", "Name in Chinese", min_length=1, max_length=120, example="毛重")
    name_en: str = field("英文名称", "Name in English", min_length=1, max_length=120, example="Gross mass")
    definition_zh: str = field("中文定义", "Definition in Chinese", min_length=1, max_length=2000, example="货物连同包装的质量")
    definition_en: str = field("英文定义", "Definition in English", min_length=1, max_length=2000, example="Mass of goods with their packing")
    representation: str = field("表示", "Representation", default="", max_length=60, example="n..16,6")
    unit: str = field("单位", "Unit", default="", max_length=40, example="kg")
    code_set: str = field("代码集", "Code set", default="", max_length=60)
    source: str = field("来源", "Source", default="", max_length=300, example="WCO Data Model 3.6")
    used_by: tuple[FieldUse, ...] = field("使用字段", "Fields that hold it", default=(), max_length=300)
    edition: int = field("版本", "Edition", default=0, ge=0, read_only=True)
    published_at: datetime | None = field("发布时间", "Published at", default=None, read_only=True)
