"""Devices: the register of all classes that clause 6 names, their readings, health, maintenance and commands (设备接入与管理)."""

from __future__ import annotations

from kouan.facilities.devices import alerts, handlers, hub, lifecycle, records, rules
from kouan.facilities.devices.classes import FOUND
from kouan.facilities.devices.routes import router
from kouan.facilities.devices.store import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules, handlers, alerts, hub.Hub, *FOUND.values())
MODULE = declare(
    Module(
        name="facilities.devices",
        title=Text("设备", "Devices"),
        summary=Text("设备台账、接入、健康、维护与指令", "The register of devices, their intake, health, maintenance and commands"),
        clauses=("H5.2", "H6.3"),
        pages=(Page("/facilities/devices", Text("设备", "Devices")),),
        routes=(router,),
        ddl=DDL,
    )
)
