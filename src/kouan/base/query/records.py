"""What query keeps: a query that its organisation asks again, under a name (HS/T 82 7.2.5)."""

from __future__ import annotations

from typing import ClassVar, Literal

from kouan.base.identity.api import KINDS
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("savedquery", Text("已存查询", "Saved query"))
WAYS = {"builder": Text("条件构建", "Built"), "sql": Text("SQL 语句", "SQL")}
LONGEST = 20_000


class SavedQuery(Record):
    """A query under a name. It holds the question alone; whoever asks it sees by the asker's own rights."""

    facts: ClassVar[Facts] = Facts(
        name="base.query.saved",
        title=Text("已存查询", "Saved query"),
        summary=Text("本单位保存的多表查询条件或 SQL 语句", "Queries over several tables that an organisation keeps to ask again"),
        clause="7.2.5",
        kind="state",
        ref="savedquery",
        key=("@filer", "name"),
        parties=(Party.filer("owner"),),
        filers=tuple(KINDS),
        retention=5,
        label="name",
        renews=True,
    )
    name: str = field("查询名称", "Name", filter=True, min_length=1, max_length=80, example="各贸易国报关毛重")
    way: Literal["builder", "sql"] = field("方式", "Way", filter=True, default="builder", values=WAYS)
    content: str = field(
        "查询内容", "Query", min_length=1, max_length=LONGEST,
        example='{"from": "base.declaration.declaration", "aggregate": [{"fn": "count"}]}',
    )  # fmt: skip
    note: str = field("说明", "Note", default="", max_length=400)
