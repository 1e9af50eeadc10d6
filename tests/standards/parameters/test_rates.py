"""Which duty rate stands on a day, on facts alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kouan.kernel.rules import Need, judge
from kouan.standards.parameters.records import Rate
from kouan.standards.parameters.rules import RATE, RateOverlap, RateStated
from kouan.standards.parameters.standing import in_force
from tests.facts import found, kept


def rate(**more: Any) -> Rate:
    return Rate.model_validate({"hs": "8458", "kind": "mfn", "percent": "9", "since": "2025-01-01", **more})


def test_the_longest_code_and_the_newest_day_decide() -> None:
    rates = [
        rate(), rate(hs="845811", percent="7"), rate(hs="845811", percent="6", since="2026-01-01"),
        rate(hs="84581100", percent="1", until="2025-06-30"), rate(kind="vat", percent="13"), rate(hs="8516", percent="99"),
        rate(kind="agreement", area="RCEP", percent="0"),
    ]  # fmt: skip

    def told(code: str, day: date) -> dict[str, str]:
        return {f"{one.kind}{one.area}": str(one.percent) for one in in_force(rates, code, day)}

    assert told("84581100", date(2025, 6, 30)) == {"agreementRCEP": "0", "mfn": "1", "vat": "13"}
    assert told("84581100", date(2025, 7, 1)) == {"agreementRCEP": "0", "mfn": "7", "vat": "13"}
    assert told("84581100", date(2026, 1, 1))["mfn"] == "6"
    assert told("84581900", date(2026, 1, 1))["mfn"] == "9"
    assert told("84581100", date(2024, 12, 31)) == {}


@pytest.mark.parametrize(
    ("more", "kept_rate", "expected"),
    [
        ({"since": "2026-01-01"}, {}, None),
        ({"since": "2026-01-01"}, {"until": "2026-03-31"}, "RATE-OVERLAP"),
        ({"since": "2026-04-01"}, {"until": "2026-03-31"}, None),
        ({"since": "2026-01-01", "kind": "vat"}, {"until": "2026-03-31"}, None),
        ({"hs": "0000"}, {}, "RATE-STATED"),
        ({"until": "2024-12-31"}, {}, "RATE-STATED"),
    ],
)
def test_rates_of_a_code_do_not_overlap(more: dict[str, Any], kept_rate: dict[str, Any], expected: str | None) -> None:
    asked = rate(**more)
    facts = found((Need(RATE, ref=asked.of_code or "", lock=True), [kept(rate(**kept_rate))]))
    unmet = [one.rule.code for one in judge([RateStated(), RateOverlap()], asked, facts) if one.unmet]
    assert unmet == ([expected] if expected else [])
