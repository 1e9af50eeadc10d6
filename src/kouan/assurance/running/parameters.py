"""The numbers of running that the port office states, each from a day on: which there are, and which is in force."""

from __future__ import annotations

from datetime import date

from kouan.assurance.running.records import PARAMETERS, Parameter
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import equal

LEAD, FACTS_A_DAY, USE_DAYS = "forecast_days", "facts_a_day", "data_use_days"


async def in_force(conn: Connection, name: str, on: date) -> float:
    """The number that stands on a day: of those stated the one that began last, else the usual one. The connection sees every row."""
    found = [row.doc for row in await equal(conn, Parameter, {"name": name}, newest=True, limit=1000)]
    standing = [doc for doc in found if doc["since"] <= on.isoformat() <= (doc.get("until") or "9999-12-31")]
    return float(max(standing, key=lambda doc: str(doc["since"]))["value"]) if standing else PARAMETERS[name].usual
