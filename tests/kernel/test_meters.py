"""Meters: whose time it is, what is told of it, and what a service costs that is measured."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.kernel import calls, meters
from kouan.kernel.meters import METERS, Meter, Tally, bucket, measured, middle, waiting


@given(st.lists(st.floats(1e-5, 90.0), min_size=1, max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_median_of_the_buckets_is_that_of_the_times(times: list[float]) -> None:
    meter = Meter()
    for one in times:
        meter.add(one, one, failed=False)
    below, above = sorted(times)[(len(times) - 1) // 2], sorted(times)[len(times) // 2]
    assert max(below, meters.FIRST) / 2**0.5 <= middle(meter.buckets) * 1.0001 or middle(meter.buckets) >= below / 2**0.5
    assert middle(meter.buckets) <= max(above, meters.FIRST) * 2**0.5
    assert Meter.of(meter.out()).buckets == meter.buckets
    assert all(bucket(one) == 0 or meters.BOUNDS[bucket(one) - 1] < one * 1.0001 for one in times)


async def test_time_belongs_to_who_took_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that are asked at once count once; who only waits takes none itself; a task left behind counts for nobody later."""
    at, run = [0.0], f"{random.randrange(10**9)}"
    monkeypatch.setattr(meters, "time", SimpleNamespace(perf_counter=lambda: at[0]))
    outer, inner, waits, works = (f"{name} {run}" for name in ("outer", "inner", "waits", "works"))

    async def asked(done: asyncio.Event) -> None:
        async with measured(inner):
            await done.wait()

    async def ended(task: asyncio.Task[None], done: asyncio.Event, moment: float) -> None:
        at[0] = moment
        done.set()
        await task

    gates = [asyncio.Event() for _ in range(3)]
    async with measured(outer):
        at[0] = 1
        one, two = (asyncio.create_task(asked(gate)) for gate in gates[:2])
        await asyncio.sleep(0)
        await ended(one, gates[0], 3)
        await ended(two, gates[1], 4)
        waiting_one = asyncio.create_task(waiting(waits, works, asyncio.create_task(asyncio.sleep(0))))
        await asyncio.sleep(0)
        at[0] = 5
        await waiting_one
        left = asyncio.create_task(asked(gates[2]))
        await asyncio.sleep(0)
        at[0] = 6
    await ended(left, gates[2], 10)
    of, edges = METERS.total.of, METERS.total.asked
    assert (of[outer].seconds, of[outer].own) == (6, 1)
    assert (of[inner].count, of[inner].own) == (3, 2 + 3 + 5)
    assert (of[waits].own, of[waits].seconds) == (0, 1)
    assert edges[outer, inner][0] == 3
    assert (waits, works) in edges


async def test_failures_are_counted_and_what_could_not_be_kept_is_told_again() -> None:
    name = f"fails {random.randrange(10**9)}"
    try:
        async with measured(name):
            raise ValueError
    except ValueError:
        pass
    taken = METERS.take()
    METERS.give_back(taken)
    again = Tally.read(METERS.take().out())
    assert (again.of[name].count, again.of[name].errors) == (1, 1)


async def test_a_slow_service_is_slow_by_what_the_drill_says() -> None:
    name = f"slow {random.randrange(10**9)}"
    meters.slow_by(lambda service: 0.2 if service == name else 0.0)
    try:
        async with measured(name):
            pass
    finally:
        meters.slow_by(None)
    assert METERS.total.of[name].own >= 0.19


def test_names_made_up_without_end_fill_no_memory() -> None:
    tally = Tally()
    for number in range(meters.MOST * 2):
        tally.meter(f"name {number}").add(0.001, 0.001, failed=False)
    assert len(tally.of) <= meters.MOST + 1
    assert sum(one.count for one in tally.of.values()) == meters.MOST * 2


def test_a_trace_is_taken_up_and_what_is_no_trace_is_not() -> None:
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    taken = calls.begun(f"00-{trace}-{span}-01")
    assert (taken.trace, taken.parent) == (trace, span)
    assert taken.span not in (span, calls.NO_SPAN)
    assert taken.stated.startswith(f"00-{trace}-{taken.span}-")
    assert calls.begun(f"cc-{trace}-{span}-01-what-comes-later").trace == trace
    for wrong in ("", "x", f"ff-{trace}-{span}-01", f"00-{trace}-{span}-01-more", f"00-{calls.NO_TRACE}-{span}-01",
                  f"00-{trace}-{calls.NO_SPAN}-01", f"00-{trace.upper()}-{span}-01", f"00-{trace}-{span}"):  # fmt: skip
        made = calls.begun(wrong)
        assert made.trace != trace
        assert len(made.trace) == 32


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_caller_states_there_is_a_trace(stated: str) -> None:
    made = calls.begun(stated)
    assert (len(made.trace), len(made.span)) == (32, 16)
    assert calls.begun(made.stated).trace == made.trace
