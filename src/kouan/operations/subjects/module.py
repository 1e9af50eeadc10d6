"""Subject domains (数据主题库·业务域; HS/T 82 7.2.4 a)): the eight of them, read out of the facts kept."""

from __future__ import annotations

from kouan.base.movement.api import HandlingOrder
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.subjects import planning, routes, routes_chain, routes_economy, routes_lookup, routes_person

planning.plans(HandlingOrder.facts.name, planning.ordered)
MODULE = declare(
    Module(
        name="operations.subjects",
        title=Text("业务主题域", "Subject domains"),
        summary=Text(
            "企业、商品、运输工具、人员、单证、物流、口岸运行、口岸经济业务域，直接读取已存事实，合计可查到单个记录",
            "Firms, commodities, conveyances, persons, shipments, containers, port operation and economy, out of the facts kept",
        ),
        clauses=("7.2.4 a)", *(f"H7.2.4a{number}" for number in range(1, 9))),
        pages=(
            Page("/operations/subjects", Text("口岸运行业务域", "Port operation by hour")),
            Page("/operations/subjects/lookup", Text("运输工具与集装箱查询", "Conveyance or container")),
            Page("/operations/subjects/economy", Text("口岸经济业务域", "Industries and hinterland")),
        ),
        routes=(routes.router, routes_lookup.router, routes_chain.router, routes_person.router, routes_economy.router),
    )
)
