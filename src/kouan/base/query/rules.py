"""A saved query can be asked, and holds no restricted value: what it is about is stated each time it is asked."""

from __future__ import annotations

import re

from pydantic import ValidationError

from kouan.base.query.asked import Asked
from kouan.base.query.records import SavedQuery
from kouan.base.query.tables import RESTRICTED, columns, tables
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text

UNREADABLE = Text("查询内容不是可用的查询", "The content is no query that can be asked")
PERSONAL = Text("含敏感列或个人标识条件的查询不予保存：{name}", "A query with a restricted column, or with a condition on persons, is not saved: {name}")
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


class Askable(Rule):
    """The query can be read, and names no restricted column beside its values."""

    code = "base.query.askable"
    at = "filing"
    of = SavedQuery.facts.name
    title = Text("已存查询可执行且不含敏感值", "A saved query can be asked and holds no restricted value")
    clause = "7.2.5"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: SavedQuery, found: Found) -> Unmet | None:
        """What is wrong with the content."""
        asked = None
        if record.way == "builder":
            try:
                asked = Asked.model_validate_json(record.content)
            except ValidationError:
                return Unmet(UNREADABLE, "content")
        words = set(_WORD.findall(record.content.lower()))
        named = {asked.from_, *(join.record for join in asked.join)} if asked else set()
        types = [cls for name, cls in tables().items() if name in words or cls.facts.name in named]
        names = {one.column.rpartition(".")[2] for one in asked.where} if asked else words
        secret = sorted(
            column.name for cls in types for column in columns(cls).values()
            if column.name in names and (column.level >= RESTRICTED or column.personal)
        )  # fmt: skip
        return Unmet(PERSONAL.fill(name=secret[0]), "content") if secret else None
