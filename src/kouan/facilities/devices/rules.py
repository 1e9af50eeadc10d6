"""What a device's entry in the register must be, and what a metric's address must be for its protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kouan.facilities.devices.classes import FOUND
from kouan.facilities.devices.records import Device, Maintenance
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

DEVICE = Device.facts.name
CLAUSE = "HS/T 82 5.2"
RESERVED = ("LANE", "SPBV1", "KOUAN", "DEVICE")
"""Names that stand for something else in topics or accounts."""
_SECRET = re.compile(r"//[^/@\s]*:[^/@\s]*@|(?i:passw(or)?d|pwd|secret|token|口令|密码)\s*[=:：]")


class PlainAddress(Rule):
    """An address has its protocol's form, and names no password: those are given out by the register itself."""

    code = "DEV-ADDRESS"
    at = "filing"
    of = DEVICE
    title = Text("通信地址有效且不含口令", "Valid address without secrets")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Device, found: Found) -> Unmet | None:
        """Refuses a secret, and an address that is none of the protocol's."""
        if _SECRET.search(record.address):
            return Unmet(Text("通信地址不得含口令", "An address contains no secrets"), "address")
        driver = FOUND[record.driver]
        if driver.address is not None and not driver.address.match(record.address):
            words = driver.address_words
            return Unmet(Text(f"该接入方式的地址应为：{words.zh}", f"The address of this protocol is {words.en}"), "address")
        return None


class SaneMetrics(Rule):
    """Each metric once, a range that is one; the device's code stands for nothing else."""

    code = "DEV-METRICS"
    at = "filing"
    of = DEVICE
    title = Text("测点定义有效", "Valid metrics")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Device, found: Found) -> Unmet | None:
        """Refuses what cannot be measured so."""
        if record.code in RESERVED:
            return Unmet(Text("该编码为保留字", "This code is reserved"), "code")
        names = [metric.name for metric in record.metrics]
        if len(set(names)) < len(names):
            return Unmet(Text("测点名重复", "Two metrics have one name"), "metrics")
        for metric in record.metrics:
            if metric.low is not None and metric.high is not None and metric.low >= metric.high:
                return Unmet(Text(f"测点 {metric.name} 的量程下限不小于上限", f"The range of {metric.name} is empty"), "metrics")
        if (record.lon is None) != (record.lat is None):
            return Unmet(Text("经度和纬度须一并给出", "Longitude and latitude go together"), "lon")
        return None


class MetricAddresses(Rule):
    """A metric's address in the device has the form that the device's driver reads: a register of Modbus, a node of OPC UA."""

    code = "DEV-SOURCE"
    at = "filing"
    of = DEVICE
    title = Text("测点在设备内的地址有效", "Valid addresses in the device")
    clause = CLAUSE
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Device, found: Found) -> Unmet | None:
        """Refuses a metric that could not be read."""
        driver = FOUND[record.driver]
        read, words = driver.source, driver.source_words
        if read is None:
            return None
        for metric in record.metrics:
            if read(metric.source) is None:
                zh, en = f"测点 {metric.name} 的设备内地址应为：{words.zh}", f"The address of {metric.name} in the device is {words.en}"
                return Unmet(Text(zh, en), "metrics")
        return None


class WorkOnDevice(Rule):
    """Work is planned on a device that stands in the register."""

    code = "DEV-WORK"
    at = "filing"
    of = Maintenance.facts.name
    title = Text("设备在台账中", "The device is registered")
    clause = "HS/T 82 6.3"
    severity = "refuse"
    owner = "portoffice"

    def needs(self, record: Maintenance, filer: str) -> Iterable[Need]:
        """The device by its code."""
        return (Need(DEVICE, key=record.device.partition(":")[2]),)

    def judge(self, record: Maintenance, found: Found) -> Unmet | None:
        """Refuses an unknown device, and one that is the filer's no business."""
        kept = next(iter(found.of(Need(DEVICE, key=record.device.partition(":")[2]))), None)
        if kept is None:
            return Unmet(Text("台账中没有该设备", "There is no such device in the register"), "device")
        if kept.filer != found.filer:
            return Unmet(Text("只有设备的归属单位可以安排维护", "Work is planned by the owner of the device"), "device")
        return None
