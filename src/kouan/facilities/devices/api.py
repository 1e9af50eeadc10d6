"""What others may import of devices."""

from kouan.facilities.devices.classes import CLASSES, DRIVERS
from kouan.facilities.devices.hub import CODE as HUB
from kouan.facilities.devices.hub import Hub
from kouan.facilities.devices.living import Life
from kouan.facilities.devices.records import Device, DeviceEvent
from kouan.facilities.devices.register import Entry
from kouan.facilities.devices.service import live

__all__ = ["CLASSES", "DRIVERS", "HUB", "Device", "DeviceEvent", "Entry", "Hub", "Life", "live"]
