"""The gateway abroad: documents of foreign windows, customs and carriers come in and go out signed, by agreement (跨境互联)."""

from __future__ import annotations

from kouan.cooperation.gateway import handlers, jobs, lifecycle, records, rules
from kouan.cooperation.gateway.formats.jws import format as jws
from kouan.cooperation.gateway.routes import router
from kouan.cooperation.gateway.store import DDL
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules, handlers, jobs, jws)
MODULE = declare(
    Module(
        name="cooperation.gateway",
        title=Text("跨境网关", "Gateway abroad"),
        summary=Text(
            "与境外单一窗口、海关和承运人按协定签名交换证书、货物清单和舱单",
            "Signed exchange of certificates, cargo lists and manifests with foreign windows, customs and carriers by agreement",
        ),
        clauses=("7.2.1 e)", "7.2.5 a) 4)"),
        routes=(router,),
        ddl=DDL,
    )
)
