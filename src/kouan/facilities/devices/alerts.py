"""Alerts of devices: one that should speak is silent; one is measured by after its calibration ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.facilities.devices import register
from kouan.facilities.devices.classes import CLASSES
from kouan.facilities.devices.hub import CODE as HUB
from kouan.facilities.devices.hub import Hub
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.clock import stamp
from kouan.kernel.text import Text

SILENT = Text("{kind}“{name}”（{code}）无数据：{why}", "{kind} “{name}” ({code}) does not answer: {why}")
OVERDUE = Text("{kind}“{name}”（{code}）已过校准期", "{kind} “{name}” ({code}) is beyond its calibration")
WHY = {
    "silent": Text("超过两个心跳周期未收到数据", "nothing was heard for two keep-alives"),
    "will": Text("连接中断", "its connection broke"),
}  # fmt: skip


class Silent(Alert):
    """A device in use fell silent or lost its connection."""

    code = "facilities.devices.silent"
    title = Text("设备离线", "Device offline")
    clause = "HS/T 82 6.3"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=30)
    clears_after = timedelta(seconds=5)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "grace": Parameter(Text("离线超过", "Offline for"), 0, "s", 0, 86_400),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each device that was heard and is not any more; one in maintenance may be silent."""
        hub = view.watchers[HUB]
        assert isinstance(hub, Hub)
        for life in hub.lives:
            entry = hub.register.entries.get(life.code)
            if life.online or life.since is None or life.why not in WHY or entry is None or entry.state != "commissioned":
                continue
            away = (now - life.since).total_seconds()
            if away < settings["grace"]:
                continue
            evidence = {"device": life.code, "seen_at": stamp(life.seen) if life.seen else None, "why": life.why,
                        "keep_alive_s": entry.data.keep_alive_s, "driver": entry.data.driver}  # fmt: skip
            yield _raised(entry, _said(SILENT, entry, WHY[life.why]), life.since, evidence, away, settings["grace"])


class Uncalibrated(Alert):
    """A device in use is beyond its calibration."""

    code = "facilities.devices.uncalibrated"
    title = Text("设备超过校准期", "Calibration overdue")
    clause = "HS/T 82 6.3"
    severity: ClassVar[Severity] = "notice"
    owner = "portoffice"
    respond = timedelta(hours=24)
    clears_after = timedelta(seconds=30)
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each such device."""
        hub = view.watchers[HUB]
        assert isinstance(hub, Hub)
        for entry in hub.register.entries.values():
            if register.due(entry, now) and entry.data.calibration_due is not None:
                evidence = {"device": entry.code, "calibration_due": stamp(entry.data.calibration_due)}
                yield _raised(entry, _said(OVERDUE, entry), entry.data.calibration_due, evidence)


def _said(words: Text, entry: register.Entry, why: Text | None = None) -> Text:
    kind, data = CLASSES[entry.data.kind], entry.data
    zh = words.fill(kind=kind.zh, name=data.name_zh, code=data.code, why=why.zh if why else "").zh
    return Text(zh, words.fill(kind=kind.en, name=data.name_en, code=data.code, why=why.en if why else "").en)


def _raised(
    entry: register.Entry, said: Text, at: datetime, evidence: Mapping[str, Any], value: float | None = None, limit: float | None = None
) -> Raised:
    data = entry.data
    subjects = (f"device:{data.code}", *((data.place,) if data.place else ()))
    return Raised(
        data.code, said, at, subjects, evidence, data.lon, data.lat, value, limit, entry.orgs, simulated=data.simulated,
    )  # fmt: skip
