"""Background work, visible: what waits, what is dead and why; a dead task can be tried again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.audit import Entry
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Denied, NotFound
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.shapes import reply
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text
from kouan.kernel.waking import wake

router = APIRouter(tags=["work"], responses=RESPONSES)
ROLE = "system-admin"
ONLY = Text("仅系统管理员可以查看后台任务", "Only the system administrator sees background work")
NONE = Text("没有这个失败的任务", "There is no such dead task")
MOST = 200


class WorkOut(BaseModel):
    """How much waits, how late the oldest is (seconds), what is dead, and the jobs with their last run (UTC)."""

    waiting: int
    oldest_seconds: float
    dead: list[dict[str, Any]]
    jobs: list[dict[str, Any]]


def _only(who: Principal) -> None:
    if ROLE not in who.roles:
        raise Denied(ONLY, rule="role")


@router.get("/api/work", response_model=WorkOut, operation_id="work", summary="Background work")
async def work(who: Caller, port: ThePort) -> Response:
    """Handlers' tasks and jobs; errors name no person and no content."""
    _only(who)
    async with port.pool.acquire() as conn:
        due = await conn.fetchrow(
            """select count(*) as waiting, coalesce(extract(epoch from now() - min(run_at)), 0)::float as oldest
               from task where not dead and run_at <= now()"""
        )
        dead = await conn.fetch(
            "select id, handler, record_id, attempts, error, created from task where dead order by id desc limit $1", MOST
        )
        jobs = await conn.fetch("select code, next_at, last_at, last_error, runs from job_run order by code")
    return reply({
        "waiting": due["waiting"] if due else 0,
        "oldest_seconds": max(0.0, due["oldest"]) if due else 0.0,
        "dead": [{**dict(row), "record_id": str(row["record_id"]), "created": stamp(row["created"])} for row in dead],
        "jobs": [{**dict(row), "next_at": stamp(row["next_at"]),
                  "last_at": stamp(row["last_at"]) if row["last_at"] else None} for row in jobs],
    })  # fmt: skip


@router.post("/api/work/{id}/retry", status_code=204, operation_id="work_retry", summary="Try a dead task again")
async def retry(id: Annotated[int, Path(ge=1, le=2**63 - 1)], who: Caller, port: ThePort) -> Response:
    """Give a dead task its attempts back."""
    _only(who)
    async with port.pool.acquire() as conn:
        found = await conn.fetchval(
            "update task set dead = false, attempts = 0, lease_until = null, run_at = now() where id = $1 and dead returning id",
            id,
        )
    if found is None:
        raise NotFound(NONE, field="id")
    await wake(port.pool)
    await port.audit.write(Entry.of(who, "work.retry", "allowed", ref=str(id), level=3))
    return Response(status_code=204)
