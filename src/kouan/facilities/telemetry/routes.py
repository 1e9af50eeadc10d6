"""The doors of signals: history, latest readings, tracks, and how the stream does."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.place.api import Place
from kouan.facilities.telemetry import causes, leases
from kouan.facilities.telemetry.api import history_of, intake_of, mirror_of
from kouan.facilities.telemetry.codec import pack
from kouan.facilities.telemetry.history.reading import Box
from kouan.facilities.telemetry.numbers import Entity, Series, kind_of, readable
from kouan.facilities.telemetry.sealing import LEVEL
from kouan.facilities.telemetry.ships import EPOCH, moment
from kouan.facilities.telemetry.signals import SIMULATED
from kouan.facilities.telemetry.tracks import DWELL_S, RADIUS_M, dwells, inside, size
from kouan.kernel import clock
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.signals import Frame
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text

router = APIRouter(tags=["facilities.telemetry"], responses=RESPONSES)
ARROW = "application/vnd.apache.arrow.stream"
MOST_JSON, LONGEST = 200_000, timedelta(days=31)
NO_SERIES = Text("没有这个测点，或不在您可读的范围内", "There is no such metric, or it is not among those that you may read")
NO_MOVER = Text("没有这个移动目标的位置", "Nothing of that name ever reported a position")
NEEDS_DEVICE = Text("读数须指明 device", "Readings are asked for by `device`")
NEEDS_BOX = Text("位置须指明 ref 或 bbox", "Positions are asked for by `ref` or `bbox`")
SPAN = Text("until 须晚于 since，且不超过 {days} 天", "`until` is after `since`, by {days} days at most")
BOX = Text("bbox 应为 西,南,东,北", "bbox is west,south,east,north")
MUCH = Text("超过 {most} 行：请缩短时段、给出 every，或以 Arrow 读取", "More than {most} rows: ask for less time, with `every`, or as Arrow")
ZONE = Text("时间须带时区", "A time names its zone")
_BOX = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\Z")
PLAIN = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, Query(max_length=120, pattern=PLAIN)]
Signals = Literal["reading", "position", "rejected"]


class HistoryOut(BaseModel):
    """Rows in columns; `at` in microseconds since 1970, UTC. `of`: what each key stands for. `simulated`: how many rows are."""

    signal: str
    rows: int
    simulated: int
    columns: dict[str, list[Any]]
    of: dict[str, dict[str, Any]]


class DwellOut(BaseModel):
    """A stay."""

    lon: float
    lat: float
    since: datetime
    until: datetime
    minutes: float
    fixes: int
    place: dict[str, Any] | None


class TrackOut(BaseModel):
    """Where a mover went: points [ms since 1970 UTC, lon, lat, speed kn], stays, its last fix and the smallest place it is in."""

    ref: str
    name: str
    kind: str
    simulated: bool
    points: list[list[float | None]]
    dwells: list[DwellOut]
    last: dict[str, Any] | None
    slot: dict[str, Any] | None


class CauseOut(BaseModel):
    """Something that was counted."""

    cause: str
    group: str
    title: dict[str, str]
    count: int


class StreamOut(BaseModel):
    """The stream's processes: what each counted since its start, by cause, and its senders.

    `causes`: the totals in words, by group (`groups`); `titles`: what the causes of senders mean.
    """

    leader: str | None
    workers: list[dict[str, Any]]
    totals: dict[str, int]
    known: dict[str, int]
    groups: dict[str, dict[str, str]]
    causes: list[CauseOut]
    titles: dict[str, dict[str, str]]


def _levels(who: Principal) -> range:
    return range(1, who.clearance + 1)


def _span(since: datetime | None, until: datetime | None, span: timedelta = timedelta(hours=1)) -> tuple[datetime, datetime]:
    until = until or clock.now()
    if until.tzinfo is None or (since is not None and since.tzinfo is None):
        raise Refused(ZONE, field="since", rule="history.zone", code="history.zone")
    try:
        since, until = (since or until - span).astimezone(UTC), until.astimezone(UTC)
    except OverflowError:
        raise Refused(SPAN.fill(days=LONGEST.days), field="until", rule="history.span", code="history.span") from None
    if not EPOCH < since < until <= since + LONGEST:
        raise Refused(SPAN.fill(days=LONGEST.days), field="until", rule="history.span", code="history.span")
    return since, until


def _box(text: str) -> Box | None:
    if not text:
        return None
    match = _BOX.match(text)
    if match is None:
        raise Refused(BOX, field="bbox", rule="bbox", code="bbox")
    west, south, east, north = (float(part) for part in match.groups())
    return west, south, east, north


@router.get(
    "/api/history", response_model=HistoryOut, operation_id="history", summary="What was observed",
    responses={200: {"content": {"text/csv": {}, ARROW: {}}, "description": "Rows in order of time, as the format asks"}},
)  # fmt: skip
async def history(
    who: Caller, port: ThePort,
    signal: Annotated[Signals, Query(description="reading, position or rejected (readings screened out)")] = "reading",
    device: Name = "", metric: Name = "", ref: Name = "", bbox: Name = "",
    since: Annotated[datetime | None, Query(description="an hour before `until` unless stated")] = None,
    until: Annotated[datetime | None, Query(description="not included; now unless stated")] = None,
    every: Annotated[int, Query(ge=0, le=86_400, description="seconds: one row for each key in each; of readings the mean")] = 0,
    format: Literal["json", "csv", "arrow"] = "json",
) -> Response:  # fmt: skip
    """Readings of a device (or one metric of it), positions of a mover or inside a box, of at most 31 days."""
    business(who)
    since, until = _span(since, until)
    box = _box(bbox)
    if signal == "position":
        keys = None if not ref and box is not None else await _mover(port, ref)
    else:
        keys = await _series(port, who, device, metric)
    frame = await history_of(port).range(
        signal, keys, since, until, box, timedelta(seconds=every) if every else None, levels=_levels(who), former=True
    )
    named = await _named(port, frame)
    allowed = np.array([key for key, one in named.items() if readable(who, one)], np.uint64)
    unnamed = ~np.isin(frame["key"], np.array(list(named), np.uint64))
    frame = frame.pick(np.isin(frame["key"], allowed) | (unnamed & (signal == "position")))
    await _noted(port, who, signal, [named[key] for key in np.unique(frame["key"]).tolist() if key in named])
    return _answer(frame, named, format)


async def _mover(port: Port, ref: str) -> list[int]:
    if not ref:
        raise Refused(NEEDS_BOX, field="ref", rule="history.ref", code="history.ref")
    await intake_of(port).fresh()
    key = await intake_of(port).numbers.key_of(ref)
    if key is None:
        raise NotFound(NO_MOVER, field="ref")
    return [key]


async def _series(port: Port, who: Principal, device: str, metric: str) -> list[int]:
    if not device:
        raise Refused(NEEDS_DEVICE, field="device", rule="history.device", code="history.device")
    found = [one for one in await intake_of(port).numbers.find_series(device, metric) if readable(who, one)]
    if not found:
        raise NotFound(NO_SERIES, field="device")
    return [one.number for one in found]


async def _named(port: Port, frame: Frame) -> dict[int, Series | Entity]:
    keys = np.unique(frame["key"]).tolist()
    numbers = intake_of(port).numbers
    return {**(await numbers.entity_of(keys) if frame.signal == "position" else await numbers.series_of(keys))}


def _answer(frame: Frame, named: dict[int, Series | Entity], format: str) -> Response:
    if format == "arrow":
        return Response(pack(frame), media_type=ARROW)
    if len(frame) > MOST_JSON:
        raise Refused(MUCH.fill(most=MOST_JSON), field="every", rule="history.most_rows", code="history.too_much")
    of = {str(key): _title(one) for key, one in named.items() if (frame["key"] == np.uint64(key)).any()}
    if format == "csv":
        return Response(_csv(frame, of), media_type="text/csv; charset=utf-8")
    columns = {name: _plain(column) for name, column in frame.columns.items()}
    simulated = int((frame["flags"] & SIMULATED).astype(bool).sum()) if "flags" in frame.columns else 0
    out = {"signal": frame.signal, "rows": len(frame), "simulated": simulated, "columns": columns, "of": of}
    return Response(orjson.dumps(out, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


def _title(one: Series | Entity) -> dict[str, Any]:
    if isinstance(one, Series):
        return {"device": one.device, "metric": one.metric, "unit": one.unit, "simulated": one.simulated}
    return {"ref": one.ref, "kind": one.kind, "name": one.name, "simulated": one.simulated}


def _plain(column: Any) -> Any:
    if column.dtype.kind in "SO":
        return [value.decode("latin-1") if isinstance(value, bytes) else value for value in column.tolist()]
    return np.ascontiguousarray(column)


def _csv(frame: Frame, of: dict[str, dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    names = [name for name in frame.columns if name not in ("key", "at")]
    heads = ("device", "metric", "unit") if frame.signal != "position" else ("ref", "name")
    writer.writerow([*heads, "at", *names])
    told = {int(key): [str(one.get(head, "")) for head in heads] for key, one in of.items()}
    columns = [frame.columns[name].tolist() for name in names]
    for key, at, *values in zip(frame["key"].tolist(), frame["at"].tolist(), *columns, strict=True):
        shown = ["" if isinstance(v, float) and math.isnan(v) else v for v in values]
        writer.writerow([*told.get(key, [str(key)] + [""] * (len(heads) - 1)), stamp(moment(at)), *shown])
    return out.getvalue()


@router.get("/api/latest", response_model=HistoryOut, operation_id="latest", summary="Latest readings")
async def latest(who: Caller, port: ThePort, device: Name, metric: Name = "") -> Response:
    """The latest reading of each metric of a device, as the stream knows it now."""
    business(who)
    numbers = await _series(port, who, device, metric)
    frame = mirror_of(port).state.latest("reading", np.array(numbers, np.uint64))
    named = await _named(port, frame)
    await _noted(port, who, "reading", named.values())
    return _answer(frame, named, "json")


async def _noted(port: Port, who: Principal, signal: str, read: Iterable[Series | Entity]) -> None:
    """Reads of levels 3 and 4 are audited before they are answered; of what is of a lower level now, too, while older rows are not."""
    history = history_of(port)
    for one in read:
        ref, key = (f"device:{one.device}", one.number) if isinstance(one, Series) else (one.ref, one.key)
        if one.level >= LEVEL or (who.clearance >= LEVEL and history.sealed(key)):
            await port.audit.read(who, f"facilities.telemetry.{signal}:read", ref, max(one.level, LEVEL))


@router.get("/api/tracks", response_model=TrackOut, operation_id="track", summary="A mover's track, stays and place")
async def track(
    who: Caller, port: ThePort, ref: Annotated[str, Query(max_length=120, pattern=PLAIN, examples=["tag:T-1"])],
    since: datetime | None = None, until: datetime | None = None,
    radius_m: Annotated[float, Query(gt=0, le=5000)] = RADIUS_M, dwell_s: Annotated[float, Query(gt=0, le=604_800)] = DWELL_S,
    every: Annotated[int, Query(ge=0, le=86_400, description="seconds: one fix at most in each")] = 0,
) -> Response:  # fmt: skip
    """The last day unless a span is stated. A stay: fixes within `radius_m` of its first for at least `dwell_s`."""
    business(who)
    since, until = _span(since, until, timedelta(days=1))
    [key] = await _mover(port, ref)
    thinned = timedelta(seconds=every) if every else None
    frame = await history_of(port).range("position", [key], since, until, every=thinned, levels=_levels(who), former=True)
    known = (await intake_of(port).numbers.entity_of([key])).get(key, Entity(0, ref, kind_of(key)))
    if not readable(who, known):
        raise NotFound(NO_MOVER, field="ref")
    await _noted(port, who, "position", [known])
    places = await _places(port, who)
    points = [[at / 1000, lon, lat, None if math.isnan(speed) else round(speed, 2)] for at, lon, lat, speed in zip(
        *(frame[name].tolist() for name in ("at", "lon", "lat", "speed")), strict=True)]  # fmt: skip
    stays = [
        {"lon": d.lon, "lat": d.lat, "since": stamp(moment(d.since)), "until": stamp(moment(d.until)), "fixes": d.fixes,
         "minutes": round((d.until - d.since) / 60e6, 1), "place": _place(places, d.lon, d.lat)}
        for d in dwells(frame, radius_m, dwell_s)
    ]  # fmt: skip
    simulated = known.simulated or bool(len(frame) and (frame["flags"] & SIMULATED).any())
    last = {"at": stamp(moment(int(frame["at"][-1]))), "lon": points[-1][1], "lat": points[-1][2]} if points else None
    slot = _place(places, last["lon"], last["lat"]) if last else None
    return reply({"ref": known.ref, "name": known.name, "kind": known.kind, "simulated": simulated, "points": points,
                  "dwells": stays, "last": last, "slot": slot})  # fmt: skip


async def _places(port: Port, who: Principal) -> list[dict[str, Any]]:
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, Place, {}, limit=5000)
    return [{"ref": row.ref, **row.doc} for row in rows]


def _place(places: list[dict[str, Any]], lon: float, lat: float) -> dict[str, Any] | None:
    around = [place for place in places if inside(lon, lat, place.get("geometry"))]
    if not around:
        return None
    found = min(around, key=lambda place: size(place["geometry"]))
    return {"ref": found["ref"], "kind": found["kind"], "title": {"zh": found["name_zh"], "en": found["name_en"]}}


@router.get("/api/stream", response_model=StreamOut, operation_id="stream", summary="How the stream does")
async def stream(request: Request, who: Caller, port: ThePort) -> Response:
    """What was taken, thinned, refused and screened out, by cause and process; senders are named to the port office alone."""
    business(who)
    workers = await leases.workers(port.pool)
    mine = intake_of(port).edge
    workers.append({"owner": "serve", "at": stamp(clock.now()), "parts": [], "counts": dict(mine.counts), "senders": mine.told()})
    if who.kind != "portoffice" and who.org != PLATFORM.org:
        workers = [{**worker, "senders": {}} for worker in workers]
    totals: dict[str, int] = {}
    for worker in workers:
        for cause, count in worker["counts"].items():
            totals[cause] = totals.get(cause, 0) + count
    state = mirror_of(port).state
    known = {signal: state.count(signal) for signal in ("position", "reading", "vessel_static")}
    leader = next((worker["owner"] for worker in workers if worker.get("leads") and worker.get("role") == "picture"), None)
    senders = {cause for worker in workers for counts in worker["senders"].values() for cause in counts}
    return reply({
        "leader": leader, "workers": workers, "totals": totals, "known": known,
        "groups": {group: words.out() for group, words in causes.GROUPS.items()}, "causes": causes.described(totals),
        "titles": {cause: causes.of(cause)[1].out() for cause in sorted(senders)},
    })  # fmt: skip
