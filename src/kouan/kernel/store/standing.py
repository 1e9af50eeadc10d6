"""Whether a database has its shape already, so that a start need not say all of it again.

What was said when it got its shape is kept with it, as a digest, and beside that a digest of what PostgreSQL's catalogue then said of
tables, columns, rights, policies, functions, triggers and constraints. Only where both are as they were, nothing is to be done: who
changes a right or a policy by hand, or restores a dump without them, has them mended by the next start as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from kouan.kernel.database import Connection

_TABLE = """create table if not exists shape (one boolean primary key default true check (one), said bytea not null, seen text not null)"""
_KEPT = "select said, seen from shape"
_KEEP = "insert into shape (said, seen) values ($1, $2)"
_SEEN = """
with mine as (select c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
    c.relpersistence from pg_class c where c.relnamespace = 'public'::regnamespace),
  said as (
    select concat_ws(' ', 'class', relname, relkind, relpersistence, relowner::regrole, relacl, relrowsecurity, relforcerowsecurity,
      reloptions) what from mine
    union all select concat_ws(' ', 'column', m.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
      a.attacl, pg_get_expr(d.adbin, d.adrelid)) from mine m join pg_attribute a on a.attrelid = m.oid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attnum > 0 and not a.attisdropped and m.relkind <> 'i'
    union all select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), i.indisvalid)
      from pg_index i join mine m on m.oid = i.indexrelid
    union all select concat_ws(' ', 'policy', m.relname, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[],
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) from pg_policy p join mine m on m.oid = p.polrelid
    union all select concat_ws(' ', 'function', p.oid::regprocedure, p.proowner::regrole, p.prosecdef, p.proconfig, p.proacl, md5(p.prosrc))
      from pg_proc p where p.pronamespace = 'public'::regnamespace
    union all select concat_ws(' ', 'trigger', m.relname, t.tgenabled, pg_get_triggerdef(t.oid)) from pg_trigger t
      join mine m on m.oid = t.tgrelid where not t.tgisinternal
    union all select concat_ws(' ', 'constraint', m.relname, c.conname, c.convalidated, pg_get_constraintdef(c.oid)) from pg_constraint c
      join mine m on m.oid = c.conrelid)
select md5(string_agg(md5(what), '' order by md5(what))) from said"""


async def stands(conn: Connection, statements: Sequence[str]) -> bool:
    """Whether these statements were said to this database last, and it has not changed since. Nothing else runs meanwhile."""
    if await conn.fetchval("select to_regclass('public.shape')") is None:
        return False
    kept = await conn.fetchrow(_KEPT)
    return kept is not None and kept["said"] == _said(statements) and kept["seen"] == await conn.fetchval(_SEEN)


async def begin(conn: Connection) -> None:
    """The shape is about to change: until `keep` nothing stands."""
    await conn.execute(_TABLE)
    await conn.execute("delete from shape")


async def keep(conn: Connection, statements: Sequence[str]) -> None:
    """All of these statements were said."""
    await conn.execute(_KEEP, _said(statements), await conn.fetchval(_SEEN))


def _said(statements: Sequence[str]) -> bytes:
    return sha256("\0".join(statements).encode()).digest()
