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


def firms() -> Iterator[dict[str, Any]]:
    """The demo's trader, with its credit level and a violation that is closed."""
    yield {
        "code": "91379999MA0WHH048N", "name_zh": "亡是贸易（虚构）", "name_en": "Wangshi Trading (fictional)", "grade": "aeo",
        "grade_since": "2024-05-01", "aeo_code": "AEOCNSIM00048", "simulated": True,
        "qualifications": [{"kind": "declarant", "number": "SIM-Q-048", "authority": "customs", "since": "2020-01-01"}],
        "violations": [{"number": "SIM-V-048", "authority": "customs", "on": "2021-03-01", "kind": "late declaration",
                        "penalty": "warning", "closed": True}],
    }  # fmt: skip
