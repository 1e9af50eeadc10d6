"""Verification environment: application services are checked against cases and conformance rules before they are connected (数据验证)."""

from __future__ import annotations

from kouan.base.verification import handlers, lifecycle, records, rules
from kouan.base.verification.routes import router
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules, handlers)
MODULE = declare(
    Module(
        name="base.verification",
        title=Text("验证环境", "Verification environment"),
        summary=Text("按用例和一致性规则检查应用服务接口，逐项给出通过与否及依据", "Interfaces checked by cases and conformance rules, each with its evidence"),
        clauses=("7.2.5 b) 10)",),
        routes=(router,),
    )
)
