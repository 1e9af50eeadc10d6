"""The HTTP doors of signals in a serving process: batches are screened here, and answered once JetStream has them."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.facilities.telemetry.bus import AWAY, Bus
from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.numbers import Entity, Numbers, Series
from kouan.facilities.telemetry.posting import Posted, read_batch
from kouan.facilities.telemetry.publishing import Splitter, publish
from kouan.facilities.telemetry.screening import Screen
from kouan.facilities.telemetry.signals import CAUSES, SIMULATED
from kouan.kernel.errors import Unavailable
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.signals import Array, Frame
from kouan.kernel.text import Text

AWAY_NOW = Text("数据流暂不可用，未受理；请稍后重发同一批", "The stream is away and nothing was taken: send the same batch again shortly")
FRESH = 2.0
_POSTED_KINDS = ("truck", "tag", "train", "equipment", "container")
"""Kinds whose positions come by HTTP; ships, aircraft and persons have doors of their own."""


class Intake:
    """Takes posted batches of one serving process."""

    def __init__(self, bus: Bus, numbers: Numbers) -> None:
        self._bus, self.numbers = bus, numbers
        self.edge = Edge(screen=Screen(numbers))
        self._splitter = Splitter(levels=numbers.levels, movers=numbers.movers, seals=numbers.seals)
        self._refreshed = 0.0

    async def readings(self, who: Principal, body: bytes) -> dict[str, Any]:
        """A batch of readings: device, metric, at, value, and where given unit and quality."""
        posted = read_batch(body, ("device", "metric", "at", "value"))
        at, value = posted.times(), posted.numbers("value", "value")
        key, simulated = await self._series(who, posted)
        quality = np.clip(posted.numbers("quality", absent=0.0), 0, 2)
        flags = np.where(simulated, SIMULATED, 0).astype(np.uint8)
        kept = posted.kept()
        columns = {"key": key, "at": at, "value": value, "quality": np.nan_to_num(quality).astype(np.uint8), "flags": flags}
        frame = Frame("reading", {name: column[kept] for name, column in columns.items()})
        return posted.answer(await self.take([frame], who.slug))

    async def positions(self, who: Principal, body: bytes) -> dict[str, Any]:
        """A batch of positions: kind, code, at, lon, lat, and where given name, speed (kn), course and simulated."""
        posted = read_batch(body, ("kind", "code", "at", "lon", "lat"))
        at, lon, lat = posted.times(), posted.numbers("lon", "place"), posted.numbers("lat", "place")
        posted.refuse((np.abs(lon) > 180) | (np.abs(lat) > 90), "place")
        key = await self._movers(who, posted)
        kept = posted.kept()
        simulated = np.array(pc.is_in(posted.texts("simulated"), value_set=_TRUE).to_pylist(), bool)
        columns = {
            "key": key, "at": at, "lon": lon, "lat": lat, "speed": posted.numbers("speed").astype(np.float32),
            "course": posted.numbers("course").astype(np.float32), "flags": np.where(simulated, SIMULATED, 0).astype(np.uint8),
        }  # fmt: skip
        frame = Frame("position", {name: column[kept] for name, column in columns.items()})
        return posted.answer(await self.take([frame], who.slug))

    async def take(self, frames: list[Frame], source: str) -> Counter[str]:
        """Judge, screen and publish frames; the rows that were screened out, by cause. Unavailable while the stream is away."""
        self.edge.offer(frames, source)
        drained = self.edge.drain()
        sent = {signal: sum(len(f) for f in frames if f.signal == signal) for signal in {f.signal for f in frames}}
        screened: Counter[str] = Counter()
        for frame in drained:
            if frame.signal == "rejected":
                screened.update({CAUSES[int(c)]: int(n) for c, n in zip(*np.unique(frame["cause"], return_counts=True), strict=True)})
            else:
                sent[frame.signal] -= len(frame)
        if (lost := sum(sent.values()) - screened.total()) > 0:
            screened["duplicate"] += lost
        try:
            await publish(self._bus, drained, self._splitter)
        except AWAY:
            # What is sent again must not count as a repeat of what was never taken.
            self.edge.forget(frames)
            raise Unavailable(AWAY_NOW, code="stream.away", rule="telemetry.stream", retry_after=2) from None
        return screened

    async def _series(self, who: Principal, posted: Posted) -> tuple[Array, Array]:
        """The number of each row's series, and whether that is simulated; rows of unknown ones are refused."""
        await self.fresh()
        pairs = pc.binary_join_element_wise(posted.texts("device"), posted.texts("metric"), "\x1f").dictionary_encode()
        names = [tuple(pair.split("\x1f", 1)) for pair in pairs.dictionary.to_pylist()]
        known = [series if (series := self.numbers.known_series(*name)) and may_report(who, series) else None for name in names]
        place = pairs.indices.to_numpy(zero_copy_only=False)
        number = np.array([series.number if series else 0 for series in known], np.uint64)[place]
        posted.refuse(number == 0, "unknown")
        if "unit" in posted.columns:
            told = np.array(posted.texts("unit").to_pylist(), object)
            own = np.array([series.unit if series else "" for series in known], object)[place]
            posted.refuse((told != "") & (told != own), "unit")
        return number, np.array([bool(series and series.simulated) for series in known], bool)[place]

    async def fresh(self) -> None:
        """Know what is stated of series and movers, as of two seconds ago at most."""
        if time.monotonic() - self._refreshed > FRESH:
            self._refreshed = time.monotonic()
            await self.numbers.refresh()
            if self.numbers.seals is not None:
                await self.numbers.seals.again()

    async def _movers(self, who: Principal, posted: Posted) -> Array:
        await self.fresh()
        kinds, codes, names = (posted.texts(name).to_pylist() for name in ("kind", "code", "name"))
        wanted: dict[str, Entity] = {}
        refs: list[str] = []
        unknown = np.zeros(posted.rows, bool)
        for index, (kind, code, name) in enumerate(zip(kinds, codes, names, strict=True)):
            ref = f"{kind}:{code.strip().upper()[:64]}"
            refs.append(ref)
            if kind not in _POSTED_KINDS or not code.strip() or not (code + name).isprintable():
                unknown[index] = True
            elif ref not in wanted or name:
                wanted[ref] = Entity(0, ref, kind, name[:64])
        posted.refuse(unknown, "kind")
        found = await self.numbers.entities(wanted.values())
        return np.array([found[ref].key if ref in found else 0 for ref in refs], np.uint64)


def may_report(who: Principal, series: Series) -> bool:
    """Whether a caller may send readings of a series."""
    return who.org == PLATFORM.org or (who.writes and (not series.orgs or who.slug in series.orgs))


_TRUE = pa.array(["true", "True", "1"])
