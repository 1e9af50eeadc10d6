"""The alarm that a linked platform has fallen silent (HS/T 82 7.2.5 a) 2))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.cooperation.link.service.beating import EVERY, MISSED
from kouan.cooperation.link.watching import CODE, Partners
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text

SILENT = Text("互联平台 {partner} 已 {seconds} 秒无音讯", "The linked platform {partner} was not heard for {seconds} s")


class PartnerSilent(Alert):
    """A partner with which an agreement is in force misses two beats."""

    code = "cooperation.link.partner_silent"
    title = Text("互联平台无音讯", "A linked platform is silent")
    clause = "HS/T 82 7.2.5 a) 2)"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=30)
    clears_after = timedelta(seconds=10)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "seconds": Parameter(Text("无音讯超过", "Silent for"), MISSED * EVERY, "s", EVERY, 86_400),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each partner."""
        watcher: Partners = view.watchers[CODE]
        for one in watcher.standings:
            if one.silent_s < settings["seconds"]:
                continue
            message = SILENT.fill(partner=one.partner.partition(":")[2], seconds=str(int(one.silent_s)))
            since = one.at - timedelta(seconds=one.silent_s)
            yield Raised(one.partner, message, since, (one.partner,), one.out(), value=one.silent_s, threshold=settings["seconds"])
