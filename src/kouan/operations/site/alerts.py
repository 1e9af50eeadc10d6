"""Warnings of the site: a reefer off its setpoint with the cargo that is in it, and a queue that is too long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.facilities.telemetry.api import micros, moment
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text
from kouan.operations.site.reefers import Reefer
from kouan.operations.site.watching import site_of

WARM = Text(
    "冷藏箱 {box} 温度 {now} ℃，设定 {set} ℃；货物：{goods}", "Reefer {box} is at {now} °C, set to {set} °C; cargo: {goods}"
)
NO_GOODS = Text("未见舱单", "no manifest is known")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,63}")
"""A device of the register; readings may also come of what stands in none."""
LONG = Text("{place}排队 {length} 辆，预计等待 {minutes} 分钟", "{length} vehicles wait at {place}; who comes now waits about {minutes} min")


class ReeferTemperature(Alert):
    """A refrigerated box whose temperature has left its setpoint for a while; it names the cargo by the manifest."""

    code = "operations.site.reefer_temperature"
    title = Text("冷藏箱温度异常", "Reefer temperature")
    clause = "HS/T 82 9.1.7 b)"
    severity: ClassVar[Severity] = "serious"
    owner = "terminal"
    respond = timedelta(minutes=15)
    clears_after = timedelta(minutes=2)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "degrees": Parameter(Text("偏离设定温度", "Off the setpoint by"), 3, "°C", 0.5, 40),
        "seconds": Parameter(Text("持续", "For"), 60, "s", 0, 7200),
        "stale_min": Parameter(Text("读数有效期", "A reading counts for"), 30, "min", 1, 1440),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """Each box by its last reading; one that has not told for long is the device's alarm, not this one."""
        site, present = site_of(view), micros(now)
        if site is None:
            return
        for reefer in site.reefers.by_box.values():
            off = reefer.off()
            if off is None or abs(off) < settings["degrees"] or present - reefer.at > settings["stale_min"] * 60e6:
                reefer.since = 0
                continue
            reefer.since = reefer.since or reefer.at
            if reefer.asked == reefer.since and present - reefer.since >= settings["seconds"] * 1e6:
                yield _raised(reefer, off, settings["degrees"])


def _raised(reefer: Reefer, off: float, limit: float) -> Raised:
    goods = Text("、".join(reefer.goods), "; ".join(reefer.goods)) if reefer.goods else NO_GOODS
    if reefer.bills:
        bills = ", ".join(bill.partition(":")[2] for bill in reefer.bills)
        goods = Text(f"{goods.zh}（提单 {bills}）", f"{goods.en} (bill {bills})")
    facts = {"box": reefer.box, "now": f"{reefer.temperature:g}", "set": f"{reefer.setpoint:g}"}
    said = Text(WARM.zh.format(**facts, goods=goods.zh)[:600], WARM.en.format(**facts, goods=goods.en)[:600])
    evidence = {
        "device": reefer.device, "temperature_c": reefer.temperature, "setpoint_c": reefer.setpoint, "off_c": round(off, 2),
        "read_at": moment(reefer.at).isoformat(), "goods": list(reefer.goods), "papers": list(reefer.papers),
        "bills": list(reefer.bills),
    }  # fmt: skip
    device = (f"device:{reefer.device}",) if _CODE.fullmatch(reefer.device) else ()
    subjects = (f"container:{reefer.box}", *device, *reefer.bills, *reefer.papers)
    return Raised(
        reefer.box, said, moment(reefer.since), subjects, evidence, value=reefer.temperature,
        threshold=limit, orgs=("customs", "portoffice", "terminal"), simulated=reefer.simulated,
    )  # fmt: skip


class LongQueue(Alert):
    """A queue in which who comes now will wait too long."""

    code = "operations.site.long_queue"
    title = Text("排队过长", "Long queue")
    clause = "HS/T 82 9.1.7 a)"
    severity: ClassVar[Severity] = "notice"
    owner = "terminal"
    respond = timedelta(minutes=20)
    clears_after = timedelta(minutes=2)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "minutes": Parameter(Text("预计等待", "Expected wait"), 30, "min", 1, 600),
        "length": Parameter(Text("排队车辆", "Vehicles that wait, at least"), 5, "vehicles", 1, 1000),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """By forecast; where nobody has left yet, by who waits longest."""
        site = site_of(view)
        if site is None:
            return
        for queue in site.queues.values():
            facts = queue.facts(micros(now) / 1e6)
            wait = facts["forecast_wait_s"] if facts["forecast_wait_s"] is not None else facts["longest_wait_s"]
            if facts["length"] >= settings["length"] and wait >= settings["minutes"] * 60:
                minutes, length = f"{wait / 60:.0f}", str(facts["length"])
                said = Text(
                    LONG.zh.format(place=queue.name_zh, length=length, minutes=minutes),
                    LONG.en.format(place=queue.name_en, length=length, minutes=minutes),
                )
                yield Raised(
                    queue.place, said, now, (queue.place,), {name: facts[name] for name in ("length", "per_hour", "median_wait_s")},
                    value=round(wait / 60, 1), threshold=settings["minutes"], simulated=bool(facts["simulated"]),
                )  # fmt: skip
