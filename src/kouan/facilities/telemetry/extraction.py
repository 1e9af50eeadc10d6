"""The history of a signal as a source of extraction: what somebody may read of it, behind the moment up to which it was taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.ingest.api import ROW, SIZE, Away, Context, Item, Piece
from kouan.facilities.telemetry.api import history_of
from kouan.facilities.telemetry.numbers import Entity, Numbers, Series, kind_of, readable
from kouan.facilities.telemetry.sealing import Seals
from kouan.facilities.telemetry.ships import micros, moment
from kouan.kernel import clock
from kouan.kernel.errors import Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.signals import Array, Frame
from kouan.kernel.text import Text

LONGEST, SETTLED = timedelta(days=31), timedelta(minutes=1)
"""How far back a source begins, and how old a row must be: what comes later than that is not waited for."""
SPAN, SHORTEST = timedelta(days=1), timedelta(seconds=1)
SIGNALS = ("reading", "position", "rejected")
NO_SIGNAL = Text("地址应为信号名称：{known}", "The address is the name of a signal: {known}")
NO_ONE = Text("没有这个测点或移动目标，或不在贵单位可读的范围内", "There is no such metric or mover, or it is not among those that you may read")


async def signals(context: Context) -> AsyncIterator[Item]:
    """Rows of one device, one metric of it (`CRANE-1 load`), or one mover (`tag:T-1`); the address names the signal."""
    signal = (context.source.address or "").strip()
    if signal not in SIGNALS:
        raise Away(NO_SIGNAL.fill(known=", ".join(SIGNALS)))
    if context.port is None or context.who is None:
        raise Away(NO_ONE)
    port, who = context.port, context.who
    numbers = Numbers(port.pool, Seals(port.pool, port.vault))
    named = await _named(numbers, who, signal, (context.source.query or "").strip())
    yield Item(f"{signal}/{context.source.query}", "", lambda start: _pieces(port, who, signal, named, context.position, start))


async def _named(numbers: Numbers, who: Principal, signal: str, query: str) -> dict[int, Series | Entity]:
    found: dict[int, Series | Entity] = {}
    if signal == "position":
        key = await numbers.key_of(query)
        if key is not None:
            found = {key: (await numbers.entity_of([key])).get(key, Entity(0, query, kind_of(key)))}
    else:
        device, _, metric = query.partition(" ")
        found = {one.number: one for one in await numbers.find_series(device, metric.strip())}
    mine = {number: one for number, one in found.items() if readable(who, one)}
    if not mine:
        raise Away(NO_ONE)
    return mine


async def _pieces(
    port: Port, who: Principal, signal: str, named: dict[int, Series | Entity], position: dict[str, Any], start: int
) -> AsyncIterator[Piece]:
    """By spans of a day at most, less where there is more than is read at once; cut between moments, so that a run goes on behind one."""
    history, levels = history_of(port), range(1, who.clearance + 1)
    until = clock.now() - SETTLED
    since, span, number = moment(int(position.get("after") or micros(until - LONGEST))), SPAN, start
    days = await asyncio.to_thread(history.days, signal, levels)
    while since < until:
        to = min(since + span, until)
        if to < until - SPAN and not {f"{since:%Y-%m-%d}", f"{to:%Y-%m-%d}"} & days:
            since = to
            continue
        try:
            frame = await history.range(signal, list(named), since, to, levels=levels)
        except Refused:
            if span <= SHORTEST:
                raise
            span = span / 2
            continue
        for part in _parts(frame):
            table = await asyncio.to_thread(_table, part, named, number)
            number += len(part)
            yield Piece(table, after=int(part["at"][-1]) + 1)
        since = to


def _parts(frame: Frame) -> list[Frame]:
    """A frame in order of time in parts of some size, none of which ends inside a moment."""
    at = frame["at"]
    cuts = [0]
    while cuts[-1] < len(frame):
        cuts.append(int(np.searchsorted(at, at[min(cuts[-1] + SIZE, len(frame)) - 1], "right")))
    return [frame.pick(np.arange(low, high)) for low, high in pairwise(cuts)]


def _table(frame: Frame, named: dict[int, Series | Entity], behind: int) -> pa.Table:
    told: dict[str, Any] = {}
    keys, index = np.unique(frame["key"], return_inverse=True)
    heads = ("device", "metric", "unit") if frame.signal != "position" else ("ref", "name")
    for head in heads:
        told[head] = pa.array([str(getattr(named[int(key)], head, "")) for key in keys], pa.string()).take(pa.array(index))
    told["at"] = pa.array(np.strings.add(np.datetime_as_string(frame["at"].astype("datetime64[us]")), "Z"))
    for name, column in frame.columns.items():
        if name not in ("key", "at"):
            told[name] = _column(column)
    return pa.table({ROW: pa.array(np.arange(behind + 1, behind + 1 + len(frame), dtype=np.int64)), **told})


def _column(column: Array) -> pa.Array:
    if column.dtype.kind in "SO":
        return pa.array([value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in column.tolist()], pa.string())
    return pa.array(column, from_pandas=column.dtype.kind == "f")
