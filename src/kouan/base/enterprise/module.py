"""Enterprises: identity, credit, qualifications and violations by the unified social credit code (企业基础信息)."""

from __future__ import annotations

from kouan.base.enterprise import lifecycle, records, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (lifecycle, records, rules)
MODULE = declare(
    Module(
        name="base.enterprise",
        title=Text("企业基础信息", "Enterprises"),
        summary=Text("企业身份、信用、资质、违法违规，以统一社会信用代码为主键", "Firms' identity, credit, qualifications, violations, by credit code"),
        clauses=("7.2.1 c)", "H7.2.1c"),
    )
)
