"""Places as GeoJSON, for the map."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.place.records import Place
from kouan.kernel.database import scope
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import scope_of

router = APIRouter(tags=["base.place"], responses=RESPONSES)

FACTS = ("width_m", "storey", "direction", "speed_limit_kn", "depth_m")
"""What is told of a place when it is known."""


class CollectionOut(BaseModel):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type: str
    features: list[dict[str, Any]]


@router.get("/api/places", response_model=CollectionOut, operation_id="places")
async def places(who: Caller, port: ThePort) -> Response:
    """All places of the port that the caller may see."""
    business(who)
    features: list[dict[str, Any]] = []
    after = ""
    async with scope(port.pool, scope_of(who)) as conn:
        while True:
            page = await reading.page(conn, Place, reading.Query({}, sort="", after=after, limit=500), port.vault)
            for row in page.rows:
                doc = row.doc
                features.append({
                    "type": "Feature", "id": str(row.id), "geometry": doc["geometry"],
                    "properties": {
                        "ref": row.ref, "kind": doc["kind"], "code": doc["code"],
                        "name": {"zh": doc["name_zh"], "en": doc["name_en"]}, "parent": doc.get("parent"),
                        **{name: doc[name] for name in FACTS if doc.get(name) is not None},
                    },
                })  # fmt: skip
            if page.next is None:
                return reply({"type": "FeatureCollection", "features": features})
            after = page.next
