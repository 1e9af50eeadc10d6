"""All modules of all boards, found by their place: a folder with a `module.py`; importing it registers its parts.

Beside them stand rule packs, which are packages of their own (`packs`).
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache

import kouan
from kouan.app import packs
from kouan.app.packs import Pack
from kouan.kernel.text import Text

BOARDS: dict[str, tuple[str, Text, Text]] = {
    "facilities": (
        "6",
        Text("设施设备", "Facilities"),
        Text("卡口、场所、通道、设备与实验室", "Gates, yards, lanes, devices and laboratories"),
    ),
    "base": (
        "7",
        Text("数字底座", "Digital base"),
        Text(
            "基础数据库、治理、主题库、交换与开放服务",
            "Basic database, governance, subject store, exchange and open services",
        ),
    ),
    "operations": (
        "8",
        Text("运行管理", "Operations"),
        Text(
            "监测预警、指挥调度、统计预测、绩效评估、可视化",
            "Monitoring, dispatch, statistics, forecast, evaluation, display",
        ),
    ),
    "supervision": (
        "9",
        Text("协同监管", "Coordinated supervision"),
        Text("智能通关与跨部门监管协作", "Smart clearance and cooperation of agencies"),
    ),
    "services": (
        "10",
        Text("综合服务", "Integrated services"),
        Text(
            "口岸物流、多式联运、跨境贸易、口岸经济",
            "Port logistics, multimodal transport, cross-border trade, port economy",
        ),
    ),
    "cooperation": (
        "11",
        Text("区域合作", "Regional cooperation"),
        Text("国内区域协作与国际互联互通", "Cooperation of regions and international interconnection"),
    ),
    "standards": (
        "12",
        Text("标准体系", "Standards system"),
        Text("标识、代码、单位与术语", "Identifiers, codes, units and terms"),
    ),
    "assurance": (
        "13",
        Text("保障体系", "Assurance system"),
        Text("安全运行、应急、培训与客户服务", "Safe operation, continuity, training and customer service"),
    ),
}


@cache
def load() -> tuple[str, ...]:
    """Import every board's modules, then the rule packs that are installed; answers the modules' names (`board.module`).

    Raises Trouble when a pack does not fit.
    """
    found: list[str] = []
    for board in BOARDS:
        package = importlib.import_module(f"{kouan.__name__}.{board}")
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
            name = f"{package.__name__}.{info.name}"
            if info.ispkg and importlib.util.find_spec(f"{name}.module"):
                importlib.import_module(f"{name}.module")
                found.append(f"{board}.{info.name}")
    installed()
    return tuple(found)


@cache
def installed() -> tuple[Pack, ...]:
    """The rule packs that are installed."""
    return packs.load()
