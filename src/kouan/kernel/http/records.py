"""REST for every record type, out of the registry; and what hand-written routes share with it."""

from __future__ import annotations

from fastapi import APIRouter

from kouan.kernel.http import reads, writes
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.reads import business, read_one, shown
from kouan.kernel.http.shapes import FiledOut, ItemOut, PageOut, ReceiptOut, reply
from kouan.kernel.records import Record

__all__ = ["FiledOut", "ItemOut", "PageOut", "ReceiptOut", "business", "read_one", "record_router", "reply", "shown"]


def record_router(cls: type[Record]) -> APIRouter:
    """The routes of one record type."""
    board, module, record = cls.facts.name.split(".")
    path = f"/api/records/{board}/{module}/{record}"
    router = APIRouter(prefix=path, tags=[f"{board}.{module}"], responses=RESPONSES)
    reads.add(router, cls)
    writes.add(router, cls)
    return router
