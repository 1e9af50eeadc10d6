"""The book answers what asking each subscription would answer; nobody learns by a filter what he may not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.movement import module as movement
from kouan.base.push.facts import Happened, Stated
from kouan.base.push.matching import Book, Wish
from kouan.kernel.store.entitle import EVERYONE

STATUS, MOVE = "base.movement.status", "base.movement.move"
MODULES = movement
BOXES = [f"container:MSKU907032{n}" for n in range(4)]
CODES = ["21", "22", "99"]
T0 = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = UUID(int=7)
CARRIER, TRUCKER, CUSTOMS = 10, 11, 12


@st.composite
def wishes(draw: st.DrawFn, line: int) -> Wish:
    about = draw(st.frozensets(st.sampled_from(BOXES), max_size=2))
    records = draw(st.frozensets(st.sampled_from([STATUS, MOVE]), min_size=0 if about else 1, max_size=2))
    where = ()
    if len(records) == 1 and draw(st.booleans()):
        name = "code" if STATUS in records else "equipment"
        pool = CODES if name == "code" else [box.casefold() for box in BOXES]
        where = ((name, draw(st.frozensets(st.sampled_from(pool), min_size=1, max_size=2))),)
    return Wish(
        line, uuid5(NAMES, str(line)), f"subscription:{line}", draw(st.sampled_from([CARRIER, TRUCKER, CUSTOMS])), "active", "sse", "",
        "state", records, draw(st.frozensets(st.sampled_from(["filed", "amend"]), max_size=1)),
        draw(st.frozensets(st.sampled_from(["kept"]), max_size=1)), about, where,
        T0 + timedelta(days=draw(st.integers(0, 2))), draw(st.sampled_from([None, T0 + timedelta(days=3)])),
    )  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> tuple[Happened, Stated]:
    record, box = draw(st.sampled_from([STATUS, MOVE])), draw(st.sampled_from([*BOXES, None]))
    doc: dict[str, Any] = {"equipment": box, "code": draw(st.sampled_from(CODES)), "text": draw(st.sampled_from(["x", "a:b"]))}
    readers = sorted(draw(st.sets(st.sampled_from([CARRIER, TRUCKER, CUSTOMS, EVERYONE]))) | {1, CARRIER})
    parties = {"reporter": [CARRIER], "customs": [CUSTOMS], "trucker": [TRUCKER]} if CUSTOMS in readers else {"reporter": [CARRIER]}
    what = draw(st.sampled_from(["filed", "amend", "overdue"]))
    at = T0 + timedelta(days=draw(st.integers(0, 4)))
    happened = Happened(1, UUID(int=1), record, UUID(int=2), "status:X", 1, what, at, CARRIER, readers)
    return happened, Stated(record, doc, parties, readers, CARRIER, draw(st.sampled_from(["kept", "other"])))


def plainly(wish: Wish, happened: Happened, stated: Stated) -> bool:
    """Each condition by itself, as its documentation says it."""
    seen = stated.seen(wish.org)
    mentioned = {value for name, value in stated.doc.items() if name in seen and isinstance(value, str)} | {happened.ref}
    return (
        bool({wish.org, EVERYONE} & set(happened.readers))
        and (not wish.records or happened.record in wish.records)
        and (not wish.moments or happened.what in wish.moments)
        and (not wish.states or stated.state in wish.states)
        and (not wish.about or bool(wish.about & mentioned))
        and wish.since <= happened.at
        and (wish.until is None or happened.at < wish.until)
        and all(name in seen and str(stated.doc.get(name)).casefold() in values for name, values in wish.where)
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 15), max_size=12).flatmap(lambda ns: st.tuples(*(wishes(n) for n in ns))), st.lists(facts(), max_size=6))
def test_the_index_finds_exactly_what_fits(known: tuple[Wish, ...], happening: list[tuple[Happened, Stated]]) -> None:
    book = Book(known)
    last = {wish.id: wish for wish in known}
    for happened, stated in happening:
        wanted = {wish.id for wish in last.values() if plainly(wish, happened, stated)}
        assert {wish.id for wish in book.match(happened, stated)} == wanted
        assert book.wants(happened.record) or not wanted
    for wish in known:
        book.drop(wish.id)
    assert not book.wants(STATUS)
    assert not book.wants(MOVE)
    assert all(not book.match(*one) for one in happening)


def test_a_filter_by_what_one_may_not_see_finds_nothing() -> None:
    wish = Wish(1, UUID(int=1), "subscription:1", TRUCKER, "active", "sse", "", "state", frozenset({MOVE}), frozenset(), frozenset(),
                frozenset(), (("damage", frozenset({"dented"})),), T0, None)  # fmt: skip
    happened = Happened(1, UUID(int=1), MOVE, UUID(int=2), "move:X", 1, "filed", T0, CARRIER, [1, CARRIER, TRUCKER])
    stated = Stated(MOVE, {"damage": "Dented"}, {"operator": [CARRIER], "maritime": [TRUCKER]}, [1, CARRIER, TRUCKER], CARRIER, "kept")
    hidden = "damage" not in stated.seen(TRUCKER)
    assert bool(Book([wish]).match(happened, stated)) is not hidden
    assert hidden, "the maritime part of a move says nothing of damage"
    assert Book([replace(wish, org=CARRIER)]).match(happened, stated)
