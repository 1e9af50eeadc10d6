"""Work out of lifecycles: records in a state with a deadline from which the caller's organisation can move them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import product

from kouan.kernel.clock import now
from kouan.kernel.database import Connection
from kouan.kernel.lifecycles import Action, Lifecycle, Track, lifecycle_of
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.finding import filed_by, in_track
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.operations.worklist.item import Act, WorkItem, address

MOST = 50
OWN = 20
REJECTED = "rejected"
WAITS = Text("{track}：{state}，等待贵单位处理", "{track}: {state}; it waits for you")
LATE = Text("{track}：{state}，已超期", "{track}: {state}; overdue")
MEND = Text("更正", "Correct it")
LOOK = Text("查看", "Look at it")
SENT_BACK = Text("您的申报被退回，请更正后再提交", "Your filing was rejected; correct it and file again")


def lived() -> Iterator[tuple[type[Record], type[Lifecycle]]]:
    """Record types with a lifecycle."""
    for cls in record_types():
        if life := lifecycle_of(cls.facts.name):
            yield cls, life


async def waiting(conn: Connection, cls: type[Record], life: type[Lifecycle], who: Principal) -> list[WorkItem]:
    """What waits for the caller's organisation among records of a type."""
    items: list[WorkItem] = []
    for track in life.tracks:
        states = [state for state in track.within or () if moves(track, state, who.kind)]
        if not states:
            continue
        overall = overalls(life, track.name, tuple(states))
        items += [_item(cls, row, track, who) for row in await in_track(conn, cls, overall, track.name, states, limit=MOST)]
    return items


async def sent_back(conn: Connection, cls: type[Record], life: type[Lifecycle], who: Principal) -> list[WorkItem]:
    """The caller's own filings that were rejected."""
    if not any(REJECTED in track.states for track in life.tracks) or who.kind not in cls.facts.filers:
        return []
    rows = await filed_by(conn, cls, who.org, REJECTED, limit=OWN)
    name = cls.facts.name
    return [
        WorkItem(called(cls, row), SENT_BACK, Act(MEND, href=address(name, str(row.id), "edit")), name, row.ref,
                 str(row.id), None, row.state)
        for row in rows
    ]  # fmt: skip


def moves(track: Track, state: str, kind: str) -> list[Action]:
    """What an organisation of a kind has to do about a track in a state, as the lifecycle declares it; what leaves the state
    as it is comes last.

    What the track's owner may not do is nobody's work: those who ordered something may withdraw it, but do not have to.
    """
    mine = [a for a in track.actions if state in a.frm and {kind, "*"} & set(a.by)]
    work = [a for a in mine if track.owner in ("*", kind) or {track.owner, "*"} & set(a.by)]
    return sorted(work, key=lambda action: action.to == state)


@cache
def overalls(life: type[Lifecycle], track: str, states: tuple[str, ...]) -> tuple[str, ...]:
    """The overall states in which a record can be while a track stands in one of some states: they are indexed."""
    choices = [states if t.name == track else tuple(t.states) for t in life.tracks]
    names = [t.name for t in life.tracks]
    return tuple(sorted({life.overall(dict(zip(names, each, strict=True))) for each in product(*choices)}))


def _item(cls: type[Record], row: Row, track: Track, who: Principal) -> WorkItem:
    held = row.tracks[track.name]
    state = str(held["state"])
    due = datetime.fromisoformat(held["due"]) if held.get("due") else None
    pattern = LATE if due and due < now() else WAITS
    title = track.states[state]
    why = Text(
        pattern.zh.format(track=track.title.zh, state=title.zh), pattern.en.format(track=track.title.en, state=title.en)
    )
    action = moves(track, state, who.kind)[0]
    name = cls.facts.name
    page = address(name, str(row.id))
    act = Act(action.title if who.writes else LOOK, href=page)
    if who.writes and not action.sets:
        act = Act(action.title, url=f"/api{page}/actions/{track.name}.{action.name}", body={})
    return WorkItem(called(cls, row), why, act, name, row.ref, str(row.id), due, row.state)


def called(cls: type[Record], row: Row) -> Text:
    """What a record is called: its type and the name or number by which people know it."""
    label = str(row.doc.get(cls.facts.label) or row.ref.partition(":")[2].rpartition("/")[2])
    facts = cls.fields.get(cls.facts.label)
    bare = label.partition(":")[2] if facts is not None and facts.reference and ":" in label else label
    return Text(f"{cls.facts.title.zh} {bare}", f"{cls.facts.title.en} {bare}")
