"""Weighbridges on real sockets: their weights arrive, and a broken line is made anew."""

from __future__ import annotations

from uuid import UUID

import pytest

from kouan.facilities.devices.lines import LINES
from kouan.facilities.devices.polling import Pollers
from kouan.facilities.devices.records import Device
from kouan.facilities.devices.register import EMPTY, read
from kouan.facilities.devices.telling import Value
from kouan_sim.weighbridge import Indicator
from tests.facilities.devices.acting import until


@pytest.mark.parametrize("toledo", [False, True])
async def test_weights_arrive_and_a_broken_line_is_made_anew(toledo: bool) -> None:
    heard: list[Value] = []
    pollers = Pollers(lambda _, told: heard.extend(told.values), LINES)
    async with Indicator(31_500, toledo=toledo) as indicator:
        data = Device.model_validate({
            "code": "WB-1", "name_zh": "地磅", "name_en": "Weighbridge", "kind": "weighbridge", "driver": "weighbridge",
            "address": f"127.0.0.1:{indicator.port}", "metrics": [{"name": "gross", "unit": "kg"}],
        })  # fmt: skip
        row = {"id": UUID(int=1), "doc": data.model_dump(mode="json"), "state": "commissioned", "org": 2, "readers": []}
        register = read([row], {}, [])
        await pollers.keep(register)
        await until(lambda: heard)
        assert (heard[0].metric, heard[0].value, heard[0].quality) == ("gross", 31_500, 0)
        indicator.hang_up()
        indicator.weight, indicator.steady = 12_040, False
        await until(lambda: heard[-1].value == 12_040)
        assert heard[-1].quality == 1
        await pollers.keep(EMPTY)
        heard.clear()
    await pollers.stop()
    assert heard == []
