"""Exchange: one door for every message, one outbox for every party (数据交换)."""

from __future__ import annotations

from kouan.base.exchange import handlers, jobs, records
from kouan.base.exchange.formats.csv import format as csv
from kouan.base.exchange.formats.edifact import format as edifact
from kouan.base.exchange.formats.imo_fal import format as imo_fal
from kouan.base.exchange.formats.imo_fal_sheet import format as imo_fal_sheet
from kouan.base.exchange.formats.json import format as json
from kouan.base.exchange.formats.wco_dec import format as wco_dec
from kouan.base.exchange.formats.wco_res import format as wco_res
from kouan.base.exchange.formats.xlsx import format as xlsx
from kouan.base.exchange.routes import answers, connectors, convert, deliveries, inbox, intake, routing, status
from kouan.base.exchange.store.tables import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (csv, edifact, handlers, imo_fal, imo_fal_sheet, jobs, json, records, wco_dec, wco_res, xlsx)
MODULE = declare(
    Module(
        name="base.exchange",
        title=Text("数据交换", "Exchange"),
        summary=Text(
            "受理各种格式的报文，隔离退回的原件，分送各部门并收取答复",
            "Takes in messages of every format, keeps refused ones for their senders, tells the agencies, takes answers",
        ),
        lasting=True,
        clauses=("7.2.1", "7.2.5", "W04"),
        pages=(
            Page("/base/intake", Text("提交报文", "File messages")),
            Page("/base/inbox", Text("收件箱", "Inbox")),
            Page("/base/outbox", Text("在途报文", "Messages on their way")),
            Page("/base/meter", Text("一次填报计量", "Once-only meter")),
        ),
        routes=(
            answers.router, intake.router, inbox.router, connectors.router, deliveries.router, routing.router, status.router,
            convert.router,
        ),
        ways=(intake.Straight().route(),),
        ddl=DDL,
    )
)
