"""What entitlement costs a list: reader sets and row-level security on the platform's real table of declarations.

A trader reads 50 of many rows, customs reads 40 % of them. The list is the newest 50, by the kernel's own query. Four
ways: the policy as the platform makes it; the same policy wrapped in a sub-select, as many guides advise; a plain
condition without row-level security; and neither, which shows everybody everything.

A condition that PostgreSQL does not hold for leakproof (`@>` on arrays) is tried only after the policy. The last two
lists show what that costs, and what the same question costs when the table of references is asked first.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.decisions._server import CUSTOMS, TRADER, House, house, median, parser, plan_of, tell
from kouan.kernel.store.ops import COLUMNS
from kouan.kernel.store.schema import _READERS, table

NAME = "base.declaration.declaration"
TABLE = table(NAME)
WRAPPED = "readers && (select string_to_array(current_setting('app.orgs', true), ',')::int[])"
FILL = f"""insert into {TABLE} (id, key, ref, version, state, tracks, readers, parties, org, account, submission,
      filed_at, updated_at, doc, sealed, warnings, f_functional_reference, f_office, f_containers)
    select gen_random_uuid(), 'k' || n, 'declaration:K' || n, 1, (array['lodged', 'released', 'held'])[1 + n % 3], '{{}}',
      case when n % ($1 / 50) = 0 then array[1, {TRADER}] else array[1, 1000 + n % 5000] end
        || case when n % 5 < 2 then array[{CUSTOMS}] else array[]::int[] end,
      '{{}}', 1, 'user:x', gen_random_uuid(), now(), now(),
      jsonb_build_object('functional_reference', 'WH' || n, 'note', repeat('x', 300)), '{{}}', '[]', 'WH' || n, '9901',
      array['container:C' || n % 49999]
    from generate_series(1, $1::int) n"""
REFS = f"""insert into ref (ref, record, record_id, readers, at)
    select f_containers[1], '{NAME}', id, readers, filed_at from {TABLE}"""
BOX = "f_containers @> '{container:C777}'::text[]"
MENTIONED = f"id in (select record_id from ref where ref = 'container:C777' and record = '{NAME}')"
LISTS = {
    "newest 50": f"select {COLUMNS} from {TABLE} order by seq desc limit 51",
    "newest 50 released": f"select {COLUMNS} from {TABLE} where state = 'released' order by seq desc limit 51",
    "one container": f"select {COLUMNS} from {TABLE} where {BOX} order by seq desc limit 51",
    "one container, by reference": f"select {COLUMNS} from {TABLE} where {BOX} and {MENTIONED} order by seq desc limit 51",
}
ASKERS = {"trader (50 rows)": TRADER, "customs (40 % of rows)": CUSTOMS}


async def _timed(conn: Any, sql: str, org: int, runs: int) -> dict[str, Any]:
    waits, count = [], 0
    for turn in range(runs + 1):
        async with conn.transaction():
            await conn.execute("select set_config('app.orgs', $1, true)", f"0,{org}")
            began = time.perf_counter()
            count = len(await conn.fetch(sql))
            waits.append(time.perf_counter() - began)
            if turn == runs:
                plan = plan_of(await conn.fetch(f"explain (analyze, format json) {sql}"))
    return {"rows": count, "median_ms": round(1000 * median(waits[1:]), 2), "plan": plan}


async def _way(place: House, user: str, org: int, runs: int, condition: str = "") -> dict[str, Any]:
    conn = await place.connect(user)
    await conn.execute("set plan_cache_mode = force_custom_plan; set jit = off")
    found = {}
    for name, sql in LISTS.items():
        joined = " and " if " where " in sql else " where "
        asked = sql.replace(" order by", f"{joined}{condition} order by") if condition else sql
        found[name] = await _timed(conn, asked, org, runs)
    await conn.close()
    return found


async def _measure(place: House, rows: int, runs: int) -> dict[str, Any]:
    admin = await place.connect("postgres")
    await admin.execute(FILL.replace("$1::int", str(rows)).replace("$1", str(rows)))
    await admin.execute(REFS)
    await admin.execute(f"vacuum analyze {TABLE}")
    await admin.execute("vacuum analyze ref")
    ways: dict[str, Any] = {}
    for asker, org in ASKERS.items():
        plain = f"readers && '{{0,{org}}}'::int[]"
        ways[asker] = {
            "policy of the platform": await _way(place, "kouan_app", org, runs),
            "plain condition, no row-level security": await _way(place, "postgres", org, runs, plain),
            "no entitlement at all": await _way(place, "postgres", org, runs),
        }
    await admin.execute(f"alter policy readers on {TABLE} using ({WRAPPED})")
    for asker, org in ASKERS.items():
        ways[asker]["policy in a sub-select"] = await _way(place, "kouan_app", org, 3)
    nobody = await place.connect("kouan_app")
    unscoped = await nobody.fetchval(f"select count(*) from {TABLE}")
    await nobody.close()
    await admin.close()
    return {"table_rows": rows, "policy": _READERS, "rows_without_scope": unscoped, "ways": ways}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=200_000)
    made.add_argument("--runs", type=int, default=15)
    given = made.parse_args()
    with house() as place:
        tell(__doc__, asyncio.run(_measure(place, given.rows, given.runs)))


if __name__ == "__main__":
    main()
