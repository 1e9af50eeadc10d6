"""The seven families of the basic database, items a) to g) of HS/T 82 7.2.1, and which record types belong to each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kouan.kernel.records import Record, record_types
from kouan.kernel.text import Text

FAMILIES: Mapping[str, Text] = {
    "a": Text("通关数据", "Clearance data"), "b": Text("物流数据", "Logistics data"), "c": Text("企业基础信息", "Enterprises"),
    "d": Text("跨部门共享数据", "Data shared across departments"), "e": Text("跨境传输数据", "Cross-border data"),
    "f": Text("口岸设施设备数据", "Facilities and devices"), "g": Text("政务基础数据", "Government base data"),
}  # fmt: skip
ALSO: Mapping[str, str] = {
    "base.portcall.port_call": "a", "base.manifest.rail_manifest": "a", "base.permit.certificate": "a", "services.booking.booking": "b",
    "base.grant.grant": "d", "base.exchange.instruction": "d", "supervision.inspection.order": "d", "operations.alerts.hazard": "d",
    "cooperation.gateway.message": "e", "cooperation.gateway.dispatch": "e",
    "facilities.devices.device": "f", "facilities.devices.event": "f", "facilities.gate.passage": "f", "facilities.access.passage": "f",
    "facilities.rooms.asset": "f", "facilities.telemetry.analysis": "f", "base.place.place": "g",
}  # fmt: skip
"""Types whose own clause is another one, and that hold a family's data."""
_CLAUSE = re.compile(r"7\.2\.1 ([a-g])\)")


def family_of(cls: type[Record]) -> str:
    """The letter of a record type's family; empty for what is no basic data."""
    found = _CLAUSE.match(cls.facts.clause)
    return found[1] if found else ALSO.get(cls.facts.name, "")


def types_of(family: str) -> tuple[type[Record], ...]:
    """The record types of a family, by name."""
    return tuple(cls for cls in record_types() if cls.facts.http and family_of(cls) == family)
