"""Push: subscriptions, and what fits them, told by webhook, as server-sent events, or taken from a queue (数据订阅与推送)."""

from __future__ import annotations

from kouan.base.push import jobs, lifecycle, records, rules
from kouan.base.push.routes import router
from kouan.base.push.store.tables import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (jobs, lifecycle, records, rules)
MODULE = declare(
    Module(
        name="base.push",
        title=Text("数据订阅与推送", "Subscriptions"),
        summary=Text(
            "按条件订阅单证状态、查验放行、物流事件和通知，以签名回调、推送事件或消息队列送达，可按序号重取",
            "Document status, inspection, release, logistics events, notices by filter; signed webhooks, events, queues, replay by number",
        ),
        clauses=("7.2.5b3", "H7.2.5b3"),
        pages=(Page("/base/push", Text("数据订阅", "Subscriptions")),),
        routes=(router,),
        ddl=DDL,
    )
)
