"""Assessing declarations: facts read together for all that are assessed at the same moment, one assessment each."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.kernel.clock import now
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Found, Kept, Need, judge, rules_at
from kouan.kernel.store.facts import found_for, kept_of, load
from kouan.kernel.store.finding import by_ids, equal, oldest
from kouan.kernel.text import Text
from kouan.kernel.together import Together
from kouan.supervision.targeting.lifecycle import ACTIVE
from kouan.supervision.targeting.profiles import Profile
from kouan.supervision.targeting.records import Assessment
from kouan.supervision.targeting.scoring import FIRST, ORIGINS, Verdict, content_of, drawn, reason_of, verdict
from kouan.supervision.targeting.seeing import Shelf, looks

DECLARATION = Declaration.facts.name
ASSESSMENT = Assessment.facts.name
REMEMBERED = 10_000
SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site sets: the share of declarations that chance chooses (0 to 1), and the origins to look at."""

    share: float = SHARE
    origins: str = ""

    @classmethod
    def read(cls) -> Self:
        """From KOUAN_RANDOM_SHARE and KOUAN_RISK_ORIGINS; ValueError when the share is no number."""
        share = float(os.environ.get("KOUAN_RANDOM_SHARE") or SHARE)
        return cls(min(max(share, 0.0), 1.0), os.environ.get("KOUAN_RISK_ORIGINS", ""))


@dataclass(frozen=True, slots=True)
class Seen:
    """A declaration with what its assessment needs: its newest assessment so far, the facts of the risk rules, the profiles it matches."""

    declaration: Kept
    assessment: Kept | None
    found: Found
    said: tuple[Profile, ...] = ()


class Desk:
    """The assessing desk of a process."""

    def __init__(self, port: Port, policy: Policy) -> None:
        self._port, self._policy = port, policy
        self._known: set[str] = set()
        self._shelf = Shelf(port.site.zone)
        self._look = Together(self._read)

    async def look(self, record_id: str) -> Seen:
        """A declaration and the facts about it, as the platform sees them; KeyError when there is none."""
        return await self._look(record_id)

    async def assess(self, seen: Seen) -> Assessment:
        """File what the risk rules say of a declaration, once for each of its versions."""
        data = _data(seen.declaration, self._verdict(seen))
        try:
            filed = await self._port.file(self._port.service("customs"), [Draft(ASSESSMENT, data)])
        except Conflict as kept:
            if kept.code != "natural_key_kept":
                raise
            return await self._kept(seen.declaration)
        assessment = filed.kept[0].data
        assert isinstance(assessment, Assessment)
        return assessment

    async def _kept(self, declaration: Kept) -> Assessment:
        newest = (await self._port.find(PLATFORM, ASSESSMENT, ref=declaration.ref))[0].data
        assert isinstance(newest, Assessment)
        return newest

    def _verdict(self, seen: Seen) -> Verdict:
        rules = rules_at("target", DECLARATION)
        record = seen.declaration.data
        strata = [one for one in seen.said if one.share is not None and self._draws(one.code, seen.declaration.ref, one.share)]
        by_chance = bool(strata) or self._draws("", seen.declaration.ref, self._policy.share)
        spoke = [one for one in seen.said if one.share is None or one in strata]
        return verdict(judge(rules, record, seen.found), by_chance=by_chance, more=[reason_of(one) for one in spoke])

    def _draws(self, stratum: str, ref: str, share: float) -> bool:
        return drawn(self._port.vault.blind("targeting.chance", f"{stratum}|{ref}" if stratum else ref), share)

    async def _read(self, ids: Sequence[str]) -> Mapping[str, Seen]:
        port = self._port
        rules, site = rules_at("target", DECLARATION), {**port.site.facts(), ORIGINS: self._policy.origins}
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            rows = await by_ids(conn, Declaration, [UUID(one) for one in ids])
            kept = [kept_of(DECLARATION, row, port.orgs) for row in rows]
            needs = {one.id: Need(ASSESSMENT, ref=one.ref) for one in kept}
            assessed = await load(conn, needs.values(), port.orgs)
            ours = [one for one in kept if _office(one) == port.site.office]
            facts = await found_for(conn, [(rules, one.data, one.filer) for one in ours], port.orgs, now(), site)
            fresh = await self._first(conn, ours)
            found = {one.id: Found(now(), one.filer, {**site, FIRST: "yes"} if one.id in fresh else site, facts) for one in kept}
            book = await self._shelf.book(conn, now())
            seen = await looks(conn, book, [(one, found[one.id]) for one in ours], port.orgs, fresh)
        return {
            one.id: Seen(
                one,
                next(iter(assessed.get(needs[one.id], ())), None),
                found[one.id],
                tuple(book.matching(seen[one.id])) if one.id in seen else (),
            )
            for one in kept
        }

    @property
    def share(self) -> float:
        """The share of all declarations that chance chooses, 0 to 1."""
        return self._policy.share

    async def _first(self, conn: Connection, kept: Sequence[Kept]) -> set[str]:
        asked = {one.id: name for one in kept if (name := _declarant(one)) and name not in self._known}
        if not asked:
            return set()
        first = await oldest(conn, Declaration, "declarant", sorted(set(asked.values())))
        if len(self._known) > REMEMBERED:
            self._known.clear()
        fresh = {one for one, name in asked.items() if str(first.get(name)) == one}
        self._known.update(name for one, name in asked.items() if one not in fresh)
        return fresh


def desk(port: Port) -> Desk:
    """The assessing desk of this process."""
    found = port.extras.get("supervision.targeting.desk")
    if not isinstance(found, Desk):
        found = port.extras["supervision.targeting.desk"] = Desk(port, Policy.read())
    return found


def current(seen: Seen) -> Assessment | None:
    """The assessment of what the declaration states now, if there is one."""
    assert isinstance(seen.declaration.data, Declaration)
    if seen.assessment is None or not isinstance(seen.assessment.data, Assessment):
        return None
    return seen.assessment.data if seen.assessment.data.content == content_of(seen.declaration.data) else None


def _declarant(kept: Kept) -> str:
    assert isinstance(kept.data, Declaration)
    return kept.data.declarant or ""


def _office(kept: Kept) -> str | None:
    assert isinstance(kept.data, Declaration)
    return kept.data.office


def _data(declaration: Kept, said: Verdict) -> dict[str, object]:
    assert isinstance(declaration.data, Declaration)
    return {
        "declaration": declaration.ref,
        "of_version": declaration.version,
        "content": content_of(declaration.data),
        "containers": declaration.data.containers,
        "score": said.score,
        "outcome": said.outcome,
        "chosen": said.chosen,
        "agencies": said.agencies,
        "reasons": said.reasons,
    }


OUTCOMES = {"green": Text("风险评估：低风险", "Risk assessment: green"), "targeted": Text("风险评估：布控", "Risk assessment: targeted")}


def tell(data: Mapping[str, object]) -> Text:
    """An assessment in a few words."""
    return OUTCOMES.get(str(data.get("outcome")), Text("风险评估", "Risk assessment"))


async def elder_editions(port: Port, profile: Profile) -> list[UUID]:
    """The active editions of a profile's code that are older than it is."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Profile, {"code": profile.code}, states=(ACTIVE,), limit=1000)
    return [row.id for row in rows if row.doc["edition"] < profile.edition]
