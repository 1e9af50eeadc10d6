"""Giving: what happens to a record becomes, for each agreement that it fits, a version of what is given out.

What is given is kept before it is told (`GivenOut`), stripped to what was agreed and to what the organisation that made the
agreement may itself see. From there the exchange's outbox has it: retries, order by record, dead letters.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.exchange.api import Content, Wanted, contents
from kouan.cooperation.link.records import Agreement, GivenOut
from kouan.cooperation.link.service import agreements, keys
from kouan.cooperation.link.sharing import fitting, givable, stripped
from kouan.cooperation.link.store import reading
from kouan.cooperation.link.terms import lasts, terms
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.formats import Draft
from kouan.kernel.handlers import Told
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept
from kouan.kernel.store.entitle import visible

GIVEN = GivenOut.facts.name
READER = frozenset({"operator"})


async def give(port: Port, told: Sequence[Told]) -> int:
    """Give what was told under the agreements in force; safe to repeat. Answers how many versions were given out."""
    known = await agreements.in_force(port)
    wanted = {given.record for kept in known for given in agreements.of(kept).gives}
    heard = [one for one in told if one.record in wanted and one.event]
    if not heard:
        return 0
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await reading.events(conn, {UUID(one.record_id) for one in heard}, {UUID(one.event) for one in heard})
        found = await contents(conn, port.vault, [Wanted(r["record"], r["record_id"], r["version"], r["org"]) for r in rows])
    chains: dict[tuple[str, UUID], list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for row in rows:
        content = found.get((row["record_id"], row["version"]))
        for kept in known if content else ():
            if (data := _given(port, kept, row, content)) is not None:
                chains[kept.id, row["record_id"]].append((f"link/{kept.id}/{row['id']}", data))
    await asyncio.gather(*(_file(port, chain) for chain in chains.values()))
    return sum(map(len, chains.values()))


async def _file(port: Port, chain: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """The changes of one record under one agreement, one after the other."""
    for key, data in chain:
        await port.file(PLATFORM, [Draft(GIVEN, data)], format="link", key=key)


def _given(port: Port, kept: Kept, row: asyncpg.Record, content: Content | None) -> dict[str, Any] | None:
    agreement = agreements.of(kept)
    cls = givable().get(row["record"])
    if content is None or cls is None or not lasts(agreement, row["at"]):
        return None
    by = port.orgs.slug(kept.filed_by)
    reader = Principal(kept.filed_by, by, "", "link", READER, 2, "link", True)
    # The first filer sees all of its record, which a version does not name; a party it is as well wherever that matters here.
    seen = visible(cls, content.parties, 0, reader)
    # What one may not see one may not narrow by either: that something is given would tell it.
    given = fitting(agreement.gives, cls, {name: value for name, value in content.values.items() if name in seen})
    if given is None:
        return None
    data = stripped(given, cls, content.values, seen)
    if not data:
        return None
    what = row["topic"].partition(":")[2]
    return _draft(agreement, by, row["record"], row["ref"], row["version"], what, content.state, row["at"], data)


def _draft(
    agreement: Agreement, by: str, record: str, origin: str, version: int, what: str, state: str, at: datetime, data: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "agreement": agreement.number, "to": agreement.partner, "by": f"org:{by}", "record": record, "origin": origin,
        "origin_version": version, "what": what, "state": state, "at": at, "agreed_fields": sorted(data), "content": dict(data),
    }  # fmt: skip


async def announce(port: Port, kept: Kept, content: Mapping[str, Any]) -> None:
    """Give out, under an agreement, that a key follows this platform's; once for each partner and key."""
    agreement = agreements.of(kept)
    draft = _draft(agreement, kept.filer, agreements.AGREEMENT, kept.ref, kept.version, keys.WHAT, keys.WHAT, now(), content)
    same = str(content["proof"]).encode()
    await port.file(PLATFORM, [Draft(GIVEN, draft)], format="link", body=same, key=f"link/rekey/{agreement.partner}/{content['key']}")


async def say(port: Port, kept: Kept, what: str, version: int, at: datetime, key: str) -> None:
    """Give out this side's word on an agreement, with the terms that it rests on; once for each key."""
    agreement = agreements.of(kept)
    said = terms(agreement, await keys.public(port))
    data = _draft(agreement, kept.filer, agreements.AGREEMENT, kept.ref, version, what, what, at, said)
    await port.file(PLATFORM, [Draft(GIVEN, data)], format="link", key=f"link/{kept.id}/{key}")
