"""Routine checks (常态化安全检测): what protects the data is asked of the running database itself, not of what the code means to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

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
TRAILS = ("audit", "data_use", "security_check", "ledger_entry")
NEWEST = 200
_MAY = """select t || ': ' || p from unnest($1::text[]) t, unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) p
    where to_regclass(t) is not null and has_table_privilege('kouan_app', t, p) order by 1"""
_OPEN = """select w.name from unnest($1::text[]) w(name) left join pg_class c on c.oid = to_regclass(w.name)
    where c.relrowsecurity is distinct from true or pg_get_userbyid(c.relowner) = 'kouan_app' order by 1"""
_FREE = "select rolname from pg_roles where rolname in ('kouan_app', 'kouan_signer') and (rolsuper or rolbypassrls) order by 1"


async def check(conn: Connection) -> dict[str, list[str]]:
    """What each check finds; nothing where all is well. The connection must be able to read every row."""
    tables = [table(cls) for cls in record_types()]
    return {
        "trails.append_only": _names(await conn.fetch(_MAY, list(TRAILS))),
        "rows.secured": _names(await conn.fetch(_OPEN, tables)),
        "roles.bound": _names(await conn.fetch(_FREE)),
        "fields.sealed": await _unsealed(conn),
    }


async def _unsealed(conn: Connection) -> list[str]:
    """Record types among whose newest records one holds a restricted field in the open."""
    counted = [(cls.facts.name, await unsealed(conn, cls, NEWEST)) for cls in record_types()]
    return [f"{name}: {n}" for name, n in counted if n]


def _names(rows: Sequence[asyncpg.Record]) -> list[str]:
    return [str(row[0]) for row in rows]
