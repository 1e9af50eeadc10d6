"""Reading a library on from where it was read to, and bringing the port's records to what it says; each change is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from kouan.base.enterprise.api import Enterprise
from kouan.base.place.api import Place
from kouan.base.push.api import Away, Forbidden, Outward
from kouan.base.registers import asking
from kouan.base.registers.asking import Entry, GeoName, LegalPerson, Licence
from kouan.base.registers.records import Change, Difference, Library
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.http.records import read_one
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record
from kouan.kernel.rules import Kept
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

LIBRARY, CHANGE, ENTERPRISE, PLACE = (cls.facts.name for cls in (Library, Change, Enterprise, Place))
OUTWARD = "base.registers.outward"
MOST_PAGES = 200
LICENCE = "business"
NOT_OURS = Text("该地点由其他单位绘制", "The place was drawn by another organisation")
STOPPED = Text("该资源库已停用", "The library is stopped")


@dataclass(slots=True)
class Reading:
    """One reading: the library as it stands, and what came of it."""

    port: Port
    outward: Outward
    kept: Kept
    read: int = 0
    unknown: int = 0
    changes: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def library(self) -> Library:
        """The library's facts."""
        assert isinstance(self.kept.data, Library)
        return self.kept.data


async def due(port: Port) -> None:
    """Read every library whose time has come."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Library, {}, states=("in_use",), limit=500)
    for row in rows:
        kept = kept_of(LIBRARY, row, port.orgs)
        data = kept.data
        assert isinstance(data, Library)
        if data.synced_at is None or data.synced_at + timedelta(minutes=data.every_minutes) <= now():
            await read(port, kept)


async def sync(port: Port, who: Principal, library: UUID) -> dict[str, Any]:
    """Read a library now, for an organisation that keeps it. Raises NotFound, Denied, or Conflict where it is stopped."""
    kept = await port.get(who, LIBRARY, library)
    if kept.filed_by != who.org or not who.writes:
        raise Denied(Text("只有登记该资源库的单位可以同步", "Only the organisation that filed it synchronises a library"), rule="filer")
    if kept.state != "in_use":
        raise Conflict(STOPPED, rule="in_use")
    done = await read(port, kept)
    data = done.library
    problem = {"zh": data.problem_zh, "en": data.problem_en} if data.problem_zh else None
    return {
        "library": kept.ref, "read": done.read, "changed": len(done.changes) - done.refused, "refused": done.refused,
        "unknown": done.unknown, "changes": done.changes, "problem": problem,
    }  # fmt: skip


async def read(port: Port, kept: Kept) -> Reading:
    """Read on until there is nothing more; what was read stays read when the library goes away in between."""
    outward: Outward = port.extras.get(OUTWARD) or Outward()
    port.extras[OUTWARD] = outward
    one = Reading(port, outward, kept)
    problem: Text | None = None
    try:
        for family in one.library.families:
            await _family(one, family)
    except (Away, Forbidden) as trouble:
        said = f"{type(trouble).__name__}: {trouble}"[:300]
        problem = Text(f"资源库未能应答：{said}", f"The library did not answer: {said}")
    await _advance(one, {"problem_zh": problem.zh if problem else None, "problem_en": problem.en if problem else None})
    return one


async def _family(one: Reading, family: str) -> None:
    since = next((cursor.at for cursor in one.library.cursors if cursor.family == family), 0)
    for _ in range(MOST_PAGES):
        entries, more = await asking.page(one.outward, one.library.address, family, since)
        for entry in entries:
            await _entry(one, family, entry)
        if entries:
            since = entries[-1].seq
            others = [cursor.model_dump() for cursor in one.library.cursors if cursor.family != family]
            await _advance(one, {"cursors": [*others, {"family": family, "at": since}]})
        if not more:
            return


async def _advance(one: Reading, changes: Mapping[str, Any]) -> None:
    """Note how far it was read. Conflict when another reading of the same library goes on beside this one."""
    counted = {"synced_at": now().isoformat(), "read": one.read, "changed": len(one.changes), "unknown": one.unknown}
    act = one.port.act
    one.kept = await act(PLATFORM, LIBRARY, one.kept.id, "advance", changes={**counted, **changes}, version=one.kept.version)


async def _entry(one: Reading, family: str, entry: Entry) -> None:
    one.read += 1
    if isinstance(entry, GeoName):
        await _place(one, entry)
        return
    code = check("uscc", entry.code).value or entry.code
    found = await one.port.find(PLATFORM, ENTERPRISE, key=code)
    if found:
        await _firm(one, family, entry, found[0])
    elif isinstance(entry, LegalPerson) and one.library.adds:
        await _added(one, entry, code)
    else:
        one.unknown += 1


async def _firm(one: Reading, family: str, entry: Entry, kept: Kept) -> None:
    wanted = _of_person(entry) if isinstance(entry, LegalPerson) else _of_licence(entry, kept.data)
    before = kept.data.model_dump(mode="json")
    if wanted.get("representative"):
        before |= {"representative": (await read_one(one.port, PLATFORM, Enterprise, UUID(kept.id)))["data"].get("representative")}
    changes = {name: value for name, value in wanted.items() if before.get(name) != value}
    if not changes:
        return
    told = {"enterprise": kept.ref, "differences": _differences(Enterprise, before, changes)}
    number = await _told(one, family, entry, told)
    try:
        await one.port.act(PLATFORM, ENTERPRISE, kept.id, "register", changes=changes, note=number[1])
    except Refused as refused:
        await _refuse(one, number[0], refused.reason)


async def _added(one: Reading, entry: LegalPerson, code: str) -> None:
    data = {"code": code, **_of_person(entry), "simulated": one.library.simulated}
    told = {"enterprise": f"enterprise:{code}", "added": True, "differences": _differences(Enterprise, {}, data)}
    number = await _told(one, "legal_person", entry, told)
    try:
        await one.port.file(one.port.service("portoffice"), [Draft(ENTERPRISE, data)])
    except (Refused, Conflict) as refused:
        await _refuse(one, number[0], refused.reason)


async def _place(one: Reading, entry: GeoName) -> None:
    found = await one.port.find(PLATFORM, PLACE, key=entry.code)
    if not found:
        one.unknown += 1
        return
    kept, before = found[0], found[0].data.model_dump(mode="json")
    wanted = {"name_zh": entry.name, **({"name_en": entry.name_en} if entry.name_en else {})}
    changes = {name: value for name, value in wanted.items() if before.get(name) != value}
    if not changes:
        return
    number = await _told(one, "place", entry, {"place": kept.ref, "differences": _differences(Place, before, changes)})
    who = one.port.service("portoffice")
    if kept.filed_by != who.org:
        await _refuse(one, number[0], NOT_OURS)
        return
    try:
        await one.port.amend(who, kept.data.model_copy(update=changes), UUID(kept.id), kept.version, number[1].encode())
    except Refused as refused:
        await _refuse(one, number[0], refused.reason)


async def _told(one: Reading, family: str, entry: Entry, told: Mapping[str, Any]) -> tuple[str, str]:
    """Tell a change before it is made, so that none is made untold; told once, however often the entry is read."""
    data = {"library": one.kept.ref, "family": family, "seq": entry.seq, "at": now(), "simulated": one.library.simulated, **told}
    try:
        kept = (await one.port.file(PLATFORM, [Draft(CHANGE, data)])).kept[0]
    except Conflict:
        key = f"{one.kept.ref}|{family}|{entry.seq}"
        found = await one.port.find(PLATFORM, CHANGE, key=key)
        if not found:
            raise NotFound(Text("变更记录不存在", "The change is not on file")) from None
        kept = found[0]
    one.changes.append(kept.ref)
    return kept.id, kept.ref


async def _refuse(one: Reading, change: str, reason: Text) -> None:
    one.refused += 1
    try:
        await one.port.act(PLATFORM, CHANGE, change, "refuse", changes={"reason_zh": reason.zh[:400], "reason_en": reason.en[:400]})
    except Conflict:
        return  # it was refused before, when the same entry was read


def _of_person(entry: LegalPerson) -> dict[str, Any]:
    told = {
        "name_zh": entry.name, "name_en": entry.name_en, "status": entry.status, "address": entry.address, "capital": entry.capital,
        "established": entry.established.isoformat() if entry.established else None, "representative": entry.representative,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _of_licence(entry: Entry, kept: Record) -> dict[str, Any]:
    """The firm's qualifications with its business licence as it stands now; the others stay."""
    assert isinstance(entry, Licence)
    assert isinstance(kept, Enterprise)
    others = [one.model_dump(mode="json") for one in kept.qualifications if (one.kind, one.number) != (LICENCE, entry.number)]
    licence = {
        "kind": LICENCE, "number": entry.number, "authority": entry.authority,
        "since": entry.since.isoformat() if entry.since else None, "until": entry.until.isoformat() if entry.until else None,
    }  # fmt: skip
    same = [one.model_dump(mode="json") for one in kept.qualifications if (one.kind, one.number) == (LICENCE, entry.number)]
    return {} if same == [licence] else {"qualifications": [*others, licence]}


def _differences(cls: type[Record], before: Mapping[str, Any], changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, after in changes.items():
        facts = cls.fields[name]
        open_ = facts.level < 3
        found.append(Difference(
            name=name, title_zh=facts.title.zh, title_en=facts.title.en,
            before=_said(before.get(name)) if open_ else "***", after=_said(after) if open_ else "***",
        ).model_dump())  # fmt: skip
    return found


def _said(value: Any) -> str | None:
    if isinstance(value, list):
        return "; ".join(_said(part) or "" for part in value)[:600]
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values() if part not in (None, ""))
    return None if value is None else str(value)[:600]
