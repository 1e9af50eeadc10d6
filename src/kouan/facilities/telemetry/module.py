"""Telemetry: what ships, trackers and devices report, screened, streamed, kept in state and history, told each second."""

from __future__ import annotations

from kouan.base.ingest.api import offer
from kouan.facilities.telemetry import (
    alerts,
    connectors,
    days,
    extraction,
    handlers,
    jobs,
    leases,
    numbers,
    quality,
    records,
    signals,
)
from kouan.facilities.telemetry.lines import FOUND
from kouan.facilities.telemetry.routes import router
from kouan.facilities.telemetry.store import DDL
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="facilities.telemetry",
        title=Text("遥测接入", "Telemetry"),
        summary=Text("船舶、车辆、标签与设备数据的接入、筛选、态势与历史", "Signals of ships, vehicles, tags and devices: intake, screening, state, history"),
        clauses=("H6.2", "H8.1.3"),
        routes=(router,),
        ddl=(*DDL, *numbers.DDL, *leases.DDL, *days.DDL),
    )
)
offer("signals", extraction.signals)
PARTS = (
    signals.Position, signals.Reading, signals.Rejected, signals.VesselStatic,
    *(driver for driver, _ in FOUND.values()), records.Setting, records.Tracker, records.Analysis,
    handlers.ApplySetting, jobs.AnalyseDays, connectors.AnalysisReader, alerts.Unqualified, quality.Quality, days.Days,
)  # fmt: skip
