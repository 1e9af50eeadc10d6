"""What an interface must be before it is called."""

from __future__ import annotations

import json
from typing import ClassVar

from kouan.base.exchange.api import address_of
from kouan.base.verification.records import Interface
from kouan.kernel.errors import Refused
from kouan.kernel.rules import Found, Rule, Severity, Unmet
from kouan.kernel.text import Text


class Callable(Rule):
    """Where the address leads is looked at again at each call."""

    code = "VER-INTERFACE"
    at = "filing"
    of = Interface.facts.name
    title = Text("接口可以验证", "The interface can be verified")
    clause = "HS/T 82 7.2.5 b) 10)"
    severity: ClassVar[Severity] = "refuse"
    owner = "@filer"

    def judge(self, record: Interface, found: Found) -> Unmet | None:
        """Refuses an address that is none, a message that is no JSON object, cases without one that is to be accepted."""
        try:
            address_of(record.address, demo=True)
        except Refused as refused:
            return Unmet(refused.reason, "address")
        for at, case in enumerate(record.cases):
            if not _is_object(case.body):
                return Unmet(Text("报文应为 JSON 对象", "The message is a JSON object"), f"cases.{at}.body")
        if all(case.outcome != "accepted" for case in record.cases):
            return Unmet(Text("至少一个用例应被受理", "At least one case is to be accepted"), "cases")
        if record.report:
            return Unmet(Text("报告由平台填写，请留空", "The platform states the report: leave it out"), "report")
        return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
