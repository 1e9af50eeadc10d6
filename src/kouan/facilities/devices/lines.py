"""Connections of the platform to devices: those of the drivers that connect."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kouan.facilities.devices.classes import FOUND
from kouan.facilities.devices.lining import Line
from kouan.facilities.devices.register import Entry

LINES: Mapping[str, Callable[[Entry], Line]] = {code: driver.line for code, driver in FOUND.items() if driver.connects}
