"""Terms, codes and classification as machine-readable lists (术语、代码、分类)."""

from __future__ import annotations

from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.standards.terms import routes

MODULE = declare(
    Module(
        name="standards.terms",
        title=Text("术语与分类", "Terms and classification"),
        summary=Text("中英文术语、定义、出处和分类，供查询和调用", "Terms in both languages with definition, source and classification, to look up and call"),
        lasting=True,
        clauses=("12.2", "H12.2a*"),
        pages=(Page("/standards/terms/search", Text("术语查询", "Look up terms")),),
        routes=(routes.router,),
    )
)
