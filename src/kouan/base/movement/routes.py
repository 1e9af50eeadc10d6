"""The timeline of a container: its moves in the order in which they happened, whatever the order in which they were told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from kouan.base.movement import reading
from kouan.base.movement.records import ACTIVITIES
from kouan.base.movement.timeline import PLACES, Step
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.references import make
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/movements", tags=["base.movement"], responses=RESPONSES)
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
NONE = Text("请给出箱号", "Give a container number")


class StepOut(BaseModel):
    """One move. `stands`: it counts; `late`: seconds from the event to its report; `jars`: what it contradicts."""

    ref: str
    activity: str
    title: BothLanguages
    at: datetime
    recorded_at: datetime
    late: float
    by: str
    stands: bool
    jars: BothLanguages | None
    warnings: list[dict[str, Any]]
    data: dict[str, Any]


class TimelineOut(BaseModel):
    """A box's moves by event time, where it is now, and which end of its visit nobody has told yet."""

    container: str
    where: Literal["aboard", "port", "away", "unknown"]
    whereabouts: BothLanguages
    complete: bool
    missing: list[Literal["arrival", "departure"]]
    steps: list[StepOut]


@router.get("/timeline", response_model=TimelineOut, operation_id="movement_timeline", summary="Timeline of a container")
async def of_container(who: Caller, port: ThePort, container: Annotated[Number, Query()]) -> Response:
    """Moves that the caller may see, oldest event first; a consignee sees those of its cargo."""
    business(who)
    try:
        ref = make("container", container)
    except ValueError:
        raise Refused(NONE, field="container", rule="reference") from None
    line = await reading.line_of(port, who, ref)
    steps = [_step(port.orgs.slug(row.org), step, data, row) for step, data, row in line.steps]
    where = PLACES[line.where].out()
    told = {"container": ref, "where": line.where, "whereabouts": where, "missing": list(line.missing), "steps": steps}
    return reply({**told, "complete": not line.missing})


def _step(by: str, step: Step, data: dict[str, Any], row: Row) -> dict[str, Any]:
    return {
        "ref": row.ref, "activity": step.told.move.activity, "title": ACTIVITIES[step.told.move.activity].out(),
        "at": stamp(step.at), "recorded_at": stamp(row.filed_at), "late": max(0.0, (row.filed_at - step.at).total_seconds()), "by": by,
        "stands": step.stands, "jars": step.jars.out() if step.jars else None,
        "warnings": [dict(warning) for warning in row.warnings], "data": data,
    }  # fmt: skip
