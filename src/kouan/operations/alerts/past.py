"""Where trials read the past: telemetry's history, an hour at a time or less, with what its keys stand for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

from kouan.facilities.telemetry.api import HISTORY, History, Numbers
from kouan.kernel.errors import Refused
from kouan.kernel.port import Port
from kouan.kernel.signals import Frame
from kouan.operations.alerts import errors, store
from kouan.operations.alerts.naming import known
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.trial import Source
from kouan.operations.alerts.watched import Known

CHUNK, PART, LEAST = timedelta(hours=1), timedelta(minutes=10), timedelta(seconds=30)
TOO_MUCH = "history.too_much"


def history_of(port: Port) -> History:
    """The history of this process. Raises Unavailable where it has none."""
    found = port.extras.get(HISTORY)
    if not isinstance(found, History):
        raise errors.no_history()
    return found


def source_of(port: Port, rule: StaffRule) -> Source:
    """The history of this process, as far as a rule can watch it. Raises Unavailable where it has none."""
    history, numbers = history_of(port), Numbers(port.pool)

    async def source(signal: str, since: datetime, until: datetime) -> AsyncIterator[tuple[Frame, Mapping[int, Known]]]:
        keys = await store.numbers_of(port.pool, rule.metric or "") if signal == "reading" else None
        async for frame in slices(history, signal, keys, since, until):
            yield frame, await known(numbers, frame)

    return source


async def heard(
    history: History, signals: tuple[str, ...], since: datetime, until: datetime
) -> AsyncIterator[tuple[datetime, list[Frame]]]:
    """What was heard of some signals, a part of the span at a time, with its end."""
    begin = since
    while begin < until:
        end = min(begin + PART, until)
        yield end, [frame for signal in signals async for frame in slices(history, signal, None, begin, end)]
        begin = end


async def slices(history: History, signal: str, keys: list[int] | None, since: datetime, until: datetime) -> AsyncIterator[Frame]:
    """What history holds of a span in order of time; where an hour holds more than is read at once, in shorter pieces."""
    begin, span = since, CHUNK
    while begin < until:
        end = min(begin + span, until)
        try:
            frame = await history.range(signal, keys, begin, end)
        except Refused as much:
            if much.code != TOO_MUCH or span <= LEAST:
                raise
            span /= 4
            continue
        if len(frame):
            yield frame
        begin = end
