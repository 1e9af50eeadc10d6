"""What the database's shape out of the registry costs: the first migration, one that finds nothing to do, one new field."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.decisions._server import House, parser, tell
from kouan.app import registry
from kouan.app.compose import migrate
from kouan.app.supervisor.postgres import Postgres
from kouan.kernel.records import record_types
from kouan.kernel.settings import Settings
from kouan.kernel.store.schema import statements

SHAPE = """select md5(string_agg(line, E'\\n' order by line)) from (
    select table_name || '.' || column_name || ' ' || data_type line from information_schema.columns
      where table_schema = 'public'
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select polname || ' ' || pg_get_expr(polqual, polrelid) from pg_policy) all_lines"""
OLDER = "alter table r_base_declaration_declaration drop column f_hs"


async def _shape(place: House) -> str:
    conn = await place.connect("postgres")
    found = str(await conn.fetchval(SHAPE))
    await conn.close()
    return found


async def _timed(place: House) -> dict[str, Any]:
    began = time.monotonic()
    await migrate(place.settings)
    return {"seconds": round(time.monotonic() - began, 3), "shape": await _shape(place)}


async def _measure(place: House) -> dict[str, Any]:
    first, again = await _timed(place), await _timed(place)
    conn = await place.connect("postgres")
    await conn.execute(OLDER)
    await conn.close()
    mended = await _timed(place)
    return {
        "record_types": len(record_types()), "statements_of_records": len(statements(record_types())), "first": first,
        "nothing_to_do": again, "one_field_was_missing": mended,
        "same_shape": first["shape"] == again["shape"] == mended["shape"],
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser(__doc__).parse_args()
    registry.load()
    home = Path(tempfile.mkdtemp(prefix="kouan-decide-"))
    try:
        with Postgres(home) as server:
            place = House(server, Settings(home=home, database_socket=str(server.socket)))
            tell(__doc__, asyncio.run(_measure(place)))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
