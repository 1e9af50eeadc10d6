"""Meters as the text that Prometheus reads (exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kouan.kernel.meters import BOUNDS, Meter, Tally

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
COARSE = range(0, len(BOUNDS), 2)
"""Every second bucket: bounds that double."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one process counted since it began (seconds since 1970)."""

    process: str
    pid: int
    began: float
    tally: Tally


def text(told: Iterable[Told]) -> str:
    """All processes' meters."""
    processes = list(told)
    return "\n".join((*_families(processes), ""))


def _families(processes: list[Told]) -> Iterator[str]:
    yield "# HELP kouan_process_start_time_seconds When the process began."
    yield "# TYPE kouan_process_start_time_seconds gauge"
    for one in processes:
        yield f'kouan_process_start_time_seconds{{process="{_escaped(one.process)}",pid="{one.pid}"}} {one.began:.3f}'
    yield "# HELP kouan_service_seconds How long calls of a service took, with what it waited for."
    yield "# TYPE kouan_service_seconds histogram"
    for labels, meter in _meters(processes):
        yield from _histogram(labels, meter)
    yield "# HELP kouan_service_own_seconds_total Time of a service without what it waited for."
    yield "# TYPE kouan_service_own_seconds_total counter"
    for labels, meter in _meters(processes):
        yield f"kouan_service_own_seconds_total{{{labels}}} {meter.own:.6f}"
    yield "# HELP kouan_service_errors_total Calls of a service that failed."
    yield "# TYPE kouan_service_errors_total counter"
    for labels, meter in _meters(processes):
        yield f"kouan_service_errors_total{{{labels}}} {meter.errors}"
    yield "# HELP kouan_service_asks_total How often a service asked another."
    yield "# TYPE kouan_service_asks_total counter"
    for one in processes:
        for (caller, service), (times, _) in sorted(one.tally.asked.items()):
            pair = f'caller="{_escaped(caller)}",service="{_escaped(service)}"'
            yield f'kouan_service_asks_total{{process="{_escaped(one.process)}",pid="{one.pid}",{pair}}} {int(times)}'
    yield "# HELP kouan_counted_total What else a process counts (what became of spans, metrics and logs on their way to a collector)."
    yield "# TYPE kouan_counted_total counter"
    for one in processes:
        for what, times in sorted(one.tally.counts.items()):
            yield f'kouan_counted_total{{process="{_escaped(one.process)}",pid="{one.pid}",what="{_escaped(what)}"}} {times}'


def _meters(processes: Iterable[Told]) -> Iterator[tuple[str, Meter]]:
    for one in processes:
        for service, meter in sorted(one.tally.of.items()):
            yield f'process="{_escaped(one.process)}",pid="{one.pid}",service="{_escaped(service)}"', meter


def _histogram(labels: str, meter: Meter) -> Iterator[str]:
    for bound in COARSE:
        below = sum(times for number, times in meter.buckets.items() if number <= bound)
        yield f'kouan_service_seconds_bucket{{{labels},le="{BOUNDS[bound]:.6g}"}} {below}'
    yield f'kouan_service_seconds_bucket{{{labels},le="+Inf"}} {meter.count}'
    yield f"kouan_service_seconds_sum{{{labels}}} {meter.seconds:.6f}"
    yield f"kouan_service_seconds_count{{{labels}}} {meter.count}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
