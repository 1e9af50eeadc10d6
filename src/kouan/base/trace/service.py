"""The verbs of the trace: everything about one key, and what a few typed characters may mean."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.trace import spelling, store
from kouan.base.trace.following import Follower, Found, references
from kouan.base.trace.missing import Missing, explainer
from kouan.base.trace.telling import event_out, name_of, state_of, title_of
from kouan.kernel.database import Connection, scope
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.references import kinds
from kouan.kernel.rules import Kept
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import kept_of
from kouan.kernel.text import Text

STARTS = 10
HITS = 10
SHORTEST = 3
TYPING_MS = 80
WAITS = Text("等待{track}：{state}", "{track} to act: {state}")


async def trace(port: Port, who: Principal, text: str) -> dict[str, Any]:
    """Documents, events and missing conditions about one key, as the caller may see them; empty when there is nothing."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        shown, starts = await resolve(conn, port, text)
        found = await Follower(conn, port, who).follow(starts) if starts else Found()
        events = await store.events(conn, list(found.items)) if found.items else []
    await _account(port, who, found)
    missing = await _missing(port, who, found)
    documents = sorted(found.items.values(), key=lambda item: item["filed_at"], reverse=True)
    told = [event_out(row, found.items[row["record_id"]], port.orgs.slug(row["org"])) for row in events]
    return {
        "ref": shown,
        "card": _card(shown, starts, found, missing),
        "documents": [_document(item) for item in documents],
        "events": sorted(told, key=lambda event: (event["at"], event["recorded_at"])),
        "missing": [one.out() for one in missing],
    }


async def resolve(conn: Connection, port: Port, text: str) -> tuple[str, list[str]]:
    """How a key in any spelling is shown, and the kept references that it means, in the connection's scope; none where it means nothing
    that is kept. A person's stands as its token."""
    if number := spelling.identifier(text):
        refs = await store.of_receipt(conn, number)
        return (refs[0] if len(refs) == 1 else f"receipt:{number}"), refs
    candidates = [_token(port, ref) for ref in spelling.readings(text)]
    known = await store.existing(conn, candidates)
    if not known and not spelling.explicit(text):
        names = spelling.words(text)
        known = await store.ships(conn, names) or await store.named(conn, names, STARTS)
    return (known[0] if known else _unknown(candidates, text)), known[:STARTS]


def _personal(ref: str) -> bool:
    kind = kinds().get(ref.partition(":")[0])
    return kind is not None and kind.personal


def _token(port: Port, ref: str) -> str:
    return port.vault.token(ref) if _personal(ref) else ref


def _unknown(candidates: Sequence[str], text: str) -> str:
    likely = len(candidates) == 1 or ":" in text or spelling.shaped(text)
    return candidates[0] if candidates and likely else " ".join(text.split())[:80]


async def _account(port: Port, who: Principal, found: Found) -> None:
    """Reads of restricted fields are on the audit trail before they are answered."""
    await asyncio.gather(*(port.audit.read(who, f"{record}:trace", ref, 3) for record, ref in found.restricted))


async def _missing(port: Port, who: Principal, found: Found) -> list[Missing]:
    groups: dict[str, list[Kept]] = {}
    for row_id in sorted(found.rows.keys() - found.side, reverse=True):
        name = found.items[row_id]["record"]
        if explainer(name) or lifecycle_of(name):
            groups.setdefault(name, []).append(kept_of(name, found.rows[row_id], port.orgs))
    said: list[Missing] = []
    for name, kept in sorted(groups.items()):
        explain = explainer(name)
        said += await explain(port, who, kept) if explain else _waiting(kept)
    unique = {(one.rule, one.ref, one.owner): one for one in said}
    return sorted(unique.values(), key=lambda one: (one.deadline is None, one.deadline or one.since))


def _waiting(kept: Sequence[Kept]) -> list[Missing]:
    """Tracks of other records that wait for their owner, with a deadline running."""
    found = []
    for one in kept:
        life = lifecycle_of(one.record)
        for track in life.tracks if life else ():
            now = one.tracks[track.name]
            if now["state"] in track.final or not now.get("due"):
                continue
            state = track.states[str(now["state"])]
            reason = Text(
                WAITS.zh.format(track=track.title.zh, state=state.zh), WAITS.en.format(track=track.title.en, state=state.en)
            )
            due, since = datetime.fromisoformat(str(now["due"])), datetime.fromisoformat(str(now["since"]))
            found.append(Missing(f"{one.record}:{track.name}", reason, track.owner, due, one.record, one.ref, since))
    return found


