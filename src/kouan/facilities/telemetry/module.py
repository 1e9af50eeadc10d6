"""Telemetry: ships report by AIS over TCP, UDP or HTTP; the latest picture is kept and told each second.

Readings of devices by MQTT have their place here and are not taken yet.
"""

from __future__ import annotations

from kouan.facilities.telemetry import signals
from kouan.facilities.telemetry.drivers.ais.driver import AisDriver
from kouan.facilities.telemetry.store import DDL
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="facilities.telemetry",
        title=Text("遥测接入", "Telemetry"),
        summary=Text("船舶 AIS 位置接入与最新态势", "AIS positions of ships and the latest picture"),
        clauses=("H6.2",),
        ddl=DDL,
    )
)
PARTS = (signals.VesselPosition, AisDriver)
