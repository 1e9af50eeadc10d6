"""Meters as text: what a reader of Prometheus' format requires."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.assurance.running.prometheus import Told, text
from kouan.kernel.meters import Tally

SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} ([-+.0-9e]+)')


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.lists(st.floats(1e-5, 200), min_size=1, max_size=20), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_line_is_a_sample_and_buckets_add_up(times: dict[str, list[float]]) -> None:
    tally = Tally()
    for service, took in times.items():
        for one in took:
            tally.meter(service).add(one, one / 2, failed=one > 1)
            tally.edge("door", service, 1, one)
    lines = text([Told("serve", 7, 1.5, tally)]).split("\n")
    assert lines.pop() == ""
    found: dict[str, list[float]] = {}
    for line in lines:
        if not line.startswith("# "):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            found.setdefault(f"{sample[1]} {re.sub(',le=.*', '', sample[2])}", []).append(float(sample[3]))
    counts = [values for name, values in found.items() if name.startswith("kouan_service_seconds_bucket")]
    assert len(counts) == len(times)
    for values in counts:
        assert values == sorted(values)
    assert sorted(values[-1] for values in counts) == sorted(len(took) for took in times.values())
