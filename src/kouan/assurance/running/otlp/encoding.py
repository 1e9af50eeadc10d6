"""Spans, meters and log records as documents of OTLP 1.x in its JSON encoding.

Ids are hexadecimal, integers of 64 bits are texts, enumerations are numbers (OTLP specification, JSON Protobuf Encoding). Nothing
goes in but names of services, numbers, and the constant parts of what the platform's own code logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kouan.assurance.running.otlp.logs import Said
from kouan.kernel.meters import BOUNDS, Meter, Span, Tally

SCOPE = {"name": "kouan"}
INTERNAL, SERVER, CLIENT, CONSUMER = 1, 2, 3, 5
KINDS: Mapping[str, int] = {
    "door": SERVER, "handler": CONSUMER, "connector": CLIENT, "webhook": CLIENT, "outward": CLIENT, "database": CLIENT,
}  # fmt: skip
"""The kind of a span by the first word of its service's name."""
ERROR, CUMULATIVE = 2, 2
COARSE = BOUNDS[::2]
"""Bounds that double, seconds."""
SEVERITIES = ((50, 21, "FATAL"), (40, 17, "ERROR"), (30, 13, "WARN"), (20, 9, "INFO"), (0, 5, "DEBUG"))
"""Levels of Python's logging from which on a severity of OpenTelemetry counts."""


def attributes(of: Mapping[str, str | int | float]) -> list[dict[str, Any]]:
    """Attributes by name."""
    return [{"key": name, "value": _value(value)} for name, value in of.items()]


def _value(value: str | float) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"doubleValue": value}


def traces(resource: Mapping[str, str | int], spans: Iterable[Span]) -> dict[str, Any]:
    """An ExportTraceServiceRequest."""
    told = [_span(one) for one in spans]
    return {"resourceSpans": [{"resource": {"attributes": attributes(resource)}, "scopeSpans": [{"scope": SCOPE, "spans": told}]}]}


def _span(one: Span) -> dict[str, Any]:
    word, _, rest = one.service.partition(" ")
    about: dict[str, str | int | float] = {"kouan.service": one.service}
    name = one.service
    if word == "door":
        name, (method, _, route) = rest, rest.partition(" ")
        about |= {"http.request.method": method, "http.route": route, "http.response.status_code": one.call.status}
    elif word == "database":
        about["db.system.name"] = "postgresql"
    return {
        "traceId": one.call.trace, "spanId": one.span, **({"parentSpanId": one.parent} if one.parent else {}),
        "flags": int(one.call.flags, 16), "name": name, "kind": KINDS.get(word, INTERNAL), "startTimeUnixNano": str(one.began),
        "endTimeUnixNano": str(one.began + one.took), "attributes": attributes(about), "status": {"code": ERROR} if one.failed else {},
    }  # fmt: skip


def metrics(resource: Mapping[str, str | int], tally: Tally, began: int, now: int) -> dict[str, Any]:
    """An ExportMetricsServiceRequest of all that a process counted since it began (nanoseconds since 1970)."""
    span = {"startTimeUnixNano": str(began), "timeUnixNano": str(now)}
    services = [({**span, "attributes": attributes({"kouan.service": name})}, meter) for name, meter in sorted(tally.of.items())]
    told = [
        {"name": "kouan.service.duration", "description": "How long calls of a service took, with what it waited for", "unit": "s",
         "histogram": {"aggregationTemporality": CUMULATIVE, "dataPoints": [{**at, **_histogram(meter)} for at, meter in services]}},
        _sum("kouan.service.own", "Time of a service without what it waited for", "s",
             [{**at, "asDouble": meter.own} for at, meter in services]),
        _sum("kouan.service.errors", "Calls of a service that failed", "{call}",
             [{**at, "asInt": str(meter.errors)} for at, meter in services]),
        _sum("kouan.counted", "What else a process counts", "{item}",
             [{**span, "attributes": attributes({"kouan.what": what}), "asInt": str(n)} for what, n in sorted(tally.counts.items())]),
    ]  # fmt: skip
    return {"resourceMetrics": [{"resource": {"attributes": attributes(resource)}, "scopeMetrics": [{"scope": SCOPE, "metrics": told}]}]}


def _sum(name: str, description: str, unit: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    told = {"aggregationTemporality": CUMULATIVE, "isMonotonic": True, "dataPoints": points}
    return {"name": name, "description": description, "unit": unit, "sum": told}


def _histogram(meter: Meter) -> dict[str, Any]:
    counts = [0] * (len(COARSE) + 1)
    for number, times in meter.buckets.items():
        counts[(number + 1) // 2] += times
    return {"count": str(meter.count), "sum": meter.seconds, "max": meter.slowest, "bucketCounts": [str(n) for n in counts],
            "explicitBounds": list(COARSE)}  # fmt: skip


def logs(resource: Mapping[str, str | int], said: Iterable[Said]) -> dict[str, Any]:
    """An ExportLogsServiceRequest."""
    told = [_record(one) for one in said]
    return {"resourceLogs": [{"resource": {"attributes": attributes(resource)}, "scopeLogs": [{"scope": SCOPE, "logRecords": told}]}]}


def _record(one: Said) -> dict[str, Any]:
    number, text = next((number, text) for level, number, text in SEVERITIES if one.level >= level)
    where = {"traceId": one.trace, "spanId": one.span} if one.trace else {}
    return {
        "timeUnixNano": str(one.at), "observedTimeUnixNano": str(one.at), "severityNumber": number, "severityText": text,
        "body": {"stringValue": one.text}, "attributes": attributes(one.about), **where,
    }  # fmt: skip
