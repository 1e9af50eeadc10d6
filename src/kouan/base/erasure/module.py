"""Erasure of persons and rotation of the signing key."""

from __future__ import annotations

from kouan.base.erasure import jobs, records
from kouan.base.erasure.routes import router
from kouan.base.erasure.store import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="base.erasure",
        title=Text("个人信息删除与密钥轮换", "Erasure and key rotation"),
        summary=Text("安全管理员依法删除个人信息、轮换账本签名密钥", "Erase persons by law; rotate the ledger's key"),
        lasting=True,
        clauses=("H7.2.2e",),
        pages=(Page("/base/erasure", Text("个人信息删除", "Erasure")),),
        routes=(router,),
        ddl=DDL,
    )
)
PARTS = (jobs, records)
