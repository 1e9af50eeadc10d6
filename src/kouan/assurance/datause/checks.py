"""Routine checks (常态化安全检测): what protects the data is asked of the running database itself, not of what the code means to do."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.assurance.datause import store
from kouan.kernel.database import Connection
from kouan.kernel.records import record_types
from kouan.kernel.store.finding import unsealed
from kouan.kernel.store.schema import table
from kouan.kernel.text import Text

CHECKS: Mapping[str, Text] = {
    "trails.append_only": Text("审计与使用记录只可追加", "Audit and record of use can only be added to"),
    "rows.secured": Text("所有业务表启用行级权限", "Every table of records is under row-level security"),
    "roles.bound": Text("运行账户受行级权限约束", "The roles that serve are bound by row-level security"),
    "fields.sealed": Text("三、四级字段均已加密保存", "Fields of levels 3 and 4 are kept sealed"),
}
TRAILS = ("audit", "data_use", "data_use_day", "security_check", "ledger_entry")
NEWEST = 200


async def check(conn: Connection) -> dict[str, list[str]]:
    """What each check finds; nothing where all is well. The connection must be able to read every row."""
    tables = [table(cls) for cls in record_types()]
    return {
        "trails.append_only": await store.may_change(conn, TRAILS),
        "rows.secured": await store.tables_open(conn, tables),
        "roles.bound": await store.unbound(conn),
        "fields.sealed": await _unsealed(conn),
    }


async def _unsealed(conn: Connection) -> list[str]:
    """Record types among whose newest records one holds a restricted field in the open."""
    counted = [(cls.facts.name, await unsealed(conn, cls, NEWEST)) for cls in record_types()]
    return [f"{name}: {n}" for name, n in counted if n]
