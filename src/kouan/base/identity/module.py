"""Who somebody is and what they may: one sign-in for all modules, rights that end at the next call, and the audit."""

from __future__ import annotations

from kouan.base.identity.routes import ROUTERS
from kouan.base.identity.store import DDL
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="base.identity",
        title=Text("统一用户与认证", "Identity"),
        summary=Text(
            "机构、账户、角色、令牌与会话；单点登录；系统、安全、审计三员分离；安全审计",
            "Organisations, accounts, roles, tokens and sessions; single sign-on; separate administrators; audit",
        ),
        lasting=True,
        clauses=("H7.2.2f",),
        routes=ROUTERS,
        ddl=DDL,
    )
)
