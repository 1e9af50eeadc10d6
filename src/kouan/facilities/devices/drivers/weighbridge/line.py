"""A connection to one weighbridge's indicator: it sends its weight, nothing is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kouan.facilities.devices.lining import Target
from kouan.facilities.devices.telling import Told, Value
from kouan.kernel.drivers import Driver

PATIENCE = 5.0
"""Seconds to connect; after three keep-alives without a byte the connection is made anew."""


class WeighbridgeLine:
    """One indicator; `driver` reads its bytes."""

    def __init__(self, device: Target, driver: Callable[[], Driver]) -> None:
        host, _, port = device.data.address.rpartition(":")
        self._host, self._port, self._quiet = host, int(port), 3.0 * device.data.keep_alive_s
        self._driver = driver

    async def run(self, said: Callable[[Told], None]) -> None:
        """Tell its weights until the connection breaks."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection(self._host, self._port), PATIENCE)
        driver = self._driver()
        try:
            while chunk := await asyncio.wait_for(reader.read(4096), self._quiet):
                decoded = driver.decode(chunk)
                told = Told([Value(one["metric"], one["value"], 0, one["quality"]) for one in decoded.observations])
                told.refused.update(decoded.refused)
                said(told)
        finally:
            writer.close()
