"""What is stated of a collector, how spans follow each other, and what may leave with a log record."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator

import pytest

from kouan.assurance.running.otlp import encoding
from kouan.assurance.running.otlp.exporter import Exporter
from kouan.assurance.running.otlp.logs import ELSEWHERE, said
from kouan.assurance.running.otlp.stated import pairs, read, sampler
from kouan.kernel import calls, meters
from kouan.kernel.meters import METERS, Span, Tally, measured

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
STATED = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    found: list[Span] = []
    meters.spans_to(found.append)
    calls.sample_by(sampler("", ""))
    yield found
    meters.spans_to(None)
    calls.sample_by(None)


def test_nothing_is_collected_unless_an_endpoint_is_stated() -> None:
    assert read({}) is None
    assert read({"OTEL_SERVICE_NAME": "port"}) is None
    assert read({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}) is None
    assert read({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}) is None


def test_the_standard_variables_are_understood() -> None:
    told = read({
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "https://logs.example/in",
        "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc,x-tenant=port",
        "OTEL_SERVICE_NAME": "port",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=trial", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip", "OTEL_BSP_MAX_QUEUE_SIZE": "many", "OTEL_BSP_SCHEDULE_DELAY": "100",
    })  # fmt: skip
    assert told is not None
    assert {name: one.url for name, one in told.endpoints.items()} == {
        "traces": "http://collector:4318/v1/traces", "logs": "https://logs.example/in",
    }  # fmt: skip
    assert told.endpoints["traces"].headers == {"authorization": "Bearer abc", "x-tenant": "port"}
    assert [told.endpoints[one].gzip for one in ("traces", "logs")] == [True, False]
    assert told.endpoints["logs"].timeout == 2.5
    assert told.resource["service.name"] == "port"
    assert told.resource["deployment.environment.name"] == "trial"
    assert (told.queue["traces"], told.delay["traces"]) == (2048, 0.1)
    assert "Bearer" not in repr(told)
    assert pairs("a=1,b,=c, d = e%2Cf ") == {"a": "1", "d": "e,f"}


def test_samplers_decide_as_the_specification_says() -> None:
    low, high = f"{'a' * 16}{'0' * 16}", f"{'a' * 16}{'f' * 16}"
    ratio = sampler("traceidratio", "0.5")
    assert (ratio(low, "00"), ratio(high, "01")) == (True, False)
    based = sampler("parentbased_traceidratio", "0.5")
    assert (based(low, "00"), based(high, "01"), based(high, "")) == (False, True, False)
    assert (sampler("always_off", "")(low, "01"), sampler("", "")(high, ""), sampler("", "")(high, "00")) == (False, True, False)
    assert sampler("nonsense", "7")(high, "")


async def test_spans_of_a_call_follow_its_callers(spans: list[Span]) -> None:
    call = calls.follow(STATED)
    async with measured("handler x"), measured("database"):
        handed = calls.kept()
    call.over = True
    async with measured("late"):
        pass
    database, handler = spans
    assert (handler.call.trace, handler.parent, handler.span) == (TRACE, PARENT, call.span)
    assert (database.parent, database.began >= handler.began, database.took <= handler.took) == (handler.span, True, True)
    assert handed == f"00-{TRACE}-{call.span}-01"
    assert calls.kept() == ""
    following = calls.follow(handed)
    assert (following.trace, following.parent) == (TRACE, call.span)


async def test_what_is_not_sampled_leaves_no_span_and_says_so_to_whoever_is_asked(spans: list[Span]) -> None:
    calls.follow(STATED[:-2] + "00")
    async with measured("handler x"):
        assert calls.passed_on()["traceparent"].endswith("-00")
    assert spans == []


async def test_a_span_that_is_no_service_of_ours_stands_in_no_meter(spans: list[Span]) -> None:
    calls.follow(STATED)
    before = METERS.total.of.get("webhook")
    async with measured("webhook", metered=False):
        pass
    assert [one.service for one in spans] == ["webhook"]
    assert METERS.total.of.get("webhook") is before


def test_spans_and_meters_are_written_as_otlp_json_says() -> None:
    call = calls.begun(STATED, {"method": "POST", "route": type("Route", (), {"path": "/api/records/{board}"})()})
    call.status = 201
    told = Span(call, call.span, PARENT, "door POST /api/records/{board}", 10**18, 5, True)
    doc = encoding.traces({"service.name": "port", "process.pid": 7}, [told])
    (span,) = doc["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (span["traceId"], span["parentSpanId"], span["kind"], span["status"]) == (TRACE, PARENT, 2, {"code": 2})
    assert (span["name"], span["startTimeUnixNano"], span["endTimeUnixNano"]) == ("POST /api/records/{board}", str(10**18), str(10**18 + 5))
    assert {"key": "http.response.status_code", "value": {"intValue": "201"}} in span["attributes"]
    assert {"key": "process.pid", "value": {"intValue": "7"}} in doc["resourceSpans"][0]["resource"]["attributes"]
    tally = Tally()
    for seconds in (0.00005, 0.0001, 0.00015, 0.5, 500.0):
        tally.meter("database").add(seconds, seconds, failed=seconds > 100)
    (duration, own, errors, _) = encoding.metrics({}, tally, 1, 2)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    (point,) = duration["histogram"]["dataPoints"]
    counts, bounds = [int(n) for n in point["bucketCounts"]], point["explicitBounds"]
    assert len(counts) == len(bounds) + 1
    below = [sum(seconds <= bound for seconds in (0.00005, 0.0001, 0.00015, 0.5, 500.0)) for bound in bounds]
    assert [sum(counts[: n + 1]) for n in range(len(bounds))] == below
    assert (point["count"], counts[-1]) == ("5", 1)
    assert own["sum"]["dataPoints"][0]["asDouble"] == pytest.approx(500.5003)
    assert errors["sum"]["dataPoints"][0]["asInt"] == "1"


def record(name: str, text: str, *args: object, fault: bool = False) -> logging.LogRecord:
    """A log record."""
    info = None
    if fault:
        try:
            raise ValueError("张三 13800000000")
        except ValueError:
            info = sys.exc_info()
    return logging.LogRecord(name, logging.ERROR, "here.py", 12, text, args, info, "work")


def test_log_records_leave_without_what_was_put_into_them() -> None:
    one = said(record("kouan.kernel.work", "handler %s failed %d times", "张三", 3, fault=True))
    assert one.text == "handler %s failed %d times"
    assert one.about["exception.type"] == "ValueError"
    assert "test_otlp.py" in str(one.about["exception.stacktrace"])
    assert [value for name, value in one.about.items() if name.startswith("kouan.argument")] == [3]
    assert "张三" not in repr(one)
    assert "138" not in repr(one).replace(str(one.at), "")
    other = said(record("some.library", "cannot reach %s for 张三", "http://x"))
    assert (other.text, "张三" in repr(other)) == (ELSEWHERE, False)


async def test_a_collector_that_is_away_costs_counted_drops_and_no_memory() -> None:
    told = read({
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_MAX_QUEUE_SIZE": "20", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
        "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
    })  # fmt: skip
    assert told is not None
    before = METERS.total.counts.get("otlp.traces.dropped", 0)
    exporter = Exporter(told, "test")
    exporter.start()
    try:
        calls.follow(STATED)
        for n in range(200):
            async with measured("database"):
                await asyncio.sleep(0.001 if n % 50 == 0 else 0)
    finally:
        await exporter.stop()
    # Ten are being tried, twenty wait: the rest was dropped at once.
    assert METERS.total.counts["otlp.traces.dropped"] - before >= 200 - 20 - 10
    assert len(exporter._spans.waiting) <= 30
    assert calls.kept() != ""
