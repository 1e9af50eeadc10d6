"""What an erasure must reach beyond records: refused bodies, rows set aside, the staging area; found by the number that stands in them.

A search goes on in batches, each a transaction that puts down how far it came: one that was cut off is taken up by a job.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import orjson

from kouan.base.erasure import store
from kouan.base.exchange.api import look_in_quarantine
from kouan.base.ingest.api import look_aside, look_staged
from kouan.kernel.database import Connection, scope
from kouan.kernel.ids import uuid7
from kouan.kernel.mention import Looked, Sought
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.references import spellings
from kouan.kernel.text import Text

PATIENCE = 10.0
"""Seconds that a caller waits; what is left then is done by the job."""
SEARCHES = 20


class Look(Protocol):
    """Looks through the next stretch of a place, and destroys what tells of the subject where asked."""

    def __call__(self, port: Port, conn: Connection, sought: Sought, after: str, *, destroy: bool) -> Awaitable[Looked]: ...


PLACES: Mapping[str, Look] = {"bodies": look_in_quarantine, "rows": look_aside, "staged": look_staged}
TITLES: Mapping[str, Text] = {
    "bodies": Text("隔离区报文", "Refused bodies in quarantine"), "rows": Text("抽取时搁置的行", "Rows set aside by extraction"),
    "staged": Text("抽取暂存区的行与上传文件", "Staged rows and uploads of extraction"),
}  # fmt: skip


@dataclass(slots=True)
class Search:
    """What a search saw and found so far: of each place looked, told, unread. `possible`: there is a number to look for; `ended`."""

    possible: bool
    ended: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, place: str, found: Looked) -> None:
        """Count a stretch."""
        self.counts.update({f"{place}.looked": found.looked, f"{place}.told": found.told, f"{place}.unread": found.unread})


def _refs(refs: tuple[str, ...]) -> Sought:
    return Sought.of(spelled for ref in refs for spelled in spellings(ref))


async def search(port: Port, ref: str) -> Search:
    """Count what tells of a subject and can be read now, for as long as a caller waits. Nothing is changed."""
    sought = _refs((ref,))
    found, until = Search(bool(sought), ended=True), time.monotonic() + PATIENCE
    for place, look in PLACES.items() if sought else ():
        after, more = "", True
        while more and found.ended:
            async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
                seen = await look(port, conn, sought, after, destroy=False)
            found.add(place, seen)
            after, more = seen.after, bool(seen.after)
            found.ended = time.monotonic() < until
    return found


async def begin(port: Port, ref: str) -> UUID | None:
    """Put down that a subject must be looked for; None where it has no number that could be."""
    if not _refs((ref,)):
        return None
    number = uuid7()
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        await store.begin(conn, number, port.vault.wrap(orjson.dumps([ref]), f"erasure:{number}"), next(iter(PLACES)))
    return number


async def go_on(port: Port, number: UUID | None, patience: float = PATIENCE) -> Search:
    """Take a search's next steps, for so many seconds; answers what it found from its beginning."""
    found, until = Search(number is not None, ended=number is None), time.monotonic() + patience
    while number is not None and not found.ended:
        if (step := await _step(port, number)) is None:
            return Search(possible=True, ended=True, counts=found.counts)
        found = step
        if time.monotonic() > until:
            break
    return found


async def _step(port: Port, number: UUID) -> Search | None:
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        row = await store.claim(conn, number)
        if row is None:
            return None
        found = Search(possible=True, counts=Counter(row["counts"]))
        sought = _refs(tuple(orjson.loads(port.vault.unwrap(row["wrapped"], f"erasure:{number}"))))
        place, places = row["place"], list(PLACES)
        seen = await PLACES[place](port, conn, sought, row["after"], destroy=True)
        found.add(place, seen)
        behind = places[places.index(place) + 1 :]
        if seen.after or behind:
            await store.go_on(conn, number, place if seen.after else behind[0], seen.after, dict(found.counts))
        else:
            await store.end(conn, number)
            found.ended = True
    return found


async def take_up(port: Port) -> None:
    """Take further the searches that were cut off."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        left = await store.left(conn, SEARCHES)
    for number in left:
        await go_on(port, number)
