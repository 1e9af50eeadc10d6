"""Papers of the demo port that are there from the start: a code that has ended, and the file of a firm; all invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def codes() -> Iterator[dict[str, Any]]:
    """A commodity code of our own, outside the Harmonized System, with an end date."""
    yield {
        "set_name": "hs", "code": "98990100", "name_zh": "演示代码（已停用）", "name_en": "Code for demonstrations (ended)",
        "since": "2022-01-01", "until": "2025-12-31", "demo": True,
    }  # fmt: skip


def rates() -> Iterator[dict[str, Any]]:
    """Rates of two codes that the simulated trade declares; examples, and marked so: no port's tariff."""
    for hs, kind, percent in (("84581100", "mfn", "5"), ("84581100", "vat", "13"), ("851679", "mfn", "8"), ("851679", "vat", "13")):
        yield {"hs": hs, "kind": kind, "percent": percent, "since": "2026-01-01", "reason": "example, no real rate", "demo": True}


def firms() -> Iterator[dict[str, Any]]:
    """The demo's trader, with its credit level and a violation that is closed."""
    yield {
        "code": "91379999MA0WHH048N", "name_zh": "亡是贸易（虚构）", "name_en": "Wangshi Trading (fictional)", "grade": "aeo",
        "grade_since": "2024-05-01", "aeo_code": "AEOCNSIM00048", "simulated": True,
        "qualifications": [{"kind": "declarant", "number": "SIM-Q-048", "authority": "customs", "since": "2020-01-01"}],
        "violations": [{"number": "SIM-V-048", "authority": "customs", "on": "2021-03-01", "kind": "late declaration",
                        "penalty": "warning", "closed": True}],
    }  # fmt: skip


def profiles() -> Iterator[dict[str, Any]]:
    """The demo port's own profile: a sea port with road and rail, its goals invented."""
    goals = [
        ("候车时间不超过15分钟（演示目标）", "Vehicles wait at most 15 minutes (demo goal)", "2025", "gate.wait", "most", "15", 30, "2025-12-31"),
        ("在泊时间不超过18小时（演示目标）", "Ships stay at most 18 hours at berth (demo goal)", "2030", "ships.berth_stay", "most", "18", 90,
         "2030-12-31"),
        ("年吞吐量达到100万标箱（演示目标）", "A million TEU a year (demo goal)", "2035", "boxes.quay_teu", "least", "1000000", 365, "2035-12-31"),
    ]  # fmt: skip
    names = ("title_zh", "title_en", "horizon", "indicator", "way", "target", "days", "due")
    yield {
        "port": "CNWHH", "name_zh": "望海港（演示口岸，虚构）", "name_en": "Wanghai Port (demo port, fictional)", "mode": "water",
        "also": ["road", "rail"], "tier": "key", "goals": [dict(zip(names, goal, strict=True)) for goal in goals],
    }  # fmt: skip