def _document(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ref": item["ref"],
        "record": item["record"],
        "id": item["id"],
        "title": title_of(item).out(),
        "state": item["state"],
        "tracks": item["tracks"],
        "at": item["filed_at"],
        "by": item["filed_by"],
        "data": item["data"],
        "masked": item["masked"],
        "receipt": item["receipt"],
        "links": list(dict.fromkeys(references(item))),
    }


def _card(shown: str, starts: Sequence[str], found: Found, missing: Sequence[Missing]) -> dict[str, Any]:
    """Identity, state, since when, by whom, what next, until when."""
    kind = shown.partition(":")[0] if ":" in shown else ""
    lead = _lead(starts, found)
    title = name_of(shown) if kind in kinds() else Text(shown, shown) if shown.strip() else Text("–", "–")
    if lead is not None and lead["ref"] == shown:
        title = title_of(lead)
    state = state_of(lead) if lead else None
    track = _moved_last(lead) if lead else {}
    due = min((one.deadline for one in missing if one.deadline), default=None)
    return {
        "kind": kind,
        "title": title.out(),
        "state": state.out() if state else None,
        "record": lead["record"] if lead else None,
        "since": track.get("since") or (lead["filed_at"] if lead else None),
        "by": track.get("by") or (lead["filed_by"] if lead else None),
        "next": missing[0].reason.out() if missing else None,
        "until": due.isoformat() if due else track.get("due"),
    }


def _lead(starts: Sequence[str], found: Found) -> dict[str, Any] | None:
    """The document that speaks for the key: the one it names, else the newest noun of the base with a life of its own."""
    own = next((item for item in found.items.values() if item["ref"] in starts), None)
    if own is not None:
        return own

    def rank(one: UUID) -> tuple[bool, bool, UUID]:
        name = str(found.items[one]["record"])
        return lifecycle_of(name) is not None, name.startswith("base."), one

    best = max(found.direct, key=rank, default=None)
    return found.items[best] if best else None


def _moved_last(item: Mapping[str, Any]) -> Mapping[str, Any]:
    tracks: list[Mapping[str, Any]] = list(item["tracks"].values())
    return max(tracks, key=lambda track: str(track["since"]), default={})


async def search(port: Port, who: Principal, text: str) -> list[dict[str, Any]]:
    """What a few typed characters may mean, exact spellings first, then beginnings, at most ten."""
    async with scope(port.pool, scope_of(who)) as conn:
        _, refs = await resolve(conn, port, text)
        refs = [ref for ref in refs if not _personal(ref)]
    if len(refs) < HITS and len(text.strip()) >= SHORTEST:
        refs = list(dict.fromkeys((*refs, *await _beginnings(port, who, text))))
    refs = refs[:HITS]
    async with scope(port.pool, scope_of(who)) as conn:
        heads = await store.heads(conn, refs)
    return [_hit(ref, heads.get(ref)) for ref in refs]


async def _beginnings(port: Port, who: Principal, text: str) -> list[str]:
    """Names and references that begin so; none when that would take longer than a person types."""
    found: list[str] = []
    try:
        async with scope(port.pool, scope_of(who)) as conn:
            await conn.execute(f"set local statement_timeout = {TYPING_MS}")
            for word in spelling.words(text)[-1:]:
                found += await store.named_like(conn, word, HITS)
            for kind in ("container", "bill", "vehicle", "order", "manifest"):
                if len(found) < HITS:
                    bare = kinds()[kind].normal(text)
                    found += await store.beginning(conn, f"{kind}:{bare}", HITS - len(found))
    except asyncpg.QueryCanceledError:
        return found
    return found


def _hit(ref: str, head: tuple[str, str] | None) -> dict[str, Any]:
    record, state = head or ("", "")
    if head and lifecycle_of(record) is None:
        state = ""
    value = ref.partition(":")[2]
    title = name_of(ref)
    if head:
        cls = next(cls for cls in record_types() if cls.facts.name == record)
        bare = value.rpartition("/")[2]
        title = Text(f"{cls.facts.title.zh} {bare}", f"{cls.facts.title.en} {bare}")
    return {"ref": ref, "title": title.out(), "record": record, "state": state or None}
