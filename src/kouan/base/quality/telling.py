"""What the catalogue says of a record type's quality: the latest score of what is kept, as its reader may see it (HS/T 82 7.2.1 d))."""

from __future__ import annotations

from typing import Any

from kouan.base.catalogue.api import tells_quality
from kouan.base.quality.checks import CLASSES
from kouan.base.quality.records import QualityScore
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal

LATEST = 50
"""How many scores are looked through for one of all that is kept; those of single extraction runs stand between."""


async def scores(port: Port, who: Principal, record: str) -> list[dict[str, Any]]:
    """Title, score (per cent) and moment of each class in the latest score of all kept records of a type; none when there is none."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, QualityScore, {"of": record}, limit=LATEST, newest=True)
    last = next((row.doc for row in rows if not row.doc.get("run")), None)
    return [{"title": title.out(), "score": last[name], "at": last["at"]} for name, title in CLASSES.items()] if last else []


tells_quality(scores)
