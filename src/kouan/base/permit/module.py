"""Permits: kept with quota and validity, drawn upon by declarations, verified online instead of on paper (许可证件)."""

from __future__ import annotations

from kouan.base.permit import handlers, jobs, lifecycle, records, rules, waiting
from kouan.base.permit.store import DDL
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules, waiting, handlers, jobs)
MODULE = declare(
    Module(
        name="base.permit",
        title=Text("许可证件", "Permits"),
        summary=Text(
            "许可证件、原产地证的登记、核销与联网核查，报关单只填编号",
            "Licences and certificates kept, written off and verified online: a declaration cites their number alone",
        ),
        clauses=("7.2.1 a) 3)", "9.1.6 a)"),
        ddl=DDL,
    )
)
