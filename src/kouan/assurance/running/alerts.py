"""The alarm that a service of the platform itself is slow, with the cause that ranks first (HS/T 82 7.2.2 d))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.assurance.running.judging import Bounds
from kouan.assurance.running.watching import CODE, Services, cause_out
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text

SLOW = Text(
    "平台服务“{service}”每次自身耗时由 {before} 毫秒增至 {now} 毫秒，受影响服务 {n} 个",
    "The platform's service “{service}” takes {now} ms itself for a call, {before} ms usually; {n} services are slow by it",
)


class ServiceSlow(Alert):
    """A service takes longer itself than it usually does, beyond what chance explains, and others wait for it."""

    code = "assurance.running.service_slow"
    title = Text("平台服务缓慢", "A service of the platform is slow")
    clause = "HS/T 82 7.2.2 d)"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=30)
    clears_after = timedelta(seconds=30)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "floor": Parameter(Text("最少增加耗时", "Slower by at least"), 100, "ms", 5, 60_000),
        "spreads": Parameter(Text("离散度倍数", "Spreads beyond the usual"), 6, "", 2, 50),
        "calls": Parameter(Text("最少调用次数", "Calls at least"), 3, "calls", 1, 1000),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each cause."""
        services: Services = view.watchers[CODE]
        services.bounds = Bounds(settings["spreads"], settings["floor"] / 1000, int(settings["calls"]))
        for name, (since, cause) in services.found.items():
            told = cause_out(cause)
            n = len([one for one in services.affected if one != name])
            message = SLOW.fill(service=name, before=f"{told['own_before_ms']:g}", now=f"{told['own_now_ms']:g}", n=n)
            evidence = {**told, "affected": services.affected[:50]}
            yield Raised(name, message, since, (), evidence, value=told["own_now_ms"], threshold=settings["floor"])
