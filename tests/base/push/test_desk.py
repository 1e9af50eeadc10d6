"""The desk of a queue: nothing is lost or overtaken, whoever takes, leaves, acknowledges or is slow."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.push.service import mqtt
from kouan.base.push.service.desk import LEASE, WINDOW, Desk, Entry, Hand
from kouan.base.push.service.lanes import LONGEST_REFUSED, MOST_REFUSED
from kouan.base.push.service.queueing import Queue, Queues, pause


def laid(desk: Desk, first: int, entities: list[str]) -> None:
    desk.put([Entry(first + n, first + n, entity, b"") for n, entity in enumerate(entities)], first + len(entities) - 1)


def test_one_taker_has_all_in_order_and_a_window_of_them() -> None:
    desk, hand = Desk(0, shared=False), Hand()
    laid(desk, 1, [f"e{n % 3}" for n in range(100)])
    given_ = desk.give([hand], 1.0)
    assert [entry.seq for _, _, entry in given_] == list(range(1, WINDOW + 1))
    numbers = [number for _, number, _ in given_]
    assert not desk.taken(hand, numbers[1]), "the first is still on the way"
    assert desk.told == 0
    assert desk.taken(hand, numbers[0])
    assert (desk.told, [entry.seq for _, _, entry in desk.give([hand], 1.0)]) == (2, [65, 66])
    assert not desk.taken(hand, 9999), "one that was never given is passed over"


def test_several_share_and_what_is_about_one_record_goes_to_one_of_them() -> None:
    desk, one, other = Desk(0, shared=True), Hand(), Hand()
    laid(desk, 1, ["a", "b", "a", "a", "c"])
    to = {entry.seq: hand for hand, _, entry in desk.give([one, other], 0.0)}
    assert to[1] is to[3] is to[4]
    assert to[2] is not to[1], "the work is shared out"
    head = desk.left(to[1])
    assert head is not None
    assert head.seq == 1
    assert [entry.seq for _, _, entry in desk.give([to[2]], 0.0)] == [1, 3, 4] + ([5] if to[5] is to[1] else [])


def test_a_message_that_was_left_waits_and_holds_up_its_record_alone() -> None:
    desk, hand = Desk(0, shared=True), Hand()
    laid(desk, 1, ["a", "b", "a"])
    desk.give([hand], 0.0)
    head = desk.left(hand)
    assert head is not None
    head.due = 10.0
    other = Hand()
    assert [entry.seq for _, _, entry in desk.give([other], 1.0)] == [2]
    assert [entry.seq for _, _, entry in desk.give([other], 11.0)] == [1, 3]
    alone, taker = Desk(0, shared=False), Hand()
    laid(alone, 1, ["a", "b"])
    alone.give([taker], 0.0)
    stuck = alone.left(taker)
    assert stuck is not None
    stuck.due = 10.0
    assert alone.give([Hand()], 1.0) == [], "who takes alone has the order of the whole queue"


def test_what_is_set_aside_is_told_and_what_is_too_old_is_found() -> None:
    desk, hand = Desk(4, shared=False), Hand()
    laid(desk, 5, ["a", "b"])
    desk.give([hand], 0.0)
    head = desk.left(hand)
    assert head is not None
    assert desk.aside(head)
    assert desk.told == 5
    second = next(entry for _, _, entry in desk.give([hand], 0.0))
    assert not hand.overdue(LEASE)
    assert hand.overdue(LEASE + 1)
    desk.left(hand)
    second.expires = 50.0
    assert (desk.expired(49.0), desk.expired(51.0)) == ([], [second])
    desk.put([], 9)
    desk.aside(second)
    assert desk.told == 9, "what is withheld behind the last is told with it"


def test_groups_are_named_as_brokers_do() -> None:
    assert mqtt.shared("push/x") == ("", "push/x")
    assert mqtt.shared("$share/workers/push/x") == ("workers", "push/x")
    assert {mqtt.shared(wrong)[1] for wrong in ("$share//push/x", "$share/+/push/x", "$share/push")} == {""}, "and grants nothing"


def test_a_message_that_takers_leave_eight_times_is_set_aside_and_the_next_one_follows() -> None:
    async def left_again_and_again() -> tuple[Queues, Desk]:
        desk, queues = Desk(0, shared=False), Queues(cast(Any, None))
        laid(desk, 1, ["a", "b"])
        found = SimpleNamespace(wish=SimpleNamespace(line=7), line={"epoch": 0})
        queue = Queue(cast(Any, found), "", desk, cast(Any, None))
        for tries in range(1, MOST_REFUSED + 1):
            hand = Hand()
            assert [entry.seq for _, _, entry in desk.give([hand], 1e12)] == [1, 2]
            head = desk.left(hand)
            assert head is not None
            queues._stumbled(queue, head)
            assert head.tries == tries
            assert desk.give([Hand()], 0.0) == [] or head.done, "it waits for a while"
        return queues, desk

    queues, desk = asyncio.run(left_again_and_again())
    assert queues._fates == [(7, 1, "dead", "unacknowledged")]
    assert [tries for _, _, tries in queues._tries] == list(range(1, MOST_REFUSED + 1))
    assert desk.told == 1
    assert pause(1) < pause(5) < pause(MOST_REFUSED) <= LONGEST_REFUSED


STEPS = st.lists(st.tuples(st.sampled_from(("put", "give", "acknowledge", "leave", "join")), st.integers(0, 7)), max_size=120)


class Room:
    """A desk with those who take from it, as hypothesis moves them. `done`: what was acknowledged, in order."""

    def __init__(self, shared: bool) -> None:
        self.desk, self.shared, self.hands = Desk(0, shared=shared), shared, [Hand()]
        self.done, self.top = list[Entry](), 0

    def put(self, n: int) -> None:
        laid(self.desk, self.top + 1, [f"e{(n + k) % 4}" for k in range(n)])
        self.top += n

    def give(self, _n: int = 0) -> None:
        self.desk.give(self.hands, 0.0)

    def acknowledge(self, n: int) -> None:
        """Somebody takes what is next about some record: a subscriber keeps the order in which it came."""
        hand = self.hands[n % len(self.hands)] if self.hands else Hand()
        its: dict[str, int] = {}
        for number, entry in hand.way.items():
            its.setdefault(entry.entity, number)
        if its:
            number = list(its.values())[n % len(its)]
            self.done.append(hand.way[number])
            self.desk.taken(hand, number)

    def leave(self, n: int) -> None:
        if self.hands:
            self.desk.left(self.hands.pop(n % len(self.hands)))

    def join(self, _n: int = 0) -> None:
        if self.shared or not self.hands:
            self.hands.append(Hand())


@settings(max_examples=150, deadline=None)
@given(STEPS, st.booleans())
def test_every_message_is_acknowledged_once_in_the_order_of_its_record(steps: list[tuple[str, int]], shared: bool) -> None:
    room = Room(shared)
    for step, n in steps:
        getattr(room, step)(n)
    while room.hands:
        room.leave(0)
    room.join()
    while room.desk.told < room.top:
        room.give()
        assert room.hands[0].way, "it does not stand still"
        while room.hands[0].way:
            room.acknowledge(0)
    assert sorted(entry.seq for entry in room.done) == list(range(1, room.top + 1)), "each once"
    last: dict[str, int] = {}
    for entry in room.done:
        assert entry.seq > last.get(entry.entity, 0), "none was overtaken by a later one of its record"
        last[entry.entity] = entry.seq
