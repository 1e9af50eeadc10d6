"""Places of the port: quays, berths, yards, gates, anchorages, fairways, drawn once and shown on every map."""

from __future__ import annotations

from kouan.base.place import records, rules
from kouan.base.place.routes import router
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="base.place",
        title=Text("口岸空间", "Places"),
        summary=Text(
            "泊位、堆场、卡口、锚地、航道等口岸空间数据", "Berths, yards, gates, anchorages, fairways: the port's space"
        ),
        clauses=("H7.2.1",),
        routes=(router,),
    )
)
RECORDS = (records.Place,)
RULES = rules.__name__
