"""A PostgreSQL server that somebody else runs (KOUAN_DATABASE_URL): checked, and given our roles."""

from __future__ import annotations

import asyncpg

from kouan.app.supervisor.binaries import POSTGRES_MAJOR
from kouan.app.supervisor.cluster import ROLES
from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel.text import Text


async def prepare(url: str) -> None:
    """Make our roles where they are missing; Trouble when the server is not there, too old or forbids it."""
    try:
        connection = await asyncpg.connect(url, timeout=10.0)
    except (OSError, asyncpg.PostgresError, TimeoutError) as problem:
        raise Trouble(
            Text(
                zh=f"KOUAN_DATABASE_URL 无法连接：{problem}",
                en=f"KOUAN_DATABASE_URL cannot be reached: {problem}",
            ),
            CONFIGURATION,
        ) from problem
    try:
        _check_version(connection.get_server_version().major)
        await _make_roles(connection)
    finally:
        await connection.close()


def _check_version(major: int) -> None:
    if major < POSTGRES_MAJOR:
        raise Trouble(
            Text(
                zh=f"数据库版本为 PostgreSQL {major}，需要 {POSTGRES_MAJOR} 或更高",
                en=f"the database is PostgreSQL {major}; {POSTGRES_MAJOR} or later is needed",
            ),
            CONFIGURATION,
        )


async def _make_roles(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """The URL's user acts as each role (`set role`), so it must be a member of them."""
    try:
        for role in ROLES:
            if not await connection.fetchval("select true from pg_roles where rolname = $1", role):
                await connection.execute(f"create role {role} nosuperuser nocreatedb nocreaterole nobypassrls")
            if not await connection.fetchval("select pg_has_role(current_user, $1, 'set')", role):
                await connection.execute(f"grant {role} to current_user")
        database = await connection.fetchval("select quote_ident(current_database())")
        await connection.execute(f"grant connect, create, temporary on database {database} to kouan_owner")
        await connection.execute("grant usage, create on schema public to kouan_owner")
    except asyncpg.InsufficientPrivilegeError as problem:
        raise Trouble(
            Text(
                zh=f"数据库用户无权建立角色 {', '.join(ROLES)}：{problem}",
                en=f"the database user may not make the roles {', '.join(ROLES)}: {problem}",
            ),
            CONFIGURATION,
        ) from problem
