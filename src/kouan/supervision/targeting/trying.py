"""Trying a profile on past declarations: what it would have selected, what of that was new, what inspections of them found."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kouan.base.declaration.api import Declaration
from kouan.kernel.clock import now
from kouan.kernel.database import Connection, scope
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Found, Kept, Need, rules_at
from kouan.kernel.store.facts import found_for, kept_of, load
from kouan.kernel.store.finding import equal, oldest
from kouan.kernel.store.ops import Row
from kouan.supervision.targeting import store
from kouan.supervision.targeting.compiling import Book
from kouan.supervision.targeting.profiles import Profile, Trial
from kouan.supervision.targeting.records import Assessment
from kouan.supervision.targeting.scoring import THRESHOLD
from kouan.supervision.targeting.seeing import looks

DECLARATION, ASSESSMENT, TRIAL = Declaration.facts.name, Assessment.facts.name, Trial.facts.name
BATCH = 100
LISTED = 200


@dataclass(slots=True)
class Tally:
    """What a trial has counted so far."""

    seen: int = 0
    matched: list[str] = field(default_factory=list)
    newly: int = 0
    inspected: int = 0
    hits: int = 0
    complete: bool = True


async def try_on(port: Port, who: Principal, profile: Kept, days: int, most: int) -> Kept:
    """Try a profile on the declarations of this office of so many days, the newest `most` of them, and keep the outcome."""
    assert isinstance(profile.data, Profile)
    until = now()
    since = until - timedelta(days=days)
    tally = await _tally(port, profile.data, since, most)
    data = {
        "code": profile.data.code, "edition": profile.data.edition, "content": profile.data.digest, "profile": profile.ref,
        "since": since, "until": until, "seen": tally.seen, "complete": tally.complete, "matched": len(tally.matched),
        "newly": tally.newly, "expected": round(len(tally.matched) * profile.data.share, 2) if profile.data.share else 0.0,
        "inspected": tally.inspected, "hits": tally.hits, "declarations": tally.matched[:LISTED], "by": who.user[:80], "at": now(),
    }  # fmt: skip
    return (await port.file(PLATFORM, [Draft(TRIAL, data, renew=True)])).kept[0]


async def _tally(port: Port, profile: Profile, since: datetime, most: int) -> Tally:
    """Read in pages, each in a transaction of its own, so that nothing else has to wait for a long trial."""
    book, tally, after = Book([profile]), Tally(), 0
    while tally.seen < most:
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            limit = min(BATCH, most - tally.seen)
            rows = await equal(conn, Declaration, {"office": port.site.office}, after=after, newest=True, limit=limit)
            fresh = [row for row in rows if row.filed_at >= since]
            await _page(conn, port, book, fresh, tally)
        if len(fresh) < limit:
            return tally
        after = rows[-1].seq
        await asyncio.sleep(0)
    tally.complete = False
    return tally


async def _page(conn: Connection, port: Port, book: Book, rows: list[Row], tally: Tally) -> None:
    kept = [kept_of(DECLARATION, row, port.orgs) for row in rows]
    rules, site, at = rules_at("target", DECLARATION), port.site.facts(), now()
    facts = await found_for(conn, [(rules, one.data, one.filer) for one in kept], port.orgs, at, site)
    asked = [(one, Found(at, one.filer, site, facts)) for one in kept]
    seen = await looks(conn, book, asked, port.orgs, await _first(conn, kept))
    matched = [one.ref for one in kept if one.id in seen and book.matching(seen[one.id])]
    tally.seen += len(kept)
    tally.matched += matched
    if matched:
        await _known(conn, port, book.profiles[0].profile, matched, tally)


async def _first(conn: Connection, kept: list[Kept]) -> set[str]:
    names = {one.id: one.data.declarant for one in kept if isinstance(one.data, Declaration) and one.data.declarant}
    first = await oldest(conn, Declaration, "declarant", sorted(set(names.values()))) if names else {}
    return {one for one, name in names.items() if str(first.get(name)) == one}


async def _known(conn: Connection, port: Port, profile: Profile, matched: list[str], tally: Tally) -> None:
    """What the platform knows of those matched: whether they were green till now, and what their visits found."""
    needs = {ref: Need(ASSESSMENT, ref=ref, most=5) for ref in matched}
    assessed = await load(conn, needs.values(), port.orgs)
    for ref in matched:
        found = [one.data for one in assessed.get(needs[ref], ()) if isinstance(one.data, Assessment)]
        before = found[0].score if found else 0.0
        green = not found or found[0].outcome == "green"
        tally.newly += green and profile.share is None and before + profile.score >= THRESHOLD
    visits = await store.inspected(conn, matched)
    tally.inspected += len(visits)
    tally.hits += sum(visits.values())


async def trial_of(port: Port, who: Principal, profile: Kept) -> Kept | None:
    """The trial of a profile as it stands, if there is one."""
    assert isinstance(profile.data, Profile)
    found = await port.find(who, TRIAL, ref=profile.ref)
    return next((one for one in found if isinstance(one.data, Trial) and one.data.content == profile.data.digest), None)
