"""What is unusual, and what is the cause: on services whose truth is known."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.assurance.running.judging import RECENT, SILENT, SLOT, Bounds, Judge, below, roots
from kouan.assurance.running.sampling import running
from kouan.kernel.meters import Tally

BOUNDS = Bounds(known=50)


def window(chain: list[str], own: dict[str, float], calls: int, chance: random.Random) -> Tally:
    """A window in which each service of a chain was asked by the one before it; each takes its own time, more or less."""
    tally = Tally()
    for _ in range(calls):
        below_ = 0.0
        for caller, service in zip([None, *chain[:-1]][::-1], chain[::-1], strict=True):
            mine = own[service] * chance.uniform(0.7, 1.4)
            below_ += mine
            tally.meter(service).add(below_, mine, failed=False)
            if caller:
                tally.edge(caller, service, 1, below_)
    return tally


def lived(
    judge: Judge, slots: range, chain: list[str], own: dict[str, float], calls: int = 6, seed: int = 1, bounds: Bounds = BOUNDS
) -> set[str]:
    """Windows folded and judged one after the other; what is slow at the end."""
    chance, slow = random.Random(seed), set[str]()
    for slot in slots:
        judge.fold(slot, window(chain, own, calls, chance))
        slow = judge.judge(slot, bounds)
    return slow


@given(st.integers(2, 6), st.data(), st.integers(0, 10**6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_one_that_was_slowed_ranks_first_however_deep_it_lies(length: int, data: st.DataObject, seed: int) -> None:
    chain = [f"service {number}" for number in range(length)]
    own = {name: data.draw(st.floats(0.0005, 0.04)) for name in chain}
    guilty = data.draw(st.sampled_from(chain))
    judge = Judge()
    assert lived(judge, range(20), chain, own, seed=seed) == set()
    slow = lived(judge, range(20, 20 + RECENT), chain, {**own, guilty: own[guilty] + 0.5}, seed=seed)
    assert slow == set(chain[: chain.index(guilty) + 1])
    causes = judge.causes(19 + RECENT, BOUNDS)
    assert causes[0].service == guilty
    assert causes[0].share > 0.8
    assert causes[0].way[-1] == guilty
    assert [one.service for one in roots(causes, BOUNDS)] == [guilty]


def test_a_fault_does_not_become_the_usual_and_ends_when_it_ends() -> None:
    judge, chain, own = Judge(), ["door", "database"], {"door": 0.002, "database": 0.003}
    lived(judge, range(14), chain, own)
    slow = {**own, "database": 0.503}
    assert "database" in lived(judge, range(14, 60), chain, slow)
    usual = judge.lines["database"].usual(59, BOUNDS)
    assert usual is not None
    assert usual.middle < 0.01
    assert lived(judge, range(60, 60 + 2 * RECENT), chain, own) == set()


def test_too_few_calls_say_nothing_and_silence_ends_it() -> None:
    judge, chain, own = Judge(), ["a", "b"], {"a": 0.002, "b": 0.003}
    assert lived(judge, range(2), chain, {**own, "b": 5.0}) == set(), "nothing is usual yet"
    judge = Judge()
    lived(judge, range(14), chain, own)
    lived(judge, range(14, 18), chain, {**own, "b": 1.0})
    assert judge.judge(20, BOUNDS) == {"a", "b"}, "nobody asked: it is not known to be well"
    assert judge.judge(18 + SILENT + RECENT, BOUNDS) == set()


def test_nothing_is_usual_before_it_was_seen_for_minutes() -> None:
    bounds, chain = Bounds(), ["a"]
    judge, first = Judge(), int(bounds.known / SLOT)
    assert lived(judge, range(first), chain, {"a": 0.01}, bounds=bounds) == set()
    early = lived(judge, range(first - 6, first - 1), chain, {"a": 1.0}, bounds=bounds)
    assert early == set(), "a machine that has just started tells nothing of what is usual"
    judge = Judge()
    lived(judge, range(first + RECENT), chain, {"a": 0.01}, bounds=bounds)
    assert lived(judge, range(first + RECENT, first + 2 * RECENT), chain, {"a": 1.0}, bounds=bounds) == {"a"}
    rare = Judge()
    lived(rare, range(0, first, 8), chain, {"a": 0.01}, calls=20, bounds=bounds)
    assert lived(rare, range(first, first + RECENT), chain, {"a": 1.0}, bounds=bounds) == set(), "seen in few windows"


@pytest.mark.parametrize(("tasks", "takes", "slow"), [
    (8.0, 0.32, set()), (1.0, 0.32, {"a"}), (8.0, 2.0, {"a"}), (None, 0.32, {"a"}),
])  # fmt: skip
def test_what_the_machines_load_explains_is_no_fault_of_a_service(tasks: float | None, takes: float, slow: set[str]) -> None:
    judge, bounds = Judge(), Bounds()
    first = int(bounds.known / SLOT) + RECENT
    for slot in range(first):
        judge.loads.fold(slot, 1.2)
    assert lived(judge, range(first), ["a"], {"a": 0.04}, bounds=bounds) == set()
    for slot in range(first, first + RECENT):
        if tasks is not None:
            judge.loads.fold(slot, tasks)
    assert lived(judge, range(first, first + RECENT), ["a"], {"a": takes}, bounds=bounds) == slow
    assert {one.service for one in roots(judge.causes(first + RECENT - 1, bounds), bounds)} == slow


def test_runnable_tasks_are_read_of_what_the_kernel_tells() -> None:
    assert running("cpu  1 2 3 4\nctxt 7\nprocs_running 5\nprocs_blocked 0\n") == 5
    assert running("cpu  1 2 3 4\n") == 0


def test_a_bad_window_among_many_moves_neither_the_usual_nor_its_spread() -> None:
    judge, chain, own = Judge(), ["a"], {"a": 0.004}
    for slot in range(30):
        lived(judge, range(slot, slot + 1), chain, {"a": 3.0} if slot == 11 else own, calls=20, seed=slot)
    usual = judge.lines["a"].usual(30, BOUNDS)
    assert usual is not None
    assert usual.middle < 0.01
    assert usual.spread < 0.01


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.sets(NAMES, max_size=4), max_size=6), st.sets(NAMES))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_ways_lead_along_what_is_asked_also_round_in_circles(asks: dict[str, set[str]], starts: set[str]) -> None:
    ways = below(starts, asks)
    assert starts <= set(ways)
    for service, way in ways.items():
        assert way[-1] == service
        assert way[0] in starts
        assert all(other in asks[one] for one, other in pairwise(way))
