"""The simulated device park of the demo port (模拟设备园): devices of many classes at the port's places, telling every few seconds.

Each enrols by the public doors as its owner's, enters the broker with credentials of its own, and is marked as simulated.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan_sim.devices import Sensor, credentials, enrol
from kouan_sim.doors import Accounts, Door, Unreachable, running
from kouan_sim.mqtt import NotConnected

log = logging.getLogger(__name__)
SITE = "CNWHH"
EVERY = 5.0
Entry = dict[str, Any]


@dataclass(frozen=True)
class Course:
    """How a metric moves: around a middle, by a swing over a period in seconds, with a little noise."""

    middle: float
    swing: float
    period: float = 600.0
    noise: float = 0.02
    whole: bool = False

    def at(self, seconds: float, chance: random.Random) -> float:
        """Its value at a moment."""
        noise = chance.gauss(0, self.noise * max(abs(self.swing), 0.1))
        value = self.middle + self.swing * math.sin(2 * math.pi * seconds / self.period) + noise
        return float(round(value)) if self.whole else round(value, 2)


@dataclass(frozen=True)
class Plan:
    """A class of devices of the park: how many, where, whose, and what each measures (metric: unit, lowest, highest, course)."""

    prefix: str
    kind: str
    zh: str
    en: str
    places: tuple[str, ...]
    metrics: Mapping[str, tuple[str, float, float, Course]]
    org: str = "terminal"


def _yard(blocks: str) -> tuple[str, ...]:
    return tuple(f"YARD/{block}" for block in blocks.split())


PLANS = (
    Plan(
        "SIM-WS",
        "weather",
        "气象站",
        "Weather station",
        ("QUAY/1", "PILOT"),
        {
            "wind_speed": ("m/s", 0, 75, Course(6, 3)),
            "wind_from": ("deg", 0, 360, Course(140, 30)),
            "air_temperature": ("Cel", -40, 60, Course(12, 2)),
            "visibility": ("m", 0, 50_000, Course(9000, 2500)),
        },
        "portoffice",
    ),
    Plan(
        "SIM-TG",
        "tide",
        "潮位站",
        "Tide gauge",
        ("BERTH/B1",),
        {"level": ("m", -2, 8, Course(2.4, 1.6, 44_700))},
        "portoffice",
    ),
    Plan(
        "SIM-RF",
        "reefer_plug",
        "冷藏箱插座",
        "Reefer plug",
        _yard("A01 A01 A02 A02 A03 A03"),
        {"supply": ("Cel", -40, 40, Course(-18, 0.8, 240)), "power": ("kW", 0, 20, Course(4, 1.5, 240))},
    ),
    Plan(
        "SIM-QC",
        "crane",
        "岸桥",
        "Quay crane",
        ("BERTH/B1", "BERTH/B1", "BERTH/B2", "BERTH/B3"),
        {
            "load": ("t", 0, 65, Course(18, 14, 120)),
            "wind_speed": ("m/s", 0, 75, Course(7, 3)),
            "power": ("kW", 0, 1500, Course(420, 250, 120)),
        },
    ),
    Plan(
        "SIM-PM",
        "power_meter",
        "电力仪表",
        "Power meter",
        ("QUAY/1", "GATE"),
        {"power": ("kW", 0, 8000, Course(2600, 700)), "voltage": ("V", 0, 480, Course(399, 2))},
    ),
    Plan(
        "SIM-AQ",
        "air_quality",
        "空气质量监测仪",
        "Air-quality monitor",
        ("GATE", "YARD/B03"),
        {"pm25": ("ug/m3", 0, 1000, Course(38, 12)), "no2": ("ug/m3", 0, 2000, Course(41, 9))},
        "portoffice",
    ),
    Plan(
        "SIM-WB",
        "weighbridge",
        "电子地磅",
        "Weighbridge",
        ("LANE/IN-1", "LANE/OUT-1"),
        {"gross": ("kg", 0, 120_000, Course(15_000, 14_000, 90, 0.001, True))},
    ),
    Plan(
        "SIM-RP",
        "radiation_portal",
        "放射性探测门",
        "Radiation portal",
        ("LANE/IN-1", "LANE/OUT-1"),
        {"gamma": ("1/s", 0, 100_000, Course(42, 4, 60))},
        "customs",
    ),
    Plan(
        "SIM-BR",
        "barrier",
        "电动栏杆",
        "Barrier",
        ("LANE/IN-1", "LANE/OUT-1"),
        {"raised": ("", 0, 1, Course(0.5, 0.5, 90, 0, True))},
    ),
    Plan(
        "SIM-HC",
        "head_counter",
        "客流计数器",
        "Head counter",
        ("HALL", "GATE"),
        {"inside": ("", 0, 5000, Course(32, 14, 900, 0.02, True))},
        "portoffice",
    ),
    Plan(
        "SIM-CA",
        "camera",
        "视频摄像机",
        "Camera",
        ("GATE", "QUAY/1"),
        {"bitrate": ("Mbit/s", 0, 50, Course(4.2, 0.6)), "recording": ("", 0, 1, Course(1, 0, 60, 0, True))},
    ),
    Plan(
        "SIM-EN",
        "environment",
        "机柜温湿度传感器",
        "Rack sensor",
        ("HALL/1", "HALL/1", "HALL/2"),
        {"temperature": ("Cel", -20, 80, Course(23, 1.2)), "humidity": ("%", 0, 100, Course(46, 5))},
        "portoffice",
    ),
    Plan(
        "SIM-UP",
        "ups",
        "不间断电源",
        "UPS",
        ("HALL/1",),
        {"load": ("%", 0, 100, Course(38, 6)), "battery": ("%", 0, 100, Course(99, 1))},
        "portoffice",
    ),
    Plan(
        "SIM-LK",
        "leak",
        "漏水传感器",
        "Leak sensor",
        ("HALL/1",),
        {"leak": ("", 0, 1, Course(0, 0, 60, 0, True))},
        "portoffice",
    ),
    Plan(
        "SIM-SV",
        "server",
        "服务器",
        "Server",
        ("HALL/1", "HALL/1"),
        {"load": ("%", 0, 100, Course(35, 15, 300)), "space": ("%", 0, 100, Course(57, 1))},
        "portoffice",
    ),
    Plan(
        "SIM-TI",
        "temperature_screening",
        "体温监测设备",
        "Temperature screening",
        ("HALL",),
        {"skin": ("Cel", 20, 45, Course(36.3, 0.4, 30))},
        "customs",
    ),
)


def entries(plan: Plan) -> Iterator[Entry]:
    """The register's entries of a class."""
    for n, place in enumerate(plan.places, 1):
        metrics = [
            {"name": name, "unit": unit, "low": low, "high": high}
            for name, (unit, low, high, _) in plan.metrics.items()
        ]
        yield {
            "code": f"{plan.prefix}-{n:02d}", "name_zh": f"模拟{plan.zh}{n}号", "name_en": f"Simulated {plan.en.lower()} {n}",
            "kind": plan.kind, "place": f"place:{SITE}/{place}", "driver": "mqtt", "metrics": metrics, "keep_alive_s": 15,
            "simulated": True,
        }  # fmt: skip


