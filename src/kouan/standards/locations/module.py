"""Locations: UN/LOCODE with national codes, valid dates and near matches (口岸及相关地点代码)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.standards.locations import records, rules
from kouan.standards.locations.routes import router

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="standards.locations",
        title=Text("口岸及地点代码", "Location codes"),
        summary=Text(
            "联合国代码与国家代码（GB/T 7407、GB/T 15514、关区）对照，含有效期和相近代码",
            "UN/LOCODE beside national codes (GB/T 7407, GB/T 15514, customs districts), with valid dates and near matches",
        ),
        clauses=("6.3", "G6.3*"),
        routes=(router,),
    )
)
