"""Alerts of telemetry: a device sends what cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.facilities.telemetry.quality import CODE as QUALITY
from kouan.facilities.telemetry.quality import recent
from kouan.facilities.telemetry.ships import moment
from kouan.facilities.telemetry.signals import CAUSE_NAMES
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.clock import stamp
from kouan.kernel.text import Text

SENT = Text(
    "设备 {device} 的 {metric} 有 {count} 条读数被剔除（{cause}），已要求重新采集",
    "Readings of {metric} of device {device} screened out: {count} ({cause}); it was asked to collect anew",
)


class Unqualified(Alert):
    """A device sends readings that are screened out: out of range, repeated, too old, stuck (HS/T 82 8.1.3 b)."""

    code = "facilities.telemetry.unqualified"
    title = Text("设备数据异常或重复", "A device sends abnormal or repeated data")
    clause = "HS/T 82 8.1.3 b)"
    severity: ClassVar[Severity] = "notice"
    owner = "portoffice"
    respond = timedelta(hours=4)
    clears_after = timedelta(minutes=2)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "count": Parameter(Text("剔除条数达到", "Readings screened out"), 1, "", 1, 1_000_000),
        "window": Parameter(Text("时间窗", "Within"), 120, "s", 10, 3600),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each metric and cause."""
        quality = view.watchers[QUALITY]
        for number, cause, one in recent(quality.incidents, now, timedelta(seconds=settings["window"])):
            series = quality.series.get(number)
            if series is None or one.count < settings["count"] or cause not in CAUSE_NAMES:
                continue
            name = CAUSE_NAMES[cause]
            zh, en = (SENT.fill(device=series.device, metric=series.metric, count=one.count, cause=said) for said in (name.zh, name.en))
            evidence = {
                "device": series.device, "metric": series.metric, "cause": cause, "count": one.count, "value": one.value,
                "since": stamp(moment(one.since)), "until": stamp(moment(one.until)),
                "asked_at": stamp(one.asked) if one.asked else None,
            }  # fmt: skip
            yield Raised(
                f"{number}/{cause}", Text(zh.zh, en.en), one.seen, (f"device:{series.device.upper()}",), evidence,
                value=float(one.count), threshold=settings["count"], orgs=series.orgs, simulated=series.simulated or one.simulated,
            )  # fmt: skip
