"""A filing's trace is read back from a collector across processes: door, handler, connector, webhook; and a collector that goes away."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from kouan_sim.httpd import Request
from kouan_sim.messages import cuscar, wco_declaration
from tests.assurance.running.collector import Collector, attributes
from tests.base.exchange.receivers import Receiver
from tests.base.push.sinks import Sink
from tests.conftest import Running, end, planted, start
from tests.shipment import Shipment

T = TypeVar("T")
PATIENCE = 90.0
TOKEN, DECLARATION = "geheim-4711", "base.declaration.declaration"


def until(look: Callable[[], T], why: Callable[[], str]) -> T:
    """The first answer that is something."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(why())


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    made = Collector()
    made.up()
    yield made
    made.down()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Running]:
    """A platform whose environment names a collector."""
    stated = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_HEADERS": f"x-collector={TOKEN}",
        "OTEL_SERVICE_NAME": "port-trial",
        "OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_BLRP_SCHEDULE_DELAY": "500", "OTEL_METRIC_EXPORT_INTERVAL": "2000",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_TRACES_SAMPLER": "parentbased_always_off", "OTEL_BSP_MAX_QUEUE_SIZE": "600",
    }  # fmt: skip
    running = start(planted(tmp_path_factory.mktemp("told") / "data"), KOUAN_RANDOM_SHARE="0", **stated)
    yield running
    end(running)


class Customs(Receiver):
    """Customs' system, which notes the traces that it is called for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.traces: list[str] = []

    def take(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Note and take."""
        self.traces.append(request.headers.get("traceparent", ""))
        return super().take(request)


class Heard(Sink):
    """A subscriber that notes the traces it is called for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.traces: list[str] = []

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Note and take."""
        self.traces.append(headers.get("traceparent", ""))
        return super().take(headers, body)


def filed(platform: Running, shipment: Shipment, trace: str, parent: str) -> None:
    """The trader's declaration, filed by a caller that has a trace of its own."""
    now = datetime.now(UTC)
    shipment.call("carrier", "POST", "/api/intake/edifact", 201, content=cuscar(shipment.voyage, now))
    body = wco_declaration(shipment.voyage, shipment.bill, shipment.reference, now)
    headers = {"traceparent": f"00-{trace}-{parent}-01"}
    shipment.call("trader", "POST", "/api/intake/wco-dec", 201, content=body, headers=headers)


def hooked(platform: Running, sink: Sink) -> None:
    """Customs subscribes declarations by webhook."""
    with platform.client("customs") as client:
        stated = {"name": f"test-{secrets.token_hex(6)}", "channel": "webhook", "address": sink.url, "records": [DECLARATION]}
        answer = client.post("/api/records/base/push/subscription", json=stated)
        assert answer.status_code == 201, answer.text
        secret = client.post(f"/api/push/subscriptions/{answer.json()['item']['id']}/secret")
        sink.learn(secret.json()["secret"])


