"""Doors of operations: how the services do and what is slow, why; and all meters for Prometheus."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.assurance.running import capacity, prometheus, store
from kouan.assurance.running.prometheus import Told
from kouan.kernel.clock import now, stamp
from kouan.kernel.errors import Denied
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import reply
from kouan.kernel.meters import Tally
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text

router = APIRouter(tags=["assurance.running"], responses=RESPONSES)
FRESH = timedelta(seconds=60)
"""A process that told nothing for so long has ended, or cannot reach the database."""
ONLY = Text("仅系统管理员和口岸办值班人员可以查看平台运行情况", "Only the system administrator and the port office's officers see how the platform runs")


class RunningOut(BaseModel):
    """Services of the last 15 seconds with their usual time; which are slow; causes in their order; who asks whom; processes."""

    at: str | None
    services: list[dict[str, Any]]
    slow: list[str]
    causes: list[dict[str, Any]]
    asks: list[tuple[str, list[str]]]
    since: dict[str, str]
    processes: list[dict[str, Any]]


def _only(who: Principal) -> None:
    if "system-admin" not in who.roles and not (who.kind == "portoffice" and who.writes):
        raise Denied(ONLY, rule="role")


@router.get("/api/running", response_model=RunningOut, operation_id="running", summary="How the platform runs")
async def running(who: Caller, port: ThePort) -> Response:
    """The picture that the lookout made last; empty before it made one."""
    _only(who)
    row = await store.picture(port.pool)
    told = await store.totals(port.pool, now() - FRESH)
    empty: dict[str, Any] = {"services": [], "slow": [], "causes": [], "asks": [], "since": {}}
    processes = [{"process": one["process"], "pid": one["pid"], "began": stamp(one["began"]), "told": stamp(one["at"]),
                  "counts": one["doc"].get("counts", {})} for one in told]  # fmt: skip
    return reply({"at": stamp(row["at"]) if row else None, **empty, **(row["doc"] if row else {}), "processes": processes})


class ForecastOut(BaseModel):
    """For each measure: the days behind (in the port's zone), the limit, what is expected, when the limit is reached (earliest, expected,
    latest day; null: not within the days looked at), how wrong such forecasts were, what helps; or why there is no forecast."""

    at: str
    zone: str
    warn_days: int
    method: dict[str, str]
    least_days: int
    measures: list[dict[str, Any]]


@router.get("/api/running/forecast", response_model=ForecastOut, operation_id="running_forecast", summary="Capacity forecast")
async def forecast(who: Caller, port: ThePort) -> Response:
    """From what was measured up to yesterday. Bytes, percent, or numbers, as each measure's unit says."""
    _only(who)
    return reply(await capacity.told(port))


@router.get("/metrics", operation_id="metrics", summary="Meters of all processes for Prometheus", response_class=Response,
            responses={200: {"content": {"text/plain": {}}}})  # fmt: skip
async def metrics(who: Caller, port: ThePort) -> Response:
    """Counters and histograms since the start of each process, in Prometheus' text format; about five seconds old."""
    _only(who)
    told = await store.totals(port.pool, now() - FRESH)
    body = prometheus.text(Told(one["process"], one["pid"], one["began"].timestamp(), Tally.read(one["doc"])) for one in told)
    return Response(body, media_type=prometheus.MEDIA)
