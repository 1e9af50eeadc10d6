"""The papers of many parcels at once: one query a kind of paper, whatever the number of parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kouan.base.parcel.records import Parcel, ParcelList, ParcelOrder, ParcelPayment
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row

MOST = 5000


@dataclass(frozen=True, slots=True)
class Papers:
    """What was found for some parcels, in the connection's scope."""

    lists: list[Row]
    parcels: list[Row]
    orders: list[Row]
    payments: list[Row]


async def papers(conn: Connection, refs: Sequence[str]) -> Papers:
    """Lists and logistics of some parcels by their references, and the orders and payments that the lists name."""
    lists = await equal(conn, ParcelList, {"parcel": list(refs)}, limit=MOST)
    numbers = sorted({row.doc["order_number"] for row in lists})
    parcels = await equal(conn, Parcel, {"number": [ref.partition(":")[2] for ref in refs]}, limit=MOST)
    orders = await equal(conn, ParcelOrder, {"number": numbers}, limit=MOST) if numbers else []
    payments = await equal(conn, ParcelPayment, {"order_number": numbers}, limit=MOST) if numbers else []
    return Papers(lists, parcels, orders, payments)