def broker(home: Path) -> tuple[str, int]:
    """Where the platform of a data folder hears devices. Raises Unreachable when it does not say so."""
    port = running(home).get("mqtt")
    if not port:
        raise Unreachable("no broker is known")
    return "127.0.0.1", int(port)


async def park(url: str, accounts: Accounts, home: Path, chance: random.Random) -> None:
    """Enrol all devices, then let them tell until cancelled."""
    given: list[tuple[Plan, str, str]] = []
    for org in dict.fromkeys(plan.org for plan in PLANS):
        async with Door(url, accounts.token(org)) as door:
            for plan in (one for one in PLANS if one.org == org):
                for entry in entries(plan):
                    await enrol(door, entry)
                    given.append((plan, *await credentials(door, entry["code"])))
    where = broker(home)
    log.info("simulated devices: %d", len(given))
    begin = asyncio.get_running_loop().time
    acts = [_device(plan, (*where, user, password), begin, chance.random() * 3600) for plan, user, password in given]
    await asyncio.gather(*acts)


async def _device(plan: Plan, line: tuple[str, int, str, str], clock: Callable[[], float], phase: float) -> None:
    """One device: it tells every few seconds, and comes back when its line breaks."""
    chance = random.Random(phase)  # a simulation, no secret
    while True:
        try:
            async with Sensor(*line) as sensor:
                while True:
                    now, metrics = clock() + phase, plan.metrics.items()
                    await sensor.tell(
                        **{name: _held(course, low, high, now, chance) for name, (_, low, high, course) in metrics}
                    )
                    await asyncio.sleep(EVERY * (0.9 + 0.2 * chance.random()))
        except (NotConnected, OSError):
            await asyncio.sleep(2 + 3 * chance.random())


def _held(course: Course, low: float, high: float, seconds: float, chance: random.Random) -> float:
    return min(max(course.at(seconds, chance), low), high)
