"""The alarms that a service of the platform itself is slow, with the cause that ranks first, and that a limit will be reached
(HS/T 82 7.2.2 d))."""

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
    "The platform's service “{service}” takes {now} ms itself for a call, {before} ms usually; other services slow by it: {n}",
)

AHEAD = Text(
    "“{title_zh}”预计 {day} 达到上限（最早 {early}）",
    "“{title_en}” is expected to reach its limit on {day} ({early} at the earliest)",
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
        "known": Parameter(Text("基线最短观察时长", "Usual only after being seen for"), 120, "s", 15, 1200),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each cause."""
        services: Services = view.watchers[CODE]
        services.bounds = Bounds(settings["spreads"], settings["floor"] / 1000, int(settings["calls"]), settings["known"])
        for name, (since, cause) in services.found.items():
            told = cause_out(cause)
            n = len([one for one in services.affected if one != name])
            message = SLOW.fill(service=name, before=f"{told['own_before_ms']:g}", now=f"{told['own_now_ms']:g}", n=n)
            evidence = {**told, "affected": services.affected[:50]}
            yield Raised(name, message, since, (), evidence, value=told["own_now_ms"], threshold=settings["floor"])


class LimitAhead(Alert):
    """A measured limit of the platform is expected to be reached within the days that a running parameter states."""

    code = "assurance.running.limit_ahead"
    title = Text("平台容量将达上限", "A limit of the platform is near")
    clause = "HS/T 82 7.2.2 d)"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(days=1)
    clears_after = timedelta(minutes=5)
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    """The days stand in the running parameter `forecast_days`, by effective date."""

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each measure; where too little is known there is none."""
        services: Services = view.watchers[CODE]
        for one in services.outlooks:
            if one.forecast is None or one.reached is None or one.reached.expected is None:
                continue
            last, reached, ahead = one.days[-1], one.reached, one.reached.expected
            if ahead > services.lead:
                continue
            days = {name: None if n is None else (last + timedelta(days=n)).isoformat()
                    for name, n in (("earliest", reached.earliest), ("expected", reached.expected), ("latest", reached.latest))}
            title = one.measure.title
            message = AHEAD.fill(title_zh=title.zh, title_en=title.en, day=days["expected"], early=days["earliest"])
            evidence = {"measure": one.measure.code, "unit": one.measure.unit, "limit": one.limit, "value": one.values[-1], **days,
                        "trend_per_day": one.forecast.fit.slope, "help": one.measure.help.out()}  # fmt: skip
            yield Raised(one.measure.code, message, now, (), evidence, value=float(ahead), threshold=services.lead)
