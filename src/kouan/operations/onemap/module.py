"""One map: the port's places and its ships, live."""

from __future__ import annotations

from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.onemap import live, routes

MODULE = declare(
    Module(
        name="operations.onemap",
        title=Text("一张图", "One map"),
        summary=Text("口岸空间与船舶实时态势", "Places of the port and ships, live"),
        clauses=("H8.4.1b",),
        pages=(Page("/map", Text("一张图", "One map")),),
        routes=(routes.router, live.router),
    )
)