def test_a_filings_trace_runs_through_serve_work_connector_and_webhook(told: Running, collector: Collector) -> None:
    trace, parent = secrets.token_hex(16), secrets.token_hex(8)
    sink, customs, shipment = Heard(), Customs(), Shipment(told)
    sink.up()
    customs.up()
    try:
        customs.join(told, "customs")
        hooked(told, sink)
        filed(told, shipment, trace, parent)
        assert shipment.becomes("released", "inspection", "review")

        def whole() -> dict[str, dict[str, Any]] | None:
            found = {attributes(one)["kouan.service"]: one for one in collector.spans(trace)}
            wanted = ("door POST /api/intake/", "handler base.exchange.tell_parties", "delivery ", "connector ", "webhook")
            return found if all(any(name.startswith(one) for name in found) for one in wanted) else None

        found = until(whole, lambda: f"no whole trace: {sorted({attributes(one)['kouan.service'] for one in collector.spans(trace)})}")
        spans = {one["spanId"]: one for one in collector.spans(trace)}
        door = next(one for name, one in found.items() if name.startswith("door"))
        assert (door["parentSpanId"], door["kind"], attributes(door)["http.response.status_code"]) == (parent, 2, 201)
        for name, one in found.items():
            above = one
            while above["parentSpanId"] != parent:
                assert above["parentSpanId"] in spans, f"{name} hangs in the air"
                above = spans[above["parentSpanId"]]
            assert above["spanId"] == door["spanId"]
        connector = next(one for name, one in found.items() if name.startswith("connector"))
        told_by = {name: one["_resource"]["kouan.process"] for name, one in found.items()}
        assert {told_by[name].split()[0] for name in found} >= {"serve", "work", "push"}
        assert connector["_resource"]["service.name"] == "port-trial"
        assert any(one.split("-")[1] == trace and one.split("-")[2] in spans for one in sink.traces), sink.traces
        connected = {one["spanId"] for one in spans.values() if attributes(one)["kouan.service"].startswith("connector")}
        assert any(one.split("-")[1] == trace and one.split("-")[2] in connected for one in customs.traces), customs.traces
    finally:
        sink.down()
        customs.leave(told, "customs")


def test_calls_that_nobody_samples_leave_no_span_and_no_secret_or_person_leaves(told: Running, collector: Collector) -> None:
    trace, person = secrets.token_hex(16), f"canary{secrets.token_hex(6)}"
    with told.client("trader") as trader:
        for flags, where in (("00", "a"), ("01", "b")):
            asked = {"traceparent": f"00-{trace[:-1]}{where}-{secrets.token_hex(8)}-{flags}"}
            trader.get("/api/records/base/declaration/declaration", params={"declarant": person}, headers=asked)
            trader.post("/api/trace", json={"ref": f"container:{person}"}, headers=asked)
    until(lambda: len(collector.spans(f"{trace[:-1]}b")) >= 4, lambda: "no spans of the sampled calls")
    assert collector.spans(f"{trace[:-1]}a") == []
    telling = "%d signals of this process are told to a collector by OTLP"

    def logged() -> set[str]:
        return {one["_resource"]["kouan.process"] for one in list(collector.got["/v1/logs"]) if one["body"]["stringValue"] == telling}

    until(lambda: {"serve", "work"} <= logged(), lambda: f"no logs but of {logged()}")
    until(lambda: collector.got["/v1/metrics"], lambda: "no metrics")
    names = {one["name"] for one in collector.got["/v1/metrics"]}
    assert {"kouan.service.duration", "kouan.service.errors", "kouan.counted"} <= names
    assert collector.tokens == {TOKEN}
    everything = b"".join(collector.raw)
    for secret in (person, TOKEN, told.token("trader"), told.token("customs")):
        assert secret.encode() not in everything


def test_a_collector_that_is_away_costs_only_counted_drops(told: Running, collector: Collector) -> None:
    collector.down()
    try:
        with told.client("trader") as trader, told.client("portoffice", "system-admin") as admin:

            def dropped() -> int:
                for _ in range(40):
                    stated = {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"}
                    answer = trader.get("/api/records/base/declaration/declaration", params={"limit": 1}, headers=stated)
                    assert answer.status_code == 200
                processes = admin.get("/api/running").json()["processes"]
                return sum(one["counts"].get("otlp.traces.dropped", 0) for one in processes)

            until(dropped, lambda: "nothing was dropped")
            assert 'what="otlp.traces.dropped"' in admin.get("/metrics").text
    finally:
        collector.up()
    trace = secrets.token_hex(16)

    def back() -> bool:
        with told.client("trader") as trader:
            trader.get("/api/records/base/declaration/declaration", headers={"traceparent": f"00-{trace}-{'1' * 16}-01"})
        return bool(collector.spans(trace))

    until(back, lambda: "the collector is back, and gets nothing")
